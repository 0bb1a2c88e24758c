//! Pieces of Rust text.

/// A string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// `Some("…")` or `None`.
pub fn option(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({})", literal(text)))
}

/// `&["…", "…"]`.
pub fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<_> = texts.iter().map(|t| literal(t.as_ref())).collect();
    format!("&[{}]", texts.join(", "))
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

/// `items` with commas between, wrapped to lines of about a hundred characters.
pub fn wrapped(indent: &str, items: &[String]) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for item in items {
        if !line.is_empty() && indent.len() + line.len() + item.len() > 110 {
            out += &format!("{indent}{}\n", line.trim_end());
            line.clear();
        }
        line += item;
        line += ", ";
    }
    if !line.is_empty() {
        out += &format!("{indent}{}\n", line.trim_end());
    }
    out
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
