//! `POST /access/ticket`: passwords, renewal, and the second factor (pve-access-control: `API2/AccessControl.pm`).

use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use super::{
    super::reply::{Failure, Outcome},
    Access, Who, capabilities,
    ticket::HALF,
};

/// What a login is tried with.
#[derive(Clone, Copy)]
pub(in super::super) struct Attempt<'a> {
    pub(in super::super) username: &'a str,
    pub(in super::super) realm: Option<&'a str>,
    pub(in super::super) password: &'a str,
    pub(in super::super) otp: Option<&'a str>,
    pub(in super::super) challenge: Option<&'a str>,
}

/// Logs somebody in. Whatever is wrong, the text is the same.
///
/// # Errors
/// `401 authentication failure`.
pub(in super::super) fn log_in(
    access: &mut Access,
    attempt: Attempt<'_>,
    now: u64,
    cluster: Option<&str>,
) -> Outcome<Value> {
    let user = match attempt.realm {
        Some(realm) => format!("{}@{realm}", attempt.username),
        None => attempt.username.to_owned(),
    };
    let Some(step) = check(access, &user, attempt, now) else {
        return Err(Failure::Plain(401, "authentication failure\n".to_owned()));
    };
    let csrf = access.csrf(&user, now);
    if step == Came::Second {
        let ticket = access.ticket(&format!("{HALF}{}", challenge(access, &user)), now);
        return Ok(json!({"username": user, "ticket": ticket, "CSRFPreventionToken": csrf, "NeedTFA": 1}));
    }
    let who = Who { user: user.clone(), token: None };
    let mut data = json!({
        "username": user,
        "ticket": access.ticket(&user, now),
        "CSRFPreventionToken": csrf,
        "cap": capabilities(access, &who),
    });
    if let Some(name) = cluster.filter(|_| access.may(&who, "/", "Sys.Audit")) {
        data["clustername"] = json!(name);
    }
    Ok(data)
}

/// What a second factor may be answered with, as it stands in the half ticket: JSON with its colons encoded.
fn challenge(access: &Access, user: &str) -> String {
    let person = access.users.get(user);
    let mut kinds = Vec::new();
    if person.is_some_and(|person| person.totp.is_some()) {
        kinds.push("\"totp\":true");
    }
    if person.is_some_and(|person| person.webauthn) {
        kinds.push("\"webauthn\":{\"publicKey\":{\"challenge\":\"Y2hhbGxlbmdl\"}},\"recovery\":[0,1]");
    }
    format!("{{{}}}", kinds.join(",")).replace(':', "%3A")
}

/// How far a login came.
#[derive(PartialEq, Eq)]
enum Came {
    Done,
    Second,
}

fn check(access: &mut Access, user: &str, attempt: Attempt<'_>, now: u64) -> Option<Came> {
    access.active(user, now).ok()?;
    if let Some(challenge) = attempt.challenge {
        let half = access.subject(challenge, now)?.starts_with(HALF);
        return (half && attempt.otp.is_none() && second(access, user, attempt.password, now)).then_some(Came::Done);
    }
    // A valid ticket is as good as a password, and needs no second factor; one of root's is good for anybody.
    if let Some(subject) = access.subject(attempt.password, now) {
        return (subject == user || subject == "root@pam").then_some(Came::Done);
    }
    let person = access.users.get(user)?;
    if person.password.is_empty() || person.password != attempt.password {
        return None;
    }
    match (person.totp.is_some() || person.webauthn, attempt.otp) {
        (false, _) => Some(Came::Done),
        (true, None) => Some(Came::Second),
        (true, Some(otp)) => second(access, user, otp, now).then_some(Came::Done),
    }
}

