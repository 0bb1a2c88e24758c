//! From the published shape to the model: what each keyword means, and a safe reading of what is not understood.

mod permission;
mod shape;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    at::At,
    model::{Api, Decoded, Endpoint, Kind, Mark, Param, Risk, Sayings, Shape},
    names, raw,
    report::Report,
    source::{self, Index, Source},
};

/// What a run works with besides the source.
pub struct Lower<'r> {
    /// How problems name the file.
    pub file: &'r str,
    /// Where problems go.
    pub report: &'r mut Report,
    /// The rarer keywords of the endpoint that is being read.
    marks: Vec<Mark>,
}

/// Lowers the endpoints of `source`. The result is sound when the report has no error.
pub fn lower(source: &Source, release: &str, index: &Index, report: &mut Report) -> Api {
    let all = raw::endpoints(&source.tree, &source.file, report);
    let mut api =
        Api { release: release.to_owned(), sha256: source.sha256.clone(), methods: all.len(), ..Api::default() };
    let mut run = Lower { file: &source.file, report, marks: Vec::new() };
    for endpoint in &all {
        let typed = index.is_typed(endpoint.method, endpoint.path);
        api.endpoints.push(Endpoint { typed, ..run.endpoint(endpoint) });
    }
    names::check(&api, run.file, run.report);
    api
}

/// How many methods of a published tree are below the paths of virtual machines and containers.
pub fn guests(tree: &Value, file: &str) -> usize {
    let of_guest = |path: &str| GUESTS.iter().any(|guests| path.starts_with(guests));
    raw::endpoints(tree, file, &mut Report::default()).iter().filter(|endpoint| of_guest(endpoint.path)).count()
}

/// Where virtual machines and containers are.
const GUESTS: [&str; 2] = ["/nodes/{node}/qemu", "/nodes/{node}/lxc"];

