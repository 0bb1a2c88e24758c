//! How a reply is read into rows: from the envelope down to the cell by hand, because that is most of what a long list costs;
//! texts with escapes and numbers that are not plain are left to serde_json, each by itself.

use std::borrow::Cow;

use serde_json::{Map, Number, Value, json};

use super::{Cell, Key, Odd, Row};
use crate::{Endpoint, Kind};

/// How deep lists may be within lists; serde_json goes to 128.
const DEEPEST: usize = 100;

/// Digits of which any number fits 64 bits.
const DIGITS: usize = 18;

/// What is read, how far, and how much of it there may be.
struct Reading<'a, 'f> {
    text: &'a str,
    at: usize,
    endpoint: &'f Endpoint,
    /// What the schema says of each key, if it names it.
    kinds: [Option<&'f Kind>; Key::ALL.len()],
    values: usize,
    most: usize,
}

impl Endpoint {
    /// Reads the list that a reply of this method is, and hands over each row of it. At most so many values may be in it,
    /// each after a bracket or a comma. Gives how many rows are none; nothing where the long way has to be gone, whatever
    /// was handed over till then.
    pub fn rows<'a>(&self, text: &'a str, most: usize, each: impl FnMut(Row<'a>)) -> Option<Odd> {
        let Kind::Array(item) = &self.returns.kind else { return None };
        let Kind::Object(fields) = &item.kind else { return None };
        let kind = |key: Key| fields.iter().find(|f| !f.indexed && f.name == key.name()).map(|f| &f.shape.kind);
        Reading { text, at: 0, endpoint: self, kinds: Key::ALL.map(kind), values: 0, most }.reply(each)
    }

    /// The text of a reply that has these rows. What cannot be read at once can be read so.
    pub fn rewritten(rows: &[Map<String, Value>]) -> String {
        json!({ "data": rows }).to_string()
    }

    /// The whole row that begins there, as [`Endpoint::plain`] has it.
    pub fn row(&self, text: &str, at: usize) -> Option<Map<String, Value>> {
        let from = serde_json::Deserializer::from_str(text.get(at..)?);
        let row = from.into_iter::<Map<String, Value>>().next()?.ok()?;
        self.plain_row(row)
    }

