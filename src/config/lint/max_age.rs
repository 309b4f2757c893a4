//! For how long browsers remember the answer to a preflight.

use super::catalogue::{A01, A02, A03, A04, A05};
use super::Lint;
use crate::config::place::Place;

/// The longest that any engine remembers an answer, Firefox.
const LONGEST: i32 = 86400;
/// The longest that Chromium does.
const CHROMIUM: i32 = 7200;

pub(super) fn find(place: Place, seconds: Option<i32>) -> Option<Lint> {
    let Some(seconds) = seconds else {
        return Some(Lint::new(&A04, place, "is missing, so browsers ask again after 5 seconds"));
    };
    let lint = |page, reason: &str| Some(Lint::new(page, place, reason).of(seconds.to_string()));
    match seconds {
        ..=-1 => lint(&A03, "is no number of seconds to a browser, which asks again after 5"),
        0 => lint(&A02, "makes browsers send a preflight before every request that needs one"),
        1..=CHROMIUM => None,
        _ if seconds <= LONGEST => lint(&A05, "is more than Chromium's 7200 and WebKit's 600, which cap it"),
        _ => lint(
            &A01,
            "is more than any browser remembers: Firefox caps it at 86400, Chromium at 7200, WebKit at 600",
        )
        .map(|lint| lint.or_rather(Some(LONGEST.to_string()))),
    }
}
