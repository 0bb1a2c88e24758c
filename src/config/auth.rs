//! The login: a token, or a user with a password.

use super::{BadSetting, BadSettings, Given, words};
use crate::{
    client::{Auth, Secret, Token},
    near,
};

/// The login that was given; which of the two is decided by what is set, unless `PROXMOX_AUTH_METHOD` says it.
pub(super) fn auth(given: &Given, problems: &mut BadSettings) -> Option<Auth> {
    let method = given.get(METHOD).map(str::to_ascii_lowercase);
    let has = |name| given.get(name).is_some();
    match method.as_deref() {
        Some("token") => problems.take(token(given)).map(Auth::Token),
        Some("password") => password(given, problems),
        Some(other) => {
            let meant = near::meant(other, words(METHOD).iter().copied());
            problems
                .note(BadSetting::of([METHOD], format!("{METHOD}: {other:?} is neither token nor password{meant}")));
            // Which of them was meant is not known, but what is wrong with either is.
            if has(TOKEN) {
                problems.take(token(given));
            }
            if has(USERNAME) && has(PASSWORD) {
                password(given, problems);
            }
            None
        }
        None if has(TOKEN) => problems.take(token(given)).map(Auth::Token),
        None if has(USERNAME) || has(PASSWORD) => password(given, problems),
        None => {
            problems.note(BadSetting::missing(
                [TOKEN, USERNAME, PASSWORD],
                "no login is given: set PROXMOX_TOKEN (user@realm!id=secret), or PROXMOX_USERNAME and PROXMOX_PASSWORD",
            ));
            None
        }
    }
}

const METHOD: &str = "PROXMOX_AUTH_METHOD";
const TOKEN: &str = "PROXMOX_TOKEN";
const USERNAME: &str = "PROXMOX_USERNAME";
const PASSWORD: &str = "PROXMOX_PASSWORD";
const TOTP: &str = "PROXMOX_TOTP_SECRET";

/// Reads `user@realm!id=secret` from the right, as PVE does: the user's name may hold `@` and `!`
/// (pve-access-control, `AccessControl.pm`). What is wrong is said without showing any of it.
fn token(given: &Given) -> Result<Token, BadSetting> {
    let missing = || BadSetting::missing([TOKEN], "PROXMOX_TOKEN is missing: set it to user@realm!id=secret");
    let text = given.get(TOKEN).ok_or_else(missing)?;
    let wrong = |why: &str| BadSetting::of([TOKEN], format!("{TOKEN} {why}; it looks like user@realm!id=secret"));
    let text = text.trim();
    let text = text.strip_prefix("PVEAPIToken=").unwrap_or(text);
    // A user's name may hold a '=': PVE would be asked for a user of that name.
    if text.starts_with("PROXMOX_TOKEN=") {
        return Err(wrong("begins with its own name and a '=', which are no part of the value"));
    }
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

fn password(given: &Given, problems: &mut BadSettings) -> Option<Auth> {
    let username = match given.get(USERNAME) {
        Some(username) if is_user(username) => Ok(username),
        Some(username) => Err(BadSetting::of(
            [USERNAME],
            format!("{USERNAME}: {username:?} is not a user with its realm, like root@pam or ops@pve"),
        )),
        None => Err(BadSetting::missing(
            [USERNAME],
            "PROXMOX_USERNAME is missing: set it to user@realm, for example root@pam",
        )),
    };
    let username = problems.take(username);
    let missing = || BadSetting::missing([PASSWORD], "PROXMOX_PASSWORD is missing: set it, or PROXMOX_PASSWORD_FILE");
    let password = problems.take(given.get(PASSWORD).ok_or_else(missing));
    let totp = given.get(TOTP);
    if totp.is_some_and(|secret| !is_base32(secret)) {
        return problems.wrong(
            [TOTP],
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
