//! Types with their constraints.

use serde_json::Value;

use super::{Lower, family};
use crate::{
    at::At,
    model::{Field, Format, Kind, Mark, Shape, SubKey},
    raw::{Branches, Schema},
};

impl Lower<'_> {
    /// The type that `schema` describes.
    pub(super) fn shape(&mut self, schema: &Schema<'_>, at: &At<'_>) -> Shape {
        let kind = self.kind(schema, at);
        self.mark(schema, at);
        // On other types a format adds nothing: `vmid` is an integer of format pve-vmid.
        let format = if matches!(kind, Kind::String) { self.format(schema, at) } else { Format::None };
        Shape {
            kind,
            values: schema.values.clone(),
            minimum: schema.minimum,
            maximum: schema.maximum,
            min_length: schema.min_length,
            max_length: schema.max_length,
            pattern: schema.pattern.map(str::to_owned),
            format,
            default: schema.default.clone(),
            text: schema.text.clone(),
        }
    }

    /// Notes the rarer keywords of a schema with their place within the method.
    fn mark(&mut self, schema: &Schema<'_>, at: &At<'_>) {
        if schema.rare.is_empty() {
            return;
        }
        let whole = at.to_string();
        let place = whole.split_once(" › ").map_or("", |(_, place)| place);
        for (keyword, value) in &schema.rare {
            let (place, keyword) = (place.to_owned(), (*keyword).to_owned());
            self.marks.push(Mark { place, keyword, value: value.clone() });
        }
    }

    fn kind(&mut self, schema: &Schema<'_>, at: &At<'_>) -> Kind {
        if let Some(branches) = &schema.branches {
            if let Some(list) = self.list_by_type(schema, branches, at) {
                return list;
            }
            if let Some(kind) = self.merged(schema, branches, at) {
                return kind;
            }
            let message = format_args!("`{}` is not understood here; any value is taken", branches.keyword);
            self.report.warning(self.file, at, message);
            return Kind::Any;
        }
        match schema.kind {
            Some("null") => Kind::Null,
            Some("boolean") => Kind::Boolean,
            Some("integer") => Kind::Integer,
            Some("number") => Kind::Number,
            Some("string") => Kind::String,
            Some("array") => Kind::Array(Box::new(self.items(schema, at))),
            Some("object") => Kind::Object(self.fields(schema, at)),
            Some("any") => Kind::Any,
            Some(other) => {
                let message = format_args!("the type `{other}` is not known; any value is taken");
                self.report.warning(self.file, at, message);
                Kind::Any
            }
            None => self.inferred(schema, at),
        }
    }

    /// A list whose elements depend on a type that another parameter tells: its elements are texts, as long as every
    /// branch says so, of all values that any of them allows.
    fn list_by_type(&mut self, schema: &Schema<'_>, branches: &Branches<'_>, at: &At<'_>) -> Option<Kind> {
        if schema.kind != Some("array") || branches.keyword != "oneOf" {
            return None;
        }
        let here = at.key(branches.keyword);
        let mut items: Vec<Shape> = Vec::new();
        for (i, branch) in branches.schemas.iter().enumerate() {
            let at = here.index(i);
            let branch = Schema::read(branch, &at, self.file, self.report);
            items.push(self.items(&branch, &at));
        }
        if items.is_empty() || items.iter().any(|item| !matches!(item.kind, Kind::String)) {
            return None;
        }
        let mut values: Vec<String> = Vec::new();
        if items.iter().all(|item| !item.values.is_empty()) {
            for value in items.into_iter().flat_map(|item| item.values) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        Some(Kind::Array(Box::new(Shape { kind: Kind::String, values, ..Shape::default() })))
    }

    /// What branches say together, with what the schema says beside them: objects with the fields of all, lists of what
    /// all their elements may be, or one scalar type. Of `allOf` each branch holds, of the others one of them: a field is
    /// always there if it is in one, or in every one. Nothing where they are of different types.
    fn merged(&mut self, schema: &Schema<'_>, branches: &Branches<'_>, at: &At<'_>) -> Option<Kind> {
        let here = at.key(branches.keyword);
        let all = branches.keyword == "allOf";
        let mut kinds = Vec::new();
        for (i, branch) in branches.schemas.iter().enumerate() {
            let at = here.index(i);
            let branch = Schema::read(branch, &at, self.file, self.report);
            kinds.push(self.kind(&branch, &at));
        }
        let mut merged = kinds.into_iter().map(Some).reduce(|a, b| together(a?, b?, all))??;
        let alone = Schema { branches: None, ..schema.clone() };
        if alone.kind.is_some() || alone.properties.is_some() {
            // What stands beside the branches holds with each of them.
            merged = together(self.kind(&alone, at), merged, true)?;
        }
        (merged != Kind::Any).then_some(merged)
    }

    /// Without a `type`: an object if there are properties, a list if there are items, text if values or keys of a
    /// property string are listed.
    fn inferred(&mut self, schema: &Schema<'_>, at: &At<'_>) -> Kind {
        if schema.properties.is_some() {
            Kind::Object(self.fields(schema, at))
        } else if schema.items.is_some() {
            Kind::Array(Box::new(self.items(schema, at)))
        } else if !schema.values.is_empty() || schema.format.is_some_and(Value::is_object) {
            Kind::String
        } else {
            Kind::Any
        }
    }

    fn items(&mut self, schema: &Schema<'_>, at: &At<'_>) -> Shape {
        let at = at.key("items");
        schema.items.map_or_else(Shape::default, |items| {
            let items = Schema::read(items, &at, self.file, self.report);
            self.shape(&items, &at)
        })
    }

    fn fields(&mut self, schema: &Schema<'_>, at: &At<'_>) -> Vec<Field> {
        let at = at.key("properties");
        let mut fields = Vec::new();
        for (name, value) in schema.properties.iter().flatten() {
            let at = at.key(name);
            let field = Schema::read(value, &at, self.file, self.report);
            let (stem, indexed) = family(name);
            let shape = self.shape(&field, &at);
            fields.push(Field { name: stem.to_owned(), indexed, optional: self.is_optional(&field, &at), shape });
        }
        fields
    }

    fn format(&mut self, schema: &Schema<'_>, at: &At<'_>) -> Format {
        let at = at.key("format");
        match schema.format {
            None => Format::None,
            Some(Value::String(name)) => Format::Named(name.clone()),
            Some(Value::Object(keys)) => {
                let mut keys: Vec<_> = keys.iter().map(|(name, value)| self.sub_key(name, value, &at)).collect();
                keys.sort_by(|a, b| a.name.cmp(&b.name));
                Format::Properties(keys)
            }
            Some(_) => {
                self.report.warning(self.file, at, "a name or the keys of a property string are expected; not used");
                Format::None
            }
        }
    }

    fn sub_key(&mut self, name: &str, value: &Value, at: &At<'_>) -> SubKey {
        let at = at.key(name);
        let schema = Schema::read(value, &at, self.file, self.report);
        // An alias has neither type nor `optional`: it stands for another key and is never needed itself.
        let alias = schema.alias.map(str::to_owned);
        if let Some(other) = schema.requires {
            let place = at.to_string().split_once(" › ").map_or(String::new(), |(_, place)| place.to_owned());
            self.marks.push(Mark { place, keyword: "requires".to_owned(), value: other.to_owned() });
        }
        SubKey {
            name: name.to_owned(),
            default_key: schema.default_key,
            optional: schema.optional || alias.is_some(),
            key_alias: schema.key_alias.map(str::to_owned),
            shape: if alias.is_some() { Shape::default() } else { self.shape(&schema, &at) },
            alias,
        }
    }
}

