//! Recorded replies held against the reply types: what no type knows, and what is of another type than is declared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use serde::Serialize;
use serde_json::Value;

use crate::{
    facts::visible,
    model::{Api, Endpoint, Field, Kind, Method, Shape},
    report::{Failed, Report},
};

/// One difference between the replies of a method and their type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The method, as `METHOD /path`.
    pub endpoint: String,
    /// Where in `data`: `[].balloon`.
    pub place: String,
    /// What is there: `integer, which no type knows`, or `text where integer is declared`.
    pub what: String,
    /// In how many replies.
    pub replies: usize,
    /// The first file that shows it.
    pub file: String,
}

/// What the replies of a folder showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Replies that were read.
    pub replies: usize,
    /// The methods that they are of.
    pub methods: usize,
    /// Replies to paths that the schema does not have.
    pub unknown: usize,
    /// The differences, by method and place.
    pub differences: Vec<Difference>,
}

/// A recorded exchange: the request and what `data` of its reply was.
struct Exchange {
    method: Method,
    path: String,
    data: Value,
}

/// Holds each reply that is recorded below `folder` against its type. A recording is a text: a line `$ curl … -X VERB URL`,
/// and below it the reply with its head, as `curl -i` prints it; a file may have several.
///
/// # Errors
/// [`Failed`] when the folder cannot be read or has no recording; `report` tells why.
pub fn audit(folder: &Path, api: &Api, report: &mut Report) -> Result<Audit, Failed> {
    let shown = folder.display().to_string();
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(|e| report.error(&shown, "", format_args!("cannot be read: {e}")))
        .map_err(|()| Failed)?
        .filter_map(|file| file.ok().map(|file| file.path()))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    let mut run = Run { api, audit: Audit::default(), methods: BTreeSet::new(), found: BTreeMap::new() };
    for file in files {
        // What is no text is no recording.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        exchanges(&text).into_iter().for_each(|exchange| run.exchange(&exchange, &name));
    }
    if run.audit.replies + run.audit.unknown == 0 {
        let what = "there is no recorded reply in it: a line `$ curl -i … -X GET https://…/api2/json/…` and the reply";
        report.error(&shown, "", what);
        return Err(Failed);
    }
    Ok(run.end())
}

/// The exchanges of a text that were answered with JSON that has `data`.
fn exchanges(text: &str) -> Vec<Exchange> {
    let mut out = Vec::new();
    let starts: Vec<usize> = text.match_indices("$ curl ").map(|(at, _)| at).collect();
    for (i, start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(text.len());
        out.extend(exchange(&text[*start..end]));
    }
    out
}

fn exchange(text: &str) -> Option<Exchange> {
    let (request, reply) = text.split_once("\nHTTP/")?;
    let words: Vec<&str> = request.split_whitespace().map(|word| word.trim_matches(['\'', '"'])).collect();
    let verb = words.iter().position(|word| *word == "-X").and_then(|at| words.get(at + 1));
    let method = verb.map_or(Some(Method::Get), |verb| Method::parse(verb))?;
    let url = words.iter().find_map(|word| word.split_once("/api2/json/").map(|(_, path)| path))?;
    let path = url.split('?').next().unwrap_or_default().replace("%2F", "/").replace("%2f", "/");
    // PVE decodes a path before it looks where it leads, and takes no notice of empty parts.
    let path = path.split('/').filter(|part| !part.is_empty()).fold(String::new(), |path, part| path + "/" + part);
    let body = reply.split_once("\n\n").or_else(|| reply.split_once("\r\n\r\n"))?.1;
    let json = body.get(body.find('{')?..)?;
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    let data = values.next()?.ok()?.get_mut("data")?.take();
    (!data.is_null()).then_some(Exchange { method, path, data })
}

struct Run<'a> {
    api: &'a Api,
    audit: Audit,
    methods: BTreeSet<String>,
    found: BTreeMap<(String, String, String), (usize, String)>,
}