impl Lower<'_> {
    fn endpoint(&mut self, raw: &raw::RawEndpoint<'_>) -> Endpoint {
        let at = At::endpoint(raw.method.as_str(), raw.path);
        let info = raw.info;
        raw::unknown(info, &raw::keywords::METHOD, &at, self.file, self.report);
        let text = |key: &str| info.get(key).and_then(Value::as_str).map(str::to_owned);
        for keyword in raw::keywords::RARE_OF_METHOD {
            if let Some(value) = info.get(keyword) {
                let value = value.to_string();
                self.marks.push(Mark { place: String::new(), keyword: keyword.to_owned(), value });
            }
        }
        let (params, open) = self.params(raw, &at);
        let (returns, nullable) = self.returns(info, &at);
        let mut marks = std::mem::take(&mut self.marks);
        marks.sort();
        marks.dedup();
        Endpoint {
            method: raw.method,
            path: raw.path.to_owned(),
            name: text("name").unwrap_or_default(),
            summary: String::new(),
            summary_es: String::new(),
            phrases: Sayings::default(),
            text: raw::prose(info),
            risk: Risk::assumed(raw.method),
            many: false,
            tools: Vec::new(),
            sends: Vec::new(),
            reads: Vec::new(),
            guest_text: false,
            decoded: Decoded { params: params.clone(), open, reply: returns.clone(), nullable },
            params,
            typed: false,
            open,
            returns,
            nullable,
            permission: self.permission(info.get("permissions"), &at.key("permissions")),
            condition: String::new(),
            condition_es: String::new(),
            condition_text: info.get("permissions").and_then(source::text_of_permissions),
            corrected: Vec::new(),
            marks,
            protected: raw::flag(info.get("protected")),
            proxyto: text("proxyto"),
            allow_token: info.get("allowtoken").is_none_or(|v| raw::flag(Some(v))),
            releases: Vec::new(),
        }
    }

    fn returns(&mut self, info: &Map<String, Value>, at: &At<'_>) -> (Shape, bool) {
        let at = at.key("returns");
        match info.get("returns") {
            None | Some(Value::Null) => (Shape::default(), false),
            Some(value) => {
                let schema = raw::Schema::read(value, &at, self.file, self.report);
                (self.shape(&schema, &at), schema.optional)
            }
        }
    }

    /// The parameters, and whether others are taken too.
    fn params(&mut self, raw: &raw::RawEndpoint<'_>, at: &At<'_>) -> (Vec<Param>, bool) {
        let at = at.key("parameters");
        let schema = match raw.info.get("parameters") {
            Some(value) => raw::Schema::read(value, &at, self.file, self.report),
            None => raw::Schema { open: true, ..raw::Schema::default() },
        };
        let mut open = schema.open;
        let mut named: BTreeMap<&str, Param> = BTreeMap::new();
        for (name, value) in schema.properties.into_iter().flatten() {
            named.insert(name, self.param(name, value, &at.key("properties")));
        }
        if let Some(branches) = &schema.branches {
            open |= self.branches(branches, &mut named, &at);
        }
        let mut params = Vec::new();
        for placeholder in self.placeholders(raw, &at) {
            let given = named.remove(placeholder);
            params.push(self.path_param(placeholder, given, &at));
        }
        params.extend(named.into_values());
        (params, open)
    }

    /// The names in `{…}` of the path, in its order.
    fn placeholders<'t>(&mut self, raw: &raw::RawEndpoint<'t>, at: &At<'_>) -> Vec<&'t str> {
        let mut found = Vec::new();
        for part in raw.path.split('/').filter(|part| part.contains(['{', '}'])) {
            let name = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
            match name.filter(|name| !name.is_empty() && !name.contains(['{', '}'])) {
                Some(name) if found.contains(&name) => {
                    self.report.error(self.file, at, format_args!("the path has the placeholder {{{name}}} twice"));
                }
                Some(name) => found.push(name),
                None => self.report.error(
                    self.file,
                    at,
                    format_args!(
                        "no parameter can fill the part `{part}` of the path: a placeholder is a name in braces"
                    ),
                ),
            }
        }
        found
    }

    fn param(&mut self, name: &str, value: &Value, at: &At<'_>) -> Param {
        let at = at.key(name);
        let schema = raw::Schema::read(value, &at, self.file, self.report);
        let (stem, indexed) = family(name);
        Param {
            name: stem.to_owned(),
            in_path: false,
            rest: false,
            indexed,
            optional: self.is_optional(&schema, &at),
            requires: schema.requires.map(str::to_owned),
            shape: self.shape(&schema, &at),
            releases: Vec::new(),
            type_changed: Vec::new(),
        }
    }

    /// Whether it may be left out: also where one of the branches says so, since which holds depends on the others.
    fn is_optional(&mut self, schema: &raw::Schema<'_>, at: &At<'_>) -> bool {
        let Some(branches) = &schema.branches else { return schema.optional };
        let here = at.key(branches.keyword);
        let optional = |(i, branch): (usize, &&Value)| {
            raw::Schema::read(branch, &here.index(i), self.file, &mut Report::default()).optional
        };
        schema.optional || branches.schemas.iter().enumerate().any(optional)
    }

    /// A placeholder: always required, whatever the schema says, and text where the schema says nothing.
    fn path_param(&mut self, name: &str, given: Option<Param>, at: &At<'_>) -> Param {
        let mut param = given.unwrap_or_else(|| {
            self.report.warning(
                self.file,
                at,
                format_args!("the placeholder {{{name}}} is not among them; taken as text"),
            );
            let shape = Shape { kind: Kind::String, ..Shape::default() };
            Param {
                name: name.to_owned(),
                in_path: true,
                rest: false,
                indexed: false,
                optional: false,
                requires: None,
                shape,
                releases: Vec::new(),
                type_changed: Vec::new(),
            }
        });
        if !matches!(param.shape.kind, Kind::String | Kind::Integer | Kind::Number | Kind::Boolean) {
            let message = format!("a placeholder cannot be of type {}; taken as text", param.shape.kind);
            self.report.warning(self.file, at.key(name), message);
            param.shape = Shape { kind: Kind::String, ..Shape::default() };
        }
        Param { in_path: true, optional: false, ..param }
    }

    /// Adds the parameters of the branches of a root: all of `allOf`; of `oneOf` each as optional, since which branch
    /// holds depends on the others. Gives whether parameters that are not named may be needed.
    fn branches<'t>(
        &mut self,
        branches: &raw::Branches<'t>,
        named: &mut BTreeMap<&'t str, Param>,
        at: &At<'_>,
    ) -> bool {
        let here = at.key(branches.keyword);
        let all = branches.keyword == "allOf";
        let mut opaque = false;
        for (i, branch) in branches.schemas.iter().enumerate() {
            let at = here.index(i);
            let schema = raw::Schema::read(branch, &at, self.file, self.report);
            opaque |= schema.branches.is_some() || schema.properties.is_none();
            for (name, value) in schema.properties.into_iter().flatten() {
                let mut param = self.param(name, value, &at.key("properties"));
                param.optional |= !all;
                named.entry(name).or_insert(param);
            }
        }
        if !all || opaque {
            let message =
                "branches are not told apart: their parameters are taken as optional, and others are let through";
            self.report.warning(self.file, here, message);
        }
        !all || opaque
    }
}

/// The stem of an indexed family and whether it is one: `net[n]` → (`net`, true).
fn family(name: &str) -> (&str, bool) {
    match name.strip_suffix("[n]") {
        Some(stem) if !stem.is_empty() => (stem, true),
        _ => (name, false),
    }
}
