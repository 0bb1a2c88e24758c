//! The freeze: while a file lies at its place, nothing is changed. A person lays it there; no tool reaches it.

use std::{
    fmt, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    call::{Problem, ToolResult},
    profile::Profile,
    say::Catalogue,
};
use crate::{clock, files, foreign};

/// Most bytes of the file that are read.
const MOST: u64 = 16 * 1024;

/// What the file says: who keeps changes back, since when, and why. Nothing of it has to be there: a file that somebody made
/// by hand freezes as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Who, as `freeze` found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why, in the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// In one line, fit to be shown.
impl fmt::Display for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |text: &Option<String>| text.as_deref().map(|text| foreign::line(text, foreign::WORDS).into_owned());
        let by = shown(&self.by).unwrap_or_else(|| "an unnamed person".to_owned());
        let at = shown(&self.at).unwrap_or_else(|| "an unknown time".to_owned());
        match shown(&self.why) {
            Some(why) => write!(f, "by {by} at {at}, because: {why}"),
            None => write!(f, "by {by} at {at}, for no reason given"),
        }
    }
}

/// What keeps changes back.
#[derive(Debug)]
pub enum Held {
    /// Somebody has frozen them, by the file.
    Frozen(Frozen),
    /// Somebody has frozen this process, by the signal.
    Process(Frozen),
    /// Nobody can tell whether somebody has: the file cannot be read.
    Unreadable(io::Error),
}

/// What a server looks at before it changes anything.
#[derive(Debug, Default)]
pub struct Freeze {
    file: Option<PathBuf>,
    /// Set by a signal, for this process alone.
    here: Mutex<Option<Frozen>>,
}

impl Freeze {
    /// Goes by this file; without one, by the signal alone.
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file, here: Mutex::default() }
    }

    /// The file.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Keeps changes back in this process until it ends.
    pub fn here(&self) {
        let frozen = Frozen { by: Some("SIGUSR1".to_owned()), at: Some(clock::stamp(clock::now())), why: None };
        self.here.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(frozen);
    }

    /// What keeps changes back at this moment. A file that cannot be read does, too.
    pub async fn held(&self) -> Option<Held> {
        if let Some(frozen) = self.here.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Some(Held::Process(frozen));
        }
        let path = self.file.clone()?;
        // It may lie on a disk that does not answer; only what would change something waits for it.
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        match read.unwrap_or_else(|e| Err(io::Error::other(e.to_string()))) {
            Ok(frozen) => frozen.map(Held::Frozen),
            Err(e) => Some(Held::Unreadable(e)),
        }
    }
}

/// What a freeze file says; nothing where there is none. Text that `freeze` did not write is taken for the reason.
///
/// # Errors
/// When it is no regular file, is too great, or cannot be read.
pub fn read(path: &Path) -> io::Result<Option<Frozen>> {
    let bytes = match files::read(path, MOST) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let frozen = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        Frozen { why: Some(text).filter(|text| !text.is_empty()), ..Frozen::default() }
    });
    Ok(Some(frozen))
}

/// Makes the folder of the file, for this user alone: the program's own, which others of its files share.
///
/// # Errors
/// When it cannot be made.
pub fn own_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), files::private_folder)
}

