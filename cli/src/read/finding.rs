//! What reading a document finds beside its rules.

use tower_s3_cors::document::Location;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It cannot be read, or not as one thing only.
    Fault,
    /// A value that only the cloud knows: `check` passes over it, all else needs it.
    Unknown,
    /// It is read, but its own tool would refuse it or ignore it.
    Doubt,
    /// S3's rules cannot say it.
    Note,
}

#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// The bytes of the text that it is about.
    pub(crate) span: std::ops::Range<usize>,
    /// Empty unless the document has rules of several buckets.
    pub(crate) bucket: String,
    pub(crate) location: Option<Location>,
    pub(crate) message: String,
}
