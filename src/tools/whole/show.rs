//! A reply as it is shown: secrets hidden, projected to the fields that were asked for, filtered, and cut to a page.

use serde_json::{Map, Value};

use super::{
    given::{self, word},
    say::{self, Say},
    secret,
};
use crate::{
    foreign,
    spec::Endpoint,
    tools::{call::ToolResult, table::table, tool::Call},
};

/// Most bytes of data in one reply.
const REPLY_MAX: usize = 16_000;
/// Most columns of a table; of rows with more each has lines of its own.
const COLUMNS: usize = 9;

/// Which part of a reply is wanted.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub fields: Vec<String>,
    pub filter: Option<String>,
    pub limit: usize,
    /// How many rows were shown before.
    pub skip: usize,
}

/// The answer to a read.
pub(super) fn read(call: &Call<'_>, endpoint: &Endpoint, mut data: Value, wanted: &Wanted) -> ToolResult {
    let hidden = secret::mask(endpoint, &mut data);
    let mut facts = Map::new();
    let mut remarks = Vec::new();
    let text = match data {
        Value::Array(rows) => {
            remarks.extend(strange(call, &wanted.fields, rows.iter().filter_map(Value::as_object)));
            let page = Page::of(rows, wanted);
            facts.insert("total".to_owned(), page.total.into());
            if page.more > 0 {
                let cursor = (wanted.skip + page.rows.len()).to_string();
                remarks.push(call.either(
                    format!("{} more: call again with cursor {cursor}.", page.more),
                    format!("{} más: llame de nuevo con cursor {cursor}.", page.more),
                ));
                facts.insert("more".to_owned(), page.more.into());
                facts.insert("cursor".to_owned(), cursor.into());
            }
            let text = match (page.rows.is_empty(), page.total) {
                (true, 0) => call.either("There are none.".to_owned(), "No hay ninguno.".to_owned()),
                (true, _) => call.either("No more rows.".to_owned(), "No hay más filas.".to_owned()),
                _ => rows_text(&page.rows),
            };
            facts.insert("data".to_owned(), page.rows.into());
            text
        }
        Value::Object(mut object) => {
            remarks.extend(strange(call, &wanted.fields, std::iter::once(&object)));
            keep(&mut object, &wanted.fields);
            cut_texts(&mut object);
            let left = fit(&mut object);
            if left > 0 {
                facts.insert("more".to_owned(), left.into());
                remarks.push(call.either(
                    format!("{left} more fields have no room here: ask for them with fields."),
                    format!("{left} campos más no caben aquí: pídalos con fields."),
                ));
            }
            let text =
                object.iter().map(|(key, value)| format!("{key}: {}", short(value))).collect::<Vec<_>>().join("\n");
            facts.insert("data".to_owned(), object.into());
            if text.is_empty() { call.either("It is empty.".to_owned(), "Está vacío.".to_owned()) } else { text }
        }
        Value::Null => call.either("Nothing came back.".to_owned(), "No volvió nada.".to_owned()),
        scalar => {
            let text = foreign::block(&given::plain(&scalar), REPLY_MAX).into_owned();
            facts.insert("data".to_owned(), text.clone().into());
            text
        }
    };
    if hidden > 0 {
        remarks.push(say::masked(call));
    }
    if !remarks.is_empty() {
        facts.insert("detail".to_owned(), remarks.join(" ").into());
    }
    let text = std::iter::once(text.trim_end().to_owned()).chain(remarks).collect::<Vec<_>>().join("\n");
    ToolResult { text, structured: Some(facts), problem: None }
}

/// That no row has a field that was asked for, with those that there are.
fn strange<'a>(
    call: &Call<'_>,
    fields: &[String],
    rows: impl Iterator<Item = &'a Map<String, Value>>,
) -> Option<String> {
    if fields.is_empty() {
        return None;
    }
    let known: std::collections::BTreeSet<&str> = rows.flat_map(Map::keys).map(String::as_str).collect();
    let strange: Vec<&str> = fields.iter().map(String::as_str).filter(|field| !known.contains(field)).collect();
    if strange.is_empty() || known.is_empty() {
        return None;
    }
    let (strange, known) = (strange.join(", "), known.into_iter().collect::<Vec<_>>().join(", "));
    let (strange, known) = (foreign::line(&strange, 120), foreign::line(&known, 600));
    Some(call.either(
        format!("Nothing here has {strange}; there are {known}."),
        format!("Nada de esto tiene {strange}; hay {known}."),
    ))
}

/// One page of a list.
struct Page {
    rows: Vec<Value>,
    /// How many match.
    total: usize,
    /// How many come after the page.
    more: usize,
}

impl Page {
    fn of(rows: Vec<Value>, wanted: &Wanted) -> Self {
        let matching: Vec<Value> = rows.into_iter().filter(|row| matches(row, wanted.filter.as_deref())).collect();
        let total = matching.len();
        let (mut page, mut size) = (Vec::new(), 0);
        for mut row in matching.into_iter().skip(wanted.skip).take(wanted.limit) {
            if let Value::Object(fields) = &mut row {
                keep(fields, &wanted.fields);
                cut_texts(fields);
            }
            size += row.to_string().len();
            if size > REPLY_MAX && !page.is_empty() {
                break;
            }
            page.push(row);
        }
        let more = total.saturating_sub(wanted.skip + page.len());
        Self { rows: page, total, more }
    }
}

