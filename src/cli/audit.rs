//! `proxmox-mcp audit verify FILE`: is the audit log whole?

use std::path::PathBuf;

use clap::Subcommand;
use proxmox_mcp::{
    foreign,
    tools::audit::{self, Intent, Noted, Seal, Verified},
};

use super::{Failure, Output};

/// Exit code when all that was looked at is whole, and less is sealed than could be.
const UNKEYED: u8 = 3;

/// Commands on the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that no line of an audit log was changed, added or taken out before its last one, and name the calls that
    /// were about to be sent and of which no result is recorded.
    ///
    /// A log that was written with PROXMOX_MCP_KEY takes that key to check it; one that was written without can be forged
    /// by whoever can write the file. Lines that were cut off at the end cannot be seen from the file alone: keep the
    /// count and the last hash, which this prints, elsewhere, and hand them over as --known later.
    Verify {
        /// The log; of one that was rotated, all its files, the oldest first.
        #[arg(required = true)]
        file: Vec<PathBuf>,
        /// A line that was noted earlier, and that the log has to have.
        #[arg(long, value_name = "COUNT:HASH")]
        known: Option<Noted>,
    },
}

/// Runs the command.
///
/// # Errors
/// When the log is not whole or cannot be read.
pub(super) fn run(command: &Audit, out: &mut Output) -> Result<(), Failure> {
    let Audit::Verify { file, known } = command;
    let given = super::setup::given()?;
    let seal = given.get("PROXMOX_MCP_KEY").map_or_else(Seal::plain, Seal::keyed);
    let keyed = given.get("PROXMOX_MCP_KEY").is_some();
    let found = audit::verify(file, &seal, known.as_ref()).map_err(|e| Failure::new(e.to_string()))?;
    for intent in &found.open {
        out.line(&about(intent))?;
    }
    // What was noted of an earlier file is as good as the file, of which it is the end.
    let earlier = found.continues.as_ref().filter(|(line, _)| known.as_ref().is_none_or(|known| known.line < *line));
    if let Some((line, hash)) = earlier {
        return Err(Failure::new(format!(
            "{}, but this is not its beginning: it continues line {line} of an earlier file. Give that file, too, before this \
             one, or --known {line}:{hash} if you have noted that",
            whole(&found, line + 1),
        )));
    }
    let first = found.continues.as_ref().map_or(1, |(line, _)| line + 1);
    out.line(&format!("{}; the last hash is {}", whole(&found, first), found.hash))?;
    out.line(&format!("to find later that its end was cut off: --known {}:{}", found.lines, found.hash))?;
    if keyed && found.keyed_from.is_none() {
        let what = "PROXMOX_MCP_KEY is set, and the log is unkeyed: it was written without, or by an earlier version, or forged";
        return Err(Failure::coded(UNKEYED, what));
    }
    Ok(())
}

/// That lines are whole, and what that is worth.
fn whole(found: &Verified, first: u64) -> String {
    let lines = match (first, found.lines) {
        (1, 1) => "1 line, unbroken".to_owned(),
        (1, lines) => format!("{lines} lines, unbroken"),
        (first, last) => format!("lines {first} to {last}, unbroken"),
    };
    match found.keyed_from {
        None => format!("{lines}, unkeyed (whoever can write the file can have forged them)"),
        Some(from) if from <= first => format!("{lines}, sealed with the key"),
        Some(from) => format!("{lines}, sealed with the key from line {from} on, which seals those before it, too"),
    }
}

/// A call of which only the intent is recorded.
fn about(intent: &Intent) -> String {
    // Whoever can write the file, or names a guest, writes some of this.
    let shown = |text: &str| foreign::line(text, foreign::NAME).into_owned();
    let guest = shown(intent.guest.as_deref().unwrap_or("a guest"));
    format!(
        "line {}, {}: {} on {guest} was about to be sent, and no result is recorded; whether PVE carried it out, its task \
         list says",
        intent.line,
        shown(&intent.time),
        shown(&intent.tool)
    )
}
