// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 7b21322518d795c6045874abfe45153002e1dc7dbeaeb4aed69abacfd36518a1).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "7b21322518d795c6045874abfe45153002e1dc7dbeaeb4aed69abacfd36518a1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 7b21322518d795c6045874abfe45153002e1dc7dbeaeb4aed69abacfd36518a1)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/disk`
pub const POST_T_DISK: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/disk`.
    PostTDisk for POST_T_DISK -> (),
    path {}
    optional {
        /// `cpu`: string, format pve-vm-cpu-conf.
        cpu: Option<String> = "cpu",
        /// `rootfs`: string, a property string.
        rootfs: Option<String> = "rootfs",
    }
}
