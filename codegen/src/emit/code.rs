//! Pieces of Rust text.

/// A string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A doc comment of one line. Text from a schema becomes plain text: no line breaks, no links, no HTML.
pub fn doc(indent: &str, text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '[' | ']' | '*' | '_' | '\\' | '`' => plain.extend(['\\', c]),
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    format!("{indent}/// {}\n", plain.trim())
}

/// A doc comment of one line of our own making, with markup.
pub fn marked(indent: &str, text: &str) -> String {
    format!("{indent}/// {text}\n")
}

#[cfg(test)]
mod tests {
    use super::{doc, literal};

    #[test]
    fn text_from_outside_cannot_leave_its_place() {
        assert_eq!(literal("a\"b\\c\n"), r#""a\"b\\c\n""#);
        assert_eq!(doc("", "one\nfn two() {} [three](x) <b>"), "/// one fn two() {} \\[three\\](x) \\<b\\>\n");
    }
}
