//! When the credentials end.

use chrono::DateTime;

use super::{Area, Diagnosis, login, role::quoted};
use crate::{
    api,
    client::{Auth, Client},
};

/// Credentials that end within so many days are a warning.
const SOON_DAYS: i64 = 14;
const DAY: i64 = 86_400;

/// Asks the host when the token and its user end. A host tells that to who may audit users, and a user the own end. A
/// token is not its user, so without that right it is told nothing, not even of itself (pve-access-control:
/// `API2/User.pm`, `RPCEnvironment.pm`). Gives whether the token has privilege separation, where the host shows it.
pub(super) async fn examine(client: &Client, report: &mut Diagnosis<'_>) -> Option<bool> {
    let auth = &client.settings().auth;
    let user = login::user(auth);
    let query = api::GetAccessUsers { full: Some(true), ..api::GetAccessUsers::new() };
    let users = match client.request(&query).await {
        Ok(users) => users,
        Err(error) => {
            report.skipped(Area::Login, format!("when it expires is not known: {error}"));
            return None;
        }
    };
    let Some(entry) = users.iter().find(|entry| entry.userid.as_deref() == Some(user)) else {
        let on_the_host = match auth {
            Auth::Token(_) => format!("`pveum user token list {}`", quoted(user)),
            Auth::Password { .. } => "`pveum user list`".to_owned(),
        };
        let what = format!(
            "when {} expires is not shown to it: that takes Sys.Audit on /access/groups, which no tool needs; \
             {on_the_host} on the host tells it",
            auth.who()
        );
        report.skipped(Area::Login, what);
        return None;
    };
    let now = i64::try_from(client.settings().clock.now()).unwrap_or(i64::MAX);
    let mut separated = None;
    if let Auth::Token(token) = auth {
        let name = token.id.rsplit_once('!').map_or("", |(_, name)| name);
        let own = entry.tokens.iter().find(|own| own.tokenid.as_deref() == Some(name));
        let (of, id) = (quoted(user), quoted(name));
        let cure = format!("`pveum user token modify {of} {id} --expire 0` on the host takes the end away");
        separated = own.and_then(|own| own.privsep);
        tell(&format!("token {}", token.id), own.and_then(|own| own.expire), now, cure, report);
    }
    let cure = format!("`pveum user modify {} --expire 0` on the host takes the end away", quoted(user));
    tell(&format!("user {user}"), entry.expire, now, cure, report);
    separated
}

/// Tells when one of them ends; 0 is never.
fn tell(what: &str, expire: Option<i64>, now: i64, cure: String, report: &mut Diagnosis<'_>) {
    let Some(end) = expire.filter(|end| *end != 0) else {
        return report.ok(Area::Login, format!("{what} does not expire"));
    };
    let date = DateTime::from_timestamp(end, 0).map_or_else(|| end.to_string(), |at| at.date_naive().to_string());
    let days = end.saturating_sub(now).max(0) / DAY;
    let what = format!("{what} expires on {date}, in {days} day{}", if days == 1 { "" } else { "s" });
    if days < SOON_DAYS {
        return report.warn(Area::Login, what, cure);
    }
    report.ok(Area::Login, what);
}
