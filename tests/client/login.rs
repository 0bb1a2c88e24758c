//! Logging in with a password: tickets, their renewal, their end.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use proxmox_mcp::client::{Auth, Client, Clock, Error, Secret, Trouble};

use crate::{
    api::{NODES, STOP, call, list},
    server::{Act, Asked, Server, bare, data, error, in_time, nodes},
};

const LOGIN: &str = "POST /access/ticket";
const PASSWORD: &str = "geheim & lang";
const NOON: u64 = 1_700_000_000;

/// The PVE that tests log in to: counts its tickets, takes only the newest, by a clock that the test sets.
#[derive(Clone)]
struct Pve {
    made: Arc<AtomicUsize>,
    now: Arc<AtomicU64>,
}

impl Pve {
    fn new() -> Self {
        Self { made: Arc::default(), now: Arc::new(AtomicU64::new(NOON)) }
    }

    fn newest(&self) -> String {
        ticket(self.made.load(Ordering::SeqCst), NOON)
    }

    /// Forgets its newest ticket, as when the key is changed.
    fn forget(&self) {
        self.made.fetch_add(1, Ordering::SeqCst);
    }

    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn act(&self, asked: &Asked) -> Act {
        if asked.line() == LOGIN {
            let made = self.made.fetch_add(1, Ordering::SeqCst) + 1;
            let now = self.now.load(Ordering::SeqCst);
            return Act::Reply(granted(&ticket(made, now)));
        }
        let cookie = asked.headers.get("cookie").map(String::as_str).unwrap_or_default();
        let number = self.made.load(Ordering::SeqCst);
        match cookie.starts_with("PVEAuthCookie=PVE:ops@pve:") && cookie.ends_with(&format!("::ticket{number}")) {
            true => Act::Reply(nodes()),
            false => bare("401 Authentication failed!"),
        }
    }

    fn client(&self, server: &Server) -> Client {
        self.client_with(server, None)
    }

    fn client_with(&self, server: &Server, totp: Option<&str>) -> Client {
        let mut settings = server.settings();
        settings.auth = Auth::Password {
            username: "ops@pve".to_owned(),
            password: Secret::new(PASSWORD),
            totp: totp.map(Secret::new),
        };
        let now = Arc::clone(&self.now);
        settings.clock = Clock::new(move || now.load(Ordering::SeqCst));
        Client::new(settings).expect("a client")
    }
}

fn ticket(number: usize, now: u64) -> String {
    format!("PVE:ops@pve:{now:08X}::ticket{number}")
}

fn granted(ticket: &str) -> Vec<u8> {
    data(&format!(r#"{{"username":"ops@pve","ticket":"{ticket}","CSRFPreventionToken":"65:csrf","cap":{{}}}}"#))
}

async fn start(pve: &Pve) -> Server {
    let pve = pve.clone();
    Server::start(move |asked| pve.act(asked)).await
}

#[tokio::test]
async fn one_login_serves_reads_with_a_cookie_and_writes_with_a_csrf_token() {
    let pve = Pve::new();
    let server = start(&pve).await;
    let client = pve.client(&server);
    list(&client).await;
    client.send(call(&STOP)).await.expect("stopped");
    let [login, read, write] = &server.requests()[..] else { panic!("{:?}", server.lines()) };
    assert_eq!(login.line(), LOGIN);
    assert_eq!(login.body, "password=geheim%20%26%20lang&username=ops%40pve");
    assert!(!read.headers.contains_key("csrfpreventiontoken") && !read.headers.contains_key("authorization"));
    assert_eq!(write.headers["csrfpreventiontoken"], "65:csrf");
    assert_eq!(write.headers["cookie"], format!("PVEAuthCookie={}", pve.newest()));
}

#[tokio::test]
async fn thirty_two_callers_at_the_moment_of_expiry_make_one_login() {
    let pve = Pve::new();
    let server = start(&pve).await;
    let client = pve.client(&server);
    list(&client).await;
    for expire in [|pve: &Pve| pve.forget(), |pve: &Pve| pve.pass(7200), |pve: &Pve| pve.pass(3600)] {
        let before = server.count(LOGIN);
        expire(&pve);
        let callers: Vec<_> = (0..32)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { list(&client).await })
            })
            .collect();
        for caller in callers {
            in_time(caller).await.expect("listed");
        }
        assert_eq!(server.count(LOGIN), before + 1);
    }
}

