//! What a name or a text that S3 does not know was meant to be.

use super::location::Field;
use crate::pattern::Quoted;

/// What XML calls white space (XML 1.0, 2.3): a no-break space is text.
pub(super) const XML_BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The names that other formats have for the fields of a rule: the name, its format, and S3's name.
const FIELDS: &str = include_str!("foreign_fields.tsv");
/// The same for the list of rules, and for what is around it.
const CONTAINERS: &str = include_str!("foreign_containers.tsv");

/// The row of the table that has the name: its format, and S3's name.
fn find(table: &'static str, name: &str) -> Option<(&'static str, &'static str)> {
    let mut rows = table.lines().filter_map(|row| row.split_once('\t'));
    rows.find(|(foreign, _)| *foreign == name)?.1.split_once('\t')
}

/// The field that a name of another format means, singular and plural being one.
pub(super) fn field(name: &str) -> Option<Field> {
    let name = find(FIELDS, name).map_or(name, |(_, own)| own);
    Field::ALL.into_iter().find(|field| [field.as_str(), field.element()].contains(&name))
}

/// What a name of another format means outside of rules.
pub(super) fn container(name: &str) -> Option<&'static str> {
    find(CONTAINERS, name).map(|(_, own)| own)
}

/// Likeness, 0 to 1, from which a suggestion helps more than it misleads: `AllowedOrigns` is above it, `Version` below.
const ALIKE: f64 = 0.8;

/// The message about an unknown name: `unknown key "AllowedOrigin", did you mean "AllowedOrigins"?`
pub(super) fn unknown(noun: &str, name: &str, known: &[&str]) -> String {
    let quoted = Quoted(name);
    if name.to_ascii_lowercase().contains("credential") {
        return format!(
            "unknown {noun} {quoted}: S3 rules have no such {noun}; credentials are switched on in code or with --credentials"
        );
    }
    let foreign = find(FIELDS, name).or_else(|| find(CONTAINERS, name));
    if let Some((format, own)) = foreign.filter(|(_, own)| known.contains(own)) {
        return format!("unknown {noun} {quoted}, which is {format}'s; S3's is {own:?}");
    }
    let written = plain(name);
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(&plain(known), &written), known))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(alike, _)| *alike >= ALIKE);
    match nearest {
        Some((_, known)) => format!("unknown {noun} {quoted}, did you mean {known:?}?"),
        None => format!("unknown {noun} {quoted}, expected {}", known.join(", ")),
    }
}

/// Without case and separators, which differ between formats.
fn plain(name: &str) -> String {
    const LONGEST: usize = 100;
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).take(LONGEST).collect();
    letters.to_ascii_lowercase()
}
