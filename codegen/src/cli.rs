//! The maintainer's commands.

mod check;
mod diff;
mod emit;
mod import;
mod surface;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use codegen::report::{Failed, Report};
use serde::Serialize;

/// Keeps the API schema of proxmox-mcp up to date.
#[derive(Debug, Parser)]
#[command(name = "proxmox-mcp-codegen", version)]
pub struct Cli {
    /// The folder of snapshots.
    #[arg(long, global = true, default_value_os_t = default_apidata())]
    apidata: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Import),
    Check(check::Check),
    Diff(diff::Diff),
    Surface(surface::Surface),
    Emit(emit::Emit),
}

/// What a command found: text for standard output, and whether it ends well.
pub struct Found {
    text: String,
    code: u8,
}

impl Found {
    /// Text, and a good end.
    pub const fn new(text: String) -> Self {
        Self { text, code: 0 }
    }

    /// The same with another exit code.
    pub fn ending_with(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// [`Failed`] when it cannot be written as JSON; `report` tells why.
    pub fn json(value: &impl Serialize, report: &mut Report) -> Result<Self, Failed> {
        let text = serde_json::to_string_pretty(value).map_err(|e| report.error("--json", "", e));
        text.map(|text| Self::new(text + "\n")).map_err(|()| Failed)
    }
}

impl Cli {
    /// Runs the command; problems go to standard error, and any error among them ends with 1.
    pub fn run(self) -> ExitCode {
        let mut report = Report::default();
        let outcome = match &self.command {
            Command::Import(import) => import.run(&self.apidata, &mut report).map(Found::new),
            Command::Check(check) => check.run(&self.apidata, &mut report),
            Command::Diff(diff) => diff.run(&self.apidata, &mut report),
            Command::Surface(surface) => surface.run(self.apidata, &mut report),
            Command::Emit(emit) => emit.run(self.apidata, &mut report),
        };
        // A closed pipe is the reader's choice, not an error of ours.
        let _ = write!(io::stderr(), "{report}");
        let Ok(found) = outcome else { return ExitCode::FAILURE };
        let _ = io::stdout().write_all(found.text.as_bytes());
        if report.check().is_ok() { ExitCode::from(found.code) } else { ExitCode::FAILURE }
    }
}

/// `apidata/` of the working copy that this was built from.
fn default_apidata() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, |root| root.join("apidata"))
}
