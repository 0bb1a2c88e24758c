//! One correction of the schema: what it expects at its place, and how it is put there.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{EndpointAt, Line};

/// The word for "nothing stands there yet" in `expect`.
const ABSENT: &str = "absent";

/// A correction `{at, expect, set, why}` of the published schema.
#[derive(Clone, Debug)]
pub struct Correction {
    /// Line and column of the entry in the file.
    pub line: Line,
    /// The endpoint.
    pub at: EndpointAt,
    /// Keys that lead from the method's object to the place, for example `returns`, `properties`, `swap`.
    pub keys: Vec<String>,
    /// What must stand at the place; `None` for nothing.
    pub expect: Option<Value>,
    /// What to put there.
    pub set: Value,
    /// What differs.
    pub why: String,
    /// How we know: `case NAME` of a recorded exchange, or a source of Proxmox.
    pub source: String,
    since: Option<Release>,
    until: Option<Release>,
}

/// Major, minor and, where it is named, point release.
type Release = (u32, u32, Option<u32>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCorrection {
    pub(super) at: toml::Spanned<String>,
    expect: Value,
    set: Value,
    why: String,
    source: String,
    since: Option<String>,
    until: Option<String>,
}

impl Correction {
    pub(super) fn from_raw(line: Line, raw: RawCorrection) -> Result<Self, String> {
        let (at, keys) = parse_at(raw.at.get_ref())
            .ok_or("`at` must be a verb, a path and a place, such as \"GET /nodes returns.items.type\"")?;
        if raw.why.trim().is_empty() {
            return Err("a correction must say why".to_owned());
        }
        if raw.source.trim().is_empty() {
            return Err("a correction must say how we know: `source`".to_owned());
        }
        let release = |name: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => numbers(&text)
                .map(Some)
                .ok_or_else(|| format!("`{name} = \"{text}\"` must be a release such as \"9.2\" or \"9.2.3\"")),
        };
        let (since, until) = (release("since", raw.since)?, release("until", raw.until)?);
        let expect = Some(raw.expect).filter(|e| e.as_str() != Some(ABSENT));
        Ok(Self { line, at, keys, expect, set: raw.set, why: raw.why, source: raw.source, since, until })
    }

    /// Whether it must fit this release. Of one that is not known, or is known less closely than the limits, nobody can
    /// tell.
    pub fn must_fit(&self, release: Option<&str>) -> bool {
        let Some(release) = release.and_then(numbers) else { return self.since.is_none() && self.until.is_none() };
        let within = |limit: Release| (release.0, release.1) == (limit.0, limit.1) && limit.2.is_some();
        let close = self.since.into_iter().chain(self.until).any(|limit| within(limit) && release.2.is_none());
        !close && self.is_for_numbers(release)
    }

    /// Whether it is for this release; for an unknown one it may be.
    pub(super) fn is_for(&self, release: Option<&str>) -> bool {
        release.and_then(numbers).is_none_or(|release| self.is_for_numbers(release))
    }

    fn is_for_numbers(&self, release: Release) -> bool {
        // A release without its third number is all of its point releases, a limit without one as well.
        let first = |(major, minor, point): Release| (major, minor, point.unwrap_or(0));
        let last = |(major, minor, point): Release| (major, minor, point.unwrap_or(u32::MAX));
        self.since.is_none_or(|since| first(since) <= last(release))
            && self.until.is_none_or(|until| first(release) <= last(until))
    }

    /// Puts `set` in its place within the method's object.
    fn apply(&self, method: &mut Value) -> Result<(), String> {
        let (last, parents) = self.keys.split_last().ok_or("the correction names no place")?;
        let mut place = method;
        for (i, key) in parents.iter().enumerate() {
            place = in_branch(place, &self.keys[i..]);
            place = place.get_mut(key).ok_or_else(|| {
                let path = self.keys[..=i].join(".");
                format!("the schema has no `{path}` any more; correct or remove this entry")
            })?;
        }
        let object = place.as_object_mut().ok_or("the schema has no object there any more")?;
        self.check(object, last)?;
        object.insert(last.clone(), self.set.clone());
        Ok(())
    }

    fn check(&self, object: &Map<String, Value>, key: &str) -> Result<(), String> {
        match (&self.expect, object.get(key)) {
            (None, None) => Ok(()),
            (Some(expect), Some(have)) if fits(expect, have) => Ok(()),
            (None, Some(have)) => Err(format!(
                "expected nothing there, but the schema now says {}; remove this correction if that is right",
                facts(have)
            )),
            (Some(expect), None) => Err(format!("expected {expect} there, but the schema says nothing")),
            (Some(expect), Some(have)) => {
                Err(format!("expected {expect} there, but the schema says {}; look at it again", facts(have)))
            }
        }
    }
}

