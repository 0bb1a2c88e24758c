//! The diff and the check: each kind of change lands in the class of whom it hurts.

use std::path::Path;

use codegen::{
    check::{Check, Fate},
    diff::{Change, Class, Diff},
    lower,
    model::Api,
    pipeline,
    report::Report,
    source::{self, Index},
};
use serde_json::{Value, json};

/// A schema of one endpoint, `POST /vms/{vmid}`, that the tool `doIt` calls.
fn api(info: Value) -> Api {
    tree(json!([{"path": "/vms/{vmid}", "info": {"POST": info}}]))
}

fn tree(tree: Value) -> Api {
    let mut report = Report::default();
    let index = "default = '9.2'\n[[typed]]\nat = '/vms'\nwhy = 'all of it'\n";
    let index = Index::parse(index, "apidata.toml", &mut report).expect("a valid index");
    let source = source::parse(tree.to_string().as_bytes(), "test").expect("a valid source");
    let mut api = lower::lower(&source, "9.2", &index, &mut report);
    assert!(report.check().is_ok(), "{report}");
    for endpoint in &mut api.endpoints {
        endpoint.tools = vec!["doIt".to_owned()];
        endpoint.sends = vec!["sent".to_owned()];
        endpoint.reads = vec!["status".to_owned()];
    }
    api
}

fn params(properties: Value) -> Value {
    let mut all = json!({"vmid": {"type": "integer"}});
    for (name, schema) in properties.as_object().into_iter().flatten() {
        all[name] = schema.clone();
    }
    json!({"parameters": {"properties": all}, "returns": {"type": "null"}})
}

fn returns(returns: Value) -> Value {
    json!({"parameters": {"properties": {"vmid": {"type": "integer"}}}, "returns": returns})
}

/// The one change between two methods.
fn change(old: Value, new: Value) -> Change {
    let mut changes = Diff::between(&api(old), &api(new)).changes;
    assert_eq!(changes.len(), 1, "{changes:#?}");
    changes.remove(0)
}

/// Class, kind, place and words of the one change of the parameter `p`, both ways.
fn param(old: Value, new: Value) -> [(Class, String, String); 2] {
    let one = |old: &Value, new: &Value| {
        let change = change(params(json!({"p": old})), params(json!({"p": new})));
        assert!(change.place.starts_with("param p"), "{}", change.place);
        (change.class, change.kind, change.what)
    };
    [one(&old, &new), one(&new, &old)]
}

fn expect(actual: (Class, String, String), class: Class, kind: &str, what: &str) {
    assert_eq!(actual, (class, kind.to_owned(), what.to_owned()));
}

use Class::{Additive, BreakingForCallers as Callers, BreakingForDecoders as Decoders, Noise};

#[test]
fn nothing_changed_is_said_so() {
    let api = api(params(json!({})));
    let diff = Diff::between(&api, &api);
    assert_eq!(diff.changes, []);
    assert_eq!(diff.text(false), "9.2 → 9.2: nothing changed\n");
}

#[test]
fn an_endpoint_removed_breaks_callers_and_one_added_does_not() {
    let one = tree(json!([{"path": "/vms", "info": {"GET": {}}}]));
    let two = tree(json!([{"path": "/vms", "info": {"GET": {}, "DELETE": {}}}]));
    let diff = Diff::between(&two, &one);
    assert_eq!(diff.changes[0].endpoint, "DELETE /vms");
    assert_eq!((diff.changes[0].class, diff.changes[0].kind.as_str()), (Callers, "endpoint-removed"));
    let diff = Diff::between(&one, &two);
    assert_eq!((diff.changes[0].class, diff.changes[0].kind.as_str()), (Additive, "endpoint-added"));
}

#[test]
fn a_new_parameter_breaks_callers_only_when_required() {
    let without = || params(json!({}));
    let with = |optional: u8| params(json!({"p": {"type": "string", "optional": optional}}));
    let added = change(without(), with(1));
    assert_eq!((added.class, added.kind.as_str(), added.what.as_str()), (Additive, "param-added", "new, optional"));
    assert_eq!(change(without(), with(0)).class, Callers);
    let removed = change(with(1), without());
    assert_eq!((removed.class, removed.kind.as_str(), removed.place.as_str()), (Callers, "param-removed", "param p"));
    assert_eq!(removed.tools, ["doIt"]);
}

