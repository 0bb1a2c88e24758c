//! Where what is generated says less than what is published, or something else, and why: what `import --explain` prints.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Map, Value};

use crate::{
    at::At,
    overlay::Overlay,
    raw::{self, keywords},
    report::Report,
    source::Source,
};

/// How many places are named for one reason unless all are asked for.
const NAMED: usize = 3;

/// The differences by their reason, each with its places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    reasons: BTreeMap<String, Vec<String>>,
}

/// Walks a published tree, prose and all, and notes each fact that is not generated as it stands there. Corrections that are
/// for `release` are among them, with what shows that they are right.
pub fn explain(source: &Source, release: &str, overlay: &Overlay) -> Explained {
    let mut walk = Walk { out: Explained::default() };
    for endpoint in raw::endpoints(&source.tree, &source.file, &mut Report::default()) {
        walk.method(&endpoint);
    }
    for correction in overlay.corrections().iter().filter(|c| c.must_fit(Some(release))) {
        let reason = format!("corrected: {} [{}]", correction.why, correction.source);
        walk.note(&reason, &correction.to_string());
    }
    walk.out
}

struct Walk {
    out: Explained,
}

impl Walk {
    fn note(&mut self, reason: &str, place: &str) {
        self.out.reasons.entry(reason.to_owned()).or_default().push(place.to_owned());
    }

    fn method(&mut self, endpoint: &raw::RawEndpoint<'_>) {
        let at = At::endpoint(endpoint.method.as_str(), endpoint.path);
        let none = Map::new();
        let params = endpoint.info.get("parameters");
        let named = params.and_then(|p| p.get("properties")).and_then(Value::as_object).unwrap_or(&none);
        for part in endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let at = at.key(part);
            match named.get(part) {
                None => self.note("a placeholder of which nothing is said is text", &at.to_string()),
                Some(param) if raw::flag(param.get("optional")) => {
                    self.note("a placeholder cannot be left out, whatever is said of it", &at.to_string());
                }
                Some(_) => {}
            }
        }
        for key in ["parameters", "returns"] {
            if let Some(schema) = endpoint.info.get(key) {
                self.schema(schema, &at.key(key));
            }
        }
        for keyword in keywords::RARE_OF_METHOD.iter().filter(|keyword| endpoint.info.contains_key(**keyword)) {
            self.rare(keyword, &at);
        }
        let prose = endpoint.info.get("permissions").and_then(|p| p.get("description"));
        if prose.is_some() {
            self.note("who may call it is said in prose as well: kept is its sum, told are our words", &at.to_string());
        }
    }

    fn rare(&mut self, keyword: &str, at: &At<'_>) {
        self.note(
            &format!("`{keyword}` changes neither types nor schemas of tools: `diff` tells of it"),
            &at.to_string(),
        );
    }

    fn schema(&mut self, schema: &Value, at: &At<'_>) {
        let Some(object) = schema.as_object() else { return };
        let kind = object.get("type").and_then(Value::as_str);
        if let Some(default) = object.get("default").filter(|default| !raw::fits_type(default, object)) {
            let what =
                if default.as_str().is_some_and(|text| text.contains(' ')) { "prose" } else { "of another type" };
            self.note(&format!("a default that is {what} is left out"), &at.to_string());
        }
        if object.contains_key("format") && kind.is_some_and(|kind| kind != "string") {
            let kind = kind.unwrap_or_default();
            self.note(&format!("a format says nothing of what is no text ({kind})"), &at.to_string());
        }
        for keyword in keywords::RARE.iter().filter(|keyword| object.contains_key(**keyword)) {
            self.rare(keyword, at);
        }
        for word in ["oneOf", "anyOf", "allOf"] {
            let here = at.key(word);
            for (i, branch) in object.get(word).and_then(Value::as_array).into_iter().flatten().enumerate() {
                if i == 0 {
                    self.note(
                        &format!("the branches of `{word}` are told as one type, with what any of them has"),
                        &at.to_string(),
                    );
                }
                self.schema(branch, &here.index(i));
            }
        }
        if let Some(items) = object.get("items") {
            self.schema(items, &at.key("items"));
        }
        for key in ["properties", "format"] {
            let here = at.key(key);
            for (name, below) in object.get(key).and_then(Value::as_object).into_iter().flatten() {
                self.property(below, &here.key(name));
            }
        }
    }

    fn property(&mut self, schema: &Value, at: &At<'_>) {
        if schema.get("alias").is_some_and(Value::is_string) {
            return self.note("an alias stands for another key and has no type of its own", &at.to_string());
        }
        self.schema(schema, at);
    }
}

impl Explained {
    /// How many places there are.
    pub fn len(&self) -> usize {
        self.reasons.values().map(Vec::len).sum()
    }

    /// Whether everything is generated as it is published.
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// One line a reason with its places beneath, and a last line that sums up; `all` names every place.
    pub fn text(&self, all: bool) -> String {
        let mut out = String::new();
        for (reason, places) in &self.reasons {
            let _ = writeln!(out, "{reason} ({})", places.len());
            let shown = if all || places.len() <= NAMED + 1 { places.len() } else { NAMED };
            for place in &places[..shown] {
                let _ = writeln!(out, "  {}", crate::facts::visible(place));
            }
            if shown < places.len() {
                let _ = writeln!(out, "  and {} more", places.len() - shown);
            }
        }
        let _ = writeln!(
            out,
            "{} places of {} kinds are not generated as they are published; all else is. Prose is left out everywhere.",
            self.len(),
            self.reasons.len()
        );
        out
    }
}
