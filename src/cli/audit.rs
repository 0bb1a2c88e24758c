//! `proxmox-mcp audit verify FILE`: is the audit log whole?

use std::path::PathBuf;

use clap::Subcommand;
use proxmox_mcp::tools::audit;

use super::{Failure, Output};

/// Commands on the audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no line of an audit log was changed, added or taken out before its last one.
    ///
    /// Lines that were cut off at the end cannot be seen from the file alone: keep the count and the last hash, which
    /// this prints, elsewhere, and look whether a later log still has that many lines and that hash among them.
    Verify {
        /// The log.
        file: PathBuf,
    },
}

/// Runs the command.
///
/// # Errors
/// When the log is not whole or cannot be read.
pub fn run(command: &Audit, out: &mut Output) -> Result<(), Failure> {
    let Audit::Verify { file } = command;
    let end = audit::verify(file).map_err(|e| Failure::new(e.to_string()))?;
    out.line(&format!("{} lines, unbroken; the last hash is {}", end.lines, end.hash))?;
    Ok(())
}