#[test]
fn a_parameter_that_becomes_required_breaks_callers() {
    let [stricter, freer] = param(json!({"type": "string", "optional": 1}), json!({"type": "string"}));
    expect(stricter, Callers, "param-presence", "now required");
    expect(freer, Additive, "param-presence", "now optional");
}

#[test]
fn a_parameter_of_another_type_breaks_callers() {
    let array = json!({"type": "array", "items": {"type": "string"}});
    let [change, _] = param(json!({"type": "string"}), array);
    expect(change, Callers, "param-type", "type string → array<string>");
}

#[test]
fn limits_break_callers_only_when_tighter() {
    let integer = |min: Value| json!({"type": "integer", "minimum": min});
    let [tighter, looser] = param(integer(json!(1)), integer(json!("100")));
    expect(tighter, Callers, "param-limit-tighter", "minimum 1 → 100");
    expect(looser, Additive, "param-limit-looser", "minimum 100 → 1");
    let text = |max: Value| json!({"type": "string", "maxLength": max});
    let [looser, tighter] = param(text(json!(40)), text(Value::Null));
    expect(looser, Additive, "param-limit-looser", "greatest length 40 → none");
    expect(tighter, Callers, "param-limit-tighter", "greatest length none → 40");
}

#[test]
fn values_break_callers_when_they_go_and_decoders_when_they_come() {
    let values = |values: &[&str]| json!({"type": "string", "enum": values});
    let [more, less] = param(values(&["a"]), values(&["a", "b"]));
    expect(more, Additive, "param-value-added", "now also b");
    expect(less, Callers, "param-value-removed", "no longer b");
    let more = change(returns(values(&["a"])), returns(values(&["a", "b"])));
    assert_eq!((more.class, more.kind.as_str()), (Decoders, "reply-value-added"));
    assert_eq!(change(returns(values(&["a", "b"])), returns(values(&["a"]))).class, Noise);
}

#[test]
fn a_pattern_printed_by_another_perl_is_noise() {
    let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let [change, _] = param(pattern("(?^:a+)"), pattern("(?^u:a+)"));
    assert_eq!(change.0, Noise);
    let [change, _] = param(pattern("a+"), pattern("b+"));
    expect(change, Callers, "param-pattern", "pattern /a+/ → /b+/");
}

#[test]
fn defaults_and_text_are_noise_or_nothing() {
    let with = |default: u8, text: &str| json!({"type": "integer", "default": default, "description": text});
    let [change, _] = param(with(1, "old words"), with(2, "new words"));
    expect(change, Noise, "param-default", "default 1 → 2");
}

/// The rarer keywords: of nothing that is published nothing is told.
#[test]
fn each_rare_keyword_has_a_place_and_a_class() {
    let base = || {
        json!({"parameters": {"properties": {
        "vmid": {"type": "integer"},
        "list": {"type": "array", "items": {"type": "string"}, "optional": 1},
        "text": {"type": "string", "optional": 1, "format": {"a": {"type": "string", "optional": 1}}},
    }}, "returns": {"type": "object", "properties": {"r": {"type": "string", "optional": 1}}},
        "permissions": {"check": ["perm", "/", ["A"]]}})
    };
    let (list, text, reply) = ("parameters.properties.list", "parameters.properties.text", "returns.properties.r");
    let table = [
        ("/unstable", json!(1), Noise, ""),
        ("/download_allowed", json!(1), Noise, ""),
        ("/expose_credentials", json!(1), Noise, ""),
        ("/permissions/description", json!("also root"), Callers, "permission"),
        ("/returns/additionalProperties", json!(0), Noise, "returns"),
        ("/returns/properties/r/renderer", json!("bytes"), Noise, reply),
        ("/returns/properties/r/unstable", json!(1), Noise, reply),
        ("/parameters/properties/list/minItems", json!(1), Callers, list),
        ("/parameters/properties/list/maxItems", json!(3), Callers, list),
        ("/parameters/properties/list/uniqueItems", json!(1), Callers, list),
        ("/parameters/properties/text/disallow", json!(["x"]), Callers, text),
        ("/parameters/properties/text/requires", json!("list"), Callers, "param text"),
        ("/parameters/properties/text/instance-types", json!(["a"]), Noise, text),
        ("/parameters/properties/text/type-property", json!("list"), Noise, text),
        ("/parameters/properties/text/format/a/keyAlias", json!("b"), Noise, "param text.a"),
    ];
    for (at, value, class, place) in table {
        let mut info = base();
        let (parent, keyword) = at.rsplit_once('/').expect("a place");
        info.pointer_mut(parent).expect("it is there")[keyword] = value;
        let change = change(base(), info);
        assert_eq!((change.class, change.place.as_str()), (class, place), "{at}: {change:#?}");
    }
}

