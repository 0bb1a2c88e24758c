//! How a host treats connections, held against what was measured on a real one: limits, keep-alive, redirects.

use crate::stage::Stage;
use crate::wire::{self, Connection, Reply};
use std::io::Write;

fn stage() -> Stage {
    Stage::set("single", "9.2.11", &[]).expect("the stage is set")
}

/// A stage that gives silent connections up after so many milliseconds.
fn with_idle_time(idle_ms: u64) -> Stage {
    let mut scenario = crate::stage::scenario("single", "9.2.11").expect("the scenario is sound");
    scenario.connections.idle_ms = idle_ms;
    Stage::start(scenario).expect("the stage is set")
}

fn authorization(stage: &Stage) -> String {
    format!(
        "Authorization: PVEAPIToken=mcp@pve!nosep={}\r\n",
        stage.secret("mcp@pve!nosep").expect("the token is known")
    )
}

fn get(stage: &Stage, path: &str) -> Vec<u8> {
    format!("GET /api2/json{path} HTTP/1.1\r\nHost: pve\r\n{}\r\n", authorization(stage)).into_bytes()
}

fn ask(connection: &mut Connection, request: &[u8]) -> Reply {
    connection.write_all(request).expect("the request is taken");
    wire::read(connection, false).expect("there is a reply")
}

fn alive(stage: &Stage) {
    assert_eq!(wire::exchange(stage.address(), &get(stage, "/version"), false).expect("the host answers").status, 200);
}

#[test]
fn the_hundredth_reply_closes_the_connection() {
    let stage = stage();
    let mut connection = wire::connect(stage.address()).expect("connect");
    for _ in 0..99 {
        assert_eq!(ask(&mut connection, &get(&stage, "/version")).parts("connection"), ["keep-alive"]);
    }
    assert_eq!(ask(&mut connection, &get(&stage, "/version")).parts("connection"), ["close"]);
    assert_eq!(wire::more(&mut connection, &mut Vec::new()).expect("closed in order"), 0);
}

#[test]
fn a_refusal_closes_the_connection_and_an_answer_from_the_daemon_does_not() {
    let stage = stage();
    let mut connection = wire::connect(stage.address()).expect("connect");
    assert_eq!(ask(&mut connection, &get(&stage, "/nodes/pve/qemu")).status, 200);
    assert_eq!(ask(&mut connection, &get(&stage, "/version")).status, 200);
    assert_eq!(ask(&mut connection, &get(&stage, "/nodes/pve/qemu/abc/config")).status, 400);
    assert_eq!(wire::more(&mut connection, &mut Vec::new()).expect("closed in order"), 0);
}

#[test]
fn too_many_or_too_long_headers_are_dropped_without_a_reply() {
    let stage = stage();
    let many: String = (0..70).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "a".repeat(9000));
    for headers in [many, long] {
        let request = format!("GET /api2/json/version HTTP/1.1\r\nHost: pve\r\n{}{headers}\r\n", authorization(&stage));
        assert!(wire::exchange(stage.address(), request.as_bytes(), false).is_err(), "no reply was recorded");
    }
    let some: String = (0..60).map(|n| format!("X-{n}: 1\r\n")).collect();
    let request = format!("GET /api2/json/version HTTP/1.1\r\nHost: pve\r\n{}{some}\r\n", authorization(&stage));
    assert_eq!(wire::exchange(stage.address(), request.as_bytes(), false).expect("62 headers are taken").status, 200);
}

#[test]
fn bodies_up_to_half_a_mebibyte_are_taken() {
    let stage = stage();
    let put = |size: usize| {
        let body = format!("description={}", "a".repeat(size - "description=".len()));
        let head = format!("{}Content-Type: application/x-www-form-urlencoded\r\n", authorization(&stage));
        let path = "/api2/json/nodes/pve/qemu/101/config";
        let request = format!("PUT {path} HTTP/1.1\r\nHost: pve\r\n{head}Content-Length: {size}\r\n\r\n{body}");
        wire::exchange(stage.address(), request.as_bytes(), false).expect("there is a reply")
    };
    assert_eq!(put(524_288).reason, "Parameter verification failed.");
    for size in [524_289, 600 * 1024] {
        let refused = put(size);
        assert_eq!((refused.status, refused.reason.as_str()), (501, "for data too large"));
        assert_eq!(refused.text().expect("text"), "for data too large");
    }
    alive(&stage);
}

#[test]
fn long_targets_pipelines_and_old_versions_are_taken() {
    let stage = stage();
    let long = get(&stage, &format!("/nodes/pve/qemu/100/config?bogus={}", "a".repeat(20_000)));
    assert_eq!(wire::exchange(stage.address(), &long, false).expect("a reply").status, 400);

    let mut connection = wire::connect(stage.address()).expect("connect");
    connection.write_all(&[get(&stage, "/version"), get(&stage, "/version")].concat()).expect("both are taken");
    let mut bytes = Vec::new();
    while String::from_utf8_lossy(&bytes).matches("HTTP/1.1 200 OK").count() < 2 {
        assert_ne!(wire::more(&mut connection, &mut bytes).expect("more"), 0, "closed before the second reply");
    }

    let old = format!("GET /api2/json/version HTTP/1.0\r\n{}\r\n", authorization(&stage));
    let mut connection = wire::connect(stage.address()).expect("connect");
    connection.write_all(old.as_bytes()).expect("taken");
    let mut bytes = Vec::new();
    while wire::more(&mut connection, &mut bytes).expect("more") > 0 {}
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("HTTP/1.0 200 OK") && text.to_lowercase().contains("connection: close"), "{text}");

    let expecting = format!("GET /api2/json/version HTTP/1.1\r\nExpect: 100-continue\r\n{}\r\n", authorization(&stage));
    assert_eq!(
        wire::exchange(stage.address(), expecting.as_bytes(), false).expect("no interim reply, no Host").status,
        200
    );
}

#[test]
fn plain_http_is_sent_to_https() {
    let stage = stage();
    for (method, target, status, reason, length) in [
        ("GET", "/api2/json/version", 301, "Moved Permanently", "17"),
        ("POST", "/api2/json/access/ticket", 308, "Permanent Redirect", "18"),
    ] {
        let mut plain = std::net::TcpStream::connect(stage.address()).expect("connect");
        plain
            .write_all(format!("{method} {target} HTTP/1.1\r\nHost: localhost:8006\r\n\r\n").as_bytes())
            .expect("taken");
        let reply = wire::read(&mut plain, false).expect("a redirect");
        assert_eq!((reply.status, reply.reason.as_str()), (status, reason));
        assert_eq!(reply.header("location"), Some(format!("https://localhost:8006{target}").as_str()));
        assert_eq!(
            (reply.parts("connection"), reply.header("content-length")),
            (vec!["keep-alive".into()], Some(length))
        );
    }
}

#[test]
fn a_silent_connection_is_closed() {
    let stage = with_idle_time(50);
    let mut fresh = wire::connect(stage.address()).expect("connect");
    assert_eq!(wire::more(&mut fresh, &mut Vec::new()).expect("closed in order"), 0);
    let mut used = wire::connect(stage.address()).expect("connect");
    assert_eq!(ask(&mut used, &get(&stage, "/version")).status, 200);
    assert_eq!(wire::more(&mut used, &mut Vec::new()).expect("closed in order"), 0);
}
