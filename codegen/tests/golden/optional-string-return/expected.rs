// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 6883fed19be6dee04e6ac7050d446e5b97c0918ba50adc64ff1bac2e9cac448f).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "6883fed19be6dee04e6ac7050d446e5b97c0918ba50adc64ff1bac2e9cac448f";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 6883fed19be6dee04e6ac7050d446e5b97c0918ba50adc64ff1bac2e9cac448f)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/config`
pub const POST_T_CONFIG: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/config`.
    PostTConfig for POST_T_CONFIG -> Option<String>,
    path {}
}
