//! Users, groups, tokens, roles and what they may do where (pve-access-control: `API2/*.pm`).

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    access::Grant,
    reply::{Failure, Outcome},
};

fn text(call: &Call<'_>, name: &str) -> String {
    call.args.get(name).unwrap_or_default().to_owned()
}

fn list(call: &Call<'_>, name: &str) -> Vec<String> {
    call.args.list(name).into_iter().map(str::to_owned).collect()
}

pub(super) fn acl(call: &mut Call<'_>) -> Outcome {
    Ok(call.world.access.acl_rows(call.who).into_reply())
}

pub(super) fn grant(call: &mut Call<'_>) -> Outcome {
    let path = text(call, "path");
    let manages = if path.starts_with("/vms/") {
        Some("VM.Allocate")
    } else if path.starts_with("/storage/") {
        Some("Datastore.Allocate")
    } else {
        path.starts_with("/pool/").then_some("Pool.Allocate")
    };
    let wanted: Vec<&str> = std::iter::once("Permissions.Modify").chain(manages).collect();
    if !wanted.iter().any(|privilege| call.world.access.may(call.who, &path, privilege)) {
        return Err(Failure::forbidden(&format!("{path}, {}", wanted.join("|"))));
    }
    let roles = list(call, "roles");
    let known: Vec<String> = call.world.access.role_rows().into_iter().map(|(name, ..)| name).collect();
    if let Some(role) = roles.iter().find(|role| !known.contains(role)) {
        return Err(Failure::new(format!("ACL update failed: role '{role}' does not exist")));
    }
    let groups = list(call, "groups").into_iter().map(|group| format!("@{group}"));
    let who: Vec<String> = list(call, "users").into_iter().chain(list(call, "tokens")).chain(groups).collect();
    if who.is_empty() {
        let text = "either 'users', 'groups' or 'tokens' is required.";
        return Err(Failure::param("users", text));
    }
    let delete = call.args.flag("delete");
    if let Some(gone) = who.iter().find(|who| !delete && !call.world.access.knows(who)) {
        let (word, name) = gone.strip_prefix('@').map_or(("user", gone.as_str()), |group| ("group", group));
        return Err(Failure::new(format!("ACL update failed: {word} '{name}' does not exist")));
    }
    let propagate = call.args.get("propagate") != Some("0");
    let roles = roles.iter().map(String::as_str).collect();
    call.world.access.grant(&Grant { path: &path, who, roles, propagate, delete });
    nothing()
}

pub(super) fn roles(call: &mut Call<'_>) -> Outcome {
    let row = |(name, privileges, special): (String, Vec<String>, bool)| json!({"roleid": name, "privs": privileges.join(","), "special": u8::from(special)});
    Ok(call.world.access.role_rows().into_iter().map(row).collect::<Vec<Value>>().into_reply())
}

fn role_of(call: &Call<'_>) -> Option<(Vec<String>, bool)> {
    let name = text(call, "roleid");
    call.world.access.role_rows().into_iter().find(|(own, ..)| *own == name).map(|(_, p, special)| (p, special))
}

pub(super) fn role(call: &mut Call<'_>) -> Outcome {
    match role_of(call) {
        Some((privileges, _)) => {
            let map: Map<String, Value> = privileges.into_iter().map(|name| (name, json!(1))).collect();
            Ok(Value::Object(map).into_reply())
        }
        None => Err(Failure::new(format!("role '{}' does not exist", text(call, "roleid")))),
    }
}

pub(super) fn write_role(call: &mut Call<'_>) -> Outcome {
    let name = text(call, "roleid");
    let creates = call.endpoint.method == crate::spec::Method::Post;
    let old = match (role_of(call), creates) {
        (Some(_), true) => return Err(Failure::new(format!("create role failed: role '{name}' already exists"))),
        (None, false) => return Err(Failure::new(format!("update role failed: role '{name}' does not exist"))),
        (Some((_, true)), false) => {
            return Err(Failure::new(format!("update role failed: auto-generated role '{name}' cannot be modified")));
        }
        (old, _) => old.map(|(privileges, _)| privileges).unwrap_or_default(),
    };
    let mut privileges = list(call, "privs");
    if call.args.flag("append") {
        privileges.extend(old);
    }
    call.world.access.set_role(&name, privileges);
    nothing()
}

pub(super) fn drop_role(call: &mut Call<'_>) -> Outcome {
    let name = text(call, "roleid");
    if call.world.access.drop_role(&name) {
        nothing()
    } else {
        Err(Failure::new(format!("delete role failed: role '{name}' does not exist")))
    }
}

fn known_user(call: &Call<'_>) -> Outcome<String> {
    let id = text(call, "userid");
    if call.world.access.knows(&id) { Ok(id) } else { Err(Failure::new(format!("no such user ('{id}')"))) }
}

fn number(call: &Call<'_>, name: &str) -> Option<u64> {
    call.args.number(name)
}

pub(super) fn user(call: &mut Call<'_>) -> Outcome {
    let id = known_user(call)?;
    let rows = crate::demo::access::users_seen(&call.world.access, &crate::demo::access::Who::root(), None, true);
    let found = rows.into_iter().find(|row| row["userid"] == id).unwrap_or_default();
    let groups: Vec<&str> = found["groups"].as_str().unwrap_or_default().split(',').filter(|g| !g.is_empty()).collect();
    let mut answer = json!({"enable": found["enable"], "expire": found["expire"], "groups": groups});
    let tokens = call.world.access.tokens_of(&id);
    if !tokens.is_empty() {
        let token = |(name, expire, privsep): (String, u64, bool)| {
            (name, json!({"expire": expire, "privsep": u8::from(privsep)}))
        };
        answer["tokens"] = Value::Object(tokens.into_iter().map(token).collect());
    }
    Ok(answer.into_reply())
}

