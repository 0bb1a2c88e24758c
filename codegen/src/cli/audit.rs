//! `audit-replies`: recorded replies held against the reply types.

use std::path::PathBuf;

use clap::Args;
use codegen::{
    audit, pipeline,
    report::{Failed, Report},
};

use super::Found;

/// Holds recorded replies against the reply types, and lists the fields that no type knows or that are of another type.
///
/// A recording is a text file: a line `$ curl -i … -X VERB https://…/api2/json/…`, and beneath it what came back. `data`
/// of each reply is compared with the schema as it is corrected. Ends with 3 when something differs and --exit-code is said.
#[derive(Debug, Args)]
pub(super) struct AuditReplies {
    /// The folder of the recordings.
    folder: PathBuf,
    /// A committed release or a published apidoc.js instead of the default release.
    #[arg(long)]
    from: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// End with 3 when something differs.
    #[arg(long)]
    exit_code: bool,
}

impl AuditReplies {
    pub(super) fn run(&self, apidata: PathBuf, report: &mut Report) -> Result<Found, Failed> {
        let choice = pipeline::Choice { apidata, pick: self.from.clone(), release: None };
        let api = pipeline::model(&choice, report)?;
        let audit = audit::audit(&self.folder, &api, report)?;
        let found = if self.json { Found::json(&audit, report)? } else { Found::new(audit.text()) };
        Ok(found.ending_with(if self.exit_code && !audit.differences.is_empty() { 3 } else { 0 }))
    }
}
