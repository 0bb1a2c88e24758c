// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 cef7118703f2d752f7c4d896d4fa15e376bcbe825ca693a2d3d0be4388a9237a).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "cef7118703f2d752f7c4d896d4fa15e376bcbe825ca693a2d3d0be4388a9237a";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 cef7118703f2d752f7c4d896d4fa15e376bcbe825ca693a2d3d0be4388a9237a)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &DELETE_T_LISTS_ID_ENTRIES_URL_SEQ,
];

params! {
    /// Parameters of `DELETE /t/lists/{id}/entries/{url_seq}`.
    DeleteTListsIdEntriesUrlSeq for DELETE_T_LISTS_ID_ENTRIES_URL_SEQ
    path { id: String = "id", url_seq: String = "url_seq" }
}
/// Sends `DELETE /t/lists/{id}/entries/{url_seq}`; see [`DeleteTListsIdEntriesUrlSeq`]. Fails as [`Client::send`].
pub async fn delete_t_lists_id_entries_url_seq(client: &Client, p: &DeleteTListsIdEntriesUrlSeq) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_ID: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const P_ID: &Param = &Param { name: "id", in_path: true, optional: false, shape: S_ID, releases: ALL, ..Param::PLAIN };
const P_URL_SEQ: &Param = &Param { name: "url_seq", in_path: true, optional: false, shape: S_ID, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `DELETE /t/lists/{id}/entries/{url_seq}`.
pub static DELETE_T_LISTS_ID_ENTRIES_URL_SEQ: Endpoint = Endpoint {
    method: Method::Delete, path: "/t/lists/{id}/entries/{url_seq}",
    function: "delete_t_lists_id_entries_url_seq", name: "m", summary: "", risk: Risk::Destroy, tools: &[],
    guest_text: false, open: false, protected: false, proxyto: None, allow_token: true, releases: ALL,
    permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_ID, P_URL_SEQ,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"id\":{\"type\":\"string\"},\"url_seq\":{\"type\":\"string\"}},\"required\":[\"id\",\"url_seq\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
