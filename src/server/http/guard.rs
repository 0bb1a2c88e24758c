//! Host and Origin, on every route.
//!
//! A page on another site can make a browser send requests to a server on the user's own machine: directly (then
//! `Origin` names the page's site) or under a host name that it points at 127.0.0.1 (DNS rebinding: then `Host` names
//! that site). Both headers are therefore compared with what this server is meant to be called.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};

/// Names that a machine has for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What may stand in `Host` and `Origin`.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    hosts: Vec<Name>,
    origins: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    host: String,
    /// Any port when `None`.
    port: Option<u16>,
}

/// A host or origin in the configuration that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Not `name` or `name:port`.
    #[error("{0:?} is not a host name to be called by: write proxmox.example.com or proxmox.example.com:8443")]
    Host(String),
    /// Not `scheme://host[:port]`.
    #[error("{0:?} is not an origin: write its scheme and host, such as https://app.example.com, and no path")]
    Origin(String),
}

/// Why a request was turned away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// The request has no `Host`, more than one, or one that cannot be read.
    #[error("the request has no usable Host header")]
    NoHost,
    /// `Host` is a name that this server is not called by.
    #[error("this server is not called {0:?}; if it should be, start it with --allow-host {0}")]
    Host(String),
    /// `Origin` is a site that may not use this server.
    #[error("pages from {0:?} may not use this server; if they should, start it with --allow-origin {0}")]
    Origin(String),
}

impl Guard {
    /// A guard that lets the loopback names pass, and these besides.
    ///
    /// # Errors
    /// When a host or origin is not one.
    pub fn new<S: AsRef<str>>(hosts: &[S], origins: &[S]) -> Result<Self, GuardError> {
        let given = hosts.iter().map(|h| Name::parse(h.as_ref()).ok_or_else(|| GuardError::Host(h.as_ref().into())));
        let own = LOOPBACK.into_iter().map(|host| Ok(Name { host: host.to_owned(), port: None }));
        let origins = origins
            .iter()
            .map(|o| origin(o.as_ref()).ok_or_else(|| GuardError::Origin(o.as_ref().into())))
            .collect::<Result<_, _>>()?;
        Ok(Self { hosts: own.chain(given).collect::<Result<_, _>>()?, origins })
    }

    /// Whether pages of this origin were given leave to use the server, so that they get CORS headers.
    pub fn lists(&self, value: &HeaderValue) -> bool {
        value.to_str().ok().and_then(origin).is_some_and(|o| self.origins.contains(&o))
    }

    /// Lets a request pass or says why not. A page of this server's own (its origin is the `Host`, and that passed) may
    /// always use it. `local` is the address at which the connection came in: it may always be
    /// the `Host`, since no site can make a browser call itself by another machine's number.
    ///
    /// # Errors
    /// The header that turned it away, cut to a harmless length.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap, local: Option<SocketAddr>) -> Result<(), Turned> {
        let host = requested_host(uri, headers).ok_or(Turned::NoHost)?;
        let name = Name::parse(&host).ok_or(Turned::NoHost)?;
        if !self.hosts.iter().any(|known| known.covers(&name)) && !local.is_some_and(|l| name.is(l.ip())) {
            return Err(Turned::Host(short(&host)));
        }
        for value in headers.get_all(header::ORIGIN) {
            let text = value.to_str().unwrap_or("?");
            // A page has been fetched by one of these two; `javascript://` and its like are no pages of ours.
            let page = origin(text).and_then(|_| text.split_once("://"));
            let own = page.and_then(|(_, at)| Name::parse(at)).is_some_and(|at| at == name);
            if !own && !origin(text).is_some_and(|o| self.origins.contains(&o)) {
                return Err(Turned::Origin(short(text)));
            }
        }
        Ok(())
    }
}

impl Name {
    fn parse(text: &str) -> Option<Self> {
        if text.contains('@') {
            return None;
        }
        let authority: Authority = text.parse().ok()?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let rest = text.get(authority.host().len()..)?;
        // `Authority` takes "host:" and "host:99999", whose port it then does not know.
        let port = authority.port_u16();
        if host.is_empty() || (port.is_none() && !rest.is_empty()) {
            return None;
        }
        Some(Self { host: host.to_ascii_lowercase(), port })
    }

