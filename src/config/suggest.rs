//! The known name that an unknown one was probably meant to be.

use crate::pattern::Quoted;

/// Likeness, 0 to 1, from which a suggestion helps more than it misleads: `MaxAge` and
/// `allowed_origins` are above it, `Version` is below.
const ALIKE: f64 = 0.8;

/// `unknown key "AllowedOrigin", did you mean "AllowedOrigins"?`, where `what` is `key`.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let (written, name) = (plain(name), Quoted(name));
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(&plain(known), &written), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(alike, _)| *alike >= ALIKE);
    match nearest {
        Some((_, known)) => format!("unknown {what} {name}, did you mean {known:?}?"),
        None => format!("unknown {what} {name}, known here: {}", known.join(", ")),
    }
}

/// Case and separators differ between the dialects of the format: `allowed_origins` is `AllowedOrigins`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
