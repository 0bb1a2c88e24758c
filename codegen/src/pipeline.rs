//! From `apidata/` to the generated code: what `build.rs` and the maintainer's commands call.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    emit::{self, Generated},
    find, lower,
    model::{Api, Endpoint},
    overlay::{EndpointAt, Overlay},
    product, releases,
    report::{Failed, Problem, Report, Severity},
    source::{self, Index, Source},
    words::{self, MethodWords},
};

/// The overlay's name within `apidata/`.
pub const OVERLAY: &str = "overlay.toml";

/// The release of a file of which nobody said what it is.
pub const LOCAL: &str = "local";

/// What to build from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The folder that holds `apidata.toml`.
    pub apidata: PathBuf,
    /// A committed release or the path of a published file; nothing for the default release.
    pub pick: Option<String>,
    /// What release a picked file is of; [`LOCAL`] when nobody says.
    pub release: Option<String>,
}

/// Everything that `apidata/` holds, and the chosen schema.
struct Loaded {
    overlay: Overlay,
    words: MethodWords,
    /// The name of the default release.
    default: String,
    /// The release that hand-written code is written for.
    written: Option<Api>,
    /// The committed releases, oldest first, and among them a picked file.
    apis: Vec<Api>,
    chosen: usize,
}

/// The generated code of the choice.
///
/// # Errors
/// [`Failed`] when `report` has an error; warnings are there in either case.
pub fn generate(choice: &Choice, report: &mut Report) -> Result<Generated, Failed> {
    let api = model(choice, report)?;
    let search = find::index(&api, &choice.apidata, report)?;
    Ok(Generated { search, ..emit::generate(&api) })
}

/// The model of the choice: corrected, described, and compared with the committed releases.
///
/// # Errors
/// As [`generate`].
pub fn model(choice: &Choice, report: &mut Report) -> Result<Api, Failed> {
    let loaded = load(choice, report).ok_or(Failed)?;
    let mut api = loaded.apis[loaded.chosen].clone();
    if let Some(written) = &loaded.written {
        releases::complement(&mut api, written);
    }
    releases::mark(&mut api, &loaded.apis.iter().collect::<Vec<_>>());
    describe(&mut api, &loaded, &choice.apidata, report);
    report.check()?;
    Ok(api)
}

/// What `apidata/` says besides its snapshots.
pub struct Known {
    /// The snapshots there are, and what has types.
    pub index: Index,
    /// Our corrections and notes.
    pub overlay: Overlay,
    words: MethodWords,
}

impl Known {
    /// Reads it.
    ///
    /// # Errors
    /// As [`generate`].
    pub fn read(apidata: &Path, report: &mut Report) -> Result<Self, Failed> {
        Ok(Self {
            index: Index::read(apidata, report).ok_or(Failed)?,
            overlay: read_overlay(&apidata.join(OVERLAY), report).ok_or(Failed)?,
            words: MethodWords::read(&apidata.join(words::FOLDER), report).ok_or(Failed)?,
        })
    }

    /// The model of a schema by itself, corrected and described, without what other releases know. A correction that does
    /// not fit is left out.
    ///
    /// # Errors
    /// As [`generate`].
    pub fn model(&self, mut source: Source, release: &str, report: &mut Report) -> Result<Api, Failed> {
        self.overlay.apply(&mut source.tree, Some(release));
        let mut api = lower(&source, release, &self.index, false, report).ok_or(Failed)?;
        self.describe(&mut api);
        Ok(api)
    }

    fn describe(&self, api: &mut Api) {
        note(api, &self.overlay);
        self.words.put(api);
    }
}

/// Each pick by itself, corrected and described, without what other releases know: what a comparison works with.
/// A pick is a committed release or a published file, with its release where that is known.
///
/// # Errors
/// As [`generate`].
pub fn apart(apidata: &Path, picks: &[(&str, Option<&str>)], report: &mut Report) -> Result<Vec<Api>, Failed> {
    let known = Known::read(apidata, report)?;
    let Known { index, overlay, .. } = &known;
    let apis: Vec<_> = picks
        .iter()
        .filter_map(|(pick, release)| {
            let mut api = match index.snapshot(pick) {
                Some(entry) => {
                    let mut source = read_snapshot(&apidata.join(&entry.file), index, pick, report)?;
                    add(overlay.apply(&mut source.tree, Some(pick)), report);
                    committed(&source, pick, index, true, report)?
                }
                None => picked(pick, *release, index, overlay, report)?,
            };
            if api.release == LOCAL {
                (*pick).clone_into(&mut api.release);
            }
            known.describe(&mut api);
            Some(api)
        })
        .collect();
    report.check()?;
    Ok(apis)
}