    fn plain_row(&self, row: Map<String, Value>) -> Option<Map<String, Value>> {
        let rows = self.plain(json!([row])).get_mut("data").map(Value::take);
        match rows {
            Some(Value::Array(rows)) => match rows.into_iter().next() {
                Some(Value::Object(row)) => Some(row),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A scalar where it stands.
enum Token<'a> {
    /// A text without escapes.
    Text(&'a str),
    /// One with escapes, in its quotes.
    Escaped(&'a str),
    /// A whole number that needs no looking at.
    Whole(u64),
    /// Any other number.
    Number(&'a str),
    Bool(bool),
    Null,
}

impl<'a> Reading<'a, '_> {
    /// `{"data": …}`, with whatever stands beside it.
    fn reply(mut self, mut each: impl FnMut(Row<'a>)) -> Option<Odd> {
        self.open(b'{')?;
        let (mut odd, mut parts) = (None, 0);
        while let Some(key) = self.key(parts)? {
            parts += 1;
            match (&*key, odd) {
                ("data", None) => odd = Some(self.list(&mut each)?),
                ("data", Some(_)) => return None,
                _ => self.pass(0)?,
            }
        }
        self.count(parts)?;
        self.blank();
        if self.at == self.text.len() { odd } else { None }
    }

    fn list(&mut self, each: &mut impl FnMut(Row<'a>)) -> Option<Odd> {
        self.open(b'[')?;
        let (mut rows, mut odd) = (0, 0);
        while self.element(rows + odd)? {
            if self.peek()? == b'{' {
                each(self.row()?);
                rows += 1;
            } else {
                self.pass(0)?;
                odd += 1;
            }
        }
        self.count(rows + odd)?;
        // Of a list of odd rows alone it is said what it is instead.
        if rows == 0 && odd > 0 { None } else { Some(Odd(odd)) }
    }

    fn row(&mut self) -> Option<Row<'a>> {
        let mut row = Row { at: self.at, cells: Default::default() };
        self.open(b'{')?;
        let mut parts = 0;
        while let Some(key) = self.key(parts)? {
            parts += 1;
            match Key::of(&key) {
                Some(key) => {
                    let cell = self.cell()?;
                    row.cells[key as usize] = self.plain(key, cell);
                }
                None => self.pass(0)?,
            }
        }
        self.count(parts)?;
        Some(row)
    }

    /// One value that lists need. A list or an object has no place there and says nothing.
    fn cell(&mut self) -> Option<Cell<'a>> {
        if matches!(self.peek()?, b'{' | b'[') {
            self.pass(0)?;
            return Some(Cell::None);
        }
        Some(match self.token()? {
            Token::Text(text) => Cell::Text(Cow::Borrowed(text)),
            Token::Escaped(quoted) => Cell::Text(Cow::Owned(unescaped(quoted)?)),
            Token::Whole(n) => Cell::Unsigned(n),
            Token::Number(text) => Cell::of(&Value::Number(serde_json::from_str(text).ok()?))?,
            Token::Bool(flag) => Cell::Bool(flag),
            Token::Null => Cell::None,
        })
    }

    /// A value that is looked at and passed over: it must be one that could be kept.
    fn pass(&mut self, deep: usize) -> Option<()> {
        match self.peek()? {
            b'{' | b'[' if deep == DEEPEST => return None,
            b'{' => {
                self.open(b'{')?;
                let mut parts = 0;
                while self.key(parts)?.is_some() {
                    parts += 1;
                    self.pass(deep + 1)?;
                }
                return self.count(parts);
            }
            b'[' => {
                self.open(b'[')?;
                let mut parts = 0;
                while self.element(parts)? {
                    parts += 1;
                    self.pass(deep + 1)?;
                }
                return self.count(parts);
            }
            _ => {}
        }
        match self.token()? {
            Token::Escaped(quoted) => unescaped(quoted).map(drop),
            Token::Number(text) => serde_json::from_str::<Number>(text).ok().map(drop),
            _ => Some(()),
        }
    }

    /// Takes note of a list or an object with so many parts.
    fn count(&mut self, parts: usize) -> Option<()> {
        self.values = self.values.saturating_add(parts.max(1));
        (self.values <= self.most).then_some(())
    }

    /// A value as the schema has it; what PVE writes in another way is left to [`Endpoint::plain`].
    fn plain(&self, key: Key, cell: Cell<'a>) -> Cell<'a> {
        let Some(kind) = self.kinds[key as usize] else { return cell };
        let as_it_came = match (&cell, kind) {
            (Cell::None, _) | (Cell::Text(_), Kind::String) | (Cell::Bool(_), Kind::Boolean) | (_, Kind::Any) => true,
            (Cell::Unsigned(n), Kind::Integer) => i64::try_from(*n).is_ok(),
            (Cell::Signed(_), Kind::Integer) => true,
            (Cell::Unsigned(_) | Cell::Signed(_) | Cell::Float(_), Kind::Number) => true,
            (Cell::Unsigned(n), Kind::Boolean) => return Cell::Bool(*n != 0),
            _ => false,
        };
        if as_it_came {
            return cell;
        }
        let row = Map::from_iter([(key.name().to_owned(), cell.value())]);
        let plain = self.endpoint.plain_row(row).and_then(|mut row| row.remove(key.name()));
        plain.as_ref().and_then(Cell::of).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.byte()
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        (self.peek()? == bracket).then(|| self.at += 1)
    }

    /// Whether there is another element; to the list's end, or over the comma before it.
    fn element(&mut self, before: usize) -> Option<bool> {
        self.next(b']', before)
    }

    fn next(&mut self, end: u8, before: usize) -> Option<bool> {
        let found = self.peek()?;
        if found == end {
            self.at += 1;
            return Some(false);
        }
        if before == 0 {
            return Some(true);
        }
        (found == b',').then(|| self.at += 1)?;
        // A comma has something behind it.
        (self.peek()? != end).then_some(true)
    }

    /// The next key of an object, over the colon behind it; nothing within where it ends.
    fn key(&mut self, before: usize) -> Option<Option<Cow<'a, str>>> {
        if !self.next(b'}', before)? {
            return Some(None);
        }
        let key = match self.token()? {
            Token::Text(text) => Cow::Borrowed(text),
            Token::Escaped(quoted) => Cow::Owned(unescaped(quoted)?),
            _ => return None,
        };
        self.open(b':')?;
        Some(Some(key))
    }

    /// The scalar that begins here, and over it.
    fn token(&mut self) -> Option<Token<'a>> {
        match self.byte()? {
            b'"' => {
                let begin = self.at + 1;
                let mut escaped = false;
                let bytes = self.text.as_bytes();
                let mut at = begin;
                loop {
                    match bytes.get(at)? {
                        b'"' => break,
                        b'\\' => {
                            escaped = true;
                            at += 2;
                        }
                        0..=0x1f => return None,
                        _ => at += 1,
                    }
                }
                self.at = at + 1;
                Some(match escaped {
                    false => Token::Text(self.text.get(begin..at)?),
                    true => Token::Escaped(self.text.get(begin - 1..self.at)?),
                })
            }
            b'0'..=b'9' | b'-' => self.number(),
            b't' => self.word("true", Token::Bool(true)),
            b'f' => self.word("false", Token::Bool(false)),
            b'n' => self.word("null", Token::Null),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Token<'a>> {
        let (begin, bytes) = (self.at, self.text.as_bytes());
        let (mut at, mut n) = (begin, 0_u64);
        while let Some(digit @ b'0'..=b'9') = bytes.get(at).copied() {
            n = n.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        let more = |at: usize| matches!(bytes.get(at), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let digits = at - begin;
        if (1..=DIGITS).contains(&digits) && !more(at) && (bytes[begin] != b'0' || digits == 1) {
            self.at = at;
            return Some(Token::Whole(n));
        }
        while more(at) {
            at += 1;
        }
        self.at = at;
        Some(Token::Number(self.text.get(begin..at)?))
    }

    fn word(&mut self, word: &str, token: Token<'a>) -> Option<Token<'a>> {
        self.text.as_bytes()[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            token
        })
    }
}

/// A text with its quotes, as it is meant.
fn unescaped(quoted: &str) -> Option<String> {
    serde_json::from_str(quoted).ok()
}
