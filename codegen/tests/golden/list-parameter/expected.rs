// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 395d299efeea23bfa169f4b230e37748400e700387ee8e4541fe8d72891c50ef).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

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

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &POST_T_EXEC,
];

params! {
    /// Parameters of `POST /t/exec`.
    PostTExec for POST_T_EXEC
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
/// Sends `POST /t/exec`; see [`PostTExec`]. Fails as [`Client::send`].
pub async fn post_t_exec(client: &Client, p: &PostTExec) -> Result<(), Error> {
    client.send(p.call()?).await.map(drop)
}

const ALL: &[&str] = &["9.2"];
const S_COMMAND: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const S_COMMAND_2: &Shape = &Shape { kind: Kind::Array(S_COMMAND), ..Shape::PLAIN };
const P_COMMAND: &Param = &Param { name: "command", optional: false, shape: S_COMMAND_2, releases: ALL, ..Param::PLAIN };
const S_ENV: &Shape = &Shape { kind: Kind::Array(&Shape::PLAIN), ..Shape::PLAIN };
const P_ENV: &Param = &Param { name: "env", shape: S_ENV, releases: ALL, ..Param::PLAIN };
const S_M: &Shape = &Shape { kind: Kind::Null, ..Shape::PLAIN };
/// The table of `POST /t/exec`.
pub static POST_T_EXEC: Endpoint = Endpoint {
    method: Method::Post, path: "/t/exec", function: "post_t_exec", name: "m", summary: "",
    risk: Risk::Destroy, tools: &[], guest_text: false, open: false, protected: false, proxyto: None,
    allow_token: true, releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[
        P_COMMAND, P_ENV,
    ],
    input_schema: "{\"additionalProperties\":false,\"properties\":{\"command\":{\"items\":{\"type\":\"string\"},\"type\":\"array\"},\"env\":{\"items\":{\"type\":\"string\"},\"type\":\"array\"}},\"required\":[\"command\"],\"type\":\"object\"}",
    output_schema: "{\"type\":\"object\"}",
};
