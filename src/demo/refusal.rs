//! Why a part of the demo refused a call, before it becomes an answer.

/// Why a call was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// One parameter, and what is wrong with it: status 400.
    Param(&'static str, String),
    /// A text: status 500.
    Failed(String),
}

impl Refusal {
    /// A plain failure.
    pub(super) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }
}
