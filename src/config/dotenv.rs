//! A `.env` file, line by line: what one line does wrong hides nothing that stands on another.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    BadSetting,
    definitions::{DEFINITIONS, Definition, chosen, stands_for},
};

/// What a `.env` file says, and what is wrong with it: a sentence each, which names the line and repeats nothing of it, since
/// it may hold a secret.
#[derive(Debug, Default)]
pub(super) struct DotEnv {
    /// The values by name.
    pub values: BTreeMap<String, String>,
    /// What is wrong.
    pub problems: Vec<BadSetting>,
}

/// What a value that would be read as something else has to be put into.
const CURE: &str = "a value with blanks, # or $ belongs in single quotes";

impl DotEnv {
    /// Reads a file; none is as good as an empty one.
    pub(super) fn read(path: &Path) -> Self {
        if !path.exists() {
            return Self::default();
        }
        match text(path) {
            Ok(text) => Self::of(&text, &path.display().to_string()),
            Err(why) => {
                Self { problems: vec![BadSetting::of([], format!("{} {why}", path.display()))], ..Self::default() }
            }
        }
    }

    fn of(text: &str, path: &str) -> Self {
        let mut read = Self::default();
        // Editors of Windows begin a file with it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for entry in entries(text) {
            let (line, name, problem) = match entry {
                Line::Open(line, name) => (line, name.clone(), format!("{name} has a quote that is not closed")),
                Line::Whole(line, text) => match pair(&text) {
                    Ok(None) => continue,
                    Ok(Some((name, value))) => {
                        read.values.insert(name, value);
                        continue;
                    }
                    Err(what) => (line, name_of(&text).unwrap_or_default().to_owned(), format!("{what}; {CURE}")),
                },
            };
            read.problems.push(BadSetting::at(&name, format!("{path}, line {line}: {problem}")));
        }
        read
    }
}

/// One entry with its line, counted from 1; a quoted value may go over several.
enum Line {
    Whole(usize, String),
    /// One whose quote is not closed: where it ends nobody knows, so what follows is read as if it had ended with its line.
    Open(usize, String),
}

fn entries(text: &str) -> Vec<Line> {
    let lines: Vec<&str> = text.lines().collect();
    let mut entries = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let closed = (at..lines.len()).find_map(|last| {
            let entry = lines[at..=last].join("\n");
            (!scan(&entry).open).then_some((last, entry))
        });
        match closed {
            Some((last, entry)) => {
                entries.push(Line::Whole(at + 1, entry));
                at = last + 1;
            }
            None => {
                entries.push(Line::Open(at + 1, name_of(lines[at]).unwrap_or("it").to_owned()));
                at += 1;
            }
        }
    }
    entries
}

/// What the signs of an entry amount to.
#[derive(Default)]
struct Scanned {
    /// It ends within quotes.
    open: bool,
    /// A `$` in it stands for a variable.
    substitutes: bool,
    /// What follows a `#` in it is left out, and may have been meant as a part of it.
    cut: bool,
}

fn scan(entry: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let Some((_, value)) = entry.split_once('=').filter(|_| !entry.trim_start().starts_with('#')) else {
        return scanned;
    };
    let (mut quote, mut before) = (None, ' ');
    let quoted = value.trim_start().starts_with(['\'', '"']);
    let mut signs = value.char_indices();
    while let Some((at, c)) = signs.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(signs.next()),
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if before.is_whitespace() => {
                scanned.cut = !quoted && (at == 0 || !value[..at].trim().is_empty());
                break;
            }
            (_, '$') => scanned.substitutes = true,
            _ => {}
        }
        before = c;
    }
    scanned.open = quote.is_some();
    scanned
}

/// Name and value of an entry; nothing of a blank one or a comment.
fn pair(entry: &str) -> Result<Option<(String, String)>, String> {
    let name = name_of(entry);
    // What another program makes of its own values is not ours to judge.
    let ours = name.map(|name| (name, setting(name)));
    if let Some((name, setting)) = ours.filter(|(name, setting)| name.starts_with("PROXMOX_") || setting.is_some()) {
        let scanned = scan(entry);
        if scanned.substitutes {
            return Err(format!("{name} has a $, which would be read as the name of a variable"));
        }
        // People write remarks behind a value; behind a password nobody can tell one from its end.
        if scanned.cut && setting.is_some_and(chosen) {
            return Err(format!("{name} has a #, which would be read as the beginning of a remark"));
        }
    }
    match dotenvy::from_read_iter(entry.as_bytes()).next() {
        None => Ok(None),
        Some(Ok(pair)) => Ok(Some(pair)),
        Some(Err(_)) => Err(name
            .map_or_else(|| "it is not NAME=value".to_owned(), |name| format!("what {name} is set to cannot be read"))),
    }
}

