//! What is reported is an event too.

use std::io::Write;

use super::*;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        self.clone()
    }
}

#[test]
fn each_outcome_is_an_event() {
    let log = Log::default();
    tracing_subscriber::fmt().without_time().with_ansi(false).with_writer(log.clone()).init();
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    put(&path, &document("two"));
    watched.expect("two");
    put(&path, "[]");
    watched.expect("invalid");
    put(&path, &document("three").replace("example\"", "example/\""));
    let reloaded = watched.next().expect("rules with an entry without effect");
    let warnings = reloaded.warnings().expect("a warning").to_string();
    let log = String::from_utf8(log.0.lock().expect("a lock").clone()).expect("text");
    let about: Vec<_> = log.lines().filter(|line| line.contains(&*path.to_string_lossy())).collect();
    let shown = path.display();
    let [replaced, kept, dead, warned] = about[..] else { panic!("{log}") };
    let target = tower_s3_cors::events::RELOAD_TARGET;
    let changes = "1 origin newly granted, 1 origin lost";
    assert!(
        replaced.ends_with(&format!(
            "INFO {target}: cors rules in force path={shown} rules=1 changes=\"{changes}\""
        )),
        "{replaced}"
    );
    let start = format!("WARN {target}: cors rules not replaced path={shown} error={shown}:1:1: CORSRules: ");
    assert!(kept.trim_start().starts_with(&start), "{kept}");
    assert!(dead.contains("cors rules in force path="), "{dead}");
    let end = format!(
        "WARN {target}: cors rules in force have entries without effect path={shown} warnings={warnings}"
    );
    assert!(warned.ends_with(&end), "{warned}");
}
