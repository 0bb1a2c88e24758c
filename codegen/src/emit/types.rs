//! Parameter structs and reply types.

use proxmox_mcp_spec::schema::words;

use super::{code, endpoints};
use crate::{
    model::{Api, Endpoint, Field, Kind, Param, Shape},
    names,
    report::one_line,
};

/// The fields of list rows and replies that hand-written code keys on: there, and of their own type, when the schema
/// says that they always are.
const KEYS: [&str; 6] = ["vmid", "status", "node", "type", "id", "upid"];

/// The struct of an endpoint's parameters; `src/api/macros.rs` has what all of them share.
pub(super) fn params(out: &mut String, api: &Api, endpoint: &Endpoint) {
    let (name, table) = (names::type_name(endpoint), names::constant(endpoint));
    *out += "\nparams! {\n";
    *out += &code::marked("    ", &format!("Parameters of `{}`{}", endpoint.at(), told(endpoint)));
    let (path, others): (Vec<_>, Vec<_>) = endpoint.decoded.params.iter().partition(|p| p.in_path);
    let path: Vec<_> = path
        .iter()
        .map(|p| format!("{}: {} = {}", identifier(&p.name, false), param_type(p), code::literal(&p.name)))
        .collect();
    let path = if path.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", path.join(", ")) };
    *out += &format!("    {name} for {table} -> {},\n    path {path}\n", endpoints::reply_type(endpoint));
    let (optional, required): (Vec<_>, Vec<_>) = others.iter().partition(|p| p.optional || p.indexed);
    group(out, api, "required", &required, false);
    group(out, api, "optional", &optional, endpoint.decoded.open);
    *out += "}\n";
}

/// One group of parameters of the macro.
fn group(out: &mut String, api: &Api, word: &str, params: &[&&Param], open: bool) {
    let mut text = String::new();
    for param in params {
        let words = format!("`{}`: {}.", plain(&param.published()), plain(&words::param(param, api)));
        let name = code::literal(&param.name);
        field(&mut text, &words, &param.shape.text);
        text += &format!("        {}: {} = {name},\n", identifier(&param.name, param.indexed), param_type(param));
    }
    if open {
        text +=
            "        /// Parameters that the schema does not name.\n        extra: BTreeMap<String, String> = \"\",\n";
    }
    close(out, word, &text);
}

/// A group of the macro; an empty one is left out.
fn close(out: &mut String, word: &str, text: &str) {
    if !text.is_empty() {
        *out += &format!("    {word} {{\n{text}    }}\n");
    }
}

/// The doc comment of a field: what it allows, and PVE's own text where the source carries it.
fn field(out: &mut String, words: &str, text: &str) {
    *out += &code::marked("        ", words);
    if !text.is_empty() {
        *out += "        ///\n";
        *out += &code::doc("        ", text);
    }
}

/// Markup in text that came from a schema does nothing in a doc comment.
fn plain(text: &str) -> String {
    one_line(text).replace('[', "\\[").replace('<', "\\<")
}

/// `: summary`, or a point.
fn told(endpoint: &Endpoint) -> String {
    let text = if endpoint.summary.is_empty() { &endpoint.text } else { &endpoint.summary };
    if text.is_empty() { ".".to_owned() } else { format!(": {}", plain(text)) }
}

fn param_type(param: &Param) -> String {
    if param.indexed {
        return "BTreeMap<u32, String>".to_owned();
    }
    let plain = match &param.shape.kind {
        _ if param.in_path && param.name == "node" => "NodeName",
        _ if param.in_path && param.name == "vmid" => "Vmid",
        _ if param.in_path && param.name == "upid" => "Upid",
        Kind::Boolean => "bool",
        Kind::Integer => "i64",
        Kind::Number => "f64",
        Kind::Array(_) => return "Vec<String>".to_owned(),
        Kind::Object(_) | Kind::Any => "Value",
        Kind::String | Kind::Null => "String",
    };
    if param.optional { format!("Option<{plain}>") } else { plain.to_owned() }
}