/// The setting that a name stands for.
fn setting(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|d| stands_for(d, name))
}

/// The text of a file without the mark at its beginning that editors of Windows put there.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is UTF-16; save it as UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not valid UTF-8; save it as UTF-8".to_owned())?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The name that an entry begins with, if it is one.
fn name_of(entry: &str) -> Option<&str> {
    let (name, _) = entry.trim_start().trim_start_matches("export ").split_once('=')?;
    let name = name.trim();
    let letters = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    letters.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DotEnv {
        DotEnv::of(text, ".env")
    }

    fn texts(read: &DotEnv) -> Vec<&str> {
        read.problems.iter().map(|problem| problem.text.as_str()).collect()
    }

    #[test]
    fn a_dollar_is_refused_where_it_would_be_read_as_a_variable() {
        for line in
            ["PROXMOX_PASSWORD=Secret$9x", "PROXMOX_PASSWORD=\"Secret$9x\"", "export PROXMOX_PASSWORD=a'b'$HOME"]
        {
            let read = read(&format!("# c\n{line}\nHTTP_PORT=1\n"));
            assert_eq!(
                texts(&read),
                [format!(
                    ".env, line 2: PROXMOX_PASSWORD has a $, which would be read as the name of a variable; {CURE}"
                )]
            );
            assert_eq!(read.values.get("HTTP_PORT").map(String::as_str), Some("1"), "the others are read");
        }
        let read = read("PROXMOX_PASSWORD='Secret$9x'\nPROXMOX_TOKEN=\"a\\$b\" # costs $5\nOTHER=$HOME\n");
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert_eq!(read.values["PROXMOX_PASSWORD"], "Secret$9x");
        assert_eq!(read.values["PROXMOX_TOKEN"], "a$b");
    }

    #[test]
    fn a_password_is_not_cut_at_a_sign_for_remarks() {
        for value in ["#9x", "Secret #9x", "Secret\t#9x"] {
            let said = read(&format!("PROXMOX_PASSWORD={value}\n"));
            let text = format!(
                ".env, line 1: PROXMOX_PASSWORD has a #, which would be read as the beginning of a remark; {CURE}"
            );
            assert_eq!(texts(&said), [text], "{value}");
        }
        let read =
            read("PROXMOX_PASSWORD='Secret #9x' # ours\nPROXMOX_MCP_KEY= # none\nPROXMOX_HOST=pve1 # the first\n");
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert_eq!(
            (read.values["PROXMOX_PASSWORD"].as_str(), read.values["PROXMOX_HOST"].as_str()),
            ("Secret #9x", "pve1")
        );
    }

    #[test]
    fn every_setting_is_kept_from_reading_a_dollar_whatever_it_begins_with() {
        assert_eq!(read("HTTP_PORT=$PORT\n").problems[0].settings, ["HTTP_PORT"]);
        assert_eq!(read("PROXMOX_TOKEN_FILE=$HOME/token\n").problems[0].settings, ["PROXMOX_TOKEN"]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        assert_eq!(read("\u{feff}PROXMOX_HOST=pve1\r\n").values["PROXMOX_HOST"], "pve1");
    }

    #[test]
    fn an_open_quote_names_its_line_and_hides_no_other() {
        let read = read("A='1\n2'\nPROXMOX_PASSWORD='hush\nHTTP_PORT=4\nno sense\n");
        assert_eq!(
            texts(&read),
            [
                ".env, line 3: PROXMOX_PASSWORD has a quote that is not closed",
                &format!(".env, line 5: it is not NAME=value; {CURE}")
            ]
        );
        assert_eq!(read.problems[0].settings, ["PROXMOX_PASSWORD"]);
        assert_eq!((read.values["A"].as_str(), read.values["HTTP_PORT"].as_str()), ("1\n2", "4"));
    }
}
