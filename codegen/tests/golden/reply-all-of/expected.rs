// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 0803e94515b5d5e8b7435c7770a3aced5907757fd4988d92111385df36798ba8).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "0803e94515b5d5e8b7435c7770a3aced5907757fd4988d92111385df36798ba8";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 0803e94515b5d5e8b7435c7770a3aced5907757fd4988d92111385df36798ba8)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/a`
pub const GET_T_A: Id = Id::new(0, at);
/// `POST /t/a`
pub const POST_T_A: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/a`.
    GetTA for GET_T_A -> GetTAReply,
    path {}
}

record! {
    /// Reply of `GET /t/a`.
    GetTAReply
    keys {
        /// `status`: string, one of stopped running.
        status: String = key_text("status"),
        /// `vmid`: integer.
        vmid: Vmid = key("vmid"),
    }
    fields {
        /// `ha`: object.
        ha: Option<GetTAReplyHa> = record("ha"),
        /// `name`: string.
        name: Option<String> = text("name"),
    }
    extra ""
}

record! {
    /// `ha` of \[`GetTAReply`].
    GetTAReplyHa
    fields {
        /// `managed`: boolean.
        managed: Option<bool> = boolean("managed"),
        /// `state`: string.
        state: Option<String> = text("state"),
    }
    extra ""
}

params! {
    /// Parameters of `POST /t/a`.
    PostTA for POST_T_A -> String,
    path {}
}
