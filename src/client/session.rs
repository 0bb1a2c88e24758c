//! Who we are, on each request: a token as it is, or a ticket that is made and renewed here.
//!
//! However many calls need a ticket at the same moment, one of them fetches it and the others wait for that one;
//! if it fails they share its failure instead of each asking PVE to refuse them.

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::sync::Mutex;

use super::{
    Auth, Clock, Error, Secret, Settings, Token, Words,
    auth::{self, Reached, Ticket, Validity},
    deliver::Hosts,
    transport::Request,
};
use crate::spec::Method;

/// The session of one client.
pub(super) struct Session {
    auth: Auth,
    /// The headers of a token, which are the same for each request.
    token: Option<Result<HeaderMap, Error>>,
    clock: Clock,
    state: Mutex<State>,
    /// Logins that were finished, well or not.
    logins: AtomicU64,
}

#[derive(Default)]
struct State {
    ticket: Option<Ticket>,
    /// Counts the tickets, so that a caller can say which one was refused.
    generation: u64,
    failure: Option<Error>,
    /// The newest step whose code was used: PVE takes each code once.
    totp_step: u64,
}

/// Headers that say who we are, and which ticket they are from.
pub(super) struct Credentials {
    pub headers: HeaderMap,
    /// Nothing for a token.
    pub generation: Option<u64>,
}

impl Session {
    pub(super) fn new(settings: &Settings) -> Self {
        let token = match &settings.auth {
            Auth::Token(token) => Some(token_headers(token)),
            Auth::Password { .. } => None,
        };
        Self {
            auth: settings.auth.clone(),
            token,
            clock: settings.clock.clone(),
            state: Mutex::default(),
            logins: AtomicU64::new(0),
        }
    }

    /// Credentials for a request with this verb. `refused` names a ticket that PVE no longer takes.
    pub(super) async fn credentials(
        &self,
        hosts: &Hosts,
        method: Method,
        refused: Option<u64>,
    ) -> Result<Credentials, Error> {
        if let Some(headers) = &self.token {
            return Ok(Credentials { headers: headers.clone()?, generation: None });
        }
        match &self.auth {
            Auth::Token(token) => Ok(Credentials { headers: token_headers(token)?, generation: None }),
            Auth::Password { username, password, totp } => {
                let login = Login { hosts, username, password, totp: totp.as_ref() };
                self.ticket(&login, method, refused).await
            }
        }
    }

    async fn ticket(&self, login: &Login<'_>, method: Method, refused: Option<u64>) -> Result<Credentials, Error> {
        let seen = self.logins.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let usable = refused.is_none_or(|generation| generation != state.generation);
        let validity = state.ticket.as_ref().filter(|_| usable).map(|t| t.validity(self.clock.now()));
        match validity {
            Some(Validity::Valid) => {}
            _ if self.logins.load(Ordering::Acquire) != seen && state.failure.is_some() => {
                return Err(state.failure.clone().unwrap_or_else(auth::code_refused));
            }
            other => self.replace(&mut state, login, other == Some(Validity::Refresh)).await?,
        }
        let Some(ticket) = &state.ticket else { return Err(auth::second_factor_missing()) };
        Ok(Credentials { headers: headers(ticket, method)?, generation: Some(state.generation) })
    }

