//! What the operator asks of the HTTP door, and the combinations that would leave it open by mistake.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use super::{limits::Quota, oauth::OauthSettings};

/// Settings of `proxmox-mcp serve`.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Address and port to listen at; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Certificate and key, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// File of bearer tokens; without it and without [`HttpSettings::oauth`] no credentials are asked for.
    pub tokens: Option<PathBuf>,
    /// Access tokens of an authorization server.
    pub oauth: Option<OauthSettings>,
    /// A reverse proxy in front ends TLS and decides who may connect.
    pub behind_proxy: bool,
    /// Names besides those of the machine itself by which the server may be called.
    pub hosts: Vec<String>,
    /// Origins of web pages that may use the server; they get CORS headers.
    pub origins: Vec<String>,
    /// How much may be asked at a time.
    pub quota: Quota,
    /// Connections at one time, idle ones included.
    pub connections: usize,
    /// Bytes of answers that may wait to be read at one time; see [`HttpSettings::unread_each`].
    pub unread: usize,
    /// Sessions of the older protocol at one time; see [`HttpSettings::sessions_each`].
    pub sessions: usize,
    /// How long a session of the older protocol may be idle before it is closed.
    pub session_idle: Duration,
    /// How long calls under way may go on after SIGTERM.
    pub grace: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            tls: None,
            tokens: None,
            oauth: None,
            behind_proxy: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            quota: Quota::default(),
            connections: 2048,
            unread: 128 * 1024 * 1024,
            sessions: 10_000,
            session_idle: Duration::from_secs(300),
            grace: Duration::from_secs(30),
        }
    }
}

/// Settings that would leave the door open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// No credentials on an address that others can reach.
    #[error(
        "refusing to listen at {0} without credentials: others can reach it. Give --tokens FILE (make one with \
         `proxmox-mcp token new NAME --scope read`), or --behind-proxy if a proxy in front decides who may connect"
    )]
    NoToken(SocketAddr),
    /// No TLS on an address that others can reach.
    #[error(
        "refusing to listen at {0} without TLS: tokens would cross the network in the clear. Give --tls-cert and \
         --tls-key, or --behind-proxy if a proxy in front ends TLS"
    )]
    NoTls(SocketAddr),
}

impl HttpSettings {
    /// Whether callers must show credentials.
    pub fn credentials(&self) -> bool {
        self.tokens.is_some() || self.oauth.is_some()
    }

    /// Sessions that one caller may have at one time: a tenth, so that none takes them all. Without credentials all
    /// callers are one.
    pub fn sessions_each(&self) -> usize {
        if self.credentials() { self.sessions.div_ceil(10) } else { self.sessions }
    }

    /// Requests of one caller that may be under way at one time: a quarter, so that none takes all places. Without
    /// credentials all callers are one.
    pub fn requests_each(&self) -> usize {
        let all = self.quota.concurrent;
        if self.credentials() { all.div_ceil(4) } else { all }
    }

    /// Bytes of its answers that one caller may leave unread: a quarter, so that none takes all there is. Without credentials
    /// all callers are one.
    pub fn unread_each(&self) -> usize {
        if self.credentials() { self.unread.div_ceil(4) } else { self.unread }
    }

    /// Bytes of answers that are kept for a session of the older protocol whose client may come back for them, and for all
    /// sessions of one caller: 4 and 16 MiB of 128.
    pub fn kept(&self) -> (usize, usize) {
        (self.unread.div_ceil(32), self.unread.div_ceil(8))
    }

    /// Streams that one caller may have open besides its calls, and how many all together may have: they hold connections
    /// for as long as they like, so a quarter of these is left to others.
    pub fn streams(&self) -> (usize, usize) {
        let all = self.connections - self.connections.div_ceil(4).min(self.connections);
        (if self.credentials() { self.connections.div_ceil(8).min(all) } else { all }, all)
    }

    /// Connections that one address may have at one time: a quarter. Behind a proxy, and on this machine, where one may
    /// stand, many come from one address: these have all but an eighth, which is left to others.
    pub fn connections_each(&self, address: IpAddr) -> usize {
        let all = self.connections;
        let many = self.behind_proxy || address.to_canonical().is_loopback();
        if many { all - all.div_ceil(8).min(all) } else { all.div_ceil(4) }
    }

    /// Lets settings pass that leave nothing open by mistake.
    ///
    /// # Errors
    /// Off loopback, without credentials or TLS, and no word of a proxy.
    pub fn check(&self) -> Result<(), Unsafe> {
        if self.listen.ip().to_canonical().is_loopback() || self.behind_proxy {
            return Ok(());
        }
        if !self.credentials() {
            return Err(Unsafe::NoToken(self.listen));
        }
        if self.tls.is_none() {
            return Err(Unsafe::NoTls(self.listen));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_loopback_it_takes_credentials_and_tls_or_a_proxy() {
        let settings = |listen: &str, tokens: bool, tls: bool, behind_proxy: bool| HttpSettings {
            listen: listen.parse().expect("address"),
            tokens: tokens.then(|| "t".into()),
            tls: tls.then(|| ("c".into(), "k".into())),
            behind_proxy,
            ..HttpSettings::default()
        };
        for local in ["127.0.0.1:3000", "127.9.9.9:1", "[::1]:3000", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(settings(local, false, false, false).check(), Ok(()), "{local}");
        }
        for open in ["0.0.0.0:3000", "[::]:3000", "192.0.2.1:3000", "[::ffff:192.0.2.1]:1"] {
            let at = open.parse().expect("address");
            assert_eq!(settings(open, false, true, false).check(), Err(Unsafe::NoToken(at)));
            assert_eq!(settings(open, true, false, false).check(), Err(Unsafe::NoTls(at)));
            assert_eq!(settings(open, true, true, false).check(), Ok(()));
            assert_eq!(settings(open, false, false, true).check(), Ok(()));
        }
    }
}