/// The identifier. Names without one were reported before anything is emitted.
fn identifier(name: &str, indexed: bool) -> String {
    names::field(name, indexed).unwrap_or_else(|| "unnamed".to_owned())
}

/// The types that an endpoint's reply is decoded into.
pub(super) fn reply(out: &mut String, endpoint: &Endpoint) {
    if let Some(fields) = names::record(&endpoint.decoded.reply) {
        let list = matches!(endpoint.decoded.reply.kind, Kind::Array(_));
        let what = if list { "One row of the reply of" } else { "Reply of" };
        record(out, &names::reply(endpoint), &format!("{what} `{}`.", endpoint.at()), fields, true);
    }
}

/// One struct that reads itself from an object, and those of the objects within.
fn record(out: &mut String, name: &str, doc: &str, fields: &[Field], root: bool) {
    let named: Vec<_> = fields.iter().filter(|f| !f.indexed).collect();
    let families: Vec<_> =
        fields.iter().filter(|f| f.indexed).map(|f| format!("`{}`", plain(&f.published()))).collect();
    let (mut keys, mut others) = (String::new(), String::new());
    for f in &named {
        let group = if is_key(f, root) { &mut keys } else { &mut others };
        field(group, &format!("`{}`: {}.", plain(&f.published()), plain(&words::shape(&f.shape))), &f.shape.text);
        let (kind, read) = read(f, name, root);
        *group += &format!("        {}: {kind} = {read}({}),\n", identifier(&f.name, false), code::literal(&f.name));
    }
    *out += &format!("\nrecord! {{\n    /// {}\n    {name}\n", plain(doc));
    close(out, "keys", &keys);
    close(out, "fields", &others);
    let families =
        if families.is_empty() { String::new() } else { format!(", the members of {} too", families.join(", ")) };
    *out += &format!("    extra {}\n}}\n", code::literal(&families));
    for f in named {
        if let Some(fields) = names::record(&f.shape) {
            record(out, &names::inner(name, f), &format!("`{}` of [`{name}`].", plain(&f.name)), fields, false);
        }
    }
}

/// Whether it is one of the few fields that are always there.
fn is_key(f: &Field, root: bool) -> bool {
    let simple = matches!(f.shape.kind, Kind::String) || (f.name == "vmid" && matches!(f.shape.kind, Kind::Integer));
    root && !f.optional && simple && KEYS.contains(&f.name.as_str())
}

/// The type of a reply's field, and the method of `pve::Fields` that reads it.
fn read(f: &Field, parent: &str, root: bool) -> (String, &'static str) {
    let plain = |t: &str, method| (t.to_owned(), method);
    let key = is_key(f, root);
    match (&f.shape.kind, f.name.as_str()) {
        (Kind::Integer | Kind::String, "vmid") if key => plain("Vmid", "key"),
        (Kind::Integer | Kind::String, "vmid") => plain("Option<Vmid>", "parsed"),
        (Kind::String, "node") if key => plain("NodeName", "key"),
        (Kind::String, "node") => plain("Option<NodeName>", "parsed"),
        (Kind::String, _) if key => plain("String", "key_text"),
        (Kind::Boolean, _) => plain("Option<bool>", "boolean"),
        (Kind::Integer, _) => plain("Option<i64>", "integer"),
        (Kind::Number, _) => plain("Option<f64>", "float"),
        (Kind::String, _) => plain("Option<String>", "text"),
        (Kind::Object(fields), _) if fields.is_empty() => plain("Option<Map<String, Value>>", "map"),
        (Kind::Object(_), _) => (format!("Option<{}>", names::inner(parent, f)), "record"),
        (Kind::Array(item), _) => list(item, &names::inner(parent, f)),
        (Kind::Null | Kind::Any, _) => plain("Option<Value>", "value"),
    }
}

fn list(item: &Shape, inner: &str) -> (String, &'static str) {
    match &item.kind {
        Kind::String => ("Vec<String>".to_owned(), "texts"),
        Kind::Object(fields) if !fields.is_empty() => (format!("Vec<{inner}>"), "records"),
        _ => ("Vec<Value>".to_owned(), "values"),
    }
}
