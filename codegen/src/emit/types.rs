//! Parameter structs and reply types.

use super::{code, words};
use crate::{
    model::{Api, Endpoint, Field, Kind, Param, Shape},
    names,
};

/// The fields of list rows and replies that hand-written code keys on: there, and of their own type, when the schema
/// says that they always are.
const KEYS: [&str; 6] = ["vmid", "status", "node", "type", "id", "upid"];

/// The struct of an endpoint's parameters, its constructor, and the call that it makes.
pub fn params(out: &mut String, api: &Api, endpoint: &Endpoint) {
    let name = names::type_name(endpoint);
    *out +=
        &format!("\n/// Parameters of `{}`{}\n#[derive(Clone)]\npub struct {name} {{\n", endpoint.at(), told(endpoint));
    for param in &endpoint.params {
        *out +=
            &code::marked("    ", &format!("`{}`: {}.", plain(&param.published()), plain(&words::param(param, api))));
        if !param.shape.text.is_empty() {
            *out += "    ///\n";
            *out += &code::doc("    ", &param.shape.text);
        }
        *out += &format!("    pub {}: {},\n", field(&param.name, param.indexed), param_type(param));
    }
    if endpoint.open {
        *out += "    /// Parameters that the schema does not name.\n    pub extra: BTreeMap<String, String>,\n";
    }
    *out += &format!("}}\n\nimpl {name} {{\n");
    constructor(out, endpoint);
    call(out, endpoint);
    *out += "}\n";
}

/// Markup in text that came from a schema does nothing in a doc comment.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .replace('[', "\\[")
        .replace('<', "\\<")
}

/// `: summary`, or a point.
fn told(endpoint: &Endpoint) -> String {
    let text = if endpoint.summary.is_empty() { &endpoint.text } else { &endpoint.summary };
    if text.is_empty() { ".".to_owned() } else { format!(": {}", plain(text)) }
}

fn constructor(out: &mut String, endpoint: &Endpoint) {
    let required: Vec<_> = endpoint.params.iter().filter(|p| !p.optional && !p.indexed).collect();
    let arguments: Vec<_> = required.iter().map(|p| format!("{}: {}", field(&p.name, false), param_type(p))).collect();
    let mut values: Vec<String> = endpoint
        .params
        .iter()
        .map(|p| {
            let name = field(&p.name, p.indexed);
            match () {
                () if !p.optional && !p.indexed => name,
                () if p.indexed => format!("{name}: BTreeMap::new()"),
                () if matches!(p.shape.kind, Kind::Array(_)) => format!("{name}: Vec::new()"),
                () => format!("{name}: None"),
            }
        })
        .collect();
    if endpoint.open {
        values.push("extra: BTreeMap::new()".to_owned());
    }
    *out += "    /// With what is required; the rest is left out.\n";
    *out += &format!("    pub fn new({}) -> Self {{\n", arguments.join(", "));
    if values.is_empty() {
        *out += "        Self {}\n    }\n\n";
    } else {
        *out += &format!("        Self {{\n{}        }}\n    }}\n\n", code::wrapped("            ", &values));
    }
}

fn call(out: &mut String, endpoint: &Endpoint) {
    let (path, others): (Vec<_>, Vec<_>) = endpoint.params.iter().partition(|p| p.in_path);
    let segments: Vec<_> = path
        .iter()
        .map(|p| format!("({}, self.{}.to_string())", code::literal(&p.name), field(&p.name, false)))
        .collect();
    let constant = names::constant(endpoint);
    *out += "    /// The call, ready to be sent.\n    ///\n    /// # Errors\n    /// When a value cannot stand in the path.\n";
    *out += "    pub fn call(&self) -> Result<Call, CallError> {\n";
    let made = format!("Call::new(&{constant}, &[{}])", segments.join(", "));
    if others.is_empty() && !endpoint.open {
        *out += &format!("        {made}\n    }}\n");
        return;
    }
    *out += &format!("        let mut call = {made}?;\n");
    for param in others {
        *out += &format!("        {};\n", set(param));
    }
    if endpoint.open {
        *out += "        call.set_others(&self.extra);\n";
    }
    *out += "        Ok(call)\n    }\n";
}

