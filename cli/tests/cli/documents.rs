//! Output for programs: JSON and XML documents, compared by value.

use serde_json::Value;
use tower_s3_cors::CorsConfiguration;

use crate::{Folder, RULES};

#[test]
fn check_prints_its_findings_as_json() {
    let folder = Folder::new();
    let run =
        folder.run(&["check", "--format", "json", "doubtful.json", "broken.json", "none.json", "cors.json"]);
    let printed: Value = serde_json::from_str(run.out()).expect("one document");
    let expected: Value = serde_json::from_str(include_str!("../cases/document.json")).expect("JSON");
    assert_eq!(printed, expected, "{}", run.out());
    assert_eq!(run.status(), Some(2));
}

#[test]
fn convert_keeps_the_rules_in_every_format() {
    let folder = Folder::new();
    let rules = CorsConfiguration::from_path(format!("{RULES}/cors.json")).expect("rules");
    for (format, start) in
        [("json", "{\n  \"CORSRules\": ["), ("xml", "<?xml"), ("console-json", "[\n  {\n    \"ID\"")]
    {
        let run = folder.run(&["convert", "cors.json", "--to", format]);
        assert!(run.out().starts_with(start) && run.out().ends_with('\n'), "{}", run.out());
        assert_eq!(run.out().parse().as_ref(), Ok(&rules), "{format}");
        assert_eq!(run.status(), Some(0));
    }
}

#[test]
fn convert_replaces_the_file_of_output() {
    let folder = Folder::new();
    let rules = CorsConfiguration::from_path(format!("{RULES}/cors.json")).expect("rules");
    for (format, file) in [("xml", "out.xml"), ("json", "cors.json"), ("xml", "cors.json")] {
        let run = folder.run(&["convert", "cors.json", "--to", format, "--output", file]);
        assert_eq!((run.out(), run.err(), run.status()), ("", "", Some(0)));
        let written = std::fs::read_to_string(folder.path().join(file)).expect("the file");
        assert_eq!(written.starts_with("<?xml"), format == "xml");
        assert_eq!(written.parse().as_ref(), Ok(&rules));
    }
}
