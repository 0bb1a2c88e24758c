//! What is wrong with a parameter, as data; shown, it is PVE's own text.

use std::fmt;

/// A refused parameter and all that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedParam {
    /// Its name.
    pub param: String,
    /// Which element of it is wrong, counted from 0, where it is a list and one alone is.
    pub place: Option<usize>,
    /// What is wrong, in the order of the checks; at least one.
    pub problems: Vec<Violation>,
}

impl RefusedParam {
    /// What PVE calls it: its name, with the place of an element (`vms[0]`).
    pub fn named(&self) -> String {
        self.place.map_or_else(|| self.param.clone(), |place| format!("{}[{place}]", self.param))
    }

    /// PVE's text for it; several are joined with a backslash and an n, as PVE does.
    pub fn text(&self) -> String {
        self.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\\n")
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Violation {
    /// The schema does not name it.
    Unknown,
    /// It must be given.
    Missing,
    /// Another parameter, which is given, needs it.
    RequiredBy(String),
    /// A value where there must be none.
    NotNull,
    /// A value of another type.
    Type {
        /// The type that it must have.
        wanted: &'static str,
        /// What it is, as Perl says it; nothing where PVE does not say.
        got: Option<String>,
    },
    /// A text that is not of its format, with PVE's reason.
    Format(String),
    /// A text that does not match.
    Pattern,
    /// More characters than this.
    TooLong(u32),
    /// Fewer characters than this.
    TooShort(u32),
    /// More than this.
    TooGreat(f64),
    /// Less than this.
    TooSmall(f64),
    /// None of the values that are allowed.
    Value {
        /// What was given.
        got: String,
        /// What may be.
        allowed: Vec<String>,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("property is not defined in schema and the schema does not allow additional properties")
            }
            Self::Missing => f.write_str("property is missing and it is not optional"),
            Self::RequiredBy(other) => write!(f, "missing property required by '{other}'"),
            Self::NotNull => f.write_str("type check ('null') failed - value is not null"),
            Self::Type { wanted, got: None } => write!(f, "type check ('{wanted}') failed"),
            Self::Type { wanted, got: Some(got) } => write!(f, "type check ('{wanted}') failed - got {got}"),
            Self::Format(why) => write!(f, "invalid format - {why}"),
            Self::Pattern => f.write_str("value does not match the regex pattern"),
            Self::TooLong(most) => write!(f, "value may only be {most} characters long"),
            Self::TooShort(least) => write!(f, "value must be at least {least} characters long"),
            Self::TooGreat(most) => write!(f, "value must have a maximum value of {most}"),
            Self::TooSmall(least) => write!(f, "value must have a minimum value of {least}"),
            Self::Value { got, allowed } => {
                write!(f, "value '{got}' does not have a value in the enumeration '{}'", allowed.join(", "))
            }
        }
    }
}
