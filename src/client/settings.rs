//! What a client needs to know: hosts, credentials, trust, limits. Already valid; `config` makes it from variables.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use std::time::{SystemTime, UNIX_EPOCH};

use super::{rehearsal::Rehearsal, tls::Fingerprint};

/// Valid settings of a client.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hosts of one cluster, in the order in which they are tried. At least one.
    pub hosts: Vec<Host>,
    /// How to log in.
    pub auth: Auth,
    /// Which certificates to trust.
    pub tls: Tls,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// Requests in flight to one host; further ones wait. A PVE host has three workers that each do one thing at a
    /// time, so more only queue there.
    pub max_in_flight: usize,
    /// The releases that the compiled tables tell of, oldest first. Without them an endpoint that the host lacks is
    /// only noticed when the host says so; parameters are checked all the same.
    pub releases: &'static [&'static str],
    /// Where the time of day comes from (the age of a ticket depends on it); tests set it.
    pub clock: Clock,
    /// For a dry run: keeps back what would change something.
    pub rehearsal: Option<Rehearsal>,
}

impl Settings {
    /// Settings with the defaults for all that is not given.
    pub fn new(hosts: Vec<Host>, auth: Auth, tls: Tls) -> Self {
        let (timeouts, clock) = (Timeouts::default(), Clock::default());
        Self { hosts, auth, tls, timeouts, max_in_flight: 4, releases: &[], clock, rehearsal: None }
    }
}

/// One host of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    /// Host name or IP address; an IPv6 address without brackets.
    pub name: String,
    /// TCP port; 8006 unless the host is behind a proxy.
    pub port: u16,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

/// A value that no Debug or Display output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one place that puts it on the wire.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// `user@realm!tokenid`.
    pub id: String,
    /// Its secret, a UUID.
    pub secret: Secret,
}

/// How to log in.
#[derive(Clone, Debug)]
pub enum Auth {
    /// With an API token: nothing to renew, no second factor.
    Token(Token),
    /// With a user's password: tickets of two hours, renewed after one.
    Password {
        /// `user@realm`.
        username: String,
        /// The password.
        password: Secret,
        /// Base32 secret of the second factor, as an authenticator app is given it.
        totp: Option<Secret>,
    },
}

impl Auth {
    /// Who logs in, for messages: the user, or the token's id.
    pub fn who(&self) -> &str {
        match self {
            Self::Token(token) => &token.id,
            Self::Password { username, .. } => username,
        }
    }
}

/// Which certificates to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Those that the system's certificate authorities vouch for.
    System,
    /// Those that an authority in this PEM file vouches for, or that are themselves in it.
    CaFile(PathBuf),
    /// Those with one of these fingerprints, whatever their issuer, name and dates.
    Pinned(Vec<Fingerprint>),
    /// Any. Whoever can redirect the traffic can read the credentials.
    AcceptAny,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection with its TLS handshake.
    pub connect: Duration,
    /// For a whole request. A PVE host gives up on a silent worker after 30 s and says so (status 596), which a
    /// shorter limit would hide.
    pub request: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), request: Duration::from_secs(60) }
    }
}

/// A source of the time of day.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// A clock that gives what `now` gives: seconds since 1970.
    pub fn new(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
