//! The pages on configuration, in each language, and `.env.example`: made from the table, compared with what is committed.

mod en;
mod es;

use std::{fmt::Write as _, fs, path::Path};

use super::definitions::{DEFINITIONS, Definition, Group};

/// One language of the page.
struct Labels {
    /// What stands before the first group.
    head: &'static str,
    /// The columns of the tables.
    columns: &'static str,
    /// The word before an example.
    example: &'static str,
    /// The word before an option.
    option: &'static str,
    /// Added to what is read from the environment alone.
    environment_only: &'static str,
    title: fn(Group) -> &'static str,
    words: fn(Group) -> &'static str,
    meaning: fn(&Definition) -> &'static str,
}

/// `docs/configuration.md` in one language.
fn markdown(language: &Labels) -> String {
    let mut page = language.head.to_owned();
    for group in Group::ALL {
        let _ = write!(page, "\n## {}\n\n{}\n\n", (language.title)(group), (language.words)(group));
        let _ = write!(page, "| {} |\n|---|---|---|\n", language.columns);
        for d in DEFINITIONS.iter().filter(|d| d.group == group) {
            let default = d.default.map_or_else(|| "–".to_owned(), |v| format!("`{v}`"));
            let only = if d.environment_only { language.environment_only } else { "" };
            let example = if d.example == d.default.unwrap_or_default() {
                String::new()
            } else {
                format!(" {}: `{}`", language.example, d.example)
            };
            let option = d.option.map_or_else(String::new, |name| format!(" {}: `--{name}`.", language.option));
            let _ = writeln!(page, "| `{}` | {default} | {}{only}{option}{example} |", d.name, (language.meaning)(d));
        }
    }
    page
}

/// `.env.example`.
fn env_example() -> String {
    let mut file = "# Copy to .env and fill in. What begins with # is not set.\n\
                    # Put a value with blanks, # or $ in single quotes. docs/configuration.md says more.\n"
        .to_owned();
    for group in Group::ALL {
        let _ = write!(file, "\n# {}\n", group.title());
        for d in DEFINITIONS.iter().filter(|d| d.group == group && !d.environment_only) {
            let meaning = d.meaning.replace(['`', '*'], "");
            for line in wrapped(&meaning, 96) {
                let _ = writeln!(file, "# {line}");
            }
            let set = matches!(d.name, "PROXMOX_HOST" | "PROXMOX_TOKEN");
            let _ = writeln!(file, "{}{}={}", if set { "" } else { "#" }, d.name, d.example);
        }
    }
    file
}

/// A text in lines of at most so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Compares a committed file with what the table gives; with `BLESS` set, writes it.
fn holds(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, made).expect("written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "{file} is not what the table gives; run: BLESS=1 cargo test --lib config");
}

#[test]
fn the_pages_and_the_example_are_made_from_the_table() {
    holds("docs/configuration.md", &markdown(&en::WORDS));
    holds("docs/es/configuration.md", &markdown(&es::WORDS));
    holds(".env.example", &env_example());
}

#[test]
fn each_meaning_has_a_translation_of_its_own_with_the_same_code_in_it() {
    let code = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    for d in DEFINITIONS {
        let translated = (es::WORDS.meaning)(d);
        assert!(translated != d.meaning && translated.ends_with('.'), "{}", d.name);
        assert_eq!(code(translated), code(d.meaning), "{}", d.name);
    }
}
