//! The login: a token, or a user with a password.

use super::{Given, Problems};
use crate::{
    client::{Auth, Secret, Token},
    near,
};

/// The login that was given; which of the two is decided by what is set, unless `PROXMOX_AUTH_METHOD` says it.
pub(super) fn auth(given: &Given, problems: &mut Problems) -> Option<Auth> {
    let method = given.get("PROXMOX_AUTH_METHOD").map(str::to_ascii_lowercase);
    let has = |name| given.get(name).is_some();
    match method.as_deref() {
        Some("token") => problems.take(token(given)).map(Auth::Token),
        Some("password") => password(given, problems),
        Some(other) => {
            let meant = near::meant(other, ["token", "password"]);
            problems.wrong(format!("PROXMOX_AUTH_METHOD: {other:?} is neither token nor password{meant}"))
        }
        None if has("PROXMOX_TOKEN") => problems.take(token(given)).map(Auth::Token),
        None if has("PROXMOX_USERNAME") || has("PROXMOX_PASSWORD") => password(given, problems),
        None => problems.wrong(
            "no login is given: set PROXMOX_TOKEN (user@realm!id=secret), or PROXMOX_USERNAME and PROXMOX_PASSWORD",
        ),
    }
}

/// Reads `user@realm!id=secret` from the right, as PVE does: the user's name may hold `@` and `!`
/// (pve-access-control, `AccessControl.pm`). What is wrong is said without showing any of it.
fn token(given: &Given) -> Result<Token, String> {
    let text = given.get("PROXMOX_TOKEN").ok_or("PROXMOX_TOKEN is missing: set it to user@realm!id=secret")?;
    let wrong = |why: &str| format!("PROXMOX_TOKEN {why}; it looks like user@realm!id=secret");
    let text = text.trim();
    let text = text.strip_prefix("PVEAPIToken=").unwrap_or(text);
    let (id, secret) = text.rsplit_once('=').ok_or_else(|| wrong("has no '=' before its secret"))?;
    let (user, name) = id.rsplit_once('!').ok_or_else(|| wrong("has no '!' before the token's id"))?;
    if !is_user(user) {
        return Err(wrong("does not begin with a user and realm"));
    }
    if !is_identifier(name) {
        return Err(wrong("has an id that is not a letter followed by letters, digits, '.', '-' or '_'"));
    }
    if secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong("has no secret after the '=', or one with blanks in it"));
    }
    Ok(Token { id: id.to_owned(), secret: Secret::new(secret) })
}

fn password(given: &Given, problems: &mut Problems) -> Option<Auth> {
    let username = match given.get("PROXMOX_USERNAME") {
        Some(username) if is_user(username) => Ok(username),
        Some(username) => {
            Err(format!("PROXMOX_USERNAME: {username:?} is not a user with its realm, like root@pam or ops@pve"))
        }
        None => Err("PROXMOX_USERNAME is missing: set it to user@realm, for example root@pam".to_owned()),
    };
    let username = problems.take(username);
    let missing = || "PROXMOX_PASSWORD is missing: set it, or PROXMOX_PASSWORD_FILE".to_owned();
    let password = problems.take(given.get("PROXMOX_PASSWORD").ok_or_else(missing));
    let totp = given.get("PROXMOX_TOTP_SECRET");
    if totp.is_some_and(|secret| !is_base32(secret)) {
        return problems.wrong(
            "PROXMOX_TOTP_SECRET is not base32: letters A to Z and digits 2 to 7, as it was shown when the second factor was \
             set up",
        );
    }
    Some(Auth::Password {
        username: username?.to_owned(),
        password: Secret::new(password?),
        totp: totp.map(Secret::new),
    })
}

/// `user@realm`, as pve-access-control (`Auth/Plugin.pm`) takes it.
fn is_user(text: &str) -> bool {
    let Some((name, realm)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != ':' && c != '/';
    !name.is_empty() && text.len() <= 64 && name.chars().all(plain) && is_identifier(realm)
}

fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.len() > 1
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

fn is_base32(text: &str) -> bool {
    let mut letters = text.bytes().filter(|b| !matches!(b, b' ' | b'-' | b'=')).peekable();
    letters.peek().is_some() && letters.all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
}