impl fmt::Display for Correction {
    /// As problems name a place: `GET /nodes › returns.items.type`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} › {}", self.at, self.keys.join("."))
    }
}

/// Calls for each correction its method; takes those whose path was met out of `by_path`.
pub(super) fn visit(
    nodes: &mut Value,
    by_path: &mut BTreeMap<&str, Vec<&Correction>>,
    report: &mut impl FnMut(&Correction, String),
) {
    for node in nodes.as_array_mut().into_iter().flatten() {
        let path = node.get("path").and_then(Value::as_str).map(str::to_owned);
        for correction in path.and_then(|p| by_path.remove(p.as_str())).unwrap_or_default() {
            let method = node.get_mut("info").and_then(|info| info.get_mut(correction.at.method.as_str()));
            let result = match method {
                Some(method) => correction.apply(method),
                None => Err("the schema has no such method on this path any more; remove this correction".to_owned()),
            };
            if let Err(message) = result {
                report(correction, message);
            }
        }
        if let Some(children) = node.get_mut("children") {
            visit(children, by_path, report);
        }
    }
}

/// The keywords of a schema that is said in parts.
const BRANCHES: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// The part of a schema in which `keys` lead on: itself, or where it is said in branches the one that has the place, else
/// the first one that has all but its last step.
fn in_branch<'v>(schema: &'v mut Value, keys: &[String]) -> &'v mut Value {
    if keys.first().is_some_and(|key| schema.get(key).is_some()) {
        return schema;
    }
    let all_but_one = keys.split_last().map_or(keys, |(_, before)| before);
    let fit = [keys, all_but_one].into_iter().find_map(|keys| {
        BRANCHES.into_iter().find_map(|word| {
            let at = schema.get(word)?.as_array()?.iter().position(|branch| leads(branch, keys))?;
            Some((word, at))
        })
    });
    match fit {
        Some((word, at)) => &mut schema[word][at],
        None => schema,
    }
}

fn leads(schema: &Value, keys: &[String]) -> bool {
    match keys {
        [] => true,
        [key, rest @ ..] => schema.get(key).is_some_and(|below| leads(below, rest)),
    }
}

/// Whether what stands there is what was expected: of an object only the expected keys count.
fn fits(expect: &Value, have: &Value) -> bool {
    match (expect, have) {
        (Value::Object(expect), Value::Object(have)) => {
            expect.iter().all(|(key, expect)| have.get(key).is_some_and(|have| fits(expect, have)))
        }
        _ => expect == have,
    }
}

/// A value for a message, cut where it would fill the screen.
fn facts(value: &Value) -> String {
    const LONGEST: usize = 160;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn parse_at(text: &str) -> Option<(EndpointAt, Vec<String>)> {
    let (endpoint, place) = text.rsplit_once(' ')?;
    let keys: Vec<String> = place.split('.').map(str::to_owned).collect();
    let whole = !keys.iter().any(String::is_empty);
    EndpointAt::parse(endpoint).filter(|_| whole).map(|at| (at, keys))
}

/// The numbers of a release such as `9.2`, `9.2.3` or `6.4-2`.
fn numbers(release: &str) -> Option<Release> {
    let mut parts = release.split(['.', '-']);
    let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    match parts.next() {
        Some(point) => Some((major, minor, Some(point.parse().ok()?))),
        None => Some((major, minor, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_by_number_not_by_text() {
        assert!(numbers("10.0") > numbers("9.2.3"));
        assert_eq!(numbers("6.4-2"), Some((6, 4, Some(2))));
        assert_eq!(numbers("nine"), None);
    }

    #[test]
    fn a_limit_may_name_a_point_release() {
        let raw = |since: &str| RawCorrection {
            at: toml::Spanned::new(0..0, "GET /t returns.type".to_owned()),
            expect: "a".into(),
            set: "b".into(),
            why: "test".to_owned(),
            source: "test".to_owned(),
            since: Some(since.to_owned()),
            until: None,
        };
        let correction = Correction::from_raw((1, 1), raw("8.3.2")).expect("it is sound");
        for (release, is_for, must_fit) in [
            (Some("8.2"), false, false),
            (Some("8.3"), true, false),
            (Some("8.3.1"), false, false),
            (Some("8.3.2"), true, true),
            (Some("8.4"), true, true),
            (None, true, false),
        ] {
            assert_eq!((correction.is_for(release), correction.must_fit(release)), (is_for, must_fit), "{release:?}");
        }
    }

    #[test]
    fn an_expected_table_may_have_more_keys_in_the_schema() {
        let expect = serde_json::json!({"type": "object"});
        assert!(fits(&expect, &serde_json::json!({"type": "object", "optional": 1})));
        assert!(!fits(&expect, &serde_json::json!({"optional": 1})));
    }
}
