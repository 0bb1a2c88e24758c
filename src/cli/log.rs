//! Diagnostics go to standard error, as text.

use std::io;

use tracing_subscriber::EnvFilter;

use super::{Failure, output};

/// Starts the log.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|e| Failure::new(format!("--log {filter:?}: {e}; use a level such as info or debug")))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(output::colour_err()).init();
    Ok(())
}
