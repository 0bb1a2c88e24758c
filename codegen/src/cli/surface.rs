//! `surface`: the API as it is generated, one fact a line.

use std::path::PathBuf;

use clap::Args;
use codegen::{
    import, model, names, pipeline,
    report::{Failed, Report},
    surface,
};

use super::Found;

/// Prints the API as it is generated: one endpoint a block, one fact a line.
#[derive(Debug, Args)]
pub(super) struct SurfaceCommand {
    /// Only the endpoints of a tool (`startVM`), or those whose method, path or function holds this text.
    filter: Option<String>,
    /// A committed release or a published apidoc.js instead of the default release.
    #[arg(long)]
    from: Option<String>,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE", conflicts_with = "filter")]
    output: Option<PathBuf>,
    /// Print the model as JSON.
    #[arg(long)]
    json: bool,
}

impl SurfaceCommand {
    pub(super) fn run(&self, apidata: PathBuf, report: &mut Report) -> Result<Found, Failed> {
        let choice = pipeline::Choice { apidata, pick: self.from.clone(), release: None };
        let api = pipeline::model(&choice, report)?;
        let found = match (&self.filter, self.json) {
            (None, true) => Found::json(&api, report)?,
            (None, false) => Found::new(surface::text(&api)),
            (Some(filter), json) => {
                let endpoints: Vec<_> = api.endpoints.iter().filter(|e| fits(e, filter)).collect();
                if endpoints.is_empty() {
                    report.error("surface", "", format_args!("no endpoint has `{filter}` in its name"));
                    return Err(Failed);
                }
                if json { Found::json(&endpoints, report)? } else { Found::new(blocks(&endpoints, &api.known)) }
            }
        };
        match &self.output {
            None => Ok(found),
            Some(file) => import::replace(file, &found.text, report).map(|()| Found::new(String::new())),
        }
    }
}

fn fits(endpoint: &model::Endpoint, filter: &String) -> bool {
    let named = endpoint.at().contains(filter) || names::function(endpoint).contains(filter);
    named || endpoint.tools.contains(filter)
}

fn blocks(endpoints: &[&model::Endpoint], known: &[String]) -> String {
    endpoints.iter().map(|endpoint| surface::block(endpoint, known)).collect::<Vec<_>>().join("\n")
}
