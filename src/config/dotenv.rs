//! A `.env` file, line by line: what one line does wrong hides nothing that stands on another.

use std::{collections::BTreeMap, fs, path::Path};

/// What a `.env` file says, and what is wrong with it: a sentence each, which names the line and repeats nothing of it, since
/// it may hold a secret.
#[derive(Debug, Default)]
pub(super) struct DotEnv {
    /// The values by name.
    pub values: BTreeMap<String, String>,
    /// What is wrong.
    pub problems: Vec<String>,
}

/// What a value that would be read as something else has to be put into.
const CURE: &str = "a value with blanks, # or $ belongs in single quotes";

impl DotEnv {
    /// Reads a file; none is as good as an empty one.
    pub fn read(path: &Path) -> Self {
        match fs::read_to_string(path) {
            Ok(text) => Self::of(&text, &path.display().to_string()),
            Err(_) if !path.exists() => Self::default(),
            Err(e) => Self { problems: vec![format!("{} cannot be read: {e}", path.display())], ..Self::default() },
        }
    }

    fn of(text: &str, path: &str) -> Self {
        let mut read = Self::default();
        // Editors of Windows begin a file with it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for entry in entries(text) {
            let (line, problem) = match entry {
                Entry::Open(line, name) => (line, format!("{name} has a quote that is not closed")),
                Entry::Whole(line, text) => match pair(&text) {
                    Ok(None) => continue,
                    Ok(Some((name, value))) => {
                        read.values.insert(name, value);
                        continue;
                    }
                    Err(what) => (line, format!("{what}; {CURE}")),
                },
            };
            read.problems.push(format!("{path}, line {line}: {problem}"));
        }
        read
    }
}

/// One entry with its line, counted from 1; a quoted value may go over several.
enum Entry {
    Whole(usize, String),
    /// One whose quote is not closed: where it ends nobody knows, so what follows is read as if it had ended with its line.
    Open(usize, String),
}

fn entries(text: &str) -> Vec<Entry> {
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
                entries.push(Entry::Whole(at + 1, entry));
                at = last + 1;
            }
            None => {
                entries.push(Entry::Open(at + 1, name_of(lines[at]).unwrap_or("it").to_owned()));
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
}

fn scan(entry: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let Some((_, value)) = entry.split_once('=').filter(|_| !entry.trim_start().starts_with('#')) else {
        return scanned;
    };
    let (mut quote, mut before) = (None, ' ');
    let mut signs = value.chars();
    while let Some(c) = signs.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(signs.next()),
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if before.is_whitespace() => break,
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
    if let Some(name) = name.filter(|name| name.starts_with("PROXMOX_"))
        && scan(entry).substitutes
    {
        return Err(format!("{name} has a $, which would be read as the name of a variable"));
    }
    match dotenvy::from_read_iter(entry.as_bytes()).next() {
        None => Ok(None),
        Some(Ok(pair)) => Ok(Some(pair)),
        Some(Err(_)) => Err(name
            .map_or_else(|| "it is not NAME=value".to_owned(), |name| format!("what {name} is set to cannot be read"))),
    }
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

    #[test]
    fn a_dollar_is_refused_where_it_would_be_read_as_a_variable() {
        for line in
            ["PROXMOX_PASSWORD=Secret$9x", "PROXMOX_PASSWORD=\"Secret$9x\"", "export PROXMOX_PASSWORD=a'b'$HOME"]
        {
            let read = read(&format!("# c\n{line}\nHTTP_PORT=1\n"));
            assert_eq!(
                read.problems,
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
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        assert_eq!(read("\u{feff}PROXMOX_HOST=pve1\r\n").values["PROXMOX_HOST"], "pve1");
    }

    #[test]
    fn an_open_quote_names_its_line_and_hides_no_other() {
        let read = read("A='1\n2'\nPROXMOX_PASSWORD='hush\nHTTP_PORT=4\nno sense\n");
        assert_eq!(
            read.problems,
            [
                ".env, line 3: PROXMOX_PASSWORD has a quote that is not closed".to_owned(),
                format!(".env, line 5: it is not NAME=value; {CURE}")
            ]
        );
        assert_eq!((read.values["A"].as_str(), read.values["HTTP_PORT"].as_str()), ("1\n2", "4"));
    }
}
