//! A diff as one page that needs no network: what breaks first, old and new facts side by side, and a map of the API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Change, Class, Diff};
use crate::{
    model::{Api, Endpoint},
    releases, surface,
};

/// The page, shared with `proxmox-mcp surface --html`. `@DATA@` in it is where its data goes.
const PAGE: &str = include_str!("../../../src/cli/surface/page.html");

/// The page of the changes from `old` to `new`.
pub fn page(old: &Api, new: &Api) -> String {
    let diff = Diff::between(old, new);
    // Of the releases only these two are known here.
    let mut marked = new.clone();
    releases::mark(&mut marked, &[old, new]);
    let new = &marked;
    let data = json!({
        "title": format!("The Proxmox VE API from {} to {}", diff.old, diff.new),
        "release": new.release,
        "sha256": new.sha256,
        "releases": new.known,
        "methods": new.methods,
        "endpoints": new.endpoints.iter().map(|e| surface::parts(e, &new.known)).collect::<Vec<_>>(),
        "diff": {
            "old": diff.old,
            "new": diff.new,
            "verdict": diff.verdict(),
            "groups": groups(&diff, &by_name(old), &by_name(new)),
        },
    });
    // A script element ends at the first `</script`, wherever it stands; `<` can be written otherwise in JSON.
    PAGE.replacen("@DATA@", &data.to_string().replace('<', "\\u003c"), 1)
}

/// The endpoints that changed, each in the class of its worst change; those that tools call come first.
fn groups(diff: &Diff, old: &BTreeMap<String, &Endpoint>, new: &BTreeMap<String, &Endpoint>) -> Vec<Value> {
    let mut by_endpoint: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &diff.changes {
        by_endpoint.entry(&change.endpoint).or_default().push(change);
    }
    let of = |class: Class| {
        let mut endpoints: Vec<(&str, &Vec<&Change>)> = by_endpoint
            .iter()
            .filter(|(_, changes)| changes.iter().map(|change| change.class).min() == Some(class))
            .map(|(name, changes)| (*name, changes))
            .collect();
        endpoints.sort_by_key(|(_, changes)| changes.iter().all(|change| change.tools.is_empty()));
        endpoints
    };
    let groups = Class::ALL.into_iter().map(|class| (class, of(class))).filter(|(_, endpoints)| !endpoints.is_empty());
    groups
        .map(|(class, endpoints)| {
            let endpoints: Vec<Value> = endpoints
                .into_iter()
                .map(|(name, changes)| changed(name, changes, old.get(name).copied(), new.get(name).copied()))
                .collect();
            json!({"class": class.as_str(), "endpoints": endpoints})
        })
        .collect()
}

/// One endpoint that changed: what happened in words, and the facts that only one side has.
fn changed(name: &str, changes: &[&Change], old: Option<&Endpoint>, new: Option<&Endpoint>) -> Value {
    let (before, after) = (facts(old), facts(new));
    let words = |change: &&Change| {
        let place = if change.place.is_empty() { String::new() } else { format!("{}: ", change.place) };
        format!("{place}{} ({})", change.what, change.class.as_str().to_lowercase())
    };
    json!({
        "name": name,
        "tools": changes.first().map(|change| &change.tools),
        "changes": changes.iter().map(words).collect::<Vec<_>>(),
        "old": before.difference(&after).collect::<Vec<_>>(),
        "new": after.difference(&before).collect::<Vec<_>>(),
    })
}

/// The facts of an endpoint as the surface tells them, but for the releases, which are not compared.
fn facts(endpoint: Option<&Endpoint>) -> BTreeSet<String> {
    let block = endpoint.map(|endpoint| surface::block(endpoint, &endpoint.releases)).unwrap_or_default();
    let facts = block.lines().skip(1).map(|line| line.trim_start().to_owned());
    facts.filter(|fact| !fact.starts_with("releases ")).collect()
}

fn by_name(api: &Api) -> BTreeMap<String, &Endpoint> {
    api.endpoints.iter().map(|endpoint| (endpoint.at(), endpoint)).collect()
}
