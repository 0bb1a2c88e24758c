//! The maintainer's commands.

mod import;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use codegen::report::Report;

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
}

impl Cli {
    /// Runs the command; problems go to standard error, and any error among them ends with 1.
    pub fn run(self) -> ExitCode {
        let mut report = Report::default();
        let outcome = match &self.command {
            Command::Import(import) => import.run(&self.apidata, &mut report),
        };
        let mut out = String::new();
        if let Ok(text) = &outcome {
            out.clone_from(text);
        }
        // A closed pipe is the reader's choice, not an error of ours.
        let _ = write!(io::stderr(), "{report}");
        let _ = io::stdout().write_all(out.as_bytes());
        if outcome.is_ok() && report.check().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// `apidata/` of the working copy that this was built from.
fn default_apidata() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, |root| root.join("apidata"))
}
