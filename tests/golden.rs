//! The expected outputs of the generator's quirks (`codegen/tests/golden`), compiled against the real types and used.

#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    reason = "each module holds what was generated, and no more is used of it"
)]

#[macro_use]
#[path = "../src/api/macros.rs"]
mod macros;

macro_rules! golden {
    ($($name:ident = $folder:literal,)*) => {
        $(mod $name {
            use std::collections::BTreeMap;

            use proxmox_mcp::{
                pve::{self, NodeName, Upid, Vmid},
                spec::{Answer, Call, BadCall, Endpoint, Id, Request},
            };
            use serde::{Deserialize, Deserializer};
            use serde_json::{Map, Value};

            fn at(index: u16) -> &'static Endpoint {
                static ENDPOINTS: std::sync::OnceLock<Vec<Endpoint>> = std::sync::OnceLock::new();
                &ENDPOINTS.get_or_init(|| super::endpoints($folder))[usize::from(index)]
            }

            include!(concat!("../codegen/tests/golden/", $folder, "/expected.rs"));
        })*

        const FOLDERS: &[&str] = &[$($folder),*];
    };
}

golden! {
    additional_properties = "additional-properties",
    alias = "alias",
    awkward_identifiers = "awkward-identifiers",
    boolean_parameters = "boolean-parameters",
    bounds_as_text = "bounds-as-text",
    default_of_wrong_type = "default-of-wrong-type",
    enum_values_no_identifiers = "enum-values-no-identifiers",
    format_on_integer = "format-on-integer",
    indexed_family = "indexed-family",
    keywords_as_property_names = "keywords-as-property-names",
    list_parameter = "list-parameter",
    lists_in_replies = "lists-in-replies",
    method_names_not_unique = "method-names-not-unique",
    null_return = "null-return",
    one_of_by_type = "one-of-by-type",
    one_of_in_property = "one-of-in-property",
    opaque_object = "opaque-object",
    optional_string_return = "optional-string-return",
    optional_zero_and_text_one = "optional-zero-and-text-one",
    parameters_root_untyped = "parameters-root-untyped",
    patterns = "patterns",
    permissions = "permissions",
    placeholder_missing = "placeholder-missing",
    placeholder_optional = "placeholder-optional",
    property_string = "property-string",
    prose_in_place = "prose-in-place",
    proxyto_null = "proxyto-null",
    reply_all_of = "reply-all-of",
    reply_one_of = "reply-one-of",
    required_reply_fields = "required-reply-fields",
    requires = "requires",
    returns_untyped = "returns-untyped",
    root_all_of = "root-all-of",
    root_one_of = "root-one-of",
    scalars_as_text = "scalars-as-text",
    unknown_keyword = "unknown-keyword",
    unknown_type = "unknown-type",
    upid_return = "upid-return",
}

use codegen::{lower, report::Report, source};
use serde_json::json;

/// The endpoints of a quirk's input.
fn endpoints(folder: &str) -> Vec<proxmox_mcp::spec::Endpoint> {
    let mut report = Report::default();
    let index = r#"default = "9.2"
        typed = [{ at = "/t", why = "test" }, { at = "/nodes/{node}/t", why = "test" }]"#;
    let index = source::Index::parse(index, "apidata.toml", &mut report).expect("the index of the test is sound");
    let input = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen/tests/golden").join(folder);
    let bytes = std::fs::read(input.join("input.json")).expect("every folder has an input.json");
    let source = source::parse(&bytes, "input.json").expect("the input is JSON");
    lower::lower(&source, "9.2", &index, &mut report).endpoints
}

/// The parameters of a call as `name=value`.
fn wire(call: &proxmox_mcp::spec::Call) -> Vec<String> {
    call.params().iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[test]
fn every_quirk_is_compiled() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen/tests/golden");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("the golden folder is there")
        .map(|entry| entry.expect("it can be listed").file_name().into_string().expect("names are plain"))
        .collect();
    found.sort();
    assert_eq!(found, FOLDERS, "name each folder of codegen/tests/golden in tests/golden.rs");
}

