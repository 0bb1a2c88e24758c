//! The importer: a published file becomes a committed snapshot.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::{
    check::Check,
    lower,
    model::{Api, Endpoint},
    pipeline, product,
    report::{Failed, Problem, Report},
    source::{self, Index, SnapshotEntry, Source, Stripped},
};

/// What was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The snapshot.
    pub file: PathBuf,
    /// SHA-256 of the source.
    pub sha256: String,
    /// What was left out.
    pub stripped: Stripped,
    /// Methods in the whole tree.
    pub methods: usize,
    /// Methods below the paths of virtual machines and containers.
    pub guests: usize,
}

/// Writes `pve-RELEASE.json` and its entry in `apidata.toml` from a published file. Unless it is `forced`, one that is
/// not the API of Proxmox VE, that a tool would not survive, or that lacks methods of the snapshot which it is to
/// replace is refused.
///
/// Both are written to temporary files and renamed once everything was read and checked, so that what is committed
/// stays as it is when the source is no good.
///
/// # Errors
/// [`Failed`] when `report` has an error.
pub fn import(
    apidata: &Path,
    release: &str,
    source: Source,
    forced: bool,
    report: &mut Report,
) -> Result<Imported, Failed> {
    if !source::is_release(release) {
        report.error(
            "--release",
            "",
            format_args!("`{release}` must be two numbers with a point between, as Proxmox writes them, such as 9.2"),
        );
        return Err(Failed);
    }
    let index = Index::read(apidata, report).ok_or(Failed)?;
    if let Some(problem) = product::foreign(&source).filter(|_| !forced) {
        report.add(Problem { message: format!("{}; {FORCE}", problem.message), ..problem });
        return Err(Failed);
    }
    let Source { file, mut tree, sha256 } = source;
    let date = date_of(release, &sha256, &index, report)?;
    let stripped = source::strip(&mut tree, &file, report);
    // Read back what will be written: a snapshot that could not be built from must not replace one that can.
    let text = source::write(&tree);
    let mut written = source::parse(text.as_bytes(), &file).map_err(|p| report.add(p)).map_err(|()| Failed)?;
    // Where the overlay knows better there is nothing to tell; what no longer fits is told by whoever builds from it.
    if let Some(overlay) = pipeline::read_overlay(&apidata.join(pipeline::OVERLAY), report) {
        overlay.apply(&mut written.tree, Some(release));
    }
    let api = lower::lower(&written, release, &index, report);
    report.check()?;
    if !forced {
        refuse_loss(apidata, release, &index, &api, &file, report)?;
    }
    let guests = lower::guests(&written.tree, &written.file);
    let name = format!("pve-{release}.json");
    let entry = SnapshotEntry {
        release: release.to_owned(),
        file: name.clone(),
        sha256: sha256.clone(),
        date,
        methods: Some(api.methods),
        guests: Some(guests),
    };
    let toml = apidata.join(source::INDEX_FILE);
    let new_toml = fs::read_to_string(&toml)
        .map_err(|e| report.error(&toml.display().to_string(), "", e))
        .and_then(|old| {
            source::upsert(&old, &entry, &toml.display().to_string()).map_err(|problem| report.add(problem))
        })
        .map_err(|()| Failed)?;
    let target = apidata.join(&name);
    replace(&target, &text, report)?;
    replace(&toml, &new_toml, report)?;
    Ok(Imported { file: target, sha256, stripped, methods: api.methods, guests })
}

/// What a refusal of a file that could be imported ends with.
const FORCE: &str = "nothing was changed; --force imports it all the same";

/// Refuses a schema with which a tool would stop working, or that lacks methods of the snapshot that it would replace,
/// as the file of an older release does.
fn refuse_loss(
    apidata: &Path,
    release: &str,
    index: &Index,
    new: &Api,
    file: &str,
    report: &mut Report,
) -> Result<(), Failed> {
    let mut refuse = |what: String| {
        report.error(file, "", format_args!("{what}; {FORCE}"));
        Err(Failed)
    };
    let mut quiet = Report::default();
    if index.snapshot(release).is_some() {
        match pipeline::apart(apidata, &[(release, None)], &mut quiet).as_deref() {
            Ok([old]) => {
                let gone = |e: &&Endpoint| !new.endpoints.iter().any(|n| n.path == e.path && n.method == e.method);
                let lost: Vec<String> = old.endpoints.iter().filter(gone).map(Endpoint::at).collect();
                if let Some(first) = lost.first() {
                    let count = lost.len();
                    return refuse(format!(
                        "lacks {count} of the methods of the snapshot of {release} that is there, such as {first}: it \
                         is of another release"
                    ));
                }
            }
            _ => return refuse(format!("the snapshot of {release} that is there cannot be read to compare with")),
        }
    }
    match pipeline::apart(apidata, &[(index.default.as_str(), None)], &mut quiet).as_deref() {
        Ok([default]) => {
            let check = Check::of(default, new);
            let lost: Vec<&str> = check.lost().map(|tool| tool.name.as_str()).collect();
            if lost.is_empty() {
                return Ok(());
            }
            let told = "`check` tells why";
            refuse(format!("{} of the tools would not work with it, {}; {told}", lost.len(), lost.join(", ")))
        }
        _ if index.snapshots.is_empty() => Ok(()),
        _ => refuse(format!("the default release {} cannot be read to compare with", index.default)),
    }
}

/// The day to record: the one that is recorded already when the same file is imported once more. The same file cannot
/// be of two releases.
fn date_of(release: &str, sha256: &str, index: &Index, report: &mut Report) -> Result<String, Failed> {
    match index.snapshots.iter().find(|snapshot| snapshot.sha256 == sha256) {
        Some(same) if same.release == release => Ok(same.date.clone()),
        Some(other) => {
            let what = format_args!(
                "this file is already there as release {}: either it does not come from a host of release {release}, or \
                 that release has the same API and needs no snapshot of its own",
                other.release
            );
            report.error("--release", "", what);
            Err(Failed)
        }
        None => Ok(chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).format("%F").to_string()),
    }
}

/// Puts `text` in the place of a file: writes beside it, then renames, so that the old one stays whole on failure.
///
/// # Errors
/// [`Failed`] when it cannot be written; `report` tells why.
pub fn replace(target: &Path, text: &str, report: &mut Report) -> Result<(), Failed> {
    let temporary = target.with_extension(format!("tmp{}", std::process::id()));
    let written = fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, target));
    written.map_err(|e| {
        let _ = fs::remove_file(&temporary);
        report.error(&target.display().to_string(), "", format_args!("cannot be written: {e}"));
        Failed
    })
}
