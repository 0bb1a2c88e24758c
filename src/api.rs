//! The PVE API, generated at build time from the published schema: for each endpoint in scope a parameter struct, a
//! reply type, a typed function and a table. `docs/api-surface.txt` lists it; `apidata/` is what it is made from.
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
    client::{Client, Error},
    pve::{self, NodeName, Upid, Vmid},
    spec::{Call, CallError, Endpoint, Field, Format, Kind, Method, Param, Permission, Risk, Shape, SubKey, Words},
};

include!(concat!(env!("OUT_DIR"), "/api.rs"));

/// The endpoint of this method and path template.
pub fn endpoint(method: Method, path: &str) -> Option<&'static Endpoint> {
    let at = ENDPOINTS.binary_search_by(|e| (e.path, e.method).cmp(&(path, method))).ok()?;
    ENDPOINTS.get(at).copied()
}
