//! What no reply and no plan shows: tokens, tickets, passwords, keys.

use serde_json::Value;

use crate::{
    spec::Endpoint,
    tools::property::{self, MASK},
};

/// Fields of replies, and parameters, that are secrets of one method under a name that does not say so; an empty name is all of
/// the reply.
const FIELDS: [(&str, &str); 27] = [
    ("POST /access/users/{userid}/token/{tokenid}", "value"),
    ("PUT /access/users/{userid}/token/{tokenid}", "value"),
    ("POST /access/tfa/{userid}", "recovery"),
    ("POST /access/tfa/{userid}", "challenge"),
    ("POST /access/tfa/{userid}", "totp"),
    ("POST /access/tfa/{userid}", "value"),
    ("GET /access/users", "keys"),
    ("GET /access/users/{userid}", "keys"),
    ("POST /access/users", "keys"),
    ("PUT /access/users/{userid}", "keys"),
    ("POST /access/openid/auth-url", ""),
    ("GET /nodes/{node}/qemu/{vmid}/cloudinit/dump", ""),
    ("POST /cluster/config", ""),
    ("POST /cluster/config/nodes/{node}", "corosync_authkey"),
    ("GET /cluster/acme/plugins", "data"),
    ("GET /cluster/acme/plugins/{id}", "data"),
    ("POST /cluster/acme/plugins", "data"),
    ("PUT /cluster/acme/plugins/{id}", "data"),
    ("GET /cluster/metrics/server/{id}", "otel-headers"),
    ("POST /cluster/metrics/server/{id}", "otel-headers"),
    ("PUT /cluster/metrics/server/{id}", "otel-headers"),
    ("GET /cluster/notifications/endpoints/webhook", "header"),
    ("GET /cluster/notifications/endpoints/webhook/{name}", "header"),
    ("POST /cluster/notifications/endpoints/webhook", "header"),
    ("PUT /cluster/notifications/endpoints/webhook/{name}", "header"),
    ("POST /nodes/{node}/qemu/{vmid}/agent/file-write", "content"),
    ("POST /nodes/{node}/qemu/{vmid}/agent/exec", "input-data"),
];

/// Words of which one in a name says that its value is a secret.
const WORDS: [&str; 15] = [
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
    "client-key",
    "hmac-key",
    "encryption-key",
    "authkey",
    "credential",
];

/// Names that are secrets as they stand.
const NAMES: [&str; 6] = ["key", "token", "sshkeys", "ssh-public-keys", "env", "otp"];

/// Hides the secrets of a reply, in place; says how many.
pub(super) fn mask(endpoint: &Endpoint, reply: &mut Value) -> usize {
    if is_secret_of(endpoint, "") && !reply.is_null() {
        *reply = MASK.into();
        return 1;
    }
    hide(reply, options(endpoint), &|key| is_secret_of(endpoint, key))
}

/// The arguments of a call as a record may keep them.
pub(in crate::tools) fn shown(endpoint: &Endpoint, arguments: &serde_json::Map<String, Value>) -> String {
    let mut arguments = Value::Object(arguments.clone());
    hide(&mut arguments, None, &|key| is_secret_of(endpoint, key));
    arguments.to_string()
}

/// Whether a field or an argument of this name is a secret of this method.
pub(in crate::tools) fn is_secret_of(endpoint: &Endpoint, key: &str) -> bool {
    let at = endpoint.at();
    FIELDS.iter().any(|(of, field)| *field == key && *of == at) || is_secret(key)
}

/// Whether a name says that its value is a secret.
pub(in crate::tools) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word)) || NAMES.contains(&key.as_str())
}

/// The field in which rows name an option that has its value beside it, where a reply is made of such rows.
fn options(endpoint: &Endpoint) -> Option<&'static str> {
    match endpoint.path.as_str() {
        path if path.ends_with("/pending") || path.ends_with("/cloudinit") => Some("key"),
        path if path.ends_with("/ceph/cfg/db") => Some("name"),
        _ => None,
    }
}

fn hide(value: &mut Value, options: Option<&str>, secret: &impl Fn(&str) -> bool) -> usize {
    match value {
        Value::Object(fields) => {
            let option = options.is_some_and(|name| fields.get(name).and_then(Value::as_str).is_some_and(secret));
            let row = if option { ["value", "pending"] } else { ["", ""] };
            let mut hidden = 0;
            for (key, value) in fields {
                let named = secret(key) && options != Some(key.as_str());
                if (named || row.contains(&key.as_str())) && !value.is_null() && !value.is_boolean() {
                    *value = MASK.into();
                    hidden += 1;
                } else if key == "lxc" && value.is_array() {
                    hidden += environment(value);
                } else {
                    hidden += hide(value, options, secret);
                }
            }
            hidden
        }
        Value::Array(list) => list.iter_mut().map(|value| hide(value, options, secret)).sum(),
        Value::String(text) => usize::from(login(text)),
        _ => 0,
    }
}

/// The raw lines of a container, of which the environment is where applications are given passwords.
fn environment(lines: &mut Value) -> usize {
    let before = lines.clone();
    *lines = property::raw_lines(lines.take());
    usize::from(*lines != before)
}