    /// Gets a new ticket: by the old one while that is good, else by the password.
    async fn replace(&self, state: &mut State, login: &Login<'_>, renewable: bool) -> Result<(), Error> {
        let old = state.ticket.clone();
        let made = match &old {
            Some(old) if renewable => match login.renew(&old.text, &self.clock).await {
                // A host that cannot be reached just now is no reason to give up a ticket that is still good.
                Err(error) if !matches!(error, Error::Login { .. }) => {
                    tracing::warn!(%error, "the ticket could not be renewed; it stays in use until it expires");
                    return Ok(());
                }
                Err(_) => login.anew(&mut state.totp_step, &self.clock).await,
                made => made,
            },
            _ => login.anew(&mut state.totp_step, &self.clock).await,
        };
        self.logins.fetch_add(1, Ordering::AcqRel);
        login.hosts.counters.login(made.is_ok());
        state.ticket = None;
        state.failure = None;
        match made {
            Ok(ticket) => {
                tracing::debug!(user = login.username, renewed = renewable, "logged in");
                state.ticket = Some(ticket);
                state.generation += 1;
                Ok(())
            }
            Err(error) => {
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The error for a 401 that a new ticket did not cure.
    pub(super) fn refused(&self, why: String) -> Error {
        let advice = match &self.auth {
            Auth::Token(token) => Words::ours(|p| p.token_advice, [("id", token.id.as_str().into())]),
            Auth::Password { username, .. } => Words::ours(|p| p.ticket_advice, [("user", username.as_str().into())]),
        };
        Error::Login { why: why.into(), advice }
    }
}

/// What a login needs.
struct Login<'a> {
    hosts: &'a Hosts,
    username: &'a str,
    password: &'a Secret,
    totp: Option<&'a Secret>,
}

impl Login<'_> {
    async fn renew(&self, ticket: &Secret, clock: &Clock) -> Result<Ticket, Error> {
        match self.ask(&auth::with_password(self.username, ticket)?, clock).await? {
            Reached::Done(ticket) => Ok(ticket),
            Reached::SecondFactor(_) => Err(auth::second_factor_missing()),
        }
    }

    async fn anew(&self, last_step: &mut u64, clock: &Clock) -> Result<Ticket, Error> {
        let challenge = match self.ask(&auth::with_password(self.username, self.password)?, clock).await? {
            Reached::Done(ticket) => return Ok(ticket),
            Reached::SecondFactor(challenge) => challenge,
        };
        if let Some(kinds) = auth::factors(&challenge)
            && !kinds.iter().any(|kind| kind == "totp")
        {
            return Err(auth::other_factors(&kinds));
        }
        let Some(secret) = self.totp else { return Err(auth::second_factor_missing()) };
        let now = clock.now() / auth::TOTP_STEP;
        // PVE takes each code once, and takes that of the next step early.
        let step = now.max(last_step.saturating_add(1)).min(now + 1);
        *last_step = step;
        let code = auth::totp(secret, step)?;
        match self.ask(&auth::with_code(self.username, &challenge, &code)?, clock).await {
            Ok(Reached::Done(ticket)) => Ok(ticket),
            Ok(Reached::SecondFactor(_)) | Err(Error::Login { .. }) => Err(auth::code_refused()),
            Err(other) => Err(other),
        }
    }

    async fn ask(&self, request: &Request, clock: &Clock) -> Result<Reached, Error> {
        let answer = self.hosts.deliver(request, &HeaderMap::new()).await?;
        auth::read(request, &answer, clock.now())
    }
}

fn token_headers(token: &Token) -> Result<HeaderMap, Error> {
    let value = format!("PVEAPIToken={}={}", token.id, token.secret.reveal());
    Ok(HeaderMap::from_iter([(header::AUTHORIZATION, sensitive(&value, "PROXMOX_TOKEN")?)]))
}

fn headers(ticket: &Ticket, method: Method) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    // PVE decodes the cookie; of what a ticket consists of only these two characters would matter.
    let cookie = ticket.text.reveal().replace('%', "%25").replace(';', "%3B");
    headers.insert(header::COOKIE, sensitive(&format!("PVEAuthCookie={cookie}"), "the ticket")?);
    if method != Method::Get {
        let name = HeaderName::from_static("csrfpreventiontoken");
        headers.insert(name, sensitive(ticket.csrf.reveal(), "the CSRF token")?);
    }
    Ok(headers)
}

/// A header value that is kept out of Debug output.
fn sensitive(value: &str, what: &str) -> Result<HeaderValue, Error> {
    let mut header = HeaderValue::from_str(value).map_err(|_| {
        let advice = Words::ours(|p| p.unsendable_advice, [("what", what.into())]);
        Error::Login { why: Words::ours(|p| p.unsendable, [("what", what.into())]), advice }
    })?;
    header.set_sensitive(true);
    Ok(header)
}