/// The methods of a committed release that have no entry among the words.
///
/// # Errors
/// As [`generate`]. A correction that does not fit is none here.
pub fn undescribed(apidata: &Path, release: &str, report: &mut Report) -> Result<Vec<EndpointAt>, Failed> {
    let index = Index::read(apidata, report).ok_or(Failed)?;
    let words = MethodWords::read(&apidata.join(words::FOLDER), report).ok_or(Failed)?;
    let Some(entry) = index.snapshot(release) else {
        report.error("--release", "", format_args!("there is no snapshot of release `{release}`"));
        return Err(Failed);
    };
    let source = read_snapshot(&apidata.join(&entry.file), &index, release, report).ok_or(Failed)?;
    let api = committed(&source, release, &index, false, report).ok_or(Failed)?;
    let missing = api.endpoints.into_iter().filter(|endpoint| words.of(endpoint).is_none());
    Ok(missing.map(|e| EndpointAt { path: e.path, method: e.method }).collect())
}

/// The release that hand-written code of this working copy is written for.
///
/// # Errors
/// As [`generate`].
pub fn written_release(apidata: &Path, report: &mut Report) -> Result<String, Failed> {
    Ok(Index::read(apidata, report).ok_or(Failed)?.written().to_owned())
}

fn load(choice: &Choice, report: &mut Report) -> Option<Loaded> {
    let index = Index::read(&choice.apidata, report)?;
    let overlay = read_overlay(&choice.apidata.join(OVERLAY), report)?;
    let words = MethodWords::read(&choice.apidata.join(words::FOLDER), report)?;
    let snapshots: Vec<_> = index.snapshots.iter().map(|s| (s.release.clone(), choice.apidata.join(&s.file))).collect();
    let pick = choice.pick.as_deref().unwrap_or(&index.default);
    let mut apis = Vec::new();
    let mut chosen = None;
    for (release, path) in &snapshots {
        let is_chosen = release == pick;
        if is_chosen {
            chosen = Some(apis.len());
        }
        let mut source = read_snapshot(path, &index, release, report)?;
        // A correction names the releases that it is for: that it misses in one of them is an error whichever is built.
        add(overlay.apply(&mut source.tree, Some(release)), report);
        apis.push(committed(&source, release, &index, is_chosen, report)?);
    }
    let written = apis.iter().find(|a| a.release == index.written()).cloned();
    if let (true, Some(release)) = (chosen.is_some(), choice.release.as_deref().filter(|release| *release != pick)) {
        let what = format_args!(
            "it is a committed release, so that it cannot be said to be of release `{release}`: that is for a file"
        );
        report.error(pick, "", what);
        return None;
    }
    if chosen.is_none() {
        if let Some(release) = choice.release.as_deref().filter(|r| !source::is_release(r)) {
            report.error(
                pick,
                "",
                format_args!("its release `{release}` must be two numbers with a point between, such as 9.3"),
            );
            return None;
        }
        let api = picked(pick, choice.release.as_deref(), &index, &overlay, report)?;
        chosen = Some(place(&mut apis, api));
    }
    Some(Loaded { overlay, words, default: index.default, written, apis, chosen: chosen? })
}

/// Puts a picked file among the committed releases: in place of the one that it is of, otherwise where it belongs by
/// age, and last when nobody knows. Gives where that is.
fn place(apis: &mut Vec<Api>, api: Api) -> usize {
    if let Some(at) = apis.iter().position(|a| a.release == api.release) {
        apis[at] = api;
        return at;
    }
    let newer = |a: &Api| source::is_release(&api.release) && source::compare(&a.release, &api.release).is_gt();
    let at = apis.iter().position(newer).unwrap_or(apis.len());
    apis.insert(at, api);
    at
}

/// A published file that is not committed. Its prose stays in.
///
/// A correction that does not fit it is a warning: nobody has looked at the overlay with this file in hand yet. When
/// it is imported and becomes the default, the same is an error.
fn picked(pick: &str, release: Option<&str>, index: &Index, overlay: &Overlay, report: &mut Report) -> Option<Api> {
    let path = Path::new(pick);
    if !path.exists() {
        let releases: Vec<_> = index.snapshots.iter().map(|s| s.release.as_str()).collect();
        let message = format!("neither a file nor one of the committed releases {}", releases.join(", "));
        report.error(pick, "", message);
        return None;
    }
    let mut source = source::read_file(path).map_err(|p| report.add(p)).ok()?;
    if let Some(problem) = product::foreign(&source) {
        report.add(problem);
        return None;
    }
    // The very file that a snapshot was made from is of that release.
    let same = index.snapshots.iter().find(|s| s.sha256 == source.sha256).map(|s| s.release.as_str());
    let release = release.or(same);
    let misfits = overlay.apply(&mut source.tree, release).into_iter();
    add(misfits.map(|p| Problem { severity: Severity::Warning, ..p }).collect(), report);
    lower(&source, release.unwrap_or(LOCAL), index, true, report)
}