    fn covers(&self, asked: &Self) -> bool {
        self.host == asked.host && (self.port.is_none() || self.port == asked.port)
    }

    fn is(&self, ip: IpAddr) -> bool {
        self.host.parse::<IpAddr>().is_ok_and(|host| host == ip.to_canonical())
    }
}

/// The authority of an absolute request target counts more than the header, as RFC 9112 section 3.2.2 says.
fn requested_host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str().to_owned());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let only = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    only.to_str().ok().map(str::to_owned)
}

/// An origin in one spelling: lower case, without the port that its scheme has anyway.
fn origin(text: &str) -> Option<String> {
    let (scheme, host) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let name = Name::parse(host)?;
    let host = if name.host.contains(':') { format!("[{}]", name.host) } else { name.host };
    Some(match name.port {
        Some(port) if port != usual => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
}

fn short(text: &str) -> String {
    crate::foreign::line(text, crate::foreign::NAME).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(guard: &Guard, host: &str, origin: Option<&str>) -> Result<(), Turned> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).expect("header"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).expect("header"));
        }
        guard.check(&Uri::from_static("/"), &headers, Some(([10, 0, 0, 5], 3000).into()))
    }

    #[test]
    fn only_the_names_it_is_called_by_pass() {
        let guard = Guard::new(&["pve.example.com", "other.example.com:8443"], &[]).expect("guard");
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "127.0.0.1:1",
            "[::1]:3000",
            "10.0.0.5:3000",
            "pve.example.com",
            "Pve.Example.com.:99",
            "other.example.com:8443",
        ] {
            assert_eq!(check(&guard, host, None), Ok(()), "{host}");
        }
        for host in ["evil.example", "pve.example.com.evil.example", "other.example.com", "10.0.0.6", "127.0.0.2"] {
            assert!(matches!(check(&guard, host, None), Err(Turned::Host(_))), "{host}");
        }
        for host in ["", "localhost:", "localhost:99999", "a@localhost", "localhost/x", "localhost:80:80"] {
            assert!(check(&guard, host, None).is_err(), "{host}");
        }
    }

    #[test]
    fn two_hosts_or_none_do_not_pass() {
        let guard = Guard::new::<&str>(&[], &[]).expect("guard");
        let mut headers = HeaderMap::new();
        assert_eq!(guard.check(&Uri::from_static("/"), &headers, None), Err(Turned::NoHost));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        assert_eq!(guard.check(&Uri::from_static("/"), &headers, None), Err(Turned::NoHost));
    }

    #[test]
    fn an_absolute_target_is_what_counts() {
        let guard = Guard::new::<&str>(&[], &[]).expect("guard");
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        let target = Uri::from_static("http://evil.example/tools");
        assert_eq!(guard.check(&target, &headers, None), Err(Turned::Host("evil.example".into())));
    }

    #[test]
    fn an_origin_must_be_listed_or_the_servers_own() {
        let guard = Guard::new(&[], &["https://app.example.com:443", "http://localhost:6274"]).expect("guard");
        for origin in ["https://app.example.com", "https://APP.example.com:443", "http://localhost:6274"] {
            assert_eq!(check(&guard, "localhost", Some(origin)), Ok(()), "{origin}");
        }
        assert_eq!(check(&guard, "localhost:3000", Some("http://localhost:3000")), Ok(()));
        for origin in [
            "javascript://localhost",
            "ftp://localhost",
            "file://localhost",
            "null",
            "http://app.example.com",
            "https://app.example.com:8443",
            "http://localhost:1",
            "file://",
        ] {
            assert!(matches!(check(&guard, "localhost", Some(origin)), Err(Turned::Origin(_))), "{origin}");
        }
    }

    #[test]
    fn what_cannot_be_a_host_or_an_origin_is_refused_at_start() {
        assert!(Guard::new(&["https://x"], &[]).is_err());
        for bad in ["app.example.com", "https://x/path", "ftp://x", "*", "null"] {
            assert_eq!(Guard::new(&[], &[bad]).expect_err("refused"), GuardError::Origin(bad.into()));
        }
    }
}
