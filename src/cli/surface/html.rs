//! The surface as one page that needs no network: a map of the API by path, and a table of its methods.

use proxmox_mcp::{api, spec::surface};
use serde_json::json;

use super::Reached;

/// The page. `@DATA@` in it is where its data goes. The generator's `diff --html` uses the same file.
const PAGE: &str = include_str!("page.html");

/// The page for these endpoints.
pub(super) fn page(endpoints: &[Reached<'_>]) -> String {
    let known = super::known();
    let endpoints: Vec<_> = endpoints
        .iter()
        .map(|(endpoint, access)| {
            let mut parts = surface::parts(endpoint, &known);
            parts["reached"] = access.closed.is_none().into();
            parts["ai"] = super::told(access).into();
            parts
        })
        .collect();
    let data = json!({
        "title": "The Proxmox VE API in proxmox-mcp",
        "release": api::RELEASE,
        "sha256": api::SOURCE_SHA256,
        "releases": api::RELEASES,
        "methods": api::METHODS,
        "endpoints": endpoints,
    });
    // A script element ends at the first `</script`, wherever it stands; `<` can be written otherwise in JSON.
    PAGE.replacen("@DATA@", &data.to_string().replace('<', "\\u003c"), 1)
}
