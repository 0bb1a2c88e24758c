//! Logging in, without IO: requests are built here and replies read; `session` sends them.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use totp_rs::{Algorithm, Builder};

use super::{
    Error, Secret, Words, error,
    transport::{Answer, Request},
};
use crate::{api, foreign};

/// A ticket is taken for this long after it was made (pve-access-control, `AccessControl.pm`).
const LIFETIME: u64 = 7200;
/// Age at which it is renewed, as Proxmox's own client does (pve-apiclient, `LWP.pm`).
const RENEW: u64 = 3600;
/// Clocks that differ by less are as good as equal; PVE allows as much.
const SKEW: u64 = 300;
/// Seconds for which one code of the second factor is good.
pub(super) const TOTP_STEP: u64 = 30;

/// What a login gives.
#[derive(Clone)]
pub(super) struct Ticket {
    pub text: Secret,
    pub csrf: Secret,
    /// When it was made, by our clock.
    made: u64,
}

/// How good a ticket still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    /// Good, and to be renewed while it is.
    Refresh,
    Expired,
}

/// What a reply to a login means.
pub(super) enum Reached {
    Done(Ticket),
    /// A second factor is asked for; this challenge goes with the answer.
    SecondFactor(Secret),
}

impl Ticket {
    pub(super) fn validity(&self, now: u64) -> Validity {
        match now.saturating_sub(self.made) {
            0..RENEW => Validity::Valid,
            RENEW..LIFETIME => Validity::Refresh,
            _ => Validity::Expired,
        }
    }

    /// `now` is our time at which it arrived. Its age is told by the ticket's own time, by the host's clock; when
    /// that clock is far from ours, by the time since it arrived.
    fn new(text: &str, csrf: &str, now: u64) -> Self {
        let made = made_at(text).filter(|made| made.abs_diff(now) <= SKEW).unwrap_or(now);
        Self { text: Secret::new(text), csrf: Secret::new(csrf), made }
    }
}

/// The time in `PVE:user@realm:5F000000::signature`, in seconds since 1970.
fn made_at(ticket: &str) -> Option<u64> {
    let (plain, _) = ticket.split_once("::")?;
    let (_, time) = plain.rsplit_once(':')?;
    (time.len() == 8).then(|| u64::from_str_radix(time, 16).ok()).flatten()
}

/// The first request of a login; also the renewal, with a ticket for a password.
pub(super) fn with_password(username: &str, password: &Secret) -> Result<Request, Error> {
    login(&api::PostAccessTicket::new(password.reveal().to_owned(), username.to_owned()))
}

/// The second request of a login with a second factor.
pub(super) fn with_code(username: &str, challenge: &Secret, code: &str) -> Result<Request, Error> {
    let call = api::PostAccessTicket::new(format!("totp:{code}"), username.to_owned());
    login(&call.tfa_challenge(challenge.reveal().to_owned()))
}

/// Logging in twice does no harm, although it is no read.
fn login(call: &api::PostAccessTicket) -> Result<Request, Error> {
    Ok(Request { safe: true, ..Request::typed(call)? })
}

/// Reads the reply to a login that arrived at `now`.
pub(super) fn read(request: &Request, answer: &Answer, now: u64) -> Result<Reached, Error> {
    #[derive(Deserialize, Default)]
    struct Data {
        #[serde(default, deserialize_with = "crate::pve::text")]
        ticket: Option<String>,
        #[serde(default, rename = "CSRFPreventionToken", deserialize_with = "crate::pve::text")]
        csrf: Option<String>,
        #[serde(default, rename = "NeedTFA", deserialize_with = "crate::pve::bool_or_int")]
        need_tfa: Option<bool>,
    }
    #[derive(Deserialize)]
    struct Body {
        data: Option<Data>,
    }
    match answer.status {
        200 => {}
        401 if answer.is_of_pve() => return Err(refused()),
        _ => return Err(error::of_answer(request, answer)),
    }
    let body: Body = serde_json::from_slice(&answer.body).map_err(|e| error::not_pve(request, answer, &e))?;
    let data = body.data.unwrap_or_default();
    let Some(ticket) = data.ticket else {
        let why = Words::ours(|p| p.no_ticket, []);
        return Err(Error::Decode { what: request.what(), why });
    };
    if data.need_tfa == Some(true) || ticket.starts_with("PVE:!tfa!") {
        return Ok(Reached::SecondFactor(Secret::new(ticket)));
    }
    Ok(Reached::Done(Ticket::new(&ticket, data.csrf.as_deref().unwrap_or_default(), now)))
}

/// PVE says no more than this, whatever the reason.
fn refused() -> Error {
    Error::Login { why: Words::ours(|p| p.login_failed, []), advice: Words::ours(|p| p.login_failed_advice, []) }
}

