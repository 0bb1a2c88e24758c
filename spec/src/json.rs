//! Calls from JSON: what a program or a model writes down, held to PVE's own rules before anything is sent.

use serde_json::{Map, Value};

use crate::{BadCall, Call, Endpoint, schema::property, verify};

impl Call {
    /// A call of `endpoint` with these arguments: parameters by their published names, and members of an indexed family
    /// as `net0` or, as tool schemas have them, as the list `net_n` of `{index, value}`.
    ///
    /// # Errors
    /// Every argument that PVE would refuse; a value that cannot stand in the path.
    pub fn from_json(endpoint: &'static Endpoint, arguments: Map<String, Value>) -> Result<Self, BadCall> {
        let params = arguments.into_iter().flat_map(|(name, value)| spelled_out(endpoint, name, value)).collect();
        let mut params = verify::verify(endpoint, params).map_err(BadCall::Refused)?;
        let in_path = endpoint.params.iter().filter(|param| param.in_path);
        let segments: Vec<(&str, String)> = in_path
            .filter_map(|param| match params.remove(&param.name)? {
                Value::String(text) => Some((param.name.as_str(), text)),
                other => Some((param.name.as_str(), other.to_string())),
            })
            .collect();
        let mut call = Self::new(endpoint, &segments)?;
        for (name, value) in params {
            match value {
                Value::Array(values) => values.into_iter().for_each(|value| call.set(name.clone(), value)),
                value => call.set(name, value),
            }
        }
        Ok(call)
    }
}

/// An argument under the names that PVE knows.
fn spelled_out(endpoint: &Endpoint, name: String, value: Value) -> Vec<(String, Value)> {
    if endpoint.param(&name).is_some() {
        return vec![(name, value)];
    }
    let Some(param) = endpoint.params.iter().find(|param| property(&param.name, param.indexed) == name) else {
        return vec![(name, value)];
    };
    if !param.indexed {
        return vec![(param.name.clone(), value)];
    }
    let member = |item: &Value| Some((item.get("index")?.as_u64()?, item.get("value")?.clone()));
    let members = value.as_array().and_then(|items| items.iter().map(member).collect::<Option<Vec<_>>>());
    match members {
        Some(members) => members.into_iter().map(|(index, value)| (format!("{}{index}", param.name), value)).collect(),
        // Not of that form; verification says that there is no such parameter.
        None => vec![(name, value)],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::verify::fixture;

    fn call(arguments: Value) -> Result<Call, BadCall> {
        let Value::Object(arguments) = arguments else { panic!("an object") };
        Call::from_json(Box::leak(Box::new(fixture::endpoint())), arguments)
    }

    fn wire(arguments: Value) -> Vec<String> {
        let call = call(arguments).expect("a call");
        call.params().iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn text_is_not_quoted_lists_repeat_and_booleans_are_digits() {
        let sent = wire(json!({"vmid": 100, "full": true, "short": "a\"b", "command": ["ls", "-l"], "timeout": "5"}));
        assert_eq!(sent, ["command=ls", "command=-l", "full=1", "short=a\"b", "timeout=5"]);
        assert_eq!(call(json!({"vmid": "100"})).expect("a call").path(), "/x/100");
    }

    #[test]
    fn members_of_a_family_come_alone_or_as_a_list() {
        let list = json!([{"index": 2, "value": "e1000"}, {"index": 10, "value": "virtio"}]);
        assert_eq!(
            wire(json!({"vmid": 100, "net_n": list, "net0": "virtio"})),
            ["net0=virtio", "net10=virtio", "net2=e1000"]
        );
    }

    #[test]
    fn everything_that_pve_would_refuse_is_told_at_once_in_its_words() {
        let said = call(json!({"vmid": 99, "net_n": "virtio", "timeout": -1, "net1": "foo"})).unwrap_err().to_string();
        assert_eq!(
            said,
            "net1: invalid format - format error\nnet1.model: value 'foo' does not have a value in the enumeration \
             'e1000, virtio'; net_n: property is not defined in schema and the schema does not allow additional \
             properties; timeout: value must have a minimum value of 0; vmid: invalid format - value does not look like \
             a valid VM ID"
        );
        let said = call(json!({})).unwrap_err().to_string();
        assert_eq!(said, "vmid: property is missing and it is not optional");
    }
}