#[test]
fn keys_of_a_property_string_are_compared_like_parameters() {
    let net = |keys: Value| json!({"type": "string", "format": keys});
    let bridge = json!({"type": "string", "optional": 1});
    let [added, removed] = param(net(json!({"a": bridge})), net(json!({"a": bridge, "b": bridge})));
    expect(added, Additive, "param-key-added", "new, optional");
    expect(removed, Callers, "param-key-removed", "removed");
    let [aliased, _] = param(net(json!({"a": bridge, "b": bridge})), net(json!({"a": bridge, "b": {"alias": "a"}})));
    expect(aliased, Additive, "param-key-alias", "alias of none → a");
}

#[test]
fn a_reply_of_another_type_breaks_decoders() {
    let change = change(returns(json!({"type": "null"})), returns(json!({"type": "string"})));
    assert_eq!((change.class, change.place.as_str()), (Decoders, "reply"));
    assert_eq!(change.what, "type null → string");
}

#[test]
fn a_reply_field_breaks_decoders_when_it_goes_or_is_promised_anew() {
    let list = |fields: Value| returns(json!({"type": "array", "items": {"type": "object", "properties": fields}}));
    let field = |optional: u8| json!({"type": "integer", "optional": optional});
    let added = change(list(json!({})), list(json!({"n": field(1)})));
    assert_eq!((added.class, added.place.as_str()), (Additive, "reply [].n"));
    assert_eq!(change(list(json!({})), list(json!({"n": field(0)}))).class, Decoders);
    assert_eq!(change(list(json!({"n": field(1)})), list(json!({}))).class, Decoders);
    assert_eq!(change(list(json!({"n": field(0)})), list(json!({"n": field(1)}))).class, Decoders);
    assert_eq!(change(list(json!({"n": field(1)})), list(json!({"n": field(0)}))).class, Additive);
}

#[test]
fn another_permission_breaks_callers_unless_it_is_clearly_wider() {
    let check = |any: &[&str]| {
        let mut info = params(json!({}));
        info["permissions"] = json!({"check": ["perm", "/vms/{vmid}", any, "any", 1]});
        info
    };
    let [wider, other] = [change(check(&["A"]), check(&["A", "B"])), change(check(&["A"]), check(&["B"]))];
    assert_eq!((wider.class, other.class), (Additive, Callers));
    assert_eq!(other.what, "A on /vms/{vmid} → B on /vms/{vmid}");
}

#[test]
fn breaking_changes_come_first_and_equal_ones_are_told_once() {
    let all = |min: u32, extra: bool| {
        let mut nodes: Vec<Value> = (0..6)
            .map(|n| {
                let vmid = json!({"type": "integer", "minimum": min});
                json!({"path": format!("/vms/{n}"), "info": {"PUT": {"parameters": {"properties": {"vmid": vmid}}}}})
            })
            .collect();
        if extra {
            nodes.push(json!({"path": "/vms/new", "info": {"GET": {}}}));
        }
        tree(json!(nodes))
    };
    let diff = Diff::between(&all(1, false), &all(100, true));
    let text = "9.2 → 9.2: 6 breaking for callers, 1 additive; tools on endpoints with breaking changes: doIt\n\n\
                Breaking for callers (6)\n  \
                  param vmid: minimum 1 → 100 — 6 endpoints [doIt]\n      \
                      PUT /vms/0\n      PUT /vms/1\n      PUT /vms/2\n      PUT /vms/3\n      and 2 more\n\n\
                Additive (1)\n  new endpoint [doIt]\n      GET /vms/new\n";
    assert_eq!(diff.text(false), text);
    assert!(diff.text(true).contains("      PUT /vms/5\n"));
    assert!(diff.is_breaking());
}

#[test]
fn a_tool_is_lost_with_its_endpoint_and_with_what_it_would_have_to_send() {
    let (old, gone) = (api(params(json!({}))), tree(json!([{"path": "/vms", "info": {"GET": {}}}])));
    assert_eq!(Check::of(&old, &gone).tools[0].fate, Fate::Lost);
    let demanding = api(params(json!({"p": {"type": "string"}})));
    let check = Check::of(&old, &demanding);
    assert!(!check.survives());
    assert_eq!(
        check.text(),
        "9.2 against 9.2, which the tools are written for\n  LOST      doIt\nPOST /vms/{vmid}\n  param p: new, \
         required\n1 of 1 tools do not survive.\n"
    );
}

