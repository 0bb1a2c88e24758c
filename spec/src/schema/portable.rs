//! Perl patterns in the part of the language that JavaScript, Python and Rust read alike.

/// The pattern as JSON Schema takes it, or nothing when it has no equal there.
///
/// PVE tests `m/^$pattern$/` without a group around the pattern, so that in `a|b` the anchors belong to one side each;
/// that is kept. `\d` and `\w` are spelled out, as they mean other characters in other engines.
pub(super) fn portable(perl: &str) -> Option<String> {
    let text = perl.replace("(?^:", "(?:").replace("(?^u:", "(?:").replace("{,", "{0,");
    let mut reader = Reader { chars: text.chars().peekable(), out: String::from("^"), depth: 0, class: false };
    reader.run()?;
    let pattern = reader.out + "$";
    let compiles = regex_lite::RegexBuilder::new(&pattern).size_limit(1 << 20).build().is_ok();
    (compiles && pattern.len() <= 400).then_some(pattern)
}

struct Reader<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    out: String,
    depth: usize,
    class: bool,
}

impl Reader<'_> {
    fn run(&mut self) -> Option<()> {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => self.escape()?,
                _ if self.class => self.in_class(c)?,
                '[' => self.open_class(),
                '(' => self.group()?,
                ')' => {
                    self.depth = self.depth.checked_sub(1)?;
                    self.out.push(')');
                }
                '{' => self.count()?,
                '*' | '+' | '?' => self.quantifier(c)?,
                // The whole is anchored already; an anchor of its own at an end is dropped, elsewhere it is too odd.
                '^' if self.out == "^" || self.out.ends_with("(?:") => {}
                '$' if self.chars.clone().all(|c| c == ')') => {}
                '^' | '$' | '}' | ']' => return None,
                c if c.is_ascii() && !c.is_ascii_control() => self.out.push(c),
                _ => return None,
            }
        }
        (self.depth == 0 && !self.class).then_some(())
    }

    fn escape(&mut self) -> Option<()> {
        let c = self.chars.next()?;
        match (c, self.class) {
            ('d', false) => self.out.push_str("[0-9]"),
            ('d', true) => self.out.push_str("0-9"),
            ('w', false) => self.out.push_str("[0-9A-Za-z_]"),
            ('w', true) => self.out.push_str("0-9A-Za-z_"),
            ('D', false) => self.out.push_str("[^0-9]"),
            ('S' | 's', _) => self.out.extend(['\\', c]),
            ('-', true) => self.out.push_str("\\-"),
            ('.' | '\\' | '/' | '(' | ')' | '[' | ']' | '{' | '}' | '*' | '+' | '?' | '|' | '^' | '$', _) => {
                self.out.extend(['\\', c]);
            }
            // Escapes that mean the character itself, which not every engine takes.
            ('-' | '_' | '@' | ':' | ',' | '=' | '!' | '#' | '%' | '&' | ';' | '~' | ' ' | '"' | '\'', _) => {
                self.out.push(c);
            }
            _ => return None,
        }
        Some(())
    }

    fn open_class(&mut self) {
        self.class = true;
        self.out.push('[');
        if self.chars.peek() == Some(&'^') {
            self.chars.next();
            self.out.push('^');
        }
    }

    fn in_class(&mut self, c: char) -> Option<()> {
        match c {
            ']' if self.out.ends_with('[') || self.out.ends_with("[^") => return None,
            ']' => self.class = false,
            '[' | '&' | '~' | '^' => return None,
            '-' if self.out.ends_with('-') => return None,
            c if !c.is_ascii() || c.is_ascii_control() => return None,
            _ => {}
        }
        self.out.push(c);
        Some(())
    }

    fn group(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > 20 {
            return None;
        }
        self.out.push('(');
        if self.chars.peek() == Some(&'?') {
            self.chars.next();
            if self.chars.next()? != ':' {
                return None;
            }
            self.out.push_str("?:");
        }
        Some(())
    }

    /// `{2}`, `{2,}`, `{2,8}` and nothing else.
    fn count(&mut self) -> Option<()> {
        let mut text = String::new();
        loop {
            match self.chars.next()? {
                '}' => break,
                c if c.is_ascii_digit() || c == ',' => text.push(c),
                _ => return None,
            }
        }
        let mut numbers = text.split(',');
        let first = numbers.next().is_some_and(|n| n.parse::<u16>().is_ok());
        let second = numbers.next().is_none_or(|n| n.is_empty() || n.parse::<u16>().is_ok());
        if !first || !second || numbers.next().is_some() {
            return None;
        }
        self.out += &format!("{{{text}}}");
        // A possessive or lazy count is not read alike everywhere.
        (!matches!(self.chars.peek(), Some('+' | '?'))).then_some(())
    }

    fn quantifier(&mut self, c: char) -> Option<()> {
        let opening = self.out.ends_with("(?:") || self.out.ends_with(['(', '|', '*', '+', '?']);
        if self.out == "^" || (opening && !self.escaped()) {
            return None;
        }
        self.out.push(c);
        Some(())
    }

    /// Whether the last character stands behind a backslash that is not itself escaped.
    fn escaped(&self) -> bool {
        let before = self.out.len().saturating_sub(1);
        self.out[..before].chars().rev().take_while(|&c| c == '\\').count() % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::portable;

    #[test]
    fn published_patterns_become_portable_or_nothing() {
        let cases = [
            (r"[1-9][0-9]{2,8}-\d{1,9}", Some(r"^[1-9][0-9]{2,8}-[0-9]{1,9}$")),
            (
                r"(?^:(?^:(noatime|nodev))(;(?^:(noatime|nodev)))*)",
                Some(r"^(?:(?:(noatime|nodev))(;(?:(noatime|nodev)))*)$"),
            ),
            (r"/dev/parport\d+|/dev/usb/lp\d+", Some(r"^/dev/parport[0-9]+|/dev/usb/lp[0-9]+$")),
            (r"(?^i:[a-z]+)", None),
            (r"(?>a+)b", None),
            (r"[[:alpha:]]+", None),
            (r"a++", None),
            (r"(a", None),
            (r"[a-z", None),
            (r"[\w.-]{,16}", Some(r"^[0-9A-Za-z_.-]{0,16}$")),
            (r"(?^:^(?:passthrough|[ug]:[0-9]+)$)", Some(r"^(?:(?:passthrough|[ug]:[0-9]+))$")),
            (r"a:+b\.*", Some(r"^a:+b\.*$")),
        ];
        for (perl, expected) in cases {
            assert_eq!(portable(perl).as_deref(), expected, "{perl}");
        }
    }
}
