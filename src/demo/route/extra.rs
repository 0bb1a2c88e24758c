//! Endpoints outside the part of the API that the demo models that real hosts were seen to answer, so that the demo does too.

use std::sync::OnceLock;

use crate::spec::{Endpoint, Kind, Method, Param, Permission, Risk, Shape};

pub(super) fn endpoints() -> &'static [Endpoint] {
    static ENDPOINTS: OnceLock<Vec<Endpoint>> = OnceLock::new();
    ENDPOINTS.get_or_init(|| {
        vec![
            read("/"),
            Endpoint { params: vec![text("node")], ..read("/nodes/{node}") },
            Endpoint { params: vec![text("node"), text("upid")], ..read("/nodes/{node}/tasks/{upid}") },
            Endpoint { permission: Permission::World, ..read("/access/ticket") },
            Endpoint { protected: true, ..read("/access/tfa") },
        ]
    })
}

fn read(path: &str) -> Endpoint {
    Endpoint {
        method: Method::Get,
        path: path.to_owned(),
        name: "index".to_owned(),
        risk: Risk::Read,
        returns: Shape::default(),
        permission: Permission::AllUsers,
        protected: false,
        allow_token: true,
        guest_text: false,
        nullable: false,
        ..Endpoint::unknown()
    }
}

fn text(name: &str) -> Param {
    let shape = Shape { kind: Kind::String, ..Shape::default() };
    Param { in_path: true, optional: false, shape, ..Param::plain(name) }
}