#[tokio::test]
async fn a_ticket_is_renewed_after_an_hour_with_itself_for_a_password() {
    let pve = Pve::new();
    let server = start(&pve).await;
    let client = pve.client(&server);
    list(&client).await;
    pve.pass(3599);
    list(&client).await;
    assert_eq!(server.count(LOGIN), 1);
    let old = pve.newest();
    pve.pass(1);
    list(&client).await;
    assert_eq!(server.count(LOGIN), 2);
    let renewal = server.requests().into_iter().rfind(|asked| asked.line() == LOGIN).expect("a renewal");
    assert_eq!(renewal.body, format!("password={}&username=ops%40pve", old.replace(':', "%3A").replace('@', "%40")));
}

#[tokio::test]
async fn a_write_with_an_expired_ticket_is_sent_again_after_one_login() {
    let pve = Pve::new();
    let server = start(&pve).await;
    let client = pve.client(&server);
    list(&client).await;
    pve.forget();
    client.send(call(&STOP)).await.expect("stopped");
    let stop = "POST /nodes/pve1/qemu/100/status/stop";
    assert_eq!(server.lines(), [LOGIN, "GET /nodes", stop, LOGIN, stop]);
}

#[tokio::test]
async fn a_host_that_refuses_every_ticket_ends_in_a_clear_error_after_one_new_login() {
    let server = Server::start(|asked| match asked.line().as_str() {
        LOGIN => Act::Reply(granted(&ticket(1, NOON))),
        _ => bare("401 permission denied - invalid PVE ticket"),
    })
    .await;
    let client = Pve::new().client(&server);
    let said = client.send(call(&NODES)).await.expect_err("refused");
    assert!(matches!(said, Error::Login { .. }), "{said:?}");
    assert!(said.to_string().contains("invalid PVE ticket") && said.to_string().contains("ops@pve"), "{said}");
    assert_eq!(server.lines(), [LOGIN, "GET /nodes", LOGIN, "GET /nodes"]);
}

#[tokio::test]
async fn a_wrong_password_is_said_once_however_many_call() {
    let server = Server::start(|_| {
        let body = br#"{"data":null,"message":"authentication failure\n"}"#;
        Act::Later(std::time::Duration::from_millis(200), crate::server::reply("401 authentication failure", "", body))
    })
    .await;
    let client = Pve::new().client(&server);
    let callers: Vec<_> = (0..32)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(call(&NODES)).await.expect_err("refused").to_string() })
        })
        .collect();
    for caller in callers {
        let said = in_time(caller).await.expect("an answer");
        assert!(said.contains("authentication failure") && said.contains("PROXMOX_USERNAME"), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
    }
    assert_eq!(server.lines(), [LOGIN]);
}

