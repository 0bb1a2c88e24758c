//! `search` and `figures`: what the search index finds, and how well.

use std::path::PathBuf;

use clap::Args;
use codegen::{
    examples::{self, Requests},
    find,
    model::Api,
    pipeline::{self, Choice},
    report::{Failed, Report},
};

use super::Found;

/// Prints the methods that a sentence asks for, the likeliest first.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// The sentence, in English or in Spanish.
    #[arg(required = true)]
    words: Vec<String>,
    /// Only methods whose path begins so.
    #[arg(long, default_value = "")]
    path: String,
    /// How many.
    #[arg(long, default_value_t = 5)]
    limit: usize,
}

/// Prints how many requests of a file the search index finds, by language and by whether a guest is asked for.
///
/// A file holds one [[request]] after the other, each with query, lang and expect: the methods that would be right.
#[derive(Debug, Args)]
pub(super) struct FiguresCommand {
    /// Files of requests; without one those of apidata/requests.toml are asked, a fifth at a time of an index made without it.
    files: Vec<PathBuf>,
    /// Name each request whose first hit is wrong.
    #[arg(long)]
    missed: bool,
    /// End with 3 unless so many of a hundred are first, and so many among three: `85,97`.
    #[arg(long, value_delimiter = ',', num_args = 1, value_name = "FIRST,THREE")]
    least: Vec<usize>,
}

fn made(apidata: PathBuf, report: &mut Report) -> Result<(Api, search::SearchIndex, usize), Failed> {
    let choice = Choice { apidata, pick: None, release: None };
    let api = pipeline::model(&choice, report)?;
    let packed = find::index(&api, &choice.apidata, report)?;
    let size = packed.len();
    Ok((api, find::ready(packed), size))
}

impl Search {
    pub(super) fn run(&self, apidata: PathBuf, report: &mut Report) -> Result<Found, Failed> {
        let (api, index, _) = made(apidata, report)?;
        let limits = search::SearchLimits { risks: &[], path: &self.path, count: self.limit };
        let hits = index.search(&self.words.join(" "), limits);
        let summary = |at: &str| api.endpoints.iter().find(|e| e.at() == at).map(|e| e.says(false)).unwrap_or_default();
        let lines = hits.iter().map(|hit| {
            let at = hit.at();
            format!("{:.3}  {:<7}  {at}\n       {}\n", hit.score, hit.risk, summary(&at))
        });
        Ok(Found::new(lines.collect()))
    }
}

impl FiguresCommand {
    pub(super) fn run(&self, apidata: PathBuf, report: &mut Report) -> Result<Found, Failed> {
        let (api, index, size) = made(apidata.clone(), report)?;
        let mut out = format!("{size} bytes of index\n");
        let mut good = true;
        let mut tell = |name: &str, figures: &find::Figures| {
            out += &format!("{name}\n{}", figures.text());
            if self.missed {
                figures.missed.iter().for_each(|missed| out += &format!("  {missed}\n"));
            }
            if let [first, third] = self.least[..] {
                good &= figures.rows().all(|(_, count)| count.reaches(first, third));
            }
        };
        if self.files.is_empty() {
            tell("requests.toml, by fifths", &find::crossed(&api, &apidata, report)?);
        }
        for file in &self.files {
            let name = file.display().to_string();
            let requests: Option<Requests> = examples::read(file, report)?;
            let requests =
                requests.ok_or_else(|| report.error(&name, "", "there is no such file")).map_err(|()| Failed)?;
            tell(&name, &find::figures(&index, &requests.request));
        }
        Ok(Found::new(out).ending_with(if good { 0 } else { 3 }))
    }
}
