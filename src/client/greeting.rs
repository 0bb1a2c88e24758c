//! What a host shows to someone who has not logged in: its certificate, its clock, its realms. For a diagnosis.

use std::{sync::Arc, time::UNIX_EPOCH};

use serde::Deserialize;

use super::{
    Error, Host, Presented, Settings, error,
    transport::{Request, Transport},
};
use crate::api;

/// What a host shows before any login.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// Its certificate, which was accepted.
    pub certificate: Option<Presented>,
    /// Its clock in seconds since 1970, as precise as a second, from the `Date` header.
    pub clock: Option<u64>,
    /// The login realms. A host names them to everyone: `GET /access/domains` needs no login.
    pub realms: Vec<Realm>,
}

/// A login realm.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Realm {
    /// Its name: the part after the `@` of a user.
    pub realm: String,
    /// Where it looks users up: `pam`, `pve`, `ldap`, …
    #[serde(default, rename = "type")]
    pub kind: String,
}

#[derive(Deserialize)]
struct Domains {
    data: Vec<Realm>,
}

/// Connects to one host on a new connection, without credentials.
///
/// # Errors
/// No connection, no trust, or no Proxmox VE behind it.
pub async fn greet(settings: &Settings, host: &Host) -> Result<Greeting, Error> {
    let request = Request::typed(&api::GetAccessDomains::new())?;
    let tls = Arc::new(super::tls::config(&settings.tls)?);
    let greeted = Transport::new(host, tls, settings.timeouts)?.greet(&request).await;
    let (certificate, head, body) = greeted.map_err(|fault| error::of_fault(&request, &host.to_string(), fault))?;
    let certificate = certificate.map(|der| Presented::read(&der));
    let clock = head.headers.get(http::header::DATE).and_then(|date| seconds(date.to_str().ok()?));
    let domains = serde_json::from_slice::<Domains>(&body).map_err(|_| Error::NotPve {
        what: request.what(),
        why: format!("HTTP {} without the list of login realms", head.status.as_u16()).into(),
    })?;
    Ok(Greeting { certificate, clock, realms: domains.data })
}

/// Seconds since 1970 of a date as HTTP writes it.
fn seconds(date: &str) -> Option<u64> {
    let at = httpdate::parse_http_date(date).ok()?;
    at.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_header_is_read() {
        assert_eq!(seconds("Sun, 22 Nov 2026 13:16:59 GMT"), Some(1_795_353_419));
        for wrong in ["", "yesterday", "Sun, 22 Nov 1926 13:16:59 GMT"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