/// Two types of one value in one; `all` if both hold, otherwise one of them does.
fn together(a: Kind, b: Kind, all: bool) -> Option<Kind> {
    match (a, b) {
        (Kind::Object(a), Kind::Object(b)) => fields_together(a, b, all).map(Kind::Object),
        (Kind::Array(a), Kind::Array(b)) => Some(Kind::Array(Box::new(shapes_together(*a, *b, all)?))),
        (Kind::Any, kind) | (kind, Kind::Any) if all => Some(kind),
        (a, b) => (a == b).then_some(a),
    }
}

fn shapes_together(a: Shape, b: Shape, all: bool) -> Option<Shape> {
    if a == b || (all && b == Shape::default()) {
        return Some(a);
    }
    let kind = together(a.kind, b.kind, all)?;
    // SearchLimits that differ are no limits of what both may be; values of one of them are values.
    let mut values = a.values;
    if values.is_empty() || b.values.is_empty() {
        values.clear();
    }
    let more: Vec<String> =
        b.values.into_iter().filter(|value| !values.is_empty() && !values.contains(value)).collect();
    values.extend(more);
    Some(Shape { kind, values, ..Shape::default() })
}

fn fields_together(mut a: Vec<Field>, b: Vec<Field>, all: bool) -> Option<Vec<Field>> {
    let same = |a: &Field, b: &Field| a.name == b.name && a.indexed == b.indexed;
    if !all {
        a.iter_mut().for_each(|field| field.optional |= !b.iter().any(|other| same(field, other)));
    }
    for mut field in b {
        match a.iter_mut().find(|other| same(other, &field)) {
            Some(other) => {
                other.optional = if all { other.optional && field.optional } else { other.optional || field.optional };
                other.shape = shapes_together(std::mem::take(&mut other.shape), field.shape, all)?;
            }
            None => {
                field.optional |= !all;
                a.push(field);
            }
        }
    }
    a.sort_by(|a, b| (&a.name, a.indexed).cmp(&(&b.name, b.indexed)));
    Some(a)
}
