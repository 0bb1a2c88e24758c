//! Making a committed release the default: everything that a machine can write, and a list of what a person must.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    import,
    overlay::EndpointAt,
    pipeline::{self, Choice},
    report::{Failed, Report},
    source, surface, words,
};

/// What was done, and what is left.
#[derive(Clone, Debug, Default)]
pub struct Adopted {
    /// The methods that got an entry to be filled in.
    pub stubs: Vec<EndpointAt>,
    /// The surface that was written anew; nothing when there is none beside `apidata/`, or when `left` must be mended
    /// first.
    pub surface: Option<PathBuf>,
    /// What a person must still write or look at.
    pub left: Report,
}

/// Where the committed surface is, seen from `apidata/`.
const SURFACE: &str = "docs/api-surface.txt";

/// Makes `release`, of which there is a snapshot, the default: sets it in `apidata.toml`, adds an entry to be filled in
/// for each of its methods that has no words, and writes the surface anew.
///
/// # Errors
/// [`Failed`] when a file cannot be read or written; `report` tells why. A correction that no longer fits is no
/// failure: it is among what is left.
pub fn adopt(apidata: &Path, release: &str, report: &mut Report) -> Result<Adopted, Failed> {
    let toml = apidata.join(source::INDEX_FILE);
    let text = fs::read_to_string(&toml).map_err(|e| report.error(&toml.display().to_string(), "", e));
    let text = text.map_err(|()| Failed)?;
    let changed = source::set_default(&text, release, &toml.display().to_string());
    import::replace(&toml, &changed.map_err(|problem| report.add(problem)).map_err(|()| Failed)?, report)?;
    let stubs = describe(apidata, release, report)?;
    let choice = Choice { apidata: apidata.to_owned(), pick: None, release: None };
    let mut left = Report::default();
    let api = pipeline::model(&choice, &mut left);
    let file = apidata.parent().map(|root| root.join(SURFACE)).filter(|file| file.exists());
    let surface = match (api, file) {
        (Ok(api), Some(file)) => {
            import::replace(&file, &surface::text(&api), report)?;
            Some(file)
        }
        _ => None,
    };
    Ok(Adopted { stubs, surface, left })
}

/// Adds the entries to be filled in, and gives which.
fn describe(apidata: &Path, release: &str, report: &mut Report) -> Result<Vec<EndpointAt>, Failed> {
    let folder = apidata.join(words::FOLDER);
    let file = folder.join(words::NEW);
    let missing = pipeline::undescribed(apidata, release, report)?;
    if missing.is_empty() {
        return Ok(missing);
    }
    fs::create_dir_all(&folder).map_err(|e| report.error(&folder.display().to_string(), "", e)).map_err(|()| Failed)?;
    let old = match fs::read_to_string(&file) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|e| report.error(&file.display().to_string(), "", e)).map_err(|()| Failed)?,
    };
    let text = missing.iter().fold(old, |text, at| words::with_stub(&text, at));
    import::replace(&file, &text, report)?;
    Ok(missing)
}