/// Makes the file, unless there is one: who froze first is who is named.
///
/// # Errors
/// When it cannot be made; of kind `AlreadyExists` when there is one.
pub fn write(path: &Path, frozen: &Frozen) -> io::Result<()> {
    let text = serde_json::to_string(frozen)?;
    // From here on servers find it; one that reads it half written is frozen all the same.
    let mut file = fs::File::options().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// The answer to a call that is kept back.
pub(super) fn kept_back(tool: &Profile, held: &Held, file: Option<&Path>, texts: &Catalogue) -> ToolResult {
    let place = file.map(|file| file.display().to_string()).unwrap_or_default();
    let mut facts = Map::from_iter([("rule".to_owned(), Value::from("freeze"))]);
    let text = match held {
        Held::Unreadable(e) => texts.frozen_unread(tool.name, place, e),
        Held::Frozen(frozen) => {
            [texts.frozen(tool.name), told(frozen, &mut facts, texts), texts.frozen_until_thaw(place)].join(" ")
        }
        Held::Process(frozen) => {
            let lifted = texts.frozen_until_restart().to_owned();
            [texts.frozen(tool.name), told(frozen, &mut facts, texts), lifted].join(" ")
        }
    };
    facts.insert("detail".to_owned(), text.as_str().into());
    ToolResult { structured: Some(facts), ..ToolResult::problem(Problem::Denied, text) }
}

/// Who has frozen, since when, and why, for programs and in sentences.
fn told(frozen: &Frozen, facts: &mut Map<String, Value>, texts: &Catalogue) -> String {
    let shown = |fact: &Option<String>| fact.as_deref().map(|text| foreign::line(text, foreign::WORDS).into_owned());
    let (by, at, why) = (shown(&frozen.by), shown(&frozen.at), shown(&frozen.why));
    for (key, fact) in [("frozenBy", &by), ("frozenAt", &at), ("frozenWhy", &why)] {
        facts.extend(fact.clone().map(|fact| (key.to_owned(), Value::from(fact))));
    }
    let since = match (by, at) {
        (Some(by), Some(at)) => texts.frozen_by_at(by, at),
        (Some(by), None) => texts.frozen_by(by),
        (None, Some(at)) => texts.frozen_at(at),
        (None, None) => texts.frozen_somebody().to_owned(),
    };
    let why = why.map_or_else(|| texts.frozen_no_reason().to_owned(), |why| texts.frozen_reason(why));
    format!("{since} {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> Frozen {
        Frozen { why: Some(text.to_owned()), ..Frozen::default() }
    }

    #[tokio::test]
    async fn whatever_lies_at_the_place_freezes() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        assert!(Freeze::new(Some(place("none"))).held().await.is_none());
        assert!(Freeze::new(Some(place("no folder/none"))).held().await.is_none());
        let full =
            Frozen { by: Some("ana".into()), at: Some("2026-03-01T10:00:00Z".into()), why: Some("audit".into()) };
        write(&place("full"), &full).unwrap();
        assert_eq!(write(&place("full"), &why("another")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        fs::write(place("empty"), "").unwrap();
        fs::write(place("text"), "maintenance\n").unwrap();
        fs::write(place("named"), r#"{"by":"SIGUSR1"}"#).unwrap();
        fs::write(place("half"), r#"{"by":"an"#).unwrap();
        fs::write(place("other"), "[1, 2]").unwrap();
        for (name, wanted) in [
            ("full", full),
            ("empty", Frozen::default()),
            ("text", why("maintenance")),
            ("named", Frozen { by: Some("SIGUSR1".into()), ..Frozen::default() }),
            ("half", why(r#"{"by":"an"#)),
            ("other", why("[1, 2]")),
        ] {
            match Freeze::new(Some(place(name))).held().await {
                Some(Held::Frozen(frozen)) => assert_eq!(frozen, wanted, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        fs::create_dir(place("folder")).unwrap();
        fs::write(place("great"), vec![b' '; 20_000]).unwrap();
        for name in ["folder", "great", "text/below"] {
            let held = Freeze::new(Some(place(name))).held().await;
            assert!(matches!(held, Some(Held::Unreadable(_))), "{name}: {held:?}");
        }
    }

    #[tokio::test]
    async fn a_signal_freezes_this_process() {
        let freeze = Freeze::default();
        assert!(freeze.held().await.is_none());
        freeze.here();
        match freeze.held().await {
            Some(Held::Process(frozen)) => assert_eq!(frozen.by.as_deref(), Some("SIGUSR1")),
            other => panic!("{other:?}"),
        }
    }
}
