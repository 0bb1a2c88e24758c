//! The generated code: one text, written part by part.
//!
//! It is written as text and not as a token tree: that costs a tenth of the time in an unoptimised build script, and
//! what a person reads in OUT_DIR is exactly what stands here. Tests hold that every output parses and compiles; names
//! only enter through [`crate::names`] and strings only through [`code::literal`].

mod code;
mod endpoints;
mod types;

use crate::model::{Api, Endpoint};

/// What is generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The text of `api.rs`: an id for each endpoint, and for those that hand-written code calls a type of its
    /// parameters and one of its reply. `src/api.rs` brings the names that it uses into scope.
    pub code: String,
    /// The model, packed.
    pub model: Vec<u8>,
    /// The search index, packed.
    pub search: Vec<u8>,
}

/// The generated code and the model that belongs to it.
pub fn generate(api: &Api) -> Generated {
    Generated { code: code(api), model: proxmox_mcp_spec::pack(api), search: Vec::new() }
}

/// The text of `api.rs`.
pub fn code(api: &Api) -> String {
    let mut out = header(api);
    for (index, endpoint) in api.endpoints.iter().enumerate() {
        endpoints::id(&mut out, index, endpoint);
    }
    for endpoint in typed(api) {
        types::params(&mut out, api, endpoint);
        types::reply(&mut out, endpoint);
    }
    out
}

fn typed(api: &Api) -> impl Iterator<Item = &Endpoint> {
    api.endpoints.iter().filter(|endpoint| endpoint.typed)
}

fn header(api: &Api) -> String {
    let mut out = format!(
        "// Made by proxmox-mcp-codegen {} from the PVE API schema {} (sha256 {}).\n// Not to be edited: see docs/updating-pve.md.\n",
        env!("CARGO_PKG_VERSION"),
        api.release,
        api.sha256
    );
    let typed = typed(api).count();
    out += &format!("// {typed} of {} methods have types of their own; every one has an id.\n\n", api.endpoints.len());
    let known: Vec<_> = api.known.iter().map(|r| code::literal(r)).collect();
    out += &format!(
        "/// The release of the schema that this was made from.\npub const RELEASE: &str = {};\n\n\
         /// SHA-256 of the published file that this was made from.\npub const SOURCE_SHA256: &str = {};\n\n\
         /// The releases that were compared, oldest first; [`RELEASE`] is one of them.\npub const RELEASES: &[&str] = &[{}];\n\n",
        code::literal(&api.release),
        code::literal(&api.sha256),
        known.join(", ")
    );
    out += &format!(
        "/// Version of this program, and of the schema that it was made from.\n\
         pub const VERSION: &str = concat!(env!(\"CARGO_PKG_VERSION\"), {});\n\n\
         /// Methods in the whole schema.\npub const METHODS: usize = {};\n\n",
        code::literal(&format!(" (PVE API {}, schema sha256 {})", api.release, api.sha256)),
        api.methods,
    );
    out
}