/// Hides the password of an address such as `http://user:password@proxy`, in place.
fn login(text: &mut String) -> bool {
    let Some(from) = text.find("://").map(|at| at + 3) else { return false };
    let rest = &text[from..];
    let authority = &rest[..rest.find(['/', ' ', '?', '#']).unwrap_or(rest.len())];
    let Some((user, password)) = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':')) else {
        return false;
    };
    let (start, length) = (from + user.len() + 1, password.len());
    text.replace_range(start..start + length, MASK);
    true
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

    /// Names that sound like secrets and are none: what they are is said beside them.
    const PLAIN: [(&str, &str); 16] = [
        ("author", "who a mail comes from"),
        ("full-tokenid", "the name of a token"),
        ("tokenid", "the name of a token"),
        ("tokens", "names of tokens"),
        ("hotplug", "what can be plugged in"),
        ("keyboard", "a layout"),
        ("lock-token", "names who holds the lock of the pending network changes; it opens nothing"),
        ("pem", "a certificate, which is public"),
        ("public-key-bits", "public"),
        ("public-key-type", "public"),
        ("public_key", "public"),
        ("totp-locked", "a flag"),
        ("tfa-locked-until", "a time"),
        ("Key", "a line of a repository file, such as Types"),
        ("header", "hidden where it belongs to a webhook"),
        ("value", "hidden where it belongs to a secret option"),
    ];

    /// What names of secrets have in them.
    const SOUNDS: [&str; 17] = [
        "key",
        "token",
        "pass",
        "secret",
        "ticket",
        "private",
        "cred",
        "auth",
        "cookie",
        "header",
        "nonce",
        "recovery",
        "challenge",
        "otp",
        "csrf",
        "pem",
        "tfa-",
    ];

    #[test]
    fn every_field_of_every_reply_that_can_be_a_secret_is_hidden_or_said_to_be_none() {
        fn names(shape: &crate::spec::Shape, out: &mut Vec<String>) {
            match &shape.kind {
                crate::spec::Kind::Object(fields) => {
                    for field in fields {
                        out.push(field.name.clone());
                        names(&field.shape, out);
                    }
                }
                crate::spec::Kind::Array(item) => names(item, out),
                _ => {}
            }
        }
        let mut open = Vec::new();
        for endpoint in api::endpoints() {
            let mut all = Vec::new();
            names(&endpoint.returns, &mut all);
            for name in all {
                let low = name.to_ascii_lowercase();
                let sounds = SOUNDS.iter().any(|word| low.contains(word)) || low == "env" || low == "data";
                let plain = PLAIN.iter().any(|(known, _)| *known == name)
                    || (low == "data" && !endpoint.path.contains("/acme/"));
                if sounds && !plain && !is_secret_of(endpoint, &name) && !is_secret_of(endpoint, "") {
                    open.push(format!("{} {name}", endpoint.at()));
                }
            }
        }
        assert!(open.is_empty(), "neither hidden nor said to be plain: {open:#?}");
        for (of, _) in FIELDS {
            let (verb, path) = of.split_once(' ').expect("a method");
            assert!(Method::parse(verb).and_then(|method| api::endpoint(method, path)).is_some(), "{of}");
        }
    }

    #[test]
    fn secrets_are_hidden_in_rows_lines_and_addresses() {
        let endpoint = |method, path| api::endpoint(method, path).expect("an endpoint");
        let config = endpoint(Method::Get, "/nodes/{node}/lxc/{vmid}/config");
        let mut reply = json!({"lxc": [["lxc.environment", "A=hush"], ["lxc.apparmor.profile", "x"]], "hostname": "a"});
        assert_eq!(mask(config, &mut reply), 1);
        assert!(!reply.to_string().contains("hush") && reply.to_string().contains("apparmor"), "{reply}");
        let options = endpoint(Method::Get, "/cluster/options");
        let mut reply =
            json!({"http_proxy": "http://ops:hush@proxy:3128", "console": "html5", "url": "https://pve:8006/"});
        assert_eq!(mask(options, &mut reply), 1);
        assert_eq!(reply["http_proxy"], format!("http://ops:{MASK}@proxy:3128"));
        let realm = endpoint(Method::Get, "/access/domains/{realm}");
        let mut reply = json!({"client-id": "a", "client-key": "hush", "type": "openid"});
        assert_eq!(mask(realm, &mut reply), 1);
        let hook = endpoint(Method::Get, "/cluster/notifications/endpoints/webhook/{name}");
        let mut reply = json!({"name": "a", "header": ["name=Authorization,value=aHVzaA=="], "url": "https://a"});
        assert_eq!((mask(hook, &mut reply), reply["header"].clone()), (1, json!(MASK)));
        let database = endpoint(Method::Get, "/nodes/{node}/ceph/cfg/db");
        let mut reply = json!([{"name": "rgw_ldap_secret", "value": "hush"}, {"name": "osd_pool_size", "value": "3"}]);
        assert_eq!(mask(database, &mut reply), 1);
        assert_eq!(reply[1]["value"], "3");
    }
}
