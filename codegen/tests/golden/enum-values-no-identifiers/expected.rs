// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 cac586f2168277023408fc1a5f1a74dbb00fbbb8d9a130a049972d1400c3f062).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "cac586f2168277023408fc1a5f1a74dbb00fbbb8d9a130a049972d1400c3f062";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 cac586f2168277023408fc1a5f1a74dbb00fbbb8d9a130a049972d1400c3f062)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/cpu`
pub const POST_T_CPU: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/cpu`.
    PostTCpu for POST_T_CPU -> PostTCpuReply,
    path {}
    required {
        /// `size`: string, one of 2m 4m "".
        size: String = "size",
    }
    optional {
        /// `citype`: string, one of configdrive2 nocloud.
        citype: Option<String> = "citype",
        /// `hugepages`: string, one of any 2 1024.
        hugepages: Option<String> = "hugepages",
    }
}

record! {
    /// Reply of `POST /t/cpu`.
    PostTCpuReply
    fields {
        /// `proto`: string, one of 802.1q 802.3ad.
        proto: Option<String> = text("proto"),
    }
    extra ""
}
