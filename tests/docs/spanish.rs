//! The main pages are there in Spanish too, and cannot fall behind the English ones unnoticed: what is the same in both
//! languages is compared.

use crate::page::Page;

/// The pages with a twin; the others are for those who work on the code.
const MAIN: [&str; 11] = [
    "authentication.md",
    "command-line.md",
    "configuration.md",
    "deployment.md",
    "getting-started.md",
    "http-api.md",
    "index.md",
    "security.md",
    "tools.md",
    "troubleshooting.md",
    "updating-pve.md",
];

/// English page, Spanish page.
fn twins() -> Vec<(Page, Page)> {
    let docs = MAIN.map(|name| (format!("docs/{name}"), format!("docs/es/{name}")));
    let readme = ("README.md".to_owned(), "README.es.md".to_owned());
    docs.into_iter().chain([readme]).map(|(en, es)| (Page::read(&en), Page::read(&es))).collect()
}

/// Compares one aspect of a pair, and shows the first difference.
fn same<T: PartialEq + std::fmt::Debug>(en: &Page, es: &Page, what: &str, of: impl Fn(&Page) -> Vec<T>) {
    let (ours, theirs) = (of(en), of(es));
    for (at, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(a, b, "{} and {} differ in {what} {}", en.path, es.path, at + 1);
    }
    assert_eq!(ours.len(), theirs.len(), "{} and {} differ in the number of {what}s", en.path, es.path);
}

#[test]
fn a_page_and_its_twin_have_the_same_headings_blocks_and_tables() {
    for (en, es) in twins() {
        same(&en, &es, "heading", |page| page.headings.iter().map(|(level, _)| *level).collect());
        same(&en, &es, "block", |page| page.blocks.iter().map(|b| (b.language.clone(), code(&b.text))).collect());
        same(&en, &es, "mark", |page| page.blocks.iter().map(|b| b.mark.clone()).collect());
        same(&en, &es, "table", |page| page.tables.iter().map(|table| shape(table)).collect());
    }
}

/// A block without its remarks, which are translated.
fn code(text: &str) -> String {
    let bare = |line: &str| line.split(" #").next().unwrap_or_default().trim_end().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with('#')).map(bare).collect::<Vec<_>>().join("\n")
}

/// Cells of each row; of those in the first column that are nothing but code, the text too.
fn shape(table: &[Vec<String>]) -> Vec<(usize, Option<String>)> {
    let only_code = |cell: &str| cell.starts_with('`') && cell.ends_with('`') && cell.matches('`').count() == 2;
    let first = |row: &Vec<String>| row.first().filter(|cell| only_code(cell)).cloned();
    table.iter().map(|row| (row.len(), first(row))).collect()
}

/// Names of variables, options, privileges, commands: what stands in backticks is not translated.
#[test]
fn a_page_and_its_twin_name_the_same_things() {
    for (en, es) in twins() {
        let names = |page: &Page| {
            let mut names: Vec<_> = page.code.iter().filter(|code| is_name(code)).cloned().collect();
            names.sort();
            names.dedup();
            names
        };
        same(&en, &es, "name", names);
    }
}

/// Something that a program reads, not a word of the page's language.
fn is_name(code: &str) -> bool {
    code.starts_with("--") || code.starts_with("PROXMOX_") || code.starts_with("proxmox-mcp") || code.contains("VM.")
}

#[test]
fn nothing_was_left_in_english() {
    for (en, es) in twins() {
        let paragraphs = |page: &Page| {
            let prose =
                page.text.split("\n\n").filter(|p| p.len() > 60 && !p.starts_with(['|', '`', '<', '{', ' ', '>']));
            prose.map(|p| p.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
        };
        let ours = paragraphs(&en);
        for paragraph in paragraphs(&es) {
            assert!(!ours.contains(&paragraph), "{}: not translated: {paragraph}", es.path);
        }
    }
}
