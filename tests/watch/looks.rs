//! What a watch reports, look by look: built into the crate, so that it needs no clock and no file.

use std::time::Instant;

use super::*;

const BOUND: Duration = Duration::from_secs(20);

fn document(name: &str) -> String {
    format!(r#"[{{ "AllowedOrigins": ["https://{name}"], "AllowedMethods": ["GET"] }}]"#)
}

fn policy(name: &str) -> CorsPolicy {
    CorsPolicy::new(&document(name).parse().expect("a document")).expect("a valid configuration")
}

fn name(policy: &CorsPolicy) -> String {
    policy.configuration().rules[0].allowed_origins[0].trim_start_matches("https://").to_owned()
}

fn word(outcome: &Result<Reloaded, LoadError>) -> String {
    match outcome {
        Ok(reloaded) => name(reloaded.policy()),
        Err(error) if error.io_error().is_some() => "unreadable".into(),
        Err(error) if error.parse_error().is_some() => "unparsable".into(),
        Err(_) => "invalid".into(),
    }
}

/// The reports of a watch that begins with the policy `a`, and what is in force in the end.
///
/// Each look finds a file with the policy of that name; `!` is no file, `[` half a document and `[]` one without
/// rules. Before the look `b=hand`, which finds `b`, the policy `hand` is put in force.
fn watch(looks: &'static str) -> (String, String) {
    let handle = PolicyHandle::new(policy("a"));
    let (sender, reports) = channel();
    let follower = Follower::new(&handle, "cors.json".into(), move |outcome| {
        sender.send(word(&outcome)).expect("a receiver");
    });
    let by_hand = handle.clone();
    let mut found = looks.split(' ');
    let read = move |_: &Path, _| {
        let look = found.next().expect("a look");
        let (look, hand) = look.split_once('=').unwrap_or((look, ""));
        if !hand.is_empty() {
            by_hand.replace(policy(hand));
        }
        match look {
            "!" => Err(io::ErrorKind::NotFound.into()),
            _ if look.starts_with('[') => Ok(look.into()),
            _ => Ok(document(look).into()),
        }
    };
    let mut ticks = 1..looks.split(' ').count();
    let watch = spawn(follower, read, move |_| ticks.next().is_some()).expect("a thread");
    let reports: Vec<_> = reports.iter().collect();
    drop(watch);
    (reports.join(" "), name(&handle.current()))
}

#[track_caller]
fn check(looks: &'static str, reports: &str, in_force: &str) {
    assert_eq!(watch(looks), (reports.to_owned(), in_force.to_owned()), "{looks}");
}

#[test]
fn other_rules_are_put_in_force_and_reported_once() {
    check("a a", "", "a");
    check("b b c c b", "b c b", "b");
}

#[test]
fn failure_at_one_look_is_not_reported() {
    check("[ b", "b", "b");
    check("a [ [[ [[[ b", "b", "b");
    check("a ! a ! b", "b", "b");
    check("a ! [ ! a", "", "a");
}

#[test]
fn failure_at_two_looks_is_reported_once_and_so_is_its_end() {
    check("[ [ [ b", "unparsable b", "b");
    check("a ! ! ! a a", "unreadable a", "a");
    check("b [] [] [ [ ! ! b", "b invalid unparsable unreadable b", "b");
}

#[test]
fn policy_put_in_force_by_hand_stays_until_the_file_has_other_rules() {
    check("a a=hand a a", "", "hand");
    check("a=hand a", "", "hand");
    check("a !=hand a", "", "hand");
    check("a [=hand [ a", "unparsable hand", "hand");
    check("b b=hand b a", "b a", "a");
}

#[test]
fn drop_does_not_wait_for_a_read() {
    let handle = PolicyHandle::new(policy("a"));
    let (sender, reports) = channel();
    let follower = Follower::new(&handle, "cors.json".into(), move |outcome| {
        sender.send(word(&outcome)).expect("a receiver");
    });
    let (begin, begun) = channel();
    let (end, ended) = channel::<()>();
    let read = move |_: &Path, _| {
        begin.send(()).expect("a receiver");
        _ = ended.recv_timeout(BOUND);
        Ok(document("b").into())
    };
    let watch = spawn(follower, read, |_| true).expect("a thread");
    begun.recv_timeout(BOUND).expect("a read");
    let began = Instant::now();
    drop(watch);
    assert!(began.elapsed() < BOUND / 2);
    drop(end);
    assert_eq!(reports.recv_timeout(BOUND), Err(RecvTimeoutError::Disconnected));
    assert_eq!(name(&handle.current()), "a");
}

#[test]
fn drop_waits_for_a_report() {
    let handle = PolicyHandle::new(policy("a"));
    let (begin, begun) = channel();
    let (end, ended) = channel::<()>();
    let follower = Follower::new(&handle, "cors.json".into(), move |_| {
        begin.send(()).expect("a receiver");
        ended.recv().expect("a sender");
    });
    let watch = spawn(follower, |_, _| Ok(document("b").into()), |_| true).expect("a thread");
    begun.recv().expect("a report");
    let (sender, dropped) = channel();
    thread::spawn(move || {
        drop(watch);
        sender.send(())
    });
    assert_eq!(dropped.recv_timeout(Duration::from_millis(100)), Err(RecvTimeoutError::Timeout));
    end.send(()).expect("a report that waits");
    assert_eq!(dropped.recv_timeout(BOUND), Ok(()));
}
