//! Facts of the model as short text: the words in which surface and diff speak of types, limits and permissions.

use crate::model::{Endpoint, Format, Permission, Shape, SubKey};

/// Type and constraints, one fact each, the type first: `["integer", "100..999999999", "default 100"]`.
pub fn shape(shape: &Shape) -> Vec<String> {
    let mut facts = vec![shape.kind.to_string()];
    facts.extend(range(shape.minimum, shape.maximum));
    facts.extend(range(shape.min_length, shape.max_length).map(|range| format!("{range} characters")));
    if !shape.values.is_empty() {
        facts.push(format!("one of {}", visible(&shape.values.join("|"))));
    }
    match &shape.format {
        Format::Named(name) => facts.push(format!("format {}", visible(name))),
        Format::Properties(_) => facts.push("property string".to_owned()),
        Format::None => {}
    }
    facts.extend(shape.pattern.iter().map(|pattern| format!("pattern /{}/", one_line(pattern))));
    facts.extend(shape.default.iter().map(|default| format!("default {}", one_line(default))));
    facts
}

/// The facts of one key of a property string.
pub fn sub_key(key: &SubKey) -> Vec<String> {
    let mut facts = match &key.alias {
        Some(alias) => vec![format!("alias of {}", visible(alias))],
        None => {
            let mut facts = shape(&key.shape);
            facts.insert(1, presence(key.optional).to_owned());
            facts
        }
    };
    facts.extend(key.key_alias.iter().map(|kept| format!("its name is kept as {}", visible(kept))));
    if key.default_key {
        facts.push("may stand without its name".to_owned());
    }
    facts
}

/// `optional` or `required`.
pub const fn presence(optional: bool) -> &'static str {
    if optional { "optional" } else { "required" }
}

/// Where something exists, of the `known` releases: `since 8.4` for that one and all later ones, else `in 7.4 8.4`.
pub fn releases(have: &[String], known: &[String]) -> String {
    match have.first() {
        Some(first) if known.ends_with(have) => format!("since {first}"),
        Some(_) => format!("in {}", have.join(" ")),
        None => "in none".to_owned(),
    }
}

/// Who may call, as one line.
pub fn permission(permission: &Permission) -> String {
    match permission {
        Permission::Root => "root@pam only".to_owned(),
        Permission::AllUsers => "any user".to_owned(),
        Permission::World => "anyone, without login".to_owned(),
        Permission::Privileges { path, privileges, any, require_param } => {
            let list = privileges.join(if *any { " or " } else { " and " });
            let condition = require_param.as_ref().map_or(String::new(), |param| format!(" if {param} is given"));
            visible(&format!("{list} on {path}{condition}"))
        }
        Permission::And(parts) => join(parts, " and "),
        Permission::Or(parts) => join(parts, " or "),
        Permission::Other(published) => one_line(published),
    }
}

/// Who may call an endpoint, with what PVE says of it in prose alone.
pub fn who(endpoint: &Endpoint, spanish: bool) -> String {
    let checked = permission(&endpoint.permission);
    let condition = if spanish { &endpoint.condition_es } else { &endpoint.condition };
    match (condition.as_str(), &endpoint.condition_text, spanish) {
        ("", None, _) => checked,
        ("", Some(_), false) => format!("{checked}; PVE has further conditions"),
        ("", Some(_), true) => format!("{checked}; PVE pone más condiciones"),
        (condition, ..) => format!("{checked}; {condition}"),
    }
}

fn join(parts: &[Permission], word: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("({})", permission(part))).collect();
    parts.join(word)
}

/// `1..5`, `1..` or `..5`; nothing without a limit.
fn range<N: std::fmt::Display>(least: Option<N>, greatest: Option<N>) -> Option<String> {
    match (least, greatest) {
        (None, None) => None,
        (least, greatest) => Some(format!("{}..{}", text(least), text(greatest))),
    }
}

fn text<N: std::fmt::Display>(limit: Option<N>) -> String {
    limit.map_or(String::new(), |limit| limit.to_string())
}

/// Text with each run of blanks and line ends as one blank, and nothing in it that a terminal would obey or hide.
pub fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text in which what cannot be seen, or would turn what follows around, is written out: `\u{202e}`.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_shape_reads_type_first_and_limits_after() {
        let integer =
            Shape { kind: Kind::Integer, minimum: Some(1.0), maximum: Some(999_999_999.0), ..Shape::default() };
        assert_eq!(shape(&integer), ["integer", "1..999999999"]);
        let list =
            Shape { kind: Kind::Array(Box::new(Shape { kind: Kind::String, ..Shape::default() })), ..Shape::default() };
        assert_eq!(shape(&list), ["array<string>"]);
        let text =
            Shape { kind: Kind::String, max_length: Some(40), pattern: Some("a\n b".into()), ..Shape::default() };
        assert_eq!(shape(&text), ["string", "..40 characters", "pattern /a b/"]);
    }

    #[test]
    fn releases_read_as_since_only_when_no_later_one_lacks_it() {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let known = list("7.4 8.4 9.1 9.2");
        for (have, text) in [
            ("7.4 8.4 9.1 9.2", "since 7.4"),
            ("9.2", "since 9.2"),
            ("8.4 9.2", "in 8.4 9.2"),
            ("7.4 8.4", "in 7.4 8.4"),
            ("", "in none"),
        ] {
            assert_eq!(releases(&list(have), &known), text);
        }
    }

    #[test]
    fn a_permission_reads_as_a_sentence() {
        let on = |privileges: &[&str], path: &str, any, param: Option<&str>| Permission::Privileges {
            path: path.to_owned(),
            privileges: privileges.iter().map(|&p| p.to_owned()).collect(),
            any,
            require_param: param.map(str::to_owned),
        };
        let clone = Permission::And(vec![
            on(&["VM.Clone"], "/vms/{vmid}", false, None),
            Permission::Or(vec![
                on(&["A", "B"], "/vms/{newid}", true, None),
                on(&["C"], "/pool/{pool}", false, Some("pool")),
            ]),
        ]);
        assert_eq!(
            permission(&clone),
            "(VM.Clone on /vms/{vmid}) and ((A or B on /vms/{newid}) or (C on /pool/{pool} if pool is given))"
        );
    }
}
