//! Tickets and CSRF tokens: `PVE:{user}:{hex time}::{signature}` and `{hex time}:{MAC}` (pve-common: `Ticket.pm`).

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Access;

/// Seconds for which a ticket is good.
const LIFETIME: u64 = 7200;
/// Seconds by which it may be ahead of the host's clock.
const AHEAD: u64 = 300;
/// What a ticket says in place of the user when the second factor is outstanding.
pub(super) const HALF: &str = "!tfa!";

impl Access {
    /// A ticket for `subject`: a user, or what is known of a half login.
    pub(in super::super) fn ticket(&self, subject: &str, now: u64) -> String {
        let plain = format!("PVE:{subject}:{now:08X}");
        format!("{plain}::{}", self.signature(&plain))
    }

    /// The subject of a valid ticket.
    pub(super) fn subject<'t>(&self, ticket: &'t str, now: u64) -> Option<&'t str> {
        let (plain, signature) = ticket.split_once("::")?;
        let (subject, time) = plain.strip_prefix("PVE:")?.rsplit_once(':')?;
        let good = fresh(time, now) && self.signature(plain) == signature;
        good.then_some(subject)
    }

    /// The token that a ticket's user must send with every change.
    pub(super) fn csrf(&self, user: &str, now: u64) -> String {
        let time = format!("{now:08X}");
        let mac = self.mac(format!("csrf:{time}:{user}").as_bytes());
        format!("{time}:{}", STANDARD_NO_PAD.encode(mac))
    }

    /// Whether a CSRF token is valid for this user.
    pub(super) fn csrf_is_good(&self, user: &str, token: Option<&str>, now: u64) -> bool {
        let Some((time, _)) = token.and_then(|t| t.split_once(':')) else { return false };
        let Ok(at) = u64::from_str_radix(time, 16) else { return false };
        fresh(time, now) && token == Some(self.csrf(user, at).as_str())
    }

    /// A signature as long as the one of PVE's key, which has 2048 bits.
    fn signature(&self, plain: &str) -> String {
        let blocks = (0..8_u8).flat_map(|n| self.mac(&[plain.as_bytes(), &[n]].concat()));
        STANDARD.encode(blocks.collect::<Vec<u8>>())
    }

    fn mac(&self, data: &[u8]) -> [u8; 32] {
        // HMAC takes a key of any length.
        Hmac::<Sha256>::new_from_slice(&self.signing)
            .map(|mac| mac.chain_update(data).finalize().into_bytes().into())
            .unwrap_or_default()
    }
}

fn fresh(time: &str, now: u64) -> bool {
    u64::from_str_radix(time, 16).is_ok_and(|at| time.len() == 8 && at <= now + AHEAD && now < at + LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::super::{
        super::{release::Release, rng::Rng},
        Access,
    };
    use crate::demo::Scenario;

    fn access() -> Access {
        Access::new(&Scenario::default(), Release::new("9.2.11"), &mut Rng::new(1))
    }

    #[test]
    fn a_ticket_is_good_for_two_hours() {
        let access = access();
        let ticket = access.ticket("root@pam", 1_795_350_806);
        assert!(ticket.starts_with("PVE:root@pam:6B02E116::"), "{ticket}");
        let at = |now| access.subject(&ticket, now);
        assert_eq!(at(1_795_350_806 + 7199), Some("root@pam"));
        assert_eq!(at(1_795_350_806 + 7200), None);
        assert_eq!(at(1_795_350_806 - 300), Some("root@pam"));
        assert_eq!(at(1_795_350_806 - 301), None);
        assert_eq!(access.subject(&ticket.replace("root", "toor"), 1_795_350_806), None);
        assert_eq!(access.subject("garbage", 0), None);
    }

    #[test]
    fn a_csrf_token_belongs_to_a_user() {
        let access = access();
        let token = access.csrf("a@pve", 1000);
        assert!(access.csrf_is_good("a@pve", Some(&token), 1500));
        assert!(!access.csrf_is_good("b@pve", Some(&token), 1500));
        assert!(!access.csrf_is_good("a@pve", Some(&token), 9000));
        assert!(!access.csrf_is_good("a@pve", None, 1500));
        assert!(!access.csrf_is_good("a@pve", Some("zz:1"), 1500));
    }
}