fn set(param: &Param) -> String {
    let (name, value) = (code::literal(&param.name), format!("self.{}", field(&param.name, param.indexed)));
    let copied = matches!(param.shape.kind, Kind::Boolean | Kind::Integer | Kind::Number);
    match () {
        () if param.indexed => format!("call.set_slots({name}, &{value})"),
        () if matches!(param.shape.kind, Kind::Array(_)) => format!("call.set_all({name}, &{value})"),
        () if !param.optional && copied => format!("call.set({name}, {value})"),
        () if !param.optional => format!("call.set({name}, &{value})"),
        () if copied => format!("call.set_opt({name}, {value})"),
        () => format!("call.set_opt({name}, {value}.as_ref())"),
    }
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
fn field(name: &str, indexed: bool) -> String {
    names::field(name, indexed).unwrap_or_else(|| "unnamed".to_owned())
}

/// The types that an endpoint's reply is decoded into.
pub fn reply(out: &mut String, endpoint: &Endpoint) {
    let doc = format!("Reply of `{}`.", endpoint.at());
    match &endpoint.decoded.kind {
        Kind::Object(fields) if !fields.is_empty() => {
            record(out, &reply_name(endpoint), &doc, fields, true);
        }
        Kind::Array(item) => {
            if let Kind::Object(fields) = &item.kind
                && !fields.is_empty()
            {
                record(
                    out,
                    &(reply_name(endpoint) + "Item"),
                    &format!("One row of the reply of `{}`.", endpoint.at()),
                    fields,
                    true,
                );
            }
        }
        _ => {}
    }
}

/// The name of an endpoint's reply type.
pub fn reply_name(endpoint: &Endpoint) -> String {
    names::type_name(endpoint) + "Reply"
}

/// One struct that reads itself from an object, and those of the objects within.
fn record(out: &mut String, name: &str, doc: &str, fields: &[Field], root: bool) {
    let named: Vec<_> = fields.iter().filter(|f| !f.indexed).collect();
    let families: Vec<_> =
        fields.iter().filter(|f| f.indexed).map(|f| format!("`{}`", plain(&f.published()))).collect();
    *out += &format!("\n/// {}\n", plain(doc));
    *out += &format!("#[derive(Clone)]\npub struct {name} {{\n");
    for f in &named {
        *out += &code::marked("    ", &format!("`{}`: {}.", plain(&f.published()), plain(&words::shape(&f.shape))));
        if !f.shape.text.is_empty() {
            *out += "    ///\n";
            *out += &code::doc("    ", &f.shape.text);
        }
        *out += &format!("    pub {}: {},\n", field(&f.name, false), read(f, name, root).0);
    }
    *out += "    /// Everything else that came";
    *out += &if families.is_empty() {
        ".\n".to_owned()
    } else {
        format!(", the members of {} too.\n", families.join(", "))
    };
    *out += "    pub extra: Map<String, Value>,\n}\n\n";
    *out += &format!(
        "impl pve::Record for {name} {{\n    fn read(f: &mut pve::Fields) -> Result<Self, pve::FieldError> {{\n        Ok(Self {{\n"
    );
    for f in &named {
        *out += &format!("            {}: {},\n", field(&f.name, false), read(f, name, root).1);
    }
    *out += "            extra: f.rest(),\n        })\n    }\n}\n\n";
    *out += &format!(
        "impl<'de> Deserialize<'de> for {name} {{\n    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {{\n        pve::record(d)\n    }}\n}}\n"
    );
    for f in named {
        let (inner, doc) = (inner_name(name, f), format!("`{}` of [`{name}`].", f.name));
        match &f.shape.kind {
            Kind::Object(fields) if !fields.is_empty() => record(out, &inner, &doc, fields, false),
            Kind::Array(item) => {
                if let Kind::Object(fields) = &item.kind
                    && !fields.is_empty()
                {
                    record(out, &inner, &doc, fields, false);
                }
            }
            _ => {}
        }
    }
}

fn inner_name(parent: &str, field: &Field) -> String {
    format!("{parent}{}", names::part(&field.name))
}

/// The type of a reply's field, and the expression that reads it.
fn read(f: &Field, parent: &str, root: bool) -> (String, String) {
    let name = code::literal(&f.name);
    let key = root && !f.optional && KEYS.contains(&f.name.as_str());
    let plain = |t: &str, method: &str| (t.to_owned(), format!("f.{method}({name})"));
    match (&f.shape.kind, f.name.as_str()) {
        (Kind::Integer | Kind::String, "vmid") if key => ("Vmid".to_owned(), format!("f.key({name})?")),
        (Kind::Integer | Kind::String, "vmid") => plain("Option<Vmid>", "parsed"),
        (Kind::String, "node") if key => ("NodeName".to_owned(), format!("f.key({name})?")),
        (Kind::String, "node") => plain("Option<NodeName>", "parsed"),
        (Kind::String, _) if key => ("String".to_owned(), format!("f.key_text({name})?")),
        (Kind::Boolean, _) => plain("Option<bool>", "boolean"),
        (Kind::Integer, _) => plain("Option<i64>", "integer"),
        (Kind::Number, _) => plain("Option<f64>", "float"),
        (Kind::String, _) => plain("Option<String>", "text"),
        (Kind::Object(fields), _) if fields.is_empty() => plain("Option<Map<String, Value>>", "map"),
        (Kind::Object(_), _) => (format!("Option<{}>", inner_name(parent, f)), format!("f.record({name})")),
        (Kind::Array(item), _) => list(item, &inner_name(parent, f), &name),
        (Kind::Null | Kind::Any, _) => plain("Option<Value>", "value"),
    }
}

fn list(item: &Shape, inner: &str, name: &str) -> (String, String) {
    match &item.kind {
        Kind::String => ("Vec<String>".to_owned(), format!("f.texts({name})")),
        Kind::Object(fields) if !fields.is_empty() => (format!("Vec<{inner}>"), format!("f.records({name})")),
        _ => ("Vec<Value>".to_owned(), format!("f.values({name})")),
    }
}