#[test]
fn a_tool_survives_what_its_decoders_take_and_is_pointed_at_the_rest() {
    let object = |fields: Value| returns(json!({"type": "object", "properties": fields}));
    let field = json!({"type": "integer", "optional": 1});
    let fate = |old: Value, new: Value| Check::of(&api(old), &api(new)).tools[0].fate;
    assert_eq!(fate(object(json!({"mem": field})), object(json!({}))), Fate::Survives);
    assert_eq!(fate(object(json!({"status": field})), object(json!({}))), Fate::Changed);
    assert_eq!(fate(object(json!({})), returns(json!({"type": "string"}))), Fate::Lost);
    assert_eq!(fate(params(json!({"unsent": field})), params(json!({}))), Fate::Survives);
    assert_eq!(fate(params(json!({"sent": field})), params(json!({}))), Fate::Lost);
}

/// The committed snapshots, compared as the command does.
fn committed(old: &str, new: &str) -> Diff {
    let apidata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata");
    let mut report = Report::default();
    let apis =
        pipeline::apart(&apidata, &[(old, None), (new, None)], &mut report).unwrap_or_else(|_| panic!("{report}"));
    Diff::between(&apis[0], &apis[1])
}

/// How many changes of this kind concern guests, not the endpoints around them.
fn guest(c: &&Change) -> bool {
    c.endpoint.contains("{node}/qemu") || c.endpoint.contains("{node}/lxc")
}

fn guests(diff: &Diff, class: Class, kind: &str) -> usize {
    diff.of(class).filter(|c| c.kind == kind).filter(guest).count()
}

#[test]
fn from_7_4_to_8_4_bounds_of_vmid_tighten_and_cow_goes() {
    let diff = committed("7.4", "8.4");
    for (class, kind, count) in [
        (Additive, "endpoint-added", 1),
        (Additive, "param-added", 16),
        (Additive, "param-key-added", 15),
        (Callers, "param-removed", 0),
        (Callers, "param-type", 4),
        (Callers, "param-presence", 1),
        (Callers, "param-value-removed", 15),
        (Callers, "permission", 1),
        (Decoders, "field-removed", 2),
        (Decoders, "field-added", 6),
    ] {
        assert_eq!(guests(&diff, class, kind), count, "{class} {kind}");
    }
    let vmid = |c: &&Change| c.place == "param vmid" && c.what == "minimum 1 → 100";
    assert_eq!(
        diff.of(Callers).filter(vmid).count(),
        160,
        "154 guest endpoints, the next free number, the task list, the volumes and the backups of a storage"
    );
}

#[test]
fn from_8_4_to_9_1_agent_privileges_change_and_disk_geometry_goes() {
    let diff = committed("8.4", "9.1");
    for (class, kind, count) in [
        (Additive, "endpoint-added", 2),
        (Additive, "param-added", 17),
        (Additive, "param-key-added", 17),
        (Callers, "permission", 27),
        (Callers, "param-key-removed", 48),
        (Callers, "param-removed", 0),
        (Decoders, "reply-key-removed", 16),
        (Decoders, "field-added", 5),
    ] {
        assert_eq!(guests(&diff, class, kind), count, "{class} {kind}");
    }
}

#[test]
fn from_9_1_to_9_2_only_patterns_and_four_keys_change() {
    let diff = committed("9.1", "9.2");
    assert_eq!(guests(&diff, Additive, "param-key-added"), 4);
    assert_eq!(guests(&diff, Additive, "reply-key-added"), 2);
    assert!(diff.of(Callers).filter(guest).all(|c| ["param-pattern", "permission-text"].contains(&c.kind.as_str())));
    assert_eq!(diff.of(Decoders).filter(guest).count(), 0);
    let broken = ["configureGuest", "deleteContainer", "deleteVM", "listSnapshots"];
    assert_eq!(diff.broken_tools(), broken, "those that set options, list backup jobs or what lies on a storage");
}

#[test]
fn no_guest_endpoint_was_ever_removed() {
    for (old, new) in [("7.4", "8.4"), ("8.4", "9.1"), ("9.1", "9.2"), ("7.4", "9.2")] {
        assert_eq!(guests(&committed(old, new), Callers, "endpoint-removed"), 0, "{old} → {new}");
    }
}
