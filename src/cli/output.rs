//! The one writer of standard output, and the one-line complaint on standard error.

use std::io::{self, IsTerminal, Write};

use proxmox_mcp::foreign;

/// Whether to colour standard output: on a terminal, unless `NO_COLOR` is set to anything.
pub(super) fn colour_out() -> bool {
    io::stdout().is_terminal() && colour_wanted()
}

/// Whether to colour standard error.
pub(super) fn colour_err() -> bool {
    io::stderr().is_terminal() && colour_wanted()
}

fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Standard output of a command.
pub(crate) struct Output {
    out: io::StdoutLock<'static>,
}

impl Output {
    /// Takes standard output for as long as the value lives.
    pub(crate) fn new() -> Self {
        Self { out: io::stdout().lock() }
    }

    /// Writes text and ends the line.
    ///
    /// # Errors
    /// When standard output cannot be written to. A reader that has closed the pipe is no error.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
        forgive(self.out.write_all(text.as_bytes()).and_then(|()| self.out.write_all(end)))
    }

    /// Writes a value as indented JSON.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        self.line(&text)
    }
}

/// `proxmox-mcp … | head` closes the pipe early; that is how it is meant.
fn forgive(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says on standard error why the command failed.
pub(super) fn complain(message: &str) {
    // Nothing is left to do when even standard error is closed.
    let mut message = message.to_owned();
    foreign::text(&mut message);
    let _ = writeln!(io::stderr(), "proxmox-mcp: {message}");
}
