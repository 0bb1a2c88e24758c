//! `emit`: the generated code.

use std::path::PathBuf;

use clap::Args;
use codegen::{
    pipeline,
    report::{Failed, Report},
};

use super::Found;

/// Prints the generated code, as cargo build compiles it.
#[derive(Debug, Args)]
pub(super) struct Emit {
    /// A committed release or a published apidoc.js instead of the default release.
    #[arg(long)]
    from: Option<String>,
}

impl Emit {
    pub(super) fn run(&self, apidata: PathBuf, report: &mut Report) -> Result<Found, Failed> {
        let choice = pipeline::Choice { apidata, pick: self.from.clone(), release: None };
        pipeline::generate(&choice, report).map(|generated| Found::new(generated.code))
    }
}
