//! A small schema of every kind of constraint, for tests.

use crate::model::{Endpoint, Format, Kind, Method, Param, Permission, Risk, Shape, SubKey};

fn shape() -> Shape {
    Shape { kind: Kind::String, ..Shape::default() }
}

fn of(kind: Kind) -> Shape {
    Shape { kind, ..Shape::default() }
}

fn values(values: &[&str]) -> Shape {
    Shape { values: values.iter().map(|&v| v.to_owned()).collect(), ..shape() }
}

fn named(format: &str) -> Format {
    Format::Named(format.to_owned())
}

fn param(name: &str, shape: Shape) -> Param {
    Param { shape, ..Param::plain(name) }
}

fn key(name: &str, shape: Shape) -> SubKey {
    SubKey { name: name.to_owned(), default_key: false, optional: true, alias: None, key_alias: None, shape }
}

fn net() -> Format {
    let alias = Some("macaddr".to_owned());
    Format::Properties(vec![
        SubKey { default_key: true, optional: false, ..key("model", values(&["e1000", "virtio"])) },
        SubKey { alias, key_alias: Some("model".to_owned()), ..key("virtio", Shape::default()) },
        key("macaddr", Shape { format: named("mac-addr"), ..shape() }),
        key("firewall", of(Kind::Boolean)),
    ])
}

pub(crate) fn endpoint() -> Endpoint {
    let vmid = Shape { minimum: Some(100.0), maximum: Some(999_999_999.0), ..of(Kind::Integer) };
    Endpoint {
        method: Method::Post,
        path: "/x/{vmid}".to_owned(),
        params: vec![
            Param { in_path: true, optional: false, ..param("vmid", vmid) },
            param("full", of(Kind::Boolean)),
            Param { requires: Some("full".to_owned()), ..param("force", of(Kind::Boolean)) },
            param("timeout", Shape { minimum: Some(0.0), ..of(Kind::Integer) }),
            param("limit", Shape { maximum: Some(1.5), ..of(Kind::Number) }),
            param("migration_type", values(&["secure", "insecure"])),
            param("short", Shape { max_length: Some(3), min_length: Some(2), ..shape() }),
            param("delete", Shape { format: named("pve-configid-list"), ..shape() }),
            param("serial", Shape { pattern: Some("(/dev/[^,]+|socket)".to_owned()), ..shape() }),
            param("command", of(Kind::Array(Box::new(shape())))),
            Param { indexed: true, ..param("net", Shape { format: net(), ..shape() }) },
        ],
        risk: Risk::Read,
        permission: Permission::AllUsers,
        ..Endpoint::unknown()
    }
}
