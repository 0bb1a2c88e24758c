// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 395d299efeea23bfa169f4b230e37748400e700387ee8e4541fe8d72891c50ef).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "395d299efeea23bfa169f4b230e37748400e700387ee8e4541fe8d72891c50ef";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 395d299efeea23bfa169f4b230e37748400e700387ee8e4541fe8d72891c50ef)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/exec`
pub const POST_T_EXEC: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/exec`.
    PostTExec for POST_T_EXEC -> (),
    path {}
    required {
        /// `command`: array\<string>.
        command: Vec<String> = "command",
    }
    optional {
        /// `env`: array\<any>.
        env: Vec<String> = "env",
    }
}
