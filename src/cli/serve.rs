//! `proxmox-mcp serve`: MCP over streamable HTTP, and REST.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use proxmox_mcp::{
    config::BadSetting,
    server::{
        Door,
        http::{
            HttpSettings, Server,
            access::{Access, AccessError},
            limits::Quota,
            metrics::Metrics,
            oauth::{JwksSource, OauthSettings},
            pve_numbers::PveNumbers,
            rest::Rest,
            tls::Identity,
        },
    },
    tools::{Tools, caller::Principal},
};

use super::{
    Failure, Output,
    setup::{self, Named, Setup},
    token,
};

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Address and port to listen at [default: 127.0.0.1 and HTTP_PORT, which is 3000 unless set].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Certificate chain, in PEM; with it goes the key (PROXMOX_MCP_TLS_CERT).
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, in PEM (PROXMOX_MCP_TLS_KEY).
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// A reverse proxy in front ends TLS and decides who may connect.
    #[arg(long)]
    behind_proxy: bool,
    /// File of bearer tokens [default: that of `proxmox-mcp token`, if it exists] (PROXMOX_MCP_TOKENS).
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Another name by which the server is called: proxmox.example.com, with or without a port; repeatable.
    #[arg(long = "allow-host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Origin of web pages that may use the server: https://app.example.com; repeatable.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Requests a second that one caller may make in the long run; 0 for no limit.
    #[arg(long, value_name = "N", default_value_t = Quota::default().per_second)]
    rate: f64,
    /// Requests that one caller may make at once.
    #[arg(long, value_name = "N", default_value_t = Quota::default().burst)]
    burst: u32,
    /// Requests that may be under way at one time.
    #[arg(long, value_name = "N", default_value_t = Quota::default().concurrent)]
    max_requests: usize,
    /// Connections at one time.
    #[arg(long, value_name = "N", default_value_t = HttpSettings::default().connections)]
    max_connections: usize,
    /// Sessions of the older protocol at one time; each token may have a tenth of them.
    #[arg(long, value_name = "N", default_value_t = HttpSettings::default().sessions)]
    max_sessions: usize,
    /// Seconds after which an idle session of the older protocol is closed.
    #[arg(long, value_name = "SECONDS", default_value_t = HttpSettings::default().session_idle.as_secs())]
    session_idle: u64,
    /// Seconds that calls under way may go on after SIGTERM before they stop waiting for their tasks.
    #[arg(long, value_name = "SECONDS", default_value_t = HttpSettings::default().grace.as_secs())]
    grace: u64,
    #[command(flatten)]
    oauth: Oauth,
}

/// Options that make it an OAuth resource server.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "OAuth")]
struct Oauth {
    /// Issuer of access tokens, as in their `iss`.
    #[arg(long, value_name = "URL", requires = "oauth_audience", requires = "oauth_jwks")]
    oauth_issuer: Option<String>,
    /// URL of this server's MCP endpoint, as in the tokens' `aud`.
    #[arg(long, value_name = "URL", requires = "oauth_issuer")]
    oauth_audience: Option<String>,
    /// The issuer's keys: a URL (https) or a file.
    #[arg(long, value_name = "URL|FILE", requires = "oauth_issuer")]
    oauth_jwks: Option<String>,
}

impl Serve {
    fn settings(&self, port: u16) -> HttpSettings {
        let Oauth { oauth_issuer, oauth_audience, oauth_jwks } = &self.oauth;
        let [tls, key] = pair(Some(self));
        let oauth = oauth_issuer.clone().zip(oauth_audience.clone()).zip(oauth_jwks.as_deref());
        HttpSettings {
            listen: self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port))),
            tls: tls.map(|named| named.path).zip(key.map(|named| named.path)),
            tokens: named(Some(self), |serve| &serve.tokens, TOKENS).map(|named| named.path).or_else(found),
            oauth: oauth.map(|((issuer, audience), jwks)| OauthSettings {
                issuer,
                audience,
                jwks: JwksSource::of(jwks),
            }),
            behind_proxy: self.behind_proxy,
            hosts: self.hosts.clone(),
            origins: self.origins.clone(),
            quota: Quota { per_second: self.rate, burst: self.burst, concurrent: self.max_requests },
            connections: self.max_connections,
            unread: HttpSettings::default().unread,
            sessions: self.max_sessions,
            session_idle: Duration::from_secs(self.session_idle.max(1)),
            grace: Duration::from_secs(self.grace),
        }
    }
}

const TOKENS: &str = "PROXMOX_MCP_TOKENS";
const TLS: [&str; 2] = ["PROXMOX_MCP_TLS_CERT", "PROXMOX_MCP_TLS_KEY"];

