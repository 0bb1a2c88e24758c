//! The permission check of the table, before anything else of a call is looked at.

use super::{access::Who, http::Params, reply::Failure, world::World};
use crate::spec::Permission;

/// Whether somebody may call an endpoint with these parameters.
///
/// # Errors
/// 403 with the path and the privileges that are missing, as far as PVE tells them.
pub(super) fn check(world: &World, who: Option<&Who>, permission: &Permission, params: &Params) -> Result<(), Failure> {
    let Some(who) = who else {
        return if matches!(permission, Permission::World) {
            Ok(())
        } else {
            Err(Failure::Unauthorized("No ticket".to_owned()))
        };
    };
    if who.is_root() {
        return Ok(());
    }
    match permission {
        Permission::World | Permission::AllUsers | Permission::Other(_) => Ok(()),
        Permission::Root => Err(Failure::forbidden("user != root@pam")),
        Permission::Privileges { path, privileges, any, require_param } => {
            if require_param.as_ref().is_some_and(|name| !params.contains_key(name)) {
                return Ok(());
            }
            privileged(world, who, &filled(path, params), privileges, *any)
        }
        Permission::And(all) => all.iter().try_for_each(|p| check(world, Some(who), p, params)),
        Permission::Or(any) => {
            let one = any.iter().any(|p| applies(p, params) && check(world, Some(who), p, params).is_ok());
            if one { Ok(()) } else { Err(Failure::forbidden("")) }
        }
    }
}

fn privileged(world: &World, who: &Who, path: &str, privileges: &[String], any: bool) -> Result<(), Failure> {
    let has = |p: &&String| world.access.may(who, path, p);
    let missing = if any {
        (!privileges.iter().any(|p| has(&p))).then(|| privileges.join("|"))
    } else {
        privileges.iter().find(|p| !has(p)).cloned()
    };
    missing.map_or(Ok(()), |text| Err(Failure::forbidden(&format!("{path}, {text}"))))
}

/// Whether an alternative is about these parameters at all: one on `/pool/{pool}` is not when there is no pool.
fn applies(permission: &Permission, params: &Params) -> bool {
    match permission {
        Permission::Privileges { path, require_param, .. } => {
            let names = path.split('{').skip(1).filter_map(|part| part.split('}').next());
            // A guest that is missing is looked for at the path without it, which may be granted all the same.
            let guests = path.starts_with("/vms/") && require_param.is_none();
            guests || names.chain(require_param.as_deref()).all(|name| params.contains_key(name))
        }
        _ => true,
    }
}

fn filled(path: &str, params: &Params) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        Some(name) => match params.get(name) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        },
        None => part.to_owned(),
    };
    let path = path.split('/').map(part).collect::<Vec<_>>().join("/");
    if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path }
}
