//! Where in a configuration something stands, written the same for every format.

use std::fmt;

/// A field of a rule, under the name that JSON gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// `ID`
    Id,
    /// `AllowedOrigins`, in XML `AllowedOrigin`
    AllowedOrigins,
    /// `AllowedMethods`, in XML `AllowedMethod`
    AllowedMethods,
    /// `AllowedHeaders`, in XML `AllowedHeader`
    AllowedHeaders,
    /// `ExposeHeaders`, in XML `ExposeHeader`
    ExposeHeaders,
    /// `MaxAgeSeconds`
    MaxAgeSeconds,
}

impl Field {
    #[cfg(any(feature = "json", feature = "xml"))]
    pub(crate) const ALL: [Field; 6] = [
        Field::Id,
        Field::AllowedOrigins,
        Field::AllowedMethods,
        Field::AllowedHeaders,
        Field::ExposeHeaders,
        Field::MaxAgeSeconds,
    ];

    /// The field's name in JSON, which is also the one in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Id => "ID",
            Field::AllowedOrigins => "AllowedOrigins",
            Field::AllowedMethods => "AllowedMethods",
            Field::AllowedHeaders => "AllowedHeaders",
            Field::ExposeHeaders => "ExposeHeaders",
            Field::MaxAgeSeconds => "MaxAgeSeconds",
        }
    }

    /// The name of the XML element that holds one value of this field.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Field::AllowedOrigins => "AllowedOrigin",
            Field::AllowedMethods => "AllowedMethod",
            Field::AllowedHeaders => "AllowedHeader",
            Field::ExposeHeaders => "ExposeHeader",
            Field::Id | Field::MaxAgeSeconds => self.as_str(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A path into the document, such as `CORSRules[0].AllowedOrigins[2]`: as much of it as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) rule: Option<usize>,
    pub(crate) field: Option<Field>,
    pub(crate) index: Option<usize>,
}

impl Place {
    pub(crate) fn rule(rule: usize) -> Self {
        Place { rule: Some(rule), ..Place::default() }
    }

    pub(crate) fn field(self, field: Field) -> Self {
        Place { field: Some(field), ..self }
    }

    pub(crate) fn index(self, index: usize) -> Self {
        Place { index: Some(index), ..self }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CORSRules")?;
        if let Some(rule) = self.rule {
            write!(f, "[{rule}]")?;
        }
        if let Some(field) = self.field {
            write!(f, ".{field}")?;
        }
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        Ok(())
    }
}