#[test]
fn booleans_travel_as_digits_and_what_is_left_out_is_not_sent() {
    let mut params = boolean_parameters::PostTFlag::new(true);
    assert_eq!(wire(&params.call().unwrap()), ["force=1"]);
    params.purge = Some(false);
    assert_eq!(wire(&params.call().unwrap()), ["force=1", "purge=0"]);
}

#[test]
fn members_of_a_family_travel_under_their_own_names() {
    let mut params = indexed_family::PutTConfig::new();
    params.numa = Some(true);
    params.numa_n.insert(3, "cpus=0-1".to_owned());
    params.net_n.extend([(10, "b".to_owned()), (2, "a".to_owned())]);
    assert_eq!(wire(&params.call().unwrap()), ["net2=a", "net10=b", "numa=1", "numa3=cpus=0-1"]);
    let reply: indexed_family::GetTConfigReply =
        serde_json::from_value(json!({"numa": 1, "numa0": "cpus=0", "net1": "x"})).unwrap();
    assert_eq!(reply.numa, Some(true));
    assert_eq!(proxmox_mcp::pve::members(&reply.extra, "net"), [(1, &json!("x"))]);
}

#[test]
fn a_list_travels_as_one_value_after_the_other() {
    let mut params = list_parameter::PostTExec::new(vec!["ls".to_owned(), "-l".to_owned()]);
    params.env.push("A=1".to_owned());
    assert_eq!(wire(&params.call().unwrap()), ["command=ls", "command=-l", "env=A=1"]);
}

#[test]
fn parameters_that_no_schema_names_are_let_through_where_pve_takes_them() {
    let mut params = additional_properties::GetTOpen::new("pve1".to_owned());
    params.extra.insert("more".to_owned(), "1".to_owned());
    assert_eq!(wire(&params.call().unwrap()), ["node=pve1", "more=1"]);
}

#[test]
fn numbers_and_booleans_are_read_from_text_and_oddities_are_kept() {
    let reply: scalars_as_text::GetTStatusReply =
        serde_json::from_value(json!({"running": "1", "cpus": "4", "load": "0.50", "pressure": "none", "new": [1]}))
            .unwrap();
    assert_eq!((reply.running, reply.cpus, reply.load, reply.pressure), (Some(true), Some(4), Some(0.5), None));
    assert_eq!(serde_json::Value::Object(reply.extra), json!({"pressure": "none", "new": [1]}));
}

#[test]
fn replies_in_branches_are_read_as_one_object() {
    let reply: reply_all_of::GetTAReply =
        serde_json::from_value(json!({"vmid": "100", "status": "running", "ha": {"managed": 1, "state": "started"}}))
            .unwrap();
    let ha = reply.ha.unwrap();
    assert_eq!((reply.vmid.get(), reply.status.as_str(), ha.managed), (100, "running", Some(true)));
    let row: reply_one_of::GetTAReplyItem =
        serde_json::from_value(json!({"id": "a", "type": "c", "size": "3"})).unwrap();
    assert_eq!((row.id.as_str(), row.r#type.as_str(), row.size), ("a", "c", Some(3)));
}

#[test]
fn only_what_tools_key_on_must_be_there() {
    type Row = required_reply_fields::GetTGuestsReplyItem;
    let row: Row =
        serde_json::from_value(json!({"vmid": "100", "status": "x", "node": "pve1", "type": "qemu"})).unwrap();
    assert_eq!((row.vmid.get(), row.has_dbus_vmstate, row.id), (100, None, None));
    let missing = serde_json::from_value::<Row>(json!({"status": "x", "node": "pve1", "type": "qemu"}));
    assert_eq!(missing.err().unwrap().to_string(), "the field `vmid` is missing");
}

#[test]
fn a_placeholder_cannot_leave_its_place() {
    let params = placeholder_missing::DeleteTListsIdEntriesUrlSeq::new("a".to_owned(), "b/../c".to_owned());
    let error = params.call().err().unwrap().to_string();
    assert!(error.contains("cannot stand in the path /t/lists/{id}/entries/{url_seq}"), "{error}");
}