/// Checks `totp:123456`; a code is good once.
fn second(access: &mut Access, user: &str, answer: &str, now: u64) -> bool {
    let (Some(code), Some(person)) = (answer.strip_prefix("totp:"), access.users.get_mut(user)) else { return false };
    let secret = person.totp.as_deref().and_then(|s| Secret::try_from_base32(s).ok());
    let Some(secret) = secret else { return false };
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).with_skew(1).build_noncompliant();
    match totp.check(code, now) {
        Some(step) if step > person.totp_used => {
            person.totp_used = step;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{Scenario, release::Release, rng::Rng};

    const NOW: u64 = 1_795_350_806;
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn access() -> Access {
        let users = format!(
            "users = [{{ id = \"a@pve\", password = \"pw\" }}, {{ id = \"off@pve\", password = \"pw\", enabled = false }}, \
             {{ id = \"t@pve\", password = \"pw\", totp = \"{SECRET}\" }}]"
        );
        Access::new(&Scenario::from_toml(&users).unwrap(), Release::new("9.2.11"), &mut Rng::new(1))
    }

    fn attempt<'a>(username: &'a str, password: &'a str) -> Attempt<'a> {
        Attempt { username, realm: None, password, otp: None, challenge: None }
    }

    fn code(at: u64) -> String {
        let secret = Secret::try_from_base32(SECRET).unwrap();
        format!(
            "totp:{}",
            Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).build_noncompliant().generate(at)
        )
    }

    #[test]
    fn whatever_is_wrong_the_text_is_the_same() {
        let mut access = access();
        for (user, password) in [("a@pve", "no"), ("x@pve", "pw"), ("a", "pw"), ("off@pve", "pw"), ("root@pam", "")] {
            let failed = log_in(&mut access, attempt(user, password), NOW, None).unwrap_err();
            assert_eq!(failed, Failure::Plain(401, "authentication failure\n".to_owned()), "{user}");
        }
        let split = Attempt { realm: Some("pve"), ..attempt("a", "pw") };
        assert_eq!(log_in(&mut access, split, NOW, None).unwrap()["username"], "a@pve");
    }

    #[test]
    fn a_ticket_is_as_good_as_a_password_until_it_expires() {
        let mut access = access();
        let ticket = log_in(&mut access, attempt("a@pve", "pw"), NOW, None).unwrap()["ticket"].clone();
        let ticket = ticket.as_str().unwrap();
        assert!(log_in(&mut access, attempt("a@pve", ticket), NOW + 7000, None).is_ok());
        assert!(log_in(&mut access, attempt("a@pve", ticket), NOW + 7200, None).is_err());
        assert!(log_in(&mut access, attempt("t@pve", ticket), NOW, None).is_err());
        assert!(log_in(&mut access, attempt("a@pve", "pw"), NOW, Some("c")).unwrap().get("clustername").is_none());
        let root = log_in(&mut access, attempt("root@pam", "demo"), NOW, Some("c")).unwrap();
        assert_eq!(root["clustername"], "c");
    }

    #[test]
    fn a_second_factor_takes_two_steps_and_a_code_is_good_once() {
        let mut access = access();
        let first = log_in(&mut access, attempt("t@pve", "pw"), NOW, None).unwrap();
        assert_eq!(first["NeedTFA"], 1);
        let challenge = first["ticket"].as_str().unwrap();
        assert!(challenge.starts_with("PVE:!tfa!{\"totp\"%3Atrue}:"), "{challenge}");
        let code = code(NOW);
        let finish = Attempt { challenge: Some(challenge), ..attempt("t@pve", &code) };
        assert!(log_in(&mut access, Attempt { password: "totp:000000", ..finish }, NOW, None).is_err());
        assert!(log_in(&mut access, Attempt { password: &code[5..], ..finish }, NOW, None).is_err());
        assert!(log_in(&mut access, finish, NOW, None).unwrap()["NeedTFA"].is_null());
        assert!(log_in(&mut access, finish, NOW, None).is_err());
        let later = self::code(NOW + 60);
        let at_once = Attempt { otp: Some(&later), ..attempt("t@pve", "pw") };
        assert!(log_in(&mut access, at_once, NOW + 60, None).is_ok());
    }
}
