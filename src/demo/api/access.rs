//! Logging in, and what one may do.

use serde_json::{Value, json};

use super::{Call, IntoReply as _};
use crate::demo::{
    access::{Attempt, effective, log_in, users_seen},
    reply::{Failure, Outcome},
};

/// A form for a login page, of which nothing is left.
pub(super) fn ticket_form(_: &mut Call<'_>) -> Outcome {
    Ok(Value::Null.into_reply())
}

pub(super) fn ticket(call: &mut Call<'_>) -> Outcome {
    let attempt = Attempt {
        username: call.args.get("username").unwrap_or_default(),
        realm: call.args.get("realm"),
        password: call.args.get("password").unwrap_or_default(),
        otp: call.args.get("otp"),
        challenge: call.args.get("tfa-challenge"),
    };
    let now = call.world.seconds();
    let cluster = call.world.cluster.clone();
    log_in(&mut call.world.access, attempt, now, cluster.as_deref()).map(Into::into)
}

pub(super) fn permissions(call: &mut Call<'_>) -> Outcome {
    let access = &call.world.access;
    let asked = call.args.get("userid").filter(|id| *id != call.who.id());
    let who = match asked {
        None => call.who.clone(),
        Some(_) if !access.may(call.who, "/access", "Sys.Audit") => {
            return Err(Failure::forbidden("/access, Sys.Audit"));
        }
        Some(id) => {
            let (user, token) = id.split_once('!').map_or((id, None), |(u, t)| (u, Some(t.to_owned())));
            crate::demo::access::Who { user: user.to_owned(), token }
        }
    };
    Ok(effective(access, &who, call.args.get("path")).into_reply())
}

pub(super) fn domains(call: &mut Call<'_>) -> Outcome {
    let mut rows = vec![
        json!({"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"}),
        json!({"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server", "default": 1}),
    ];
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

/// Who is there, as far as one may see it.
pub(super) fn users(call: &mut Call<'_>) -> Outcome {
    let enabled = call.args.get("enabled").map(|_| call.args.flag("enabled"));
    Ok(users_seen(&call.world.access, call.who, enabled, call.args.flag("full")).into_reply())
}

/// Who has a second factor, as far as one may see it.
pub(super) fn second_factors(call: &mut Call<'_>) -> Outcome {
    let all = call.world.access.may(call.who, "/access", "Sys.Audit");
    let began = call.world.began / 1000;
    let seen = call.world.access.with_second_factor().filter(|user| all || *user == call.who.user);
    let rows: Vec<Value> = seen
        .map(|user| {
            let entry = json!({"id": "6f1a2c5e-0000-4000-a000-000000000001", "type": "totp", "created": began,
                "description": "authenticator"});
            json!({"userid": user, "entries": [entry]})
        })
        .collect();
    Ok(rows.into_reply())
}
