//! The generated code: one text, written part by part.
//!
//! It is written as text and not as a token tree: that costs a tenth of the time in an unoptimised build script, and
//! what a person reads in OUT_DIR is exactly what stands here. Tests hold that every output parses and compiles; names
//! only enter through [`crate::names`] and strings only through [`code::literal`].

mod code;
mod endpoints;
mod metadata;
mod pattern;
pub mod tool_schemas;
mod types;
mod words;

use crate::{model::Api, names};

/// The text of `api.rs`: types, functions, tables. `src/api.rs` brings the names that it uses into scope.
pub fn generate(api: &Api) -> String {
    let mut out = header(api);
    for endpoint in &api.endpoints {
        types::params(&mut out, api, endpoint);
        types::reply(&mut out, endpoint);
        endpoints::function(&mut out, endpoint);
    }
    metadata::tables(&mut out, api);
    out
}

fn header(api: &Api) -> String {
    let mut out = format!(
        "// Made by proxmox-mcp-codegen {} from the PVE API schema {} (sha256 {}).\n// Not to be edited: see docs/updating-pve.md.\n",
        env!("CARGO_PKG_VERSION"),
        api.release,
        api.sha256
    );
    let left_out: usize = api.left_out.values().sum();
    out += &format!("// {} of {} methods are left out", left_out, api.methods);
    for (i, (prefix, count)) in api.left_out.iter().enumerate() {
        out += if i == 0 { ": " } else { ", " };
        out += &format!("{count} under {prefix}");
    }
    out += ".\n\n";
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
         /// Methods in the whole schema.\npub const METHODS: usize = {};\n\n\
         /// How many of them are left out, by the beginning of their path.\n\
         pub const LEFT_OUT: &[(&str, usize)] = &[{}];\n\n",
        code::literal(&format!(" (PVE API {}, schema sha256 {})", api.release, api.sha256)),
        api.methods,
        api.left_out
            .iter()
            .map(|(prefix, n)| format!("({}, {n})", code::literal(prefix)))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let tables: Vec<_> = api.endpoints.iter().map(|e| format!("&{}", names::constant(e))).collect();
    out += "/// All endpoints, by path and method.\npub static ENDPOINTS: &[&Endpoint] = &[\n";
    out + &code::wrapped("    ", &tables) + "];\n"
}
