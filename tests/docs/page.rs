//! A page, taken apart: headings, blocks, tables, links.

use std::fs;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::{file, read};

/// One page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Its path from the root of the working copy.
    pub path: String,
    /// As it is written.
    pub text: String,
    /// Level and text of each heading.
    pub headings: Vec<(u8, String)>,
    pub blocks: Vec<Block>,
    /// Rows of cells; the first row is the head.
    pub tables: Vec<Vec<Vec<String>>>,
    /// Where each link leads, as it is written.
    pub links: Vec<String>,
    /// What stands in backticks.
    pub code: Vec<String>,
}

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// `PAGE:LINE`, for messages.
    pub at: String,
    /// `sh`, `json`, …; empty for an indented block.
    pub language: String,
    pub text: String,
    /// The comment that stands directly before it.
    pub mark: Option<String>,
}

/// All pages that people read.
pub(crate) fn all() -> Vec<Page> {
    let mut paths: Vec<String> =
        ["README.md", "README.es.md", "apidata/README.md", "packaging/README.md"].map(str::to_owned).into();
    for folder in ["docs", "docs/es"] {
        let entries = fs::read_dir(file(folder)).expect("the folder of the pages");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        paths.extend(names.filter(|name| name.ends_with(".md")).map(|name| format!("{folder}/{name}")));
    }
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

impl Page {
    pub(crate) fn read(path: &str) -> Self {
        Self::of(path, read(path))
    }

    pub(crate) fn of(path: &str, text: String) -> Self {
        let mut reader = Reader::default();
        reader.page.path = path.to_owned();
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            reader.take(event, || format!("{path}:{}", text[..range.start].matches('\n').count() + 1));
        }
        Self { text, ..reader.page }
    }
}

/// A page that is being read, and what is open in it.
#[derive(Default)]
struct Reader {
    page: Page,
    html: String,
    mark: Option<String>,
    in_block: bool,
    cell: Option<String>,
    heading: Option<(u8, String)>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, at: impl Fn() -> String) {
        match event {
            Event::Start(Tag::HtmlBlock) => self.html.clear(),
            Event::Html(html) => self.html.push_str(&html),
            Event::End(TagEnd::HtmlBlock) => {
                let comment = self.html.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
                self.mark = comment.map(|comment| comment.trim().to_owned());
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.in_block = true;
                self.page.blocks.push(Block { at: at(), language, text: String::new(), mark: self.mark.take() });
            }
            Event::End(TagEnd::CodeBlock) => self.in_block = false,
            Event::Text(words) if self.in_block => {
                self.page.blocks.last_mut().expect("the block that is open").text.push_str(&words);
            }
            other => {
                self.mark = None;
                self.prose(other);
            }
        }
    }

    fn prose(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.heading = Some((level as u8, String::new())),
            Event::End(TagEnd::Heading(_)) => self.page.headings.extend(self.heading.take()),
            Event::Start(Tag::Table(_)) => self.page.tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                self.page.tables.last_mut().expect("a table").push(Vec::new());
            }
            Event::Start(Tag::TableCell) => self.cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                let row = self.page.tables.last_mut().and_then(|table| table.last_mut()).expect("a row");
                row.extend(self.cell.take());
            }
            Event::Start(Tag::Link { dest_url, .. }) => self.page.links.push(dest_url.into_string()),
            Event::Text(words) => self.add(&words),
            Event::Code(words) => {
                self.add(&format!("`{words}`"));
                self.page.code.push(words.into_string());
            }
            _ => {}
        }
    }

    fn add(&mut self, words: &str) {
        for open in [self.cell.as_mut(), self.heading.as_mut().map(|(_, text)| text)].into_iter().flatten() {
            open.push_str(words);
        }
    }
}
