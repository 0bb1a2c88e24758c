//! `check`: do the tools survive another schema?

use std::path::Path;

use clap::Args;
use codegen::{
    check, pipeline,
    report::{Failed, Report},
};

use super::Found;

/// Says whether the MCP tools survive another schema, before it is imported.
///
/// The tools and the endpoints that they call are those of overlay.toml. Corrections that do not fit the schema are
/// shown as warnings; once it is imported and the default, they stop the build. Ends with 3 when a tool is lost.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// A published apidoc.js, or a committed release.
    file: String,
    /// The release it is of, such as 9.2.
    #[arg(long)]
    release: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl CheckCommand {
    pub(super) fn run(&self, apidata: &Path, report: &mut Report) -> Result<Found, Failed> {
        let default = pipeline::written_release(apidata, report)?;
        let picks = [(default.as_str(), None), (self.file.as_str(), self.release.as_deref())];
        let apis = pipeline::apart(apidata, &picks, report)?;
        let [default, new] = apis.as_slice() else { return Err(Failed) };
        let check = check::Check::of(default, new);
        let found = if self.json { Found::json(&check, report)? } else { Found::new(check.text()) };
        Ok(found.ending_with(if check.survives() { 0 } else { 3 }))
    }
}
