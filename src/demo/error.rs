//! Why a demo cluster could not start.

/// Why a demo cluster could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The scenario is wrong.
    #[error("the demo scenario is wrong: {0}")]
    Scenario(String),
    /// No port on loopback, or no certificate, could be had.
    #[error("the demo could not start: {0}")]
    Start(String),
}
