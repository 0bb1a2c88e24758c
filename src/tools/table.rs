//! Lists as text: aligned columns that are narrow enough for a model and pleasant enough for a person.

use serde_json::Value;

use crate::foreign;

/// Widest that a column gets before the last one; longer values are cut, with an ellipsis.
const WIDEST: usize = 40;

/// Aligns rows under their heads. A column without any value is left out.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let shown = |cell: &String| foreign::line(cell, foreign::WORDS).into_owned();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let used: Vec<usize> = (0..heads.len()).filter(|c| rows.iter().any(|row| !row[*c].is_empty())).collect();
    let width = |c: usize| rows.iter().map(|row| length(&row[c])).chain([length(heads[c])]).max().unwrap_or(0);
    let widths: Vec<usize> = used.iter().map(|c| width(*c).min(WIDEST)).collect();
    let mut out = String::new();
    let mut line = |cells: Vec<&str>| {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            let cell = foreign::cut(cell, *width);
            let gap = width - length(&cell) + 1;
            text.push_str(&cell);
            text.extend(std::iter::repeat_n(' ', gap));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(used.iter().map(|c| heads[*c]).collect());
    for row in &rows {
        line(used.iter().map(|c| row[*c].as_str()).collect());
    }
    out
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// A number as people write it: `4`, not `4.0`.
pub fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9.0e15 {
        format!("{n:.0}").parse::<i64>().map_or(Value::Null, Value::from)
    } else {
        Value::from(n)
    }
}

/// Seconds as a person says them: `45s`, `12m`, `3h20m`, `5d4h`.
pub fn span(seconds: u64) -> String {
    let (m, h, d) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (d, h, m) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{m}m"),
        (0, _, _) => format!("{h}h{}m", m % 60),
        _ => format!("{d}d{}h", h % 24),
    }
}

/// Bytes as a person says them: `512M`, `4G`, `1.5T`.
pub fn bytes(n: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "T"), (1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
    let Some((unit, letter)) = UNITS.into_iter().find(|(unit, _)| n >= *unit) else { return format!("{n}") };
    let tenths = (u128::from(n) * 10 + u128::from(unit) / 2) / u128::from(unit);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}{letter}"),
        (whole, tenth) => format!("{whole}.{tenth}{letter}"),
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
    fn spans_and_sizes() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m"), (3600, "1h0m"), (90_000, "1d1h")] {
            assert_eq!(span(seconds), text);
        }
        for (n, text) in [(0, "0"), (64 << 20, "64M"), (4 << 30, "4G"), (1536 << 30, "1.5T"), (u64::MAX, "16777216T")] {
            assert_eq!(bytes(n), text);
        }
    }
}
