//! `import`: a published file becomes a snapshot.

use std::{io, path::Path};

use clap::Args;
use codegen::{
    import,
    report::{Failed, Report},
    source,
};

/// Takes the facts of a published apidoc.js into apidata/.
///
/// The file is what a host serves at /pve-docs/api-viewer/apidoc.js, its array alone, or either gzipped. Text for
/// people is left out. Nothing is replaced unless the new snapshot can be built from.
#[derive(Debug, Args)]
pub struct Import {
    /// The release it is of, such as 9.2.
    #[arg(long)]
    release: String,
    /// The file; `-` reads standard input.
    file: String,
}

impl Import {
    pub fn run(&self, apidata: &Path, report: &mut Report) -> Result<String, Failed> {
        let source = match self.file.as_str() {
            "-" => source::read(io::stdin().lock(), "standard input"),
            file => source::read_file(Path::new(file)),
        };
        let source = source.map_err(|problem| report.add(problem)).map_err(|()| Failed)?;
        let imported = import::import(apidata, &self.release, source, report)?;
        let (all, scope) = imported.methods;
        Ok(format!(
            "{}: {all} methods, {scope} of them in scope and {} of those below qemu and lxc; left out {} texts and {} defaults that do not fit their type\n\
             source sha256 {}\n",
            imported.file.display(),
            imported.guests,
            imported.stripped.prose,
            imported.stripped.defaults,
            imported.sha256,
        ))
    }
}
