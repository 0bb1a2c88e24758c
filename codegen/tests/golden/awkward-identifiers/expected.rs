// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 05b705918503cd7a87db3df8ed6a61cdb1b5cb2314ba479f30afd00ab47d99c7).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "05b705918503cd7a87db3df8ed6a61cdb1b5cb2314ba479f30afd00ab47d99c7";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 05b705918503cd7a87db3df8ed6a61cdb1b5cb2314ba479f30afd00ab47d99c7)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/names`
pub const POST_T_NAMES: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/names`.
    PostTNames for POST_T_NAMES -> PostTNamesReply,
    path {}
    optional {
        /// `2m`: string.
        _2m: Option<String> = "2m",
        /// `abstract`: string.
        r#abstract: Option<String> = "abstract",
        /// `e1000-82540em`: string.
        e1000_82540em: Option<String> = "e1000-82540em",
        /// `extra`: string.
        extra_: Option<String> = "extra",
        /// `forceStop`: string.
        force_stop: Option<String> = "forceStop",
        /// `gen`: string.
        r#gen: Option<String> = "gen",
        /// `in`: string.
        r#in: Option<String> = "in",
        /// `macro`: string.
        r#macro: Option<String> = "macro",
        /// `match`: string.
        r#match: Option<String> = "match",
        /// `move`: string.
        r#move: Option<String> = "move",
        /// `overrule-shutdown`: string.
        overrule_shutdown: Option<String> = "overrule-shutdown",
        /// `ref`: string.
        r#ref: Option<String> = "ref",
        /// `self`: string.
        self_: Option<String> = "self",
    }
}

record! {
    /// Reply of `POST /t/names`.
    PostTNamesReply
    fields {
        /// `1st`: string.
        _1st: Option<String> = text("1st"),
        /// `extra`: string.
        extra_: Option<String> = text("extra"),
        /// `hasFeature`: string.
        has_feature: Option<String> = text("hasFeature"),
        /// `ip-address`: string.
        ip_address: Option<String> = text("ip-address"),
        /// `ref`: string.
        r#ref: Option<String> = text("ref"),
        /// `self`: string.
        self_: Option<String> = text("self"),
    }
    extra ""
}
