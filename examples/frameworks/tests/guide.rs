//! The snippets of the guide are those of the compiled files.

const GUIDE: &str = include_str!("../../../src/guide/frameworks.md");
const FILES: [(&str, &str); 6] = [
    ("salvo", include_str!("../src/salvo.rs")),
    ("warp", include_str!("../src/warp.rs")),
    ("jsonrpsee", include_str!("../src/jsonrpsee.rs")),
    ("rmcp", include_str!("../src/rmcp.rs")),
    ("poem", include_str!("../src/poem.rs")),
    ("actix-web", include_str!("../src/actix_web.rs")),
];

#[test]
fn snippets_are_those_of_the_compiled_files() {
    let sections: Vec<_> = GUIDE.split("\n# ").skip(1).collect();
    let names: Vec<_> = sections.iter().filter_map(|section| section.lines().next()).collect();
    assert_eq!(names, FILES.map(|(name, _)| name));
    for (section, (name, file)) in sections.iter().zip(FILES) {
        let snippets: Vec<_> = section.split("```rust,ignore\n").skip(1).collect();
        assert!(!snippets.is_empty(), "{name} has no snippet");
        for snippet in snippets {
            let snippet = snippet.split("```").next().unwrap_or_default();
            assert!(file.contains(snippet), "this is not in the file of {name}:\n{snippet}");
        }
    }
}
