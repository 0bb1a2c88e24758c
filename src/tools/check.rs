//! Says in plain words what is wrong with the arguments of a tool; `spec::verify` finds it.
//!
//! A test holds that an independent validator of JSON Schema says the same of the schema that clients are shown. That one
//! is no part of the binary, of whose code it and its regular expressions were a sixth.

use serde_json::{Map, Value};

use super::say::{Catalogue, capital};
use crate::{
    foreign, near,
    spec::{
        Param,
        verify::{self, Violation},
    },
};

/// Most characters of a value that a message repeats.
const SHOWN: usize = 40;

/// One sentence for each argument that does not fit its parameter, and one for all that there are none for.
pub(super) fn problems(params: &[Param], given: &Map<String, Value>, texts: &Catalogue) -> Vec<String> {
    let mut problems = Vec::new();
    let mut unknown = Vec::new();
    for (name, value) in given {
        let Some(param) = params.iter().find(|param| param.name == *name) else {
            unknown.push(short(&name.as_str().into()));
            continue;
        };
        if let Err(problem) = verify::check_argument(param, value) {
            let why = say(&problem, &short(value), texts);
            problems.push(texts.bad_argument(name, &why));
        }
    }
    if !unknown.is_empty() {
        problems.push(texts.unknown_argument(unknown.join(", ")));
    }
    problems
}

/// What is wrong with a value, in our words.
fn say(problem: &Violation, value: &str, texts: &Catalogue) -> String {
    match problem {
        Violation::Type { wanted, .. } => {
            let wanted = match *wanted {
                "integer" => texts.type_integer(),
                "boolean" => texts.type_boolean(),
                _ => texts.type_string(),
            };
            texts.wrong_type(value, wanted)
        }
        Violation::Value { got, allowed } => {
            let text = texts.wrong_enum(value, allowed.join(", "));
            let meant = near::closest(got, allowed.iter().map(String::as_str));
            meant.map_or_else(|| text.clone(), |meant| format!("{text}; {}", texts.meant(meant)))
        }
        Violation::TooSmall(limit) => texts.too_small(value, limit),
        Violation::TooGreat(limit) => texts.too_great(value, limit),
        // The only pattern is that of a node name.
        Violation::Pattern => texts.bad_node(value),
        other => other.to_string(),
    }
}

/// That a call was not made, and why.
pub(super) fn refused(tool: &str, problems: &[String], texts: &Catalogue) -> String {
    texts.bad_arguments(tool, joined(problems))
}

/// All problems, one after the other. A question ends a sentence, so what comes after it begins one; it is about an argument
/// that there is none of, as the question was, and so does not begin with the name of one.
fn joined(problems: &[String]) -> String {
    problems.iter().fold(String::new(), |said, problem| match said.chars().last() {
        None => problem.clone(),
        Some('?') => format!("{said} {}", capital(problem)),
        Some(_) => format!("{said}; {problem}"),
    })
}

/// A value as JSON, shortened.
pub(super) fn short(value: &Value) -> String {
    foreign::line(&value.to_string(), SHOWN).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::tools::{registry, say::Lang};

    #[test]
    fn no_schema_has_a_keyword_that_is_not_held() {
        const ROOT: [&str; 3] = ["type", "properties", "additionalProperties"];
        const HELD: [&str; 8] =
            ["type", "enum", "minimum", "maximum", "pattern", "maxLength", "default", "description"];
        for tool in registry::all() {
            let schema = tool.strict();
            assert!(schema.as_object().unwrap().keys().all(|key| ROOT.contains(&key.as_str())), "{schema}");
            assert_eq!(schema["additionalProperties"], json!(false));
            for (name, property) in schema["properties"].as_object().unwrap() {
                let keywords = property.as_object().unwrap();
                for keyword in keywords.keys() {
                    assert!(HELD.contains(&keyword.as_str()), "{}.{name}: {keyword} is not held", tool.name);
                }
                // It is held by the type of a node name alone; a length is held as any other bound.
                let node = keywords.contains_key("pattern");
                assert_eq!(node, name == "node", "{}.{name}: {property}", tool.name);
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            prop_oneof![any::<i64>(), -1..1000_i64, Just(999_999_999), Just(1_000_000_000)].prop_map(Value::from),
            (0.5..1000.0_f64).prop_filter("whole", |n| n.fract() != 0.0).prop_map(Value::from),
            prop_oneof!["pve[0-9]", "[a-zA-Z0-9./%#\u{0}-]{0,70}", "(stop|shutdown|full|running|reset|reboot)"]
                .prop_map(Value::from),
            Just(json!([])),
            Just(json!({})),
        ]
    }

    fn name() -> impl Strategy<Value = String> {
        let names: Vec<_> = registry::all().flat_map(|tool| keys(&tool.strict())).collect();
        prop_oneof![9 => prop::sample::select(names), 1 => "[a-z]{1,5}"]
    }

    fn keys(schema: &Value) -> Vec<String> {
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn a_validator_that_others_wrote_says_the_same(
            tool in prop::sample::select(registry::all().collect::<Vec<_>>()),
            given in prop::collection::hash_map(name(), value(), 0..5),
        ) {
            let schema = tool.strict();
            let given: Map<String, Value> = given.into_iter().collect();
            let ours = problems(&tool.params(), &given, Lang::En.texts());
            let theirs = jsonschema::validator_for(&schema).unwrap().is_valid(&Value::Object(given.clone()));
            prop_assert_eq!(ours.is_empty(), theirs, "{}: {:?}: {:?}", tool.name, given, ours);
        }
    }
}