/// Lowers; what is odd in a release that is only compared with is kept quiet unless it is an error.
fn lower(source: &Source, release: &str, index: &Index, loud: bool, report: &mut Report) -> Option<Api> {
    let mut own = Report::default();
    let api = lower::lower(source, release, index, &mut own);
    let sound = own.check().is_ok();
    own.problems().filter(|p| loud || p.severity == Severity::Error).for_each(|p| report.add(p.clone()));
    sound.then_some(api)
}

/// Lowers a committed snapshot, which has as many methods as were imported.
fn committed(source: &Source, release: &str, index: &Index, loud: bool, report: &mut Report) -> Option<Api> {
    let api = lower(source, release, index, loud, report)?;
    let imported = index.snapshot(release).and_then(|entry| entry.methods).unwrap_or(api.methods);
    if api.methods != imported {
        let message =
            format_args!("has {} methods, but {imported} were imported ({})", api.methods, source::INDEX_FILE);
        report.error(&source.file, "", message);
        return None;
    }
    Some(api)
}

/// A committed snapshot. It ends with a line break, without which its last byte was lost.
fn read_snapshot(path: &Path, index: &Index, release: &str, report: &mut Report) -> Option<Source> {
    let source = source::read_snapshot(path).map_err(|p| report.add(p)).ok()?;
    let sha256 = index.snapshot(release).map(|s| s.sha256.clone()).unwrap_or_default();
    Some(Source { sha256, ..source })
}

/// The overlay of an `apidata/`; an empty one where there is none.
pub(crate) fn read_overlay(path: &Path, report: &mut Report) -> Option<Overlay> {
    let name = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Some(Overlay::default()),
        Err(e) => {
            report.error(&name, "", format_args!("cannot be read: {e}"));
            return None;
        }
    };
    Overlay::parse(&text, &name).map_err(|problems| add(problems, report)).ok()
}

fn add(problems: Vec<Problem>, report: &mut Report) {
    problems.into_iter().for_each(|p| report.add(p));
}

/// Puts our words and risk classes in, and reports entries without an endpoint, and how many endpoints have no words;
/// the surface says so of each of them.
fn describe(api: &mut Api, loaded: &Loaded, apidata: &Path, report: &mut Report) {
    let Loaded { overlay, words, apis, .. } = loaded;
    note(api, overlay);
    words.put(api);
    let mut bare = api.endpoints.iter().filter(|endpoint| words.of(endpoint).is_none());
    if let Some(first) = bare.next() {
        let more = bare.count();
        let others = if more == 0 { String::new() } else { format!(", nor are there for {more} others") };
        let risk = first.risk.as_str();
        let message = format_args!("there are no words for this method yet{others}; its risk is taken as `{risk}`");
        report.warning(&apidata.join(words::FOLDER).display().to_string(), first.at(), message);
    }
    add(words.unwritten(), report);
    let has = |api: &Api, at: &EndpointAt| api.endpoints.iter().any(|e| e.path == at.path && e.method == at.method);
    let here = |at: &EndpointAt| {
        let of_release = |e: &&Endpoint| e.releases.contains(&api.release);
        api.endpoints.iter().filter(of_release).find(|e| e.path == at.path && e.method == at.method)
    };
    if loaded.default == api.release {
        // The code compiles all the same; what calls it does not work.
        let stale = overlay.stale_notes(|at| here(at).is_some()).into_iter();
        add(stale.map(|problem| Problem { severity: Severity::Warning, ..problem }).collect(), report);
    }
    let committed = source::is_release(&api.release);
    let stale = overlay.stale_conditions(here);
    let severity = if committed { Severity::Error } else { Severity::Warning };
    add(stale.into_iter().map(|problem| Problem { severity, ..problem }).collect(), report);
    add(words.stale(|at| has(api, at) || apis.iter().any(|api| has(api, at))), report);
}

fn note(api: &mut Api, overlay: &Overlay) {
    for endpoint in &mut api.endpoints {
        if let Some(note) = overlay.note(endpoint.method, &endpoint.path) {
            endpoint.tools.clone_from(&note.tools);
            endpoint.sends.clone_from(&note.sends);
            endpoint.reads.clone_from(&note.reads);
            endpoint.guest_text = note.guest_text;
        }
        if let Some(condition) = overlay.condition(endpoint) {
            endpoint.condition.clone_from(&condition.en);
            endpoint.condition_es.clone_from(&condition.es);
        }
        endpoint.corrected = overlay.corrected(endpoint, &api.release);
        if overlay.takes_rest(&endpoint.path) {
            let last = endpoint.params.iter_mut().rfind(|param| param.in_path);
            last.into_iter().for_each(|param| param.rest = true);
        }
    }
}