/// The file that an option of `serve`, where it is typed, or the variable names.
fn named(serve: Option<&Serve>, option: fn(&Serve) -> &Option<PathBuf>, variable: &'static str) -> Option<Named> {
    setup::file(serve.and_then(|serve| option(serve).as_ref()), variable)
}

/// Certificate and key.
fn pair(serve: Option<&Serve>) -> [Option<Named>; 2] {
    [named(serve, |serve| &serve.tls_cert, TLS[0]), named(serve, |serve| &serve.tls_key, TLS[1])]
}

/// The token file that nobody has to name.
fn found() -> Option<PathBuf> {
    token::default_file().filter(|path| path.exists())
}

/// What is wrong with the files that the options of `serve` or the environment name for it.
pub(super) fn files(serve: Option<&Serve>) -> Vec<BadSetting> {
    let mut problems = Vec::new();
    let tokens = named(serve, |serve| &serve.tokens, TOKENS);
    if let Some(path) = tokens.as_ref().map(|named| named.path.clone()).or_else(found) {
        let settings = HttpSettings { tokens: Some(path), ..HttpSettings::default() };
        let others = serve.is_some_and(|serve| serve.oauth.oauth_issuer.is_some());
        if let Err(why) = Access::new(&settings)
            && !(others && matches!(why, AccessError::NoTokens(_)))
        {
            problems.push(match tokens {
                Some(named) => BadSetting::of([TOKENS], format!("{}: {why}", named.by)),
                None => BadSetting::of([], why.to_string()),
            });
        }
    }
    match pair(serve) {
        [Some(cert), Some(key)] => {
            if let Err(why) = Identity::read(&cert.path, &key.path) {
                problems.push(BadSetting::of(TLS, format!("{} and {}: {why}", cert.by, key.by)));
            }
        }
        [None, None] => {}
        [Some(cert), None] => {
            let text = format!("{} is set without its key (--tls-key, {}); they go together", cert.by, TLS[1]);
            problems.push(BadSetting::of([TLS[0]], text));
        }
        [None, Some(key)] => {
            let text = format!("{} is set without its certificate (--tls-cert, {}); they go together", key.by, TLS[0]);
            problems.push(BadSetting::of([TLS[1]], text));
        }
    }
    problems
}

/// Where MCP and REST are served, a line each. At an address that stands for all, clients call the server by a name.
fn addresses(address: SocketAddr, tls: bool, names: &[String]) -> [String; 2] {
    let scheme = if tls { "https" } else { "http" };
    let name = names.first().map(|name| name.rsplit_once(':').map_or(name.as_str(), |(host, _)| host));
    let base = match name.filter(|_| address.ip().is_unspecified()) {
        Some(name) => format!("{scheme}://{name}:{}", address.port()),
        None => format!("{scheme}://{address}"),
    };
    [format!("MCP   {base}/mcp"), format!("REST  {base}/  (described by {base}/openapi.json)")]
}

/// Has the audit log go on in the file that lies at its path now.
async fn reopen_audit(tools: Tools) {
    match tools.reopen_audit().await {
        Ok(()) => {}
        Err(error) => tracing::error!(%error, "the audit log was not opened anew; nothing is changed until it is"),
    }
}

/// Serves until SIGTERM or SIGINT, and then until what was under way has ended.
///
/// # Errors
/// When the settings would leave the door open by mistake, or it cannot be opened.
pub(super) async fn run(serve: &Serve, setup: Setup, out: &mut Output) -> Result<(), Failure> {
    let settings = serve.settings(setup.http_port);
    let mut metrics = Metrics::default();
    metrics.add(Box::new(PveNumbers(setup.tools.clone())));
    let server = Server::bind(settings, metrics).await.map_err(|e| Failure::new(e.to_string()))?;
    let shared = Arc::clone(server.shared());
    let tools = setup.tools.clone();
    tokio::spawn(server.handle().signals(move || reopen_audit(tools.clone()))?);
    for line in addresses(server.address(), shared.tls, &serve.hosts) {
        out.line(&line)?;
    }
    tracing::info!(address = %server.address(), tls = shared.tls, open = shared.access.open(), "listening");
    if shared.access.open() {
        tracing::warn!("no credentials are asked for: whoever reaches this address may use every tool");
    }
    let rest = Rest::new(setup.tools.clone(), setup.lang, Arc::clone(&shared));
    let stopping = shared.stopping.clone();
    let observer = Arc::new(move |tool: &str, outcome: &str, took| shared.metrics.called(tool, outcome, took));
    let door = Door::watched(setup.tools.clone(), setup.lang, Some(observer), stopping);
    let tools = setup.tools.clone();
    let lacks = Arc::new(move |tool: &str, caller: &Principal| tools.lacks(tool, caller));
    server.serve(door, lacks, setup.tools.clone(), rest.routes()).await;
    Ok(())
}
