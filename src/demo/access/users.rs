//! The list of users (pve-access-control: `API2/User.pm`).

use serde_json::{Map, Value, json};

use super::{Access, Who};

/// The users that somebody may see, in order: all with `User.Modify` or `Sys.Audit` on `/access/groups`, those of the
/// groups on which it has one of them, and itself. A token is not its user, so without these rights it sees nobody.
pub(in super::super) fn users_seen(access: &Access, who: &Who, enabled: Option<bool>, full: bool) -> Vec<Value> {
    let may = |path: &str| ["User.Modify", "Sys.Audit"].iter().any(|privilege| access.may(who, path, privilege));
    let all = may("/access/groups");
    let groups: Vec<_> = access.groups.iter().filter(|(name, _)| may(&format!("/access/groups/{name}"))).collect();
    let seen = |id: &str| all || id == who.id() || groups.iter().any(|(_, members)| members.iter().any(|m| m == id));
    let people = access.users.iter().filter(|(id, person)| seen(id) && enabled.is_none_or(|e| e == person.enabled));
    people
        .map(|(id, person)| {
            let realm = id.rsplit('@').next().unwrap_or_default();
            let mut row = Map::new();
            row.insert("userid".to_owned(), json!(id));
            row.insert("enable".to_owned(), json!(u8::from(person.enabled)));
            row.insert("expire".to_owned(), json!(person.expire));
            row.insert("realm-type".to_owned(), json!(realm));
            if full {
                let member = |(_, members): &(&String, &Vec<String>)| members.iter().any(|m| m == id);
                let groups: Vec<&str> = access.groups.iter().filter(member).map(|(name, _)| name.as_str()).collect();
                row.insert("groups".to_owned(), json!(groups.join(",")));
                tokens(access, id, &mut row);
            }
            Value::Object(row)
        })
        .collect()
}

/// The tokens of a user; without any the key is left out.
fn tokens(access: &Access, user: &str, row: &mut Map<String, Value>) {
    let own = access.tokens.iter().filter_map(|(id, key)| Some((id.strip_prefix(user)?.strip_prefix('!')?, key)));
    let rows: Vec<Value> = own
        .map(|(name, key)| json!({"tokenid": name, "expire": key.expire, "privsep": u8::from(key.privsep)}))
        .collect();
    if !rows.is_empty() {
        row.insert("tokens".to_owned(), json!(rows));
    }
}