/// The kinds of second factor with which a challenge can be answered, where it says so:
/// `PVE:!tfa!{"totp":true,"recovery":[0,1]}:…`, with the colons inside encoded (proxmox-tfa: `TfaChallenge`).
pub(super) fn factors(challenge: &Secret) -> Option<Vec<String>> {
    let (_, rest) = challenge.reveal().split_once("!tfa!")?;
    let (json, _) = rest.split_once(':')?;
    let json = percent_decode_str(json).decode_utf8().ok()?;
    let kinds: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).ok()?;
    let given = |value: &serde_json::Value| !(value.is_null() || value == false || value == "unavailable");
    Some(kinds.into_iter().filter(|(_, value)| given(value)).map(|(kind, _)| kind).collect())
}

/// The error for a user who has no time-based codes, of which a secret could make one, but only these kinds of factor.
pub(super) fn other_factors(kinds: &[String]) -> Error {
    let name = |kind: &String| match kind.as_str() {
        "webauthn" => "WebAuthn".to_owned(),
        "u2f" => "U2F".to_owned(),
        "yubico" => "Yubico OTP".to_owned(),
        "recovery" => "recovery".to_owned(),
        other => foreign::line(other, 20).into_owned(),
    };
    let kinds = kinds.iter().take(8).map(name).collect::<Vec<_>>().join(", ");
    Error::Login {
        why: Words::ours(|p| p.other_factors, [("kinds", kinds.into())]),
        advice: Words::ours(|p| p.other_factors_advice, []),
    }
}

/// The error for a user with a second factor and no secret to answer with.
pub(super) fn second_factor_missing() -> Error {
    Error::Login { why: Words::ours(|p| p.second_factor, []), advice: Words::ours(|p| p.second_factor_advice, []) }
}

/// The error for a code that was not taken.
pub(super) fn code_refused() -> Error {
    Error::Login { why: Words::ours(|p| p.code_refused, []), advice: Words::ours(|p| p.code_refused_advice, []) }
}

/// The six digits that an authenticator app would show in this step of 30 s.
pub(super) fn totp(secret: &Secret, step: u64) -> Result<String, Error> {
    let bytes = totp_rs::Secret::try_from_base32(plain_base32(secret.reveal()))
        .map_err(|_| Error::Setup(Words::ours(|p| p.totp_not_base32, [])))?;
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(TOTP_STEP)
        .with_secret(bytes)
        .build_noncompliant();
    Ok(totp.generate(step * TOTP_STEP).to_string())
}

/// Secrets are shown in groups and in lower case at times.
fn plain_base32(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-' && *c != '=').collect::<String>().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: u64 = 0x6553_F100;

    fn validity(ticket: &str, arrived: u64, later: u64) -> Validity {
        Ticket::new(ticket, "", arrived).validity(arrived + later)
    }

    #[test]
    fn the_age_of_a_ticket_is_read_from_it() {
        // It was made four minutes before it arrived.
        let ticket = "PVE:ops@pve:6553F100::sig";
        assert_eq!(validity(ticket, NOON + 240, 0), Validity::Valid);
        assert_eq!(validity(ticket, NOON + 240, 3359), Validity::Valid);
        assert_eq!(validity(ticket, NOON + 240, 3360), Validity::Refresh);
        assert_eq!(validity(ticket, NOON + 240, 6959), Validity::Refresh);
        assert_eq!(validity(ticket, NOON + 240, 6960), Validity::Expired);
    }

    #[test]
    fn a_ticket_that_tells_no_time_is_as_old_as_it_has_been_here() {
        for ticket in
            ["", "::", "PVE:x", "PVE:ops@pve:zz::sig", "PVE:ops@pve:00000001::sig", "PVE:ops@pve:FFFFFFFF::sig"]
        {
            assert_eq!(validity(ticket, NOON, 3599), Validity::Valid, "{ticket}");
            assert_eq!(validity(ticket, NOON, 3600), Validity::Refresh, "{ticket}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Its appendix B, for SHA-1; the last six of the eight digits.
        let secret = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(totp(&secret, time / TOTP_STEP).expect("a code"), code);
        }
        assert!(totp(&Secret::new("not base32!"), 1).is_err());
    }

    proptest! {
        #[test]
        fn no_reply_to_a_login_makes_it_panic(body in ".{0,80}", ticket in ".{0,40}", now in any::<u64>()) {
            let request = with_password("ops@pve", &Secret::new("x")).expect("a request");
            let ticket = serde_json::json!({ "data": { "ticket": ticket, "NeedTFA": body } }).to_string();
            for body in [body, ticket] {
                let _ = read(&request, &Answer { status: 200, body: body.into(), ..Answer::default() }, now);
            }
        }
    }
}
