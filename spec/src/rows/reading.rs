//! How a reply is read into rows: visitors that borrow, from the envelope down to the cell.

use std::{borrow::Cow, cell::Cell as Count, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use super::{Cell, Key, Odd, Row};
use crate::{Endpoint, Kind};

/// What is read and how much of it there may be.
struct Reading<'a, 'f> {
    text: &'a str,
    endpoint: &'f Endpoint,
    /// What the schema says of each key, if it names it.
    kinds: [Option<&'f Kind>; Key::ALL.len()],
    values: Count<usize>,
    most: usize,
}

impl Endpoint {
    /// Reads the list that a reply of this method is, and hands over each row of it. At most so many values may be in it,
    /// each after a bracket or a comma. Gives how many rows are none; nothing where the long way has to be gone, whatever
    /// was handed over till then.
    pub fn rows<'a>(&self, text: &'a str, most: usize, mut each: impl FnMut(Row<'a>)) -> Option<Odd> {
        let Kind::Array(item) = &self.returns.kind else { return None };
        let Kind::Object(fields) = &item.kind else { return None };
        let kind = |key: Key| fields.iter().find(|f| !f.indexed && f.name == key.name()).map(|f| &f.shape.kind);
        let reading = Reading { text, endpoint: self, kinds: Key::ALL.map(kind), values: Count::new(0), most };
        let mut from = serde_json::Deserializer::from_str(text);
        let odd = from.deserialize_map(Envelope { reading: &reading, each: &mut each }).ok()?;
        from.end().ok()?;
        odd
    }

    /// The text of a reply that has these rows, each of which begins with a key that is read easily. What cannot be read at
    /// once can be read so.
    pub fn rewritten(rows: &[Map<String, Value>]) -> String {
        let row = |row: &Map<String, Value>| {
            let text = json!(row).to_string();
            let rest = text.get(1..).unwrap_or_default();
            format!("{{\"\":null{}{rest}", if row.is_empty() { "" } else { "," })
        };
        format!("{{\"data\":[{}]}}", rows.iter().map(row).collect::<Vec<_>>().join(","))
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

impl<'a> Reading<'a, '_> {
    /// Takes note of a list or an object with so many parts.
    fn count<E: serde::de::Error>(&self, parts: usize) -> Result<(), E> {
        self.values.set(self.values.get().saturating_add(parts.max(1)));
        if self.values.get() > self.most { Err(E::custom("too many values")) } else { Ok(()) }
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
}

/// `{"data": …}`, with whatever stands beside it.
struct Envelope<'r, 'a, 'f, F> {
    reading: &'r Reading<'a, 'f>,
    each: &'r mut F,
}

impl<'a, F: FnMut(Row<'a>)> Visitor<'a> for Envelope<'_, 'a, '_, F> {
    type Value = Option<Odd>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let (mut odd, mut parts) = (None, 0);
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            parts += 1;
            match (&*key, odd) {
                ("data", None) => {
                    odd = Some(map.next_value_seed(List { reading: self.reading, each: &mut *self.each })?);
                }
                ("data", Some(_)) => return Err(M::Error::duplicate_field("data")),
                _ => map.next_value_seed(Passed(self.reading))?,
            }
        }
        self.reading.count(parts)?;
        Ok(odd)
    }
}

/// The list.
struct List<'r, 'a, 'f, F> {
    reading: &'r Reading<'a, 'f>,
    each: &'r mut F,
}

impl<'a, F: FnMut(Row<'a>)> DeserializeSeed<'a> for List<'_, 'a, '_, F> {
    type Value = Odd;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Odd, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'a, F: FnMut(Row<'a>)> Visitor<'a> for List<'_, 'a, '_, F> {
    type Value = Odd;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<Odd, S::Error> {
        let (mut rows, mut odd) = (0, 0);
        while let Some(row) = list.next_element_seed(One(self.reading))? {
            match row {
                Some(row) => {
                    rows += 1;
                    (self.each)(row);
                }
                None => odd += 1,
            }
        }
        self.reading.count(rows + odd)?;
        // Of a list of odd rows alone it is said what it is instead.
        if rows == 0 && odd > 0 { Err(S::Error::custom("no row")) } else { Ok(Odd(odd)) }
    }
}

/// One row, or what stands in the place of one.
struct One<'r, 'a, 'f>(&'r Reading<'a, 'f>);

impl<'a> DeserializeSeed<'a> for One<'_, 'a, '_> {
    type Value = Option<Row<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for One<'_, 'a, '_> {
    type Value = Option<Row<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let reading = self.0;
        let mut row = Row { at: 0, cells: Default::default() };
        let mut parts = 0;
        while let Some(named) = map.next_key_seed(Named)? {
            if parts == 0 {
                row.at = begin(reading.text, named.text).ok_or_else(|| M::Error::custom("where is it?"))?;
            }
            parts += 1;
            match named.key {
                Some(key) => row.cells[key as usize] = map.next_value_seed(Wanted(reading))?,
                None => map.next_value_seed(Passed(reading))?,
            }
        }
        reading.count(parts)?;
        for key in Key::ALL {
            let cell = std::mem::take(&mut row.cells[key as usize]);
            row.cells[key as usize] = reading.plain(key, cell);
        }
        Ok(Some(row))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, list: S) -> Result<Self::Value, S::Error> {
        Passed(self.0).visit_seq(list).map(|()| None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Where the object begins whose first key this is: nothing but blanks are between its bracket and the key.
fn begin(text: &str, key: Option<&str>) -> Option<usize> {
    let quote = (key?.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?.checked_sub(1)?;
    let at = text.as_bytes().get(..quote)?.iter().rposition(|byte| !byte.is_ascii_whitespace())?;
    (text.as_bytes()[at] == b'{').then_some(at)
}

/// A key: which it is, and where it stands unless it is written with escapes.
struct Found<'a> {
    key: Option<Key>,
    text: Option<&'a str>,
}

struct Named;

impl<'a> DeserializeSeed<'a> for Named {
    type Value = Found<'a>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Named {
    type Value = Found<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Found { key: Key::of(text), text: Some(text) })
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Found { key: Key::of(text), text: None })
    }
}

/// One value that lists need. A list or an object has no place there and says nothing.
struct Wanted<'r, 'a, 'f>(&'r Reading<'a, 'f>);

impl<'a> DeserializeSeed<'a> for Wanted<'_, 'a, '_> {
    type Value = Cell<'a>;

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Wanted<'_, 'a, '_> {
    type Value = Cell<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<Self::Value, M::Error> {
        Passed(self.0).visit_map(map).map(|()| Cell::None)
    }

    fn visit_seq<S: SeqAccess<'a>>(self, list: S) -> Result<Self::Value, S::Error> {
        Passed(self.0).visit_seq(list).map(|()| Cell::None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::None)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Self::Value, E> {
        Ok(Cell::Bool(b))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
        Ok(Cell::Unsigned(n))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(n).map_or(Cell::Signed(n), Cell::Unsigned))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Self::Value, E> {
        Ok(Cell::Float(n))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }
}

/// A value that is looked at and passed over: it must be one that could be kept.
struct Passed<'r, 'a, 'f>(&'r Reading<'a, 'f>);

impl<'a> DeserializeSeed<'a> for Passed<'_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Passed<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        let mut parts = 0;
        while map.next_key_seed(Named)?.is_some() {
            parts += 1;
            map.next_value_seed(Passed(self.0))?;
        }
        self.0.count(parts)
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        let mut parts = 0;
        while list.next_element_seed(Passed(self.0))?.is_some() {
            parts += 1;
        }
        self.0.count(parts)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
