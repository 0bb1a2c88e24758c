//! Endpoints outside the generated part of the API that real hosts were seen to answer, so that the demo does too.

use crate::spec::{Endpoint, Kind, Method, Param, Permission, Risk, Shape};

const TEXT: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const NODE: Param = Param { name: "node", in_path: true, optional: false, shape: TEXT, ..Param::PLAIN };
const UPID: Param = Param { name: "upid", ..NODE };

const READ: Endpoint = Endpoint {
    method: Method::Get,
    path: "",
    function: "",
    name: "index",
    summary: "",
    risk: Risk::Read,
    params: &[],
    open: false,
    returns: &Shape::PLAIN,
    permission: Permission::AllUsers,
    protected: false,
    proxyto: None,
    allow_token: true,
    releases: &[],
    tools: &[],
    guest_text: false,
    nullable: false,
    input_schema: "",
    output_schema: "",
};

pub(super) static ENDPOINTS: &[Endpoint] = &[
    Endpoint { path: "/", ..READ },
    Endpoint { path: "/nodes/{node}", params: &[&NODE], ..READ },
    Endpoint { path: "/nodes/{node}/tasks/{upid}", params: &[&NODE, &UPID], ..READ },
    Endpoint { path: "/access/ticket", permission: Permission::World, ..READ },
    Endpoint { path: "/access/tfa", protected: true, ..READ },
];
