//! What programs read: documents, compared by their values.

use serde_json::Value;
use tower_s3_cors::CorsConfiguration;

use crate::{Folder, RULES};

#[test]
fn check_for_programs() {
    let folder = Folder::new();
    let run =
        folder.run(&["check", "--format", "json", "doubtful.json", "broken.json", "none.json", "cors.json"]);
    let found: Value = serde_json::from_str(run.out()).expect("one document");
    let expected: Value = serde_json::from_str(include_str!("../corpus/cli/document.json")).expect("JSON");
    assert_eq!(found, expected, "{}", run.out());
    assert_eq!(run.status(), Some(2));
}

#[test]
fn convert_back_and_forth() {
    let folder = Folder::new();
    let written = CorsConfiguration::from_path(format!("{RULES}/cors.json")).expect("rules");
    for (format, start) in
        [("json", "{\n  \"CORSRules\": ["), ("xml", "<?xml"), ("console-json", "[\n  {\n    \"ID\"")]
    {
        let run = folder.run(&["convert", "cors.json", "--to", format]);
        assert!(run.out().starts_with(start) && run.out().ends_with('\n'), "{}", run.out());
        assert_eq!(run.out().parse().as_ref(), Ok(&written), "{format}");
        assert_eq!(run.status(), Some(0));
    }
}
