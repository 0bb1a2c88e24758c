//! Several releases side by side: where each endpoint and parameter exists, and what hand-written code may name.
//!
//! Facts always follow the chosen release. The Rust *types* are those of the release that hand-written code is written
//! for, `written` in `apidata.toml`: what it has keeps its type and its presence there, and what only the chosen release
//! has is added as something that may be left out. That is why such code compiles against any release. A parameter, field
//! or endpoint that the chosen release lacks does not name it in its `releases`, so the client refuses it before anything
//! is sent, and no tool schema offers it.

use std::collections::HashMap;

use crate::{
    model::{Api, Endpoint, Field, Kind, Method, Param, Shape},
    names,
};

/// The endpoints of one release by what names them.
type ByName<'a> = HashMap<(&'a str, Method), &'a Endpoint>;

/// Gives `api` the types of `written`, and adds what only that has.
pub fn complement(api: &mut Api, written: &Api) {
    let theirs = by_name(written);
    for endpoint in &mut api.endpoints {
        if let Some(other) = theirs.get(&(endpoint.path.as_str(), endpoint.method)) {
            complement_endpoint(endpoint, other);
        }
    }
    let ours = by_name(api);
    let missing: Vec<Endpoint> =
        written.endpoints.iter().filter(|e| !ours.contains_key(&(e.path.as_str(), e.method))).cloned().collect();
    api.endpoints.extend(missing);
    api.endpoints.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
}

fn complement_endpoint(endpoint: &mut Endpoint, other: &Endpoint) {
    for param in &other.params {
        if endpoint.named(&param.name, param.indexed).is_none() {
            // What the chosen release lacks cannot be required by it.
            endpoint.params.push(Param { optional: true, ..param.clone() });
        }
    }
    sort(&mut endpoint.params);
    let mut types = other.decoded.clone();
    for param in &endpoint.params {
        let identifier = names::field(&param.name, param.indexed);
        if !types.params.iter().any(|known| names::field(&known.name, known.indexed) == identifier) {
            types.params.push(Param { optional: true, ..param.clone() });
        }
    }
    sort(&mut types.params);
    types.open |= endpoint.decoded.open;
    complement_shape(&mut types.reply, &endpoint.decoded.reply);
    endpoint.decoded = types;
}

/// Those of the path stay first and in its order; the sort is stable.
fn sort(params: &mut [Param]) {
    params.sort_by(|a, b| {
        b.in_path
            .cmp(&a.in_path)
            .then_with(|| if a.in_path { std::cmp::Ordering::Equal } else { order(a).cmp(&order(b)) })
    });
}

fn order(param: &Param) -> (&str, bool) {
    (&param.name, param.indexed)
}

/// Adds to a type the fields that only `chosen` has. A field whose identifier is taken is found among the others.
fn complement_shape(shape: &mut Shape, chosen: &Shape) {
    match (&mut shape.kind, &chosen.kind) {
        (Kind::Array(item), Kind::Array(chosen)) => complement_shape(item, chosen),
        // One without fields is a map, and stays one.
        (Kind::Object(fields), Kind::Object(chosen)) if !fields.is_empty() => {
            for new in chosen {
                let identifier = names::field(&new.name, new.indexed);
                match fields.iter_mut().find(|f| names::field(&f.name, f.indexed) == identifier) {
                    Some(field) if field.name == new.name => complement_shape(&mut field.shape, &new.shape),
                    Some(_) => {}
                    None => fields.push(Field { optional: true, ..new.clone() }),
                }
            }
            fields.sort_by(|a, b| (&a.name, a.indexed).cmp(&(&b.name, b.indexed)));
        }
        _ => {}
    }
}

/// Notes in `api` for each endpoint and parameter in which of `all` it exists and where its type differs.
/// `all` is oldest first.
pub fn mark(api: &mut Api, all: &[&Api]) {
    let releases: Vec<(&str, ByName<'_>)> = all.iter().map(|a| (a.release.as_str(), by_name(a))).collect();
    api.known = releases.iter().map(|(release, _)| (*release).to_owned()).collect();
    for endpoint in &mut api.endpoints {
        let name = (endpoint.path.clone(), endpoint.method);
        let have: Vec<(&str, &Endpoint)> = releases
            .iter()
            .filter_map(|(release, by)| by.get(&(name.0.as_str(), name.1)).map(|e| (*release, *e)))
            .collect();
        endpoint.releases = have.iter().map(|(release, _)| (*release).to_owned()).collect();
        for param in &mut endpoint.params {
            mark_param(param, &have);
        }
    }
}

fn mark_param(param: &mut Param, have: &[(&str, &Endpoint)]) {
    param.releases.clear();
    param.type_changed.clear();
    for (release, endpoint) in have {
        let Some(other) = endpoint.named(&param.name, param.indexed) else { continue };
        param.releases.push((*release).to_owned());
        if !alike(&param.shape.kind, &other.shape.kind) {
            param.type_changed.push(((*release).to_owned(), other.shape.kind.to_string()));
        }
    }
}

/// Whether values of one type are values of the other; a list of which a release does not say what it holds may hold
/// anything.
fn alike(a: &Kind, b: &Kind) -> bool {
    match (a, b) {
        (Kind::Array(a), Kind::Array(b)) => {
            matches!(a.kind, Kind::Any) || matches!(b.kind, Kind::Any) || alike(&a.kind, &b.kind)
        }
        _ => a.as_str() == b.as_str(),
    }
}

fn by_name(api: &Api) -> ByName<'_> {
    api.endpoints.iter().map(|e| ((e.path.as_str(), e.method), e)).collect()
}
