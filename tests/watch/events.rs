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
fn every_outcome_is_an_event() {
    let log = Log::default();
    tracing_subscriber::fmt().without_time().with_ansi(false).with_writer(log.clone()).init();
    let (_directory, path) = directory();
    let watched = Watched::new(&path);
    write(&path, "two");
    watched.expect("two");
    fs::write(&path, "[]").expect("a file");
    watched.expect("unlawful");
    let log = String::from_utf8(log.0.lock().expect("a lock").clone()).expect("text");
    let about: Vec<_> = log.lines().filter(|line| line.contains(&*path.to_string_lossy())).collect();
    let shown = path.display();
    let [replaced, kept] = about[..] else { panic!("{log}") };
    assert!(replaced.contains("INFO") && replaced.contains("tower_s3_cors::"), "{replaced}");
    assert!(replaced.ends_with(&format!("cors rules replaced path={shown} rules=1")), "{replaced}");
    assert!(kept.contains("WARN"), "{kept}");
    let error =
        format!("cors rules stay as they were path={shown} error={path:?}: invalid CORS configuration: ");
    assert!(kept.contains(&error), "{kept}");
}
