//! What people paste into the command line: `s3-cors explain --curl`.

#[allow(dead_code)]
#[path = "../../cli/src/curl.rs"]
mod curl;

use curl::{read, Kind};

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(sent) = read(&text) {
        let is_name = |name: &String| *name == name.trim();
        assert!(sent.kind == Kind::Preflight || sent.headers.iter().all(is_name), "{sent:?}");
        assert!(sent.kind != Kind::Simple || sent.headers.is_empty(), "{sent:?}");
    }
    quoted_words_are_read(&text);
}

/// Three lines as Origin, method and header, quoted in each way that a shell has.
fn quoted_words_are_read(text: &str) {
    let mut lines = text.lines().chain(["", "", ""]);
    let [origin, method, header] = [(); 3].map(|()| lines.next().unwrap_or_default());
    if origin.trim().is_empty() {
        // curl sends no header without a value.
        return;
    }
    for quote in [single, double, bash, bare] {
        let command = format!(
            "curl {} -X {} --header={} -H {}",
            quote("https://a.example/"),
            quote(method),
            quote(&format!("Origin: {origin}")),
            quote(&format!("{header}: 1")),
        );
        let sent = read(&command).unwrap_or_else(|error| panic!("{error}: {command}"));
        let is_preflight = sent.kind == Kind::Preflight;
        assert!(is_preflight || sent.origin == origin.trim(), "{sent:?}: {command}");
        assert!(is_preflight || sent.method == method, "{sent:?}: {command}");
    }
}

fn single(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn double(word: &str) -> String {
    format!("\"{}\"", escaped(word, "\"\\$`"))
}

fn bash(word: &str) -> String {
    format!("$'{}'", escaped(word, "'\\"))
}

fn bare(word: &str) -> String {
    if word.is_empty() {
        return "''".into();
    }
    word.chars().map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") }).collect()
}

fn escaped(word: &str, special: &str) -> String {
    word.chars().map(|c| if special.contains(c) { format!("\\{c}") } else { c.to_string() }).collect()
}
