//! The importer: a published file becomes a committed snapshot.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    lower, pipeline,
    report::{Failed, Report},
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

/// Writes `pve-RELEASE.json` and its entry in `apidata.toml` from a published file.
///
/// Both are written to temporary files and renamed once everything was read and checked, so that what is committed
/// stays as it is when the source is no good.
///
/// # Errors
/// [`Failed`] when `report` has an error.
pub fn import(apidata: &Path, release: &str, source: Source, report: &mut Report) -> Result<Imported, Failed> {
    if !source::is_release(release) {
        report.error(
            "--release",
            "",
            format_args!("`{release}` must be two numbers with a point between, such as 9.2"),
        );
        return Err(Failed);
    }
    let index = Index::read(apidata, report).ok_or(Failed)?;
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
        None => Ok(today()),
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

/// Today in UTC, `YYYY-MM-DD`.
fn today() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() / 86_400);
    date(days)
}

/// The Gregorian date of a day counted from 1970-01-01.
fn date(days: u64) -> String {
    let leap = |y: u64| (y.is_multiple_of(4) && !y.is_multiple_of(100)) || y.is_multiple_of(400);
    let (mut year, mut rest) = (1970, days);
    while rest >= 365 + u64::from(leap(year)) {
        rest -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", rest + 1)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_become_dates() {
        for (days, expected) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_453, "2025-12-31")]
        {
            assert_eq!(date(days), expected);
        }
    }
}