/// Whether a row fits `field=value`, or holds the text anywhere.
fn matches(row: &Value, filter: Option<&str>) -> bool {
    let Some(filter) = filter.map(str::trim).filter(|filter| !filter.is_empty()) else { return true };
    let plain = |value: &Value| given::plain(value).to_lowercase();
    match filter.split_once('=') {
        Some((key, wanted)) => row.get(key.trim()).is_some_and(|value| plain(value) == wanted.trim().to_lowercase()),
        None => {
            let filter = filter.to_lowercase();
            match row {
                Value::Object(fields) => fields.values().any(|value| plain(value).contains(&filter)),
                other => plain(other).contains(&filter),
            }
        }
    }
}

fn keep(object: &mut Map<String, Value>, fields: &[String]) {
    if !fields.is_empty() {
        object.retain(|key, _| fields.iter().any(|field| field == key));
    }
}

/// Keeps as many fields as have room, at least one; says how many had none.
fn fit(object: &mut Map<String, Value>) -> usize {
    let mut size = 0;
    let before = object.len();
    object.retain(|key, value| {
        let first = size == 0;
        size += key.len() + value.to_string().len();
        first || size <= REPLY_MAX
    });
    before - object.len()
}

/// A long text is told by its beginning; with `fields` it can be asked for alone, and is then as long as texts may be.
fn cut_texts(object: &mut Map<String, Value>) {
    let most = if object.len() == 1 { foreign::VALUE } else { 600 };
    for value in object.values_mut() {
        if let Value::String(text) = value
            && text.chars().count() > most
        {
            *text = foreign::cut(text, most).into_owned();
        }
    }
}

fn short(value: &Value) -> String {
    foreign::line(&given::plain(value), foreign::WORDS).into_owned()
}

/// Rows as a table where they are narrow, else one after the other.
fn rows_text(rows: &[Value]) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !columns.contains(&key.as_str()) {
            columns.push(key);
        }
    }
    let nested = rows
        .iter()
        .filter_map(Value::as_object)
        .flat_map(Map::values)
        .any(|value| value.is_object() || value.is_array());
    let long =
        rows.iter().filter_map(Value::as_object).flat_map(Map::values).any(|value| short(value).chars().count() > 38);
    if columns.is_empty() || columns.len() > COLUMNS || nested || long {
        let line = |row: &Value| match row {
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| format!("{key}={}", short(value))).collect::<Vec<_>>().join(", ")
            }
            other => short(other),
        };
        return rows.iter().map(line).collect::<Vec<_>>().join("\n");
    }
    let cell = |row: &Value, key: &str| row.get(key).filter(|value| !value.is_null()).map(short).unwrap_or_default();
    let cells: Vec<Vec<String>> = rows.iter().map(|row| columns.iter().map(|key| cell(row, key)).collect()).collect();
    table(&columns, &cells)
}

/// What is wanted, from the arguments of a call.
///
/// # Errors
/// A cursor that is none.
pub(super) fn wanted(given: &Map<String, Value>, limit: usize) -> Result<Wanted, String> {
    let words =
        |text: &str| text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let number = |name: &str| given.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let cursor = word(given, "cursor").map(str::trim).filter(|text| !text.is_empty());
    let skip = cursor.map(|text| text.parse().map_err(|_| text.to_owned())).transpose()?;
    Ok(Wanted {
        fields: word(given, "fields").map(words).unwrap_or_default(),
        filter: word(given, "filter").map(str::to_owned),
        limit: number("limit").unwrap_or(limit),
        skip: skip.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_filtered_projected_and_paged() {
        let rows: Vec<Value> =
            (0..10).map(|n| json!({"n": n, "kind": if n % 2 == 0 { "even" } else { "odd" }})).collect();
        let wanted = |filter: &str, limit, skip| Wanted {
            fields: vec!["n".into()],
            filter: Some(filter.to_owned()),
            limit,
            skip,
        };
        let page = Page::of(rows.clone(), &wanted("kind=EVEN", 2, 2));
        assert_eq!((page.rows, page.total, page.more), (vec![json!({"n": 4}), json!({"n": 6})], 5, 1));
        assert_eq!(Page::of(rows.clone(), &wanted("odd", 50, 0)).total, 5);
        assert_eq!(Page::of(rows, &wanted("nothing", 50, 0)).total, 0);
        let mut object: Map<String, Value> = (0..100).map(|n| (format!("f{n}"), "x".repeat(500).into())).collect();
        let left = fit(&mut object);
        assert!(left > 60 && object.len() + left == 100, "{left}");
        let mut one = Map::from_iter([("f".to_owned(), Value::from("x".repeat(REPLY_MAX * 2)))]);
        assert_eq!(fit(&mut one), 0);
    }
}
