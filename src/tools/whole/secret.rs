//! What no reply shows: tokens, tickets, passwords, keys.

use serde_json::Value;

use crate::{spec::Endpoint, tools::property::MASK};

/// Fields of replies that are secrets under a name that does not say so.
const FIELDS: [(&str, &str); 12] = [
    ("POST /access/users/{userid}/token/{tokenid}", "value"),
    ("PUT /access/users/{userid}/token/{tokenid}", "value"),
    ("POST /access/tfa/{userid}", "recovery"),
    ("POST /access/tfa/{userid}", "challenge"),
    ("GET /nodes/{node}/qemu/{vmid}/cloudinit/dump", ""),
    ("POST /cluster/config", ""),
    ("GET /cluster/acme/plugins", "data"),
    ("GET /cluster/acme/plugins/{id}", "data"),
    ("GET /cluster/sdn/dns", "key"),
    ("GET /cluster/sdn/dns/{dns}", "key"),
    ("POST /cluster/config/nodes/{node}", "corosync_authkey"),
    ("GET /cluster/metrics/server/{id}", "otel-headers"),
];

/// Words of which one in a name says that its value is a secret.
const WORDS: [&str; 12] = [
    "password",
    "passwd",
    "secret",
    "ticket",
    "csrf",
    "private",
    "passphrase",
    "keyring",
    "apikey",
    "api-key",
    "encryption-key",
    "cipassword",
];

/// Hides the secrets of a reply, in place; says how many.
pub(super) fn mask(endpoint: &Endpoint, reply: &mut Value) -> usize {
    let at = endpoint.at();
    let named: Vec<&str> = FIELDS.iter().filter(|(of, _)| *of == at).map(|(_, field)| *field).collect();
    if named.contains(&"") && !reply.is_null() {
        *reply = MASK.into();
        return 1;
    }
    let option = pending(endpoint);
    hide(reply, option, &|key| named.contains(&key) || is_secret(key))
}

/// Whether a field or an argument of this name is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word)) || matches!(key.as_str(), "key" | "token" | "sshkeys" | "env")
}

/// Whether the rows of a reply name an option in their field `key`, and have its value beside it.
fn pending(endpoint: &Endpoint) -> bool {
    endpoint.path.ends_with("/pending")
}

fn hide(value: &mut Value, options: bool, secret: &impl Fn(&str) -> bool) -> usize {
    match value {
        Value::Object(fields) => {
            let option = options && fields.get("key").and_then(Value::as_str).is_some_and(secret);
            let row = if option { ["value", "pending"] } else { ["", ""] };
            let mut hidden = 0;
            for (key, value) in fields {
                if (secret(key) && !(options && key == "key") || row.contains(&key.as_str()))
                    && !value.is_null()
                    && !value.is_boolean()
                {
                    *value = MASK.into();
                    hidden += 1;
                } else {
                    hidden += hide(value, options, secret);
                }
            }
            hidden
        }
        Value::Array(list) => list.iter_mut().map(|value| hide(value, options, secret)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{api, spec::Method};

    #[test]
    fn secrets_of_replies_are_hidden_wherever_they_stand() {
        let endpoint = |method, path| api::endpoint(method, path).expect("an endpoint");
        let token = endpoint(Method::Post, "/access/users/{userid}/token/{tokenid}");
        let mut reply = json!({"full-tokenid": "a@pve!b", "value": "aaaa-bbbb", "info": {"privsep": 1}});
        assert_eq!(mask(token, &mut reply), 1);
        assert_eq!(reply, json!({"full-tokenid": "a@pve!b", "value": MASK, "info": {"privsep": 1}}));
        let pending = endpoint(Method::Get, "/nodes/{node}/qemu/{vmid}/pending");
        let mut reply =
            json!([{"key": "cipassword", "value": "hush", "pending": "hush2"}, {"key": "cores", "value": 2}]);
        assert_eq!(mask(pending, &mut reply), 2);
        assert!(!reply.to_string().contains("hush") && reply[1]["value"] == 2, "{reply}");
        let zone = endpoint(Method::Get, "/cluster/sdn/dns/{dns}");
        let mut reply = json!({"dns": "d", "key": "hush", "url": "https://d"});
        assert_eq!(mask(zone, &mut reply), 1);
        let plugins = endpoint(Method::Get, "/cluster/acme/plugins");
        let mut reply = json!([{"plugin": "cf", "data": "CF_Token=hush"}]);
        assert_eq!(mask(plugins, &mut reply), 1);
        let mut reply = json!({"deep": [{"Password": "x", "private-key": "y", "encryption-key": null}], "cpu": 1});
        assert_eq!(mask(pending, &mut reply), 2);
    }
}
