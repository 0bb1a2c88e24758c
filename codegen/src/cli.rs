//! The maintainer's commands.

mod audit;
mod check;
mod diff;
mod emit;
mod find;
mod import;
mod surface;

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use codegen::{
    report::{Failed, Report},
    source,
};
use serde::Serialize;

/// Keeps the API schema of proxmox-mcp up to date.
#[derive(Debug, Parser)]
#[command(name = "proxmox-mcp-codegen", version)]
pub(crate) struct Cli {
    /// The folder of snapshots [default: apidata/ in the working directory or the nearest folder above it].
    #[arg(long, global = true)]
    apidata: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Import),
    Check(check::CheckCommand),
    Diff(diff::DiffCommand),
    Surface(surface::SurfaceCommand),
    Emit(emit::Emit),
    AuditReplies(audit::AuditReplies),
    Search(find::Search),
    Figures(find::FiguresCommand),
}

/// What a command found: text for standard output, and whether it ends well.
pub(crate) struct Found {
    text: String,
    code: u8,
}

impl Found {
    /// Text, and a good end.
    pub(crate) const fn new(text: String) -> Self {
        Self { text, code: 0 }
    }

    /// The same with another exit code.
    pub(crate) fn ending_with(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// [`Failed`] when it cannot be written as JSON; `report` tells why.
    pub(crate) fn json(value: &impl Serialize, report: &mut Report) -> Result<Self, Failed> {
        let text = serde_json::to_string_pretty(value).map_err(|e| report.error("--json", "", e));
        text.map(|text| Self::new(text + "\n")).map_err(|()| Failed)
    }
}

impl Cli {
    /// Runs the command; problems go to standard error, and any error among them ends with 1.
    pub(crate) fn run(self) -> ExitCode {
        let mut report = Report::default();
        let outcome = self.outcome(&mut report);
        // A closed pipe is the reader's choice, not an error of ours.
        let _ = write!(io::stderr(), "{report}");
        let Ok(found) = outcome else { return ExitCode::FAILURE };
        let _ = io::stdout().write_all(found.text.as_bytes());
        if report.check().is_ok() { ExitCode::from(found.code) } else { ExitCode::FAILURE }
    }

    fn outcome(self, report: &mut Report) -> Result<Found, Failed> {
        let apidata = self.apidata.map_or_else(|| nearest_apidata(report), Ok)?;
        match &self.command {
            Command::Import(import) => import.run(&apidata, report).map(Found::new),
            Command::Check(check) => check.run(&apidata, report),
            Command::Diff(diff) => diff.run(&apidata, report),
            Command::Surface(surface) => surface.run(apidata, report),
            Command::Emit(emit) => emit.run(apidata, report),
            Command::AuditReplies(audit) => audit.run(apidata, report),
            Command::Search(search) => search.run(apidata, report),
            Command::Figures(figures) => figures.run(apidata, report),
        }
    }
}

/// `apidata/` of the working copy that this is run in. Where it was built says nothing: a built program can be shared
/// between working copies.
fn nearest_apidata(report: &mut Report) -> Result<PathBuf, Failed> {
    let here = env::current_dir().map_err(|e| report.error(".", "", e)).map_err(|()| Failed)?;
    let mut folders = here.ancestors().map(|folder| folder.join("apidata"));
    folders.find(|apidata| apidata.join(source::INDEX_FILE).is_file()).ok_or_else(|| {
        let what = format_args!(
            "neither here nor in a folder above is there an apidata/{}; run this in a working copy or say --apidata",
            source::INDEX_FILE
        );
        report.error(&here.display().to_string(), "", what);
        Failed
    })
}