#[tokio::test]
async fn a_second_factor_is_answered_by_totp() {
    let challenge = "PVE:!tfa!%7B%22totp%22%3Atrue%7D:6553F100::sig";
    let server = Server::start(move |asked| match (asked.line().as_str(), asked.body.contains("tfa-challenge")) {
        (LOGIN, false) => Act::Reply(data(&format!(r#"{{"username":"ops@pve","ticket":"{challenge}","NeedTFA":1}}"#))),
        // The code of RFC 6238, appendix B, for this secret at 59 s, cut to six digits.
        (LOGIN, true) if asked.body.contains("password=totp%3A287082") => Act::Reply(granted(&ticket(1, 59))),
        (LOGIN, true) => bare("401 authentication failure"),
        _ => Act::Reply(nodes()),
    })
    .await;
    let pve = Pve::new();
    pve.now.store(59, Ordering::SeqCst);
    list(&pve.client_with(&server, Some("gezd gnbv gy3t qojq GEZDGNBVGY3TQOJQ"))).await;
    assert_eq!(server.lines(), [LOGIN, LOGIN, "GET /nodes"]);

    let without = pve.client(&server).send(call(&NODES)).await.expect_err("no secret").to_string();
    assert!(without.contains("second factor") && without.contains("PROXMOX_TOTP_SECRET"), "{without}");
    let wrong = pve.client_with(&server, Some("JBSWY3DPEHPK3PXP")).send(call(&NODES)).await.expect_err("wrong secret");
    assert!(wrong.to_string().contains("code of the second factor"), "{wrong}");
}

#[tokio::test]
async fn a_ticket_that_cannot_be_renewed_just_now_is_used_until_its_end() {
    let pve = Pve::new();
    let down = Arc::new(AtomicU64::new(0));
    let (inner, switch) = (pve.clone(), Arc::clone(&down));
    let server = Server::start(move |asked| match (asked.line().as_str(), switch.load(Ordering::SeqCst)) {
        (LOGIN, 1) => error("500 x", "cluster not ready"),
        _ => inner.act(asked),
    })
    .await;
    let client = pve.client(&server);
    list(&client).await;
    down.store(1, Ordering::SeqCst);
    pve.pass(5000);
    list(&client).await;
    pve.pass(2200);
    assert_eq!(client.send(call(&NODES)).await.expect_err("at its end").kind(), Trouble::Other);
}

#[tokio::test]
async fn the_clock_of_a_host_may_be_wrong() {
    // The host is a day ahead: by its time the ticket would be from the future, or already at its end.
    for ahead in [86_400i64, -86_400] {
        let pve = Pve::new();
        let there = NOON.saturating_add_signed(ahead);
        let server = Server::start(move |asked| match asked.line().as_str() {
            LOGIN => Act::Reply(granted(&ticket(1, there))),
            _ => Act::Reply(nodes()),
        })
        .await;
        let client = pve.client(&server);
        list(&client).await;
        pve.pass(3000);
        list(&client).await;
        assert_eq!(server.count(LOGIN), 1);
    }
}

/// Collects what would go to the log.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while logging").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_most_talkative_log_tells_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With a second subscriber, what another test's thread logs first is not taken as being of interest to nobody.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let _on = tracing::subscriber::set_default(subscriber);
    let pve = Pve::new();
    let server = start(&pve).await;
    let client = pve.client_with(&server, Some("JBSWY3DPEHPK3PXP"));
    list(&client).await;
    pve.pass(3600);
    list(&client).await;
    pve.forget();
    client.send(call(&STOP)).await.expect("stopped");
    server.client().send(call(&NODES)).await.expect_err("the token is not known here");

    let told = String::from_utf8_lossy(&log.0.lock().expect("no panic while logging")).into_owned();
    assert!(told.contains("logged in") && told.contains("GET /nodes"), "{told}");
    for secret in ["geheim", "::ticket", "65:csrf", "JBSWY3DPEHPK3PXP", crate::server::SECRET] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

/// A login form that comes back, in the ways that hosts, proxies and pages write it.
#[tokio::test]
async fn what_was_sent_is_masked_in_whatever_comes_back() {
    let encoded = ["geheim & lang", "geheim+%26+lang", "geheim%20%26%20lang", "geheim &amp; lang"];
    for shown in encoded {
        for (status, headers) in [
            ("200 OK", "Content-Type: text/html\r\n"),
            ("200 OK", "Content-Type: application/json\r\n"),
            ("500 Internal Server Error", ""),
            ("503 Service Unavailable", "Content-Type: text/html\r\n"),
            ("401 Unauthorized", "Content-Type: text/plain\r\n"),
        ] {
            let body = format!("username=ops@pve password={shown} end");
            let bodies = [body.clone(), serde_json::json!({"data": body, "message": body}).to_string()];
            for body in bodies {
                let server =
                    Server::start(move |_| Act::Close(crate::server::reply(status, headers, body.as_bytes()))).await;
                let said = Pve::new().client(&server).send(call(&NODES)).await.expect_err("no ticket").to_string();
                assert!(!said.contains(shown) && !said.contains("geheim"), "{status}: {said}");
            }
        }
    }
    let server = Server::start(|asked| bare(&format!("500 I got {}", asked.headers["authorization"]))).await;
    let said = server.client().send(call(&NODES)).await.expect_err("refused").to_string();
    assert!(
        said.contains("I got PVEAPIToken=") && said.contains("***") && !said.contains(crate::server::SECRET),
        "{said}"
    );
}
