//! The PVE API, generated at build time from the published schema: an id for each endpoint,
//! and for those that hand-written code calls a parameter struct and a reply type. `docs/api-surface.txt` lists it; `apidata/` is what it is made from.
//!
//! Parameter structs and replies have no `Debug`: they may carry passwords and tickets.

#![allow(clippy::doc_markdown, clippy::too_many_arguments, clippy::new_without_default, clippy::too_many_lines)]
#![allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]

#[macro_use]
mod macros;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::{
    pve::{self, NodeName, Upid, Vmid},
    spec::{Answer, BadCall, Call, Endpoint, Id, Method, Model, Request},
};

static MODEL: Model = Model::new(include_bytes!(concat!(env!("OUT_DIR"), "/api.model")));

#[cfg(feature = "server")]
static SEARCH: search::SearchIndex = search::SearchIndex::new(include_bytes!(concat!(env!("OUT_DIR"), "/api.search")));

fn at(index: u16) -> &'static Endpoint {
    MODEL.endpoint(index)
}

include!(concat!(env!("OUT_DIR"), "/api.rs"));

/// All that is known of the API. It is read when it is first asked for something.
pub fn model() -> &'static Model {
    &MODEL
}

/// The endpoint of this method and path template.
pub fn endpoint(method: Method, path: &str) -> Option<&'static Endpoint> {
    MODEL.find(method, path)
}

/// The endpoints that a sentence asks for, in English or in Spanish, the likeliest first, and how well each fits; the
/// figures can only be compared within one search. The index is read when it is first asked.
#[cfg(feature = "server")]
pub fn search(text: &str, limits: search::SearchLimits<'_>) -> Vec<(&'static Endpoint, f32)> {
    let hits = SEARCH.search(text, limits).into_iter();
    hits.filter_map(|hit| Some((endpoint(hit.method, hit.path)?, hit.score))).collect()
}

/// All endpoints, by path and method.
pub fn endpoints() -> impl ExactSizeIterator<Item = &'static Endpoint> {
    MODEL.endpoints()
}

#[cfg(test)]
mod tests;