impl Run<'_> {
    fn exchange(&mut self, exchange: &Exchange, file: &str) {
        let Some(endpoint) = endpoint(self.api, exchange) else {
            self.audit.unknown += 1;
            return;
        };
        self.audit.replies += 1;
        self.methods.insert(endpoint.at());
        let mut here = BTreeSet::new();
        shape(&endpoint.returns, &exchange.data, "", &mut here);
        for (place, what) in here {
            let seen = self.found.entry((endpoint.at(), place, what)).or_insert_with(|| (0, file.to_owned()));
            seen.0 += 1;
        }
    }

    fn end(self) -> Audit {
        let Self { audit, methods, found, .. } = self;
        let differences = found.into_iter().map(|((endpoint, place, what), (replies, file))| Difference {
            endpoint,
            place: visible(&place),
            what,
            replies,
            file,
        });
        Audit { methods: methods.len(), differences: differences.collect(), ..audit }
    }
}

/// The endpoint of a path with values: literal parts go before placeholders.
fn endpoint<'a>(api: &'a Api, exchange: &Exchange) -> Option<&'a Endpoint> {
    let given: Vec<&str> = exchange.path.split('/').collect();
    let fits = |endpoint: &&Endpoint| {
        let parts: Vec<&str> = endpoint.path.split('/').collect();
        let same = |(part, given): (&&str, &&str)| part == given || part.starts_with('{');
        endpoint.method == exchange.method && parts.len() == given.len() && parts.iter().zip(&given).all(same)
    };
    api.endpoints.iter().filter(fits).min_by_key(|endpoint| endpoint.path.matches('{').count())
}

fn shape(shape: &Shape, value: &Value, place: &str, found: &mut BTreeSet<(String, String)>) {
    let fits = match (&shape.kind, value) {
        (_, Value::Null) | (Kind::Any | Kind::Null, _) => true,
        (Kind::Array(item), Value::Array(values)) => {
            let place = format!("{place}[]");
            values.iter().for_each(|value| self::shape(item, value, &place, found));
            true
        }
        (Kind::Object(fields), Value::Object(object)) => {
            // One without fields takes anything as it comes.
            for (name, value) in object.iter().filter(|_| !fields.is_empty()) {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                match fields.iter().find(|field| is(field, name)) {
                    Some(field) => self::shape(&field.shape, value, &place, found),
                    None => {
                        found.insert((place, format!("{}, which no type knows", word(value))));
                    }
                }
            }
            true
        }
        (Kind::Integer, value) => number(value).is_some_and(|n| n.fract() == 0.0),
        (Kind::Number, value) => number(value).is_some(),
        (Kind::Boolean, Value::Bool(_)) => true,
        (Kind::Boolean, value) => matches!(value.to_string().trim_matches('"'), "0" | "1" | ""),
        (Kind::String, Value::String(_) | Value::Number(_)) => true,
        _ => false,
    };
    if !fits {
        let place = if place.is_empty() { "data" } else { place };
        found.insert((place.to_owned(), format!("{} where {} is declared", word(value), shape.kind)));
    }
}

/// Whether a key of a reply is this field, or a member of its family.
fn is(field: &Field, name: &str) -> bool {
    if !field.indexed {
        return field.name == name;
    }
    let number = name.strip_prefix(field.name.as_str()).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

const fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

impl Audit {
    /// The differences as text, one a line beneath their method, and a last line that sums up.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut last = "";
        for Difference { endpoint, place, what, replies, file } in &self.differences {
            if endpoint != last {
                let _ = writeln!(out, "{endpoint}");
                last = endpoint;
            }
            let _ = writeln!(out, "  {place}: {what} ({replies} replies, first in {file})");
        }
        let Self { replies, methods, unknown, differences } = self;
        let count = differences.len();
        let _ = writeln!(
            out,
            "{replies} replies of {methods} methods, {unknown} of paths that the schema does not have; {count} differences"
        );
        out
    }
}
