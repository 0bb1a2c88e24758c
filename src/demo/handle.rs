//! A running demo, and what a test can do to it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use super::{
    DemoError, Scenario,
    clock::Clock,
    fault::{Daemon, Fault, Waiting},
    scenario::{Acl, Backup},
    serve::{Server, listen},
    world::World,
};
use crate::{
    client::{Auth, Fingerprint, Host, Secret, Settings, Tls, Token},
    spec::Method,
};

/// A demo cluster that is running. It ends when it is dropped.
pub struct Demo {
    server: Arc<Server>,
    addr: SocketAddr,
    certificate: CertificateDer<'static>,
    pem: String,
    token: Token,
    stop: watch::Sender<bool>,
    listener: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// A request that the demo answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The verb.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// `user@realm` or `user@realm!token`; empty when nobody was recognised.
    pub who: String,
    /// Status of the answer.
    pub status: u16,
}

/// Starts a demo cluster on a free port of loopback.
///
/// # Errors
/// When the scenario is wrong, or when no port or certificate can be had.
pub async fn start(scenario: Scenario) -> Result<Demo, DemoError> {
    let scenario = scenario.completed()?;
    let failed = |e: &dyn std::fmt::Display| DemoError::Start(e.to_string());
    let clock = Clock::new(scenario.clock, scenario.still);
    let world = World::new(&scenario, clock.now_ms());
    let id = scenario.tokens.first().map(|t| t.id.clone()).unwrap_or_default();
    let secret = world.access.token_secret(&id).unwrap_or_default().to_owned();
    let (certificate, pem, acceptor) = identity(&scenario)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|e| failed(&e))?;
    let addr = listener.local_addr().map_err(|e| failed(&e))?;
    let server = Arc::new(Server::new(world, scenario.connections, clock));
    let (stop, stopped) = watch::channel(false);
    let listener = tokio::spawn(listen(server.clone(), listener, acceptor, stopped));
    let token = Token { id, secret: Secret::new(secret) };
    Ok(Demo { server, addr, certificate, pem, token, stop, listener: Some(listener) })
}

/// A certificate for loopback and the nodes' names, as a host makes one for itself.
fn identity(scenario: &Scenario) -> Result<(CertificateDer<'static>, String, TlsAcceptor), DemoError> {
    let failed = |e: &dyn std::fmt::Display| DemoError::Start(format!("no certificate: {e}"));
    let mut names: Vec<String> = ["127.0.0.1", "::1", "localhost"].map(str::to_owned).to_vec();
    names.extend(scenario.nodes.iter().map(|n| n.name.clone()));
    let mut params = CertificateParams::new(names).map_err(|e| failed(&e))?;
    params.distinguished_name.push(rcgen::DnType::CommonName, scenario.nodes[0].name.clone());
    // As a host's own: two years at most.
    let year = i32::try_from(1970 + Clock::new(None, false).now() / 31_556_952).unwrap_or(2026);
    params.not_before = rcgen::date_time_ymd(year, 1, 1);
    params.not_after = rcgen::date_time_ymd(year + 2, 1, 1);
    let key = KeyPair::generate().map_err(|e| failed(&e))?;
    let made = params.self_signed(&key).map_err(|e| failed(&e))?;
    let certificate = made.der().clone();
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(|e| failed(&e))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(&e))?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], private)
        .map_err(|e| failed(&e))?;
    let pem = pem(&certificate);
    Ok((certificate, pem, TlsAcceptor::from(Arc::new(config))))
}

/// A certificate as text (RFC 7468).
fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// How to reach it.
impl Demo {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `https://127.0.0.1:{port}/api2/json`.
    pub fn url(&self) -> String {
        format!("https://{}/api2/json", self.addr)
    }

    /// The scenario's first token with its secret.
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// The secret of any token of the scenario.
    pub fn secret(&self, token: &str) -> Option<String> {
        self.server.world().access.token_secret(token).map(str::to_owned)
    }

    /// The certificate in PEM, which is its own authority.
    pub fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// The fingerprint of the certificate.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }

    /// Settings of a client that reaches it with the first token and a pinned certificate.
    pub fn settings(&self) -> Settings {
        self.settings_with(Auth::Token(self.token.clone()))
    }

    /// The same with other credentials.
    pub fn settings_with(&self, auth: Auth) -> Settings {
        let host = Host { name: self.addr.ip().to_string(), port: self.addr.port() };
        let trust = Tls::Pinned(vec![self.fingerprint()]);
        Settings { releases: crate::api::RELEASES, ..Settings::new(vec![host], auth, trust) }
    }

