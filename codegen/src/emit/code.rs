//! Pieces of Rust text.

use proxmox_mcp_spec::facts::visible;

use crate::report::blank;

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A doc comment of one line. Text from a schema becomes plain text: no line breaks, no links, no HTML.
pub(super) fn doc(indent: &str, text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '[' | ']' | '*' | '_' | '\\' | '`' => plain.extend(['\\', c]),
            c => plain.push(blank(c)),
        }
    }
    marked(indent, plain.trim())
}

/// A doc comment of one line of our own making, with markup. Whatever it quotes, it cannot end the line.
pub(super) fn marked(indent: &str, text: &str) -> String {
    format!("{indent}/// {}\n", visible(text))
}

#[cfg(test)]
mod tests {
    use super::{doc, literal, marked};

    #[test]
    fn text_from_outside_cannot_leave_its_place() {
        assert_eq!(literal("a\"b\\c\n"), r#""a\"b\\c\n""#);
        assert_eq!(doc("", "one\nfn two() {} [three](x) <b>"), "/// one fn two() {} \\[three\\](x) \\<b\\>\n");
        assert_eq!(marked("", "a\r\n#[b]\u{202e}\u{200b}"), "/// a\\r\\n#[b]\\u{202e}\\u{200b}\n");
    }
}