pub(super) fn create_user(call: &mut Call<'_>) -> Outcome {
    let id = text(call, "userid");
    if call.world.access.knows(&id) {
        return Err(Failure::new(format!("create user failed: user '{id}' already exists")));
    }
    call.world.access.add_user(&id, call.args.get("password"));
    change_user(call, &id)
}

pub(super) fn update_user(call: &mut Call<'_>) -> Outcome {
    let id = known_user(call)?;
    change_user(call, &id)
}

fn change_user(call: &mut Call<'_>, id: &str) -> Outcome {
    let enabled = call.args.get("enable").map(|enable| enable == "1");
    call.world.access.set_user(id, enabled, number(call, "expire"), None);
    if call.args.get("groups").is_some() {
        let groups = call.args.list("groups");
        call.world.access.set_groups(id, &groups, call.args.flag("append"));
    }
    nothing()
}

pub(super) fn drop_user(call: &mut Call<'_>) -> Outcome {
    let id = known_user(call)?;
    call.world.access.drop_user(&id);
    nothing()
}

pub(super) fn password(call: &mut Call<'_>) -> Outcome {
    let id = known_user(call)?;
    call.world.access.set_user(&id, None, None, call.args.get("password"));
    nothing()
}

pub(super) fn tokens(call: &mut Call<'_>) -> Outcome {
    let rows = call.world.access.tokens_of(&known_user(call)?).into_iter();
    let row = |(name, expire, privsep): (String, u64, bool)| json!({"tokenid": name, "expire": expire, "privsep": u8::from(privsep)});
    Ok(rows.map(row).collect::<Vec<Value>>().into_reply())
}

fn token_of(call: &Call<'_>) -> Outcome<(String, Option<(u64, bool)>)> {
    let (user, name) = (known_user(call)?, text(call, "tokenid"));
    let found = call.world.access.tokens_of(&user).into_iter().find(|(own, ..)| *own == name);
    Ok((format!("{user}!{name}"), found.map(|(_, expire, privsep)| (expire, privsep))))
}

fn no_token(call: &Call<'_>) -> Failure {
    Failure::new(format!("no such token '{}' for user '{}'", text(call, "tokenid"), text(call, "userid")))
}

pub(super) fn token(call: &mut Call<'_>) -> Outcome {
    let Some((expire, privsep)) = token_of(call)?.1 else { return Err(no_token(call)) };
    Ok(json!({"expire": expire, "privsep": u8::from(privsep)}).into_reply())
}

pub(super) fn create_token(call: &mut Call<'_>) -> Outcome {
    let (id, found) = token_of(call)?;
    if found.is_some() {
        return Err(Failure::param("tokenid", "Token already exists."));
    }
    let secret = call.world.rng.uuid();
    let privsep = call.args.get("privsep").map(|p| p == "1");
    call.world.access.set_token(&id, &secret, number(call, "expire"), privsep);
    let privsep = if privsep == Some(false) { "0" } else { "1" };
    Ok(json!({"full-tokenid": id, "value": secret, "info": {"privsep": privsep}}).into_reply())
}

pub(super) fn update_token(call: &mut Call<'_>) -> Outcome {
    let (id, Some(_)) = token_of(call)? else { return Err(no_token(call)) };
    let privsep = call.args.get("privsep").map(|p| p == "1");
    call.world.access.set_token(&id, "", number(call, "expire"), privsep);
    token(call)
}

pub(super) fn drop_token(call: &mut Call<'_>) -> Outcome {
    let (id, Some(_)) = token_of(call)? else { return Err(no_token(call)) };
    call.world.access.drop_token(&id);
    nothing()
}

pub(super) fn groups(call: &mut Call<'_>) -> Outcome {
    let access = &call.world.access;
    let rows = access.group_rows().map(|(name, members)| json!({"groupid": name, "users": members.join(",")}));
    Ok(rows.collect::<Vec<Value>>().into_reply())
}

fn known_group(call: &Call<'_>) -> Outcome<String> {
    let name = text(call, "groupid");
    if call.world.access.knows(&format!("@{name}")) {
        Ok(name)
    } else {
        Err(Failure::new(format!("group '{name}' does not exist")))
    }
}

pub(super) fn group(call: &mut Call<'_>) -> Outcome {
    let name = known_group(call)?;
    let members = call.world.access.group_rows().find(|(own, _)| **own == name).map(|(_, members)| members.clone());
    Ok(json!({"members": members}).into_reply())
}

pub(super) fn create_group(call: &mut Call<'_>) -> Outcome {
    let name = text(call, "groupid");
    if known_group(call).is_ok() {
        return Err(Failure::new(format!("create group failed: group '{name}' already exists")));
    }
    call.world.access.add_group(&name);
    nothing()
}

pub(super) fn update_group(call: &mut Call<'_>) -> Outcome {
    known_group(call)?;
    nothing()
}

pub(super) fn drop_group(call: &mut Call<'_>) -> Outcome {
    let name = known_group(call)?;
    call.world.access.drop_group(&name);
    nothing()
}
