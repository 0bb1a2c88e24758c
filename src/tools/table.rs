//! Lists as text: aligned columns that are narrow enough for a model and pleasant enough for a person.

pub(super) use super::written::{bytes, number};
use crate::foreign;

/// Widest that a column gets before the last one; longer values are cut, with an ellipsis.
const WIDEST: usize = 40;

/// Aligns rows under their heads, as [`Table::text`] does.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new(heads);
    rows.iter().flat_map(|row| (0..heads.len()).map(|column| row.get(column))).for_each(|cell| {
        table.text_cell(cell.map_or("", String::as_str));
    });
    table.text()
}

/// A table in the making: its cells in one text, row by row, each with its end and its width.
pub(super) struct Table<'h> {
    heads: &'h [&'h str],
    cells: String,
    ends: Vec<(usize, usize)>,
    widths: Vec<usize>,
}

impl<'h> Table<'h> {
    /// A table without rows.
    pub(super) fn new(heads: &'h [&'h str]) -> Self {
        Self { heads, cells: String::new(), ends: Vec::new(), widths: vec![0; heads.len()] }
    }

    /// Adds the next cell, which is a text that others may have written.
    pub(super) fn text_cell(&mut self, text: &str) {
        let begin = self.cells.len();
        self.cells.push_str(&foreign::line(text, foreign::WORDS));
        self.end(begin);
    }

    /// Adds the next cell, whose text is ours.
    pub(super) fn cell(&mut self, write: impl FnOnce(&mut String)) {
        let begin = self.cells.len();
        write(&mut self.cells);
        self.end(begin);
    }

    fn end(&mut self, begin: usize) {
        let width = length(self.cells.get(begin..).unwrap_or_default());
        let column = self.ends.len() % self.heads.len();
        self.widths[column] = self.widths[column].max(width);
        self.ends.push((self.cells.len(), width));
    }

    /// The rows aligned under their heads. A column without any value is left out.
    pub(super) fn text(&self) -> String {
        let wide = |(most, head): (&usize, &&str)| (*most).max(length(head)).min(WIDEST);
        let widths: Vec<usize> = self.widths.iter().zip(self.heads).map(wide).collect();
        let used: Vec<usize> = (0..widths.len()).filter(|column| self.widths[*column] > 0).collect();
        let room: usize = used.iter().map(|column| widths[*column] + 1).sum();
        let mut out = String::with_capacity((self.ends.len() / self.heads.len() + 1) * room);
        aligned(&mut out, &used, &widths, |column| (self.heads[column], length(self.heads[column])));
        let mut from = 0;
        for row in self.ends.chunks_exact(self.heads.len()) {
            aligned(&mut out, &used, &widths, |column| {
                let begin = if column == 0 { from } else { row[column - 1].0 };
                let (end, width) = row[column];
                (self.cells.get(begin..end).unwrap_or_default(), width)
            });
            from = row.last().map_or(from, |last| last.0);
        }
        out
    }
}

/// Adds a line with the cells of these columns, each of which comes with its width.
fn aligned<'c>(out: &mut String, used: &[usize], widths: &[usize], cell: impl Fn(usize) -> (&'c str, usize)) {
    let begin = out.len();
    for column in used {
        let ((text, width), most) = (cell(*column), widths[*column]);
        if width > most {
            out.push_str(&foreign::cut(text, most));
        } else {
            out.push_str(text);
        }
        out.extend(std::iter::repeat_n(' ', most.saturating_sub(width) + 1));
    }
    let end = out.get(begin..).unwrap_or_default().trim_end().len();
    out.truncate(begin + end);
    out.push('\n');
}

fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Seconds as a person says them: `45s`, `12m`, `3h20m`, `5d4h`.
pub(super) fn span(seconds: u64) -> String {
    let (m, h, d) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (d, h, m) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{m}m"),
        (0, _, _) => format!("{h}h{}m", m % 60),
        _ => format!("{d}d{}h", h % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_empty_ones_go() {
        let rows = vec![
            vec!["100".into(), "web".into(), String::new(), "a".into()],
            vec!["1000".into(), "ä-very-long-name-of-a-guest-that-is-cut-off".into(), String::new(), String::new()],
        ];
        let expected = "ID   NAME                                     X\n100  web                                      a\n1000 ä-very-long-name-of-a-guest-that-is-cut…\n";
        assert_eq!(table(&["ID", "NAME", "NONE", "X"], &rows), expected);
    }

    #[test]
    fn what_others_wrote_stays_in_its_line() {
        let rows = vec![vec!["x\ny\u{1b}[2J".into()], vec!["a".into()]];
        assert_eq!(table(&["N"], &rows), "N\nx\\ny\\u{1b}[2J\na\n");
    }

    #[test]
    fn spans() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m"), (3600, "1h0m"), (90_000, "1d1h")] {
            assert_eq!(span(seconds), text);
        }
    }
}