    /// Stops listening and waits until nobody accepts connections any more; open ones are closed.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Some(listener) = self.listener.take() {
            let _ = listener.await;
        }
    }
}

/// What time it is there.
impl Demo {
    /// Seconds since 1970 on the demo's clock.
    pub fn now(&self) -> u64 {
        self.server.clock.now()
    }

    /// Moves the demo's clock on: tickets age, tasks end, guests boot.
    pub fn advance(&self, by: Duration) {
        self.server.clock.advance(by);
    }
}

/// What a test can switch.
impl Demo {
    /// Lets a node go offline or come back; whether there is such a node.
    pub fn set_node_online(&self, node: &str, online: bool) -> bool {
        self.server.world().set_online(node, online, false)
    }

    /// Lets a node crash: connections to it time out at first, and the others list it as online for a moment. Whether
    /// there is such a node.
    pub fn crash_node(&self, node: &str) -> bool {
        self.server.world().set_online(node, false, true)
    }

    /// Gives the cluster its quorum or takes it away.
    pub fn set_quorum(&self, quorum: bool) {
        self.server.world().quorum = quorum;
    }

    /// Seconds by which `/cluster/resources` is behind.
    pub fn set_lag(&self, seconds: u64) {
        self.server.world().set_lag(seconds);
    }

    /// Lets a user in or keeps one out; whether there is such a user.
    pub fn set_user_enabled(&self, user: &str, enabled: bool) -> bool {
        self.server.world().access.set_enabled(user, enabled)
    }

    /// Replaces what is granted to users, groups and tokens.
    pub fn set_acl(&self, acl: &[Acl]) {
        self.server.world().access.set_acl(acl);
    }

    /// What pvedaemon does.
    pub fn set_daemon(&self, daemon: Daemon) {
        self.server.faults().daemon = daemon;
    }

    /// Lets the next requests, so many, end in a fault.
    pub fn inject(&self, fault: Fault, times: u32) {
        self.inject_on(None, "", fault, times);
    }

    /// The same for requests of a method, or any, whose target contains a text.
    pub fn inject_on(&self, method: Option<Method>, path: &str, fault: Fault, times: u32) {
        self.server.faults().add(Waiting { fault, method, path: path.to_owned(), times });
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.server.faults().clear();
    }

    /// How many requests [`Fault::Hold`] holds.
    pub fn held(&self) -> usize {
        self.server.faults().held
    }

    /// Lets a guest ignore requests to shut down, or obey them; whether there is such a guest.
    pub fn set_stubborn(&self, vmid: u32, stubborn: bool) -> bool {
        self.server.world().guests.get_mut(&vmid).map(|guest| guest.stubborn = stubborn).is_some()
    }

    /// Puts a backup on its storage, as old as it says.
    pub fn add_backup(&self, backup: &Backup) {
        self.server.world().add_backup(backup);
    }

    /// Kills a task as `kill -9` would: it ends as `unexpected status`. Whether it was running.
    pub fn kill_task(&self, upid: &str) -> bool {
        self.server.world().kill(upid)
    }

    /// Sets an option of a guest's configuration without a request, or removes it; whether there is such a guest.
    pub fn set_option(&self, vmid: u32, name: &str, value: Option<&str>) -> bool {
        let mut world = self.server.world();
        let Some(guest) = world.guests.get_mut(&vmid) else { return false };
        match value {
            Some(value) => drop(guest.config.insert(name.to_owned(), value.to_owned())),
            None => drop(guest.config.remove(name)),
        }
        true
    }
}

/// What a test can look at.
impl Demo {
    /// The requests that were answered, in order (the first ten thousand).
    pub fn seen(&self) -> Vec<Seen> {
        self.server.seen()
    }

    /// Connections that were made.
    pub fn connections(&self) -> u64 {
        self.server.connections()
    }

    /// Whether a guest is running; nothing when it is not there.
    pub fn is_running(&self, vmid: u32) -> Option<bool> {
        self.server.world().guests.get(&vmid).map(|g| g.run.is_some())
    }

    /// The volumes that deletions have freed, in order.
    pub fn freed(&self) -> Vec<String> {
        self.server.world().freed.clone()
    }

    /// The node that a guest is on; nothing when it is not there.
    pub fn node_of(&self, vmid: u32) -> Option<String> {
        self.server.world().guests.get(&vmid).map(|g| g.node.clone())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
