//! `import`: a published file becomes a snapshot.

use std::{fmt::Write as _, io, path::Path};

use clap::Args;
use codegen::{
    adopt::{self, Adopted},
    explain, import, pipeline,
    report::{Failed, Report},
    source, surface, words,
};

/// Takes the facts of a published apidoc.js into apidata/.
///
/// The file is what a host serves at /pve-docs/api-viewer/apidoc.js, its array alone, or either gzipped. Text for
/// people is left out. Nothing is replaced unless the new snapshot can be built from.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The release it is of, such as 9.2.
    #[arg(long)]
    release: String,
    /// Build from it from now on: makes it the default, adds an entry to words/new.toml for each method that has no words
    /// yet, writes docs/api-surface.txt anew and prints what a person must still write.
    #[arg(long)]
    default: bool,
    /// Write nothing; tell where what is generated says less than the file, or something else, and why.
    #[arg(long, conflicts_with = "default")]
    explain: bool,
    /// With --explain: name every place.
    #[arg(long, requires = "explain")]
    all: bool,
    /// Take it although it is not the API of Proxmox VE, a tool would not survive it, or it lacks methods of the snapshot
    /// that it replaces.
    #[arg(long)]
    force: bool,
    /// The file; `-` reads standard input.
    file: String,
}

impl Import {
    pub(super) fn run(&self, apidata: &Path, report: &mut Report) -> Result<String, Failed> {
        let source = match self.file.as_str() {
            "-" => source::read(io::stdin().lock(), "standard input"),
            file => source::read_file(Path::new(file)),
        };
        let source = source.map_err(|problem| report.add(problem)).map_err(|()| Failed)?;
        if self.explain {
            let overlay = pipeline::Known::read(apidata, report)?.overlay;
            return Ok(explain::explain(&source, &self.release, &overlay).text(self.all));
        }
        let imported = import::import(apidata, &self.release, source, self.force, report)?;
        let all = imported.methods;
        let mut told = format!(
            "{}: {all} methods, {} of them below qemu and lxc; left out {} texts and {} defaults that do not fit their type\n\
             source sha256 {}\n",
            imported.file.display(),
            imported.guests,
            imported.stripped.prose,
            imported.stripped.defaults,
            imported.sha256,
        );
        if self.default {
            let adopted = adopt::adopt(apidata, &self.release, report)?;
            told += &self.told(apidata, &adopted);
        }
        Ok(told)
    }

    /// What was made of it, and what a person must still do, one line each.
    fn told(&self, apidata: &Path, adopted: &Adopted) -> String {
        let release = &self.release;
        let mut out = format!("{}: {release} is the default\n", apidata.join(source::INDEX_FILE).display());
        if !adopted.stubs.is_empty() {
            let words = apidata.join(words::FOLDER).join(words::NEW);
            let entries = if adopted.stubs.len() == 1 { "entry" } else { "entries" };
            let _ = writeln!(out, "{}: {} new {entries} to fill in", words.display(), adopted.stubs.len());
        }
        let mut left: Vec<String> = adopted.left.problems().map(ToString::to_string).collect();
        match &adopted.surface {
            Some(file) => {
                let _ = writeln!(out, "{}: written anew", file.display());
            }
            None if adopted.left.check().is_err() => {
                left.push(format!("docs/api-surface.txt, once the errors above are mended: {}", surface::REFRESH));
            }
            None => {}
        }
        if !adopted.stubs.is_empty() && adopted.surface.is_some() {
            left.push(format!("docs/api-surface.txt again, once they are written: {}", surface::REFRESH));
        }
        left.push(format!(
            "apidata/apidata.toml: `written`, when the code is to use what {release} has; until then it compiles as it is"
        ));
        left.push(format!("src/demo/scenario/default.rs: `release`, when the demo is to be of {release}"));
        left.push("docs/changelog.md: what users will notice".to_owned());
        out += "Still to be written by hand:\n";
        left.iter().for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
        out
    }
}
