//! `diff`: what changed between two releases.

use std::path::{Path, PathBuf};

use clap::Args;
use codegen::{
    diff, import, pipeline,
    report::{Failed, Report},
};

use super::Found;

/// Shows what changed between two releases, what breaks first.
///
/// Each side is a committed release or a published apidoc.js. Each change is breaking for callers (a call that was
/// right is refused), breaking for decoders (a reply no longer fits its type), additive, or noise.
#[derive(Debug, Args)]
pub(super) struct DiffCommand {
    /// The older side.
    old: String,
    /// The newer side.
    new: String,
    /// Print JSON: every change by itself.
    #[arg(long)]
    json: bool,
    /// Name every endpoint of a change that many share.
    #[arg(long)]
    all: bool,
    /// Write one page for a browser to this file: old and new side by side; it needs no network.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
    /// End with 3 when something breaks.
    #[arg(long)]
    exit_code: bool,
}

impl DiffCommand {
    pub(super) fn run(&self, apidata: &Path, report: &mut Report) -> Result<Found, Failed> {
        let apis = pipeline::apart(apidata, &[(&self.old, None), (&self.new, None)], report)?;
        let [old, new] = apis.as_slice() else { return Err(Failed) };
        let diff = diff::Diff::between(old, new);
        let found = match &self.html {
            Some(file) => import::replace(file, &diff::page(old, new), report).map(|()| Found::new(String::new()))?,
            None if self.json => Found::json(&diff, report)?,
            None => Found::new(diff.text(self.all)),
        };
        let code = if self.exit_code && diff.is_breaking() { 3 } else { 0 };
        Ok(found.ending_with(code))
    }
}
