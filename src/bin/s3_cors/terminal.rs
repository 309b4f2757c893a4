//! What a terminal may be told, and a log: text that neither obeys.

use crate::unseen::{escape, is_unseen};

/// Whether a terminal does something at the character, or shows what follows in another place.
pub(crate) fn obeys(c: char) -> bool {
    c.is_control() || is_unseen(c)
}

pub(crate) fn escaped(text: &str) -> String {
    escape(text, obeys, |c| c.escape_default().to_string())
}
