//! Credentials, and the release of the host that accepted them.

use super::{Area, Diagnosis, role::quoted};
use crate::{
    api,
    client::{Auth, Client, Error, Greeting, Trouble},
    tools::{Rights, tool::Tool},
};

/// Logs in and reads what the credentials may do.
pub(super) async fn examine(client: &Client, greeting: &Greeting, report: &mut Diagnosis<'_>) -> Option<Rights> {
    let auth = &client.settings().auth;
    let error = match Rights::read(client).await {
        Ok(rights) => {
            let how = match auth {
                Auth::Token(_) => "API token",
                Auth::Password { totp: None, .. } => "password",
                Auth::Password { totp: Some(_), .. } => "password and second factor",
            };
            report.ok(Area::Login, format!("{} is accepted ({how})", auth.who()));
            return Some(rights);
        }
        Err(error) => error,
    };
    match &error {
        Error::Login { why, advice } => {
            let what = format!("{} is not accepted: {why}", auth.who());
            report.fail(Area::Login, what, cure(auth, greeting).unwrap_or_else(|| advice.to_string()));
        }
        other if other.kind() == Trouble::Unreachable => {
            report.fail(Area::Login, other.to_string(), "run the doctor again; if it stays, look at pveproxy's log");
        }
        other => {
            let advice = other
                .advice()
                .map_or_else(|| "look at the log of pveproxy on the host".to_owned(), |advice| advice.to_string());
            report.fail(Area::Login, other.to_string(), advice);
        }
    }
    None
}

/// What to look at when a login is refused. PVE does not say why, so that nobody can guess: the host's own commands do.
fn cure(auth: &Auth, greeting: &Greeting) -> Option<String> {
    let user = user(auth);
    let realm = user.rsplit_once('@').map_or("", |(_, realm)| realm);
    if !greeting.realms.is_empty() && greeting.realms.iter().all(|r| r.realm != realm) {
        let mut known: Vec<_> = greeting.realms.iter().map(|r| r.realm.as_str()).collect();
        known.sort_unstable();
        return Some(format!("the host has no realm {realm:?}; it has {}", known.join(", ")));
    }
    match auth {
        Auth::Token(_) => Some(format!(
            "on the host, `pveum user token list {}` shows whether the token exists and when it expires, and \
             `pveum user list` whether its user is enabled; if both are fine the secret is wrong: make a new token, \
             PVE does not show a secret twice",
            quoted(user)
        )),
        // The client's own advice tells a wrong password from a missing or wrong second factor.
        Auth::Password { .. } => None,
    }
}

/// The user of the credentials: `mcp@pve` for the token `mcp@pve!ai`.
pub(super) fn user(auth: &Auth) -> &str {
    let who = auth.who();
    match auth {
        Auth::Token(_) => who.rsplit_once('!').map_or(who, |(user, _)| user),
        Auth::Password { .. } => who,
    }
}

/// Compares the release of the host with the schema that this program was built from.
pub(super) async fn release(client: &Client, tools: &[&Tool], report: &mut Diagnosis<'_>) {
    let Some(host) = client.release().await else {
        return report.skipped(Area::Release, "the host does not tell its release");
    };
    report.ok(Area::Release, format!("the host runs PVE {host}; this program knows the API of PVE {}", api::RELEASE));
    for tool in tools {
        for endpoint in tool.calls {
            let at = format!("{} {}", endpoint.method, endpoint.path);
            if host.lacks(api::RELEASES, &endpoint.releases).is_some() {
                report.warn(
                    Area::Release,
                    format!("{}: PVE {host} has no {at}", tool.name),
                    format!(
                        "update the host to PVE {}",
                        endpoint.releases.first().map_or(api::RELEASE, String::as_str)
                    ),
                );
                continue;
            }
            let lacking = endpoint.params.iter().filter(|p| host.lacks(&endpoint.releases, &p.releases).is_some());
            let names: Vec<_> = lacking.map(|p| p.name.as_str()).collect();
            if !names.is_empty() {
                report.skipped(
                    Area::Release,
                    format!(
                        "{}: PVE {host} has no parameter {} of {at}; a call that needs it is refused",
                        tool.name,
                        names.join(", ")
                    ),
                );
            }
        }
    }
}
