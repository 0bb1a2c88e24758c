//! A tool as a value: what is known of it, what it takes and gives, and how it is run; and a call of one.

use std::{future::Future, ops::Deref, pin::Pin, sync::OnceLock};

use serde_json::{Map, Value, json};

use super::{
    call::{CallContext, Reply, ToolResult},
    entry::Entry,
    profile::Profile,
    say::{Catalogue, Lang},
    schema::{Argument, object},
    state::Tools,
};
use crate::spec::{self, Param};

/// What of a property a model is shown. The other constraints are held all the same, and a message says what they are;
/// shown twelve times, they would only cost tokens.
const SHOWN: [&str; 4] = ["type", "enum", "default", "description"];

/// One tool.
#[derive(Debug)]
pub struct Tool {
    /// What is known of it without calling it.
    pub profile: Profile,
    pub(super) title: fn(&Catalogue) -> &'static str,
    pub(super) text: fn(&Catalogue) -> &'static str,
    /// Its arguments, each with our description of it.
    pub(super) input: fn(&Catalogue) -> Vec<Argument>,
    /// JSON Schema of its structured results.
    pub(super) output: fn() -> Value,
    /// Carries out a call whose arguments fit and that no rule on the tool denies.
    pub(super) run: for<'a> fn(Call<'a>) -> Running<'a>,
    /// What its arguments are held against, made when it is first needed.
    pub(super) held: OnceLock<Held>,
}

/// A call as a tool gets it: its arguments fit, and no rule on the tool denies it.
pub(super) struct Call<'a> {
    /// The tools that it is one of.
    pub tools: &'a Tools,
    /// The tool.
    pub tool: &'static Profile,
    /// Its arguments, each in the type that the tool wants.
    pub given: Map<String, Value>,
    /// Who calls, and how the caller can be reached.
    pub ctx: &'a CallContext,
    /// Its record.
    pub entry: &'a Entry<'a>,
    /// The sentences in the caller's language.
    pub texts: &'static Catalogue,
}

impl Call<'_> {
    /// Who calls: not by a name, which somebody else may have tomorrow.
    pub(super) fn caller(&self) -> &str {
        self.ctx.identity().unwrap_or_default()
    }

    /// Whether a flag is given and on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.given.get(name) == Some(&Value::Bool(true))
    }
}

/// A call on its way.
pub(super) type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, ToolResult>> + Send + 'a>>;

/// What the arguments of a tool are held against, in two forms.
#[derive(Debug)]
pub(super) struct Held {
    /// As parameters of the model.
    pub params: Vec<Param>,
    /// As the properties of a schema.
    pub properties: Value,
}

impl Deref for Tool {
    type Target = Profile;

    fn deref(&self) -> &Profile {
        &self.profile
    }
}

impl Tool {
    /// What its arguments are held against.
    pub(super) fn held(&self) -> &Held {
        self.held.get_or_init(|| Held { params: self.params(), properties: self.strict()["properties"].take() })
    }

    /// Whether it has an argument of this name.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.held().params.iter().any(|param| param.name == name)
    }

    /// The schema of its arguments as it is listed, with descriptions in the language of `texts`.
    pub(super) fn schema(&self, texts: &Catalogue) -> Map<String, Value> {
        let mut properties = self.properties(texts);
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            property.retain(|key, _| SHOWN.contains(&key.as_str()));
        }
        let mut schema = object(json!({"type": "object", "properties": properties}));
        if self.effect.may_change() {
            // A tool that only reads passes over what it does not know.
            schema.insert("additionalProperties".to_owned(), false.into());
        }
        schema
    }

    /// What its arguments are held against, as parameters of the model.
    pub(super) fn params(&self) -> Vec<Param> {
        (self.input)(Lang::En.texts()).into_iter().map(|(param, _)| param).collect()
    }

    /// The same as a schema: with every constraint, and nothing unknown.
    pub(super) fn strict(&self) -> Value {
        json!({"type": "object", "properties": self.properties(Lang::En.texts()), "additionalProperties": false})
    }

    fn properties(&self, texts: &Catalogue) -> Map<String, Value> {
        let property = |(param, text): Argument| {
            let mut schema = object(spec::schema::argument(&param));
            // One whose name says all has no description.
            schema.remove("description");
            if !text.is_empty() {
                schema.insert("description".to_owned(), text.into());
            }
            (param.name, Value::Object(schema))
        };
        (self.input)(texts).into_iter().map(property).collect()
    }
}
