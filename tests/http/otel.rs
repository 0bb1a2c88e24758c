//! Traces reach a collector: one that this test makes, which speaks as much of OTLP/HTTP as it takes.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use proxmox_mcp::demo::{self, Scenario};
use serde_json::json;

use super::{
    harness::{client, send},
    process::{Process, command},
};

/// As much of a span as is looked at here.
#[derive(Debug, Default)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    attributes: BTreeMap<String, String>,
}

/// A collector on a free port of loopback, and the bodies that it was sent.
fn collector() -> (String, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("address");
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&bodies);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = BufReader::new(stream);
            let mut head = Vec::new();
            while stream.read_until(b'\n', &mut head).is_ok_and(|n| n > 2) {}
            let head = String::from_utf8_lossy(&head).to_lowercase();
            assert!(head.starts_with("post /v1/traces ") && head.contains("application/x-protobuf"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.expect("a length")];
            stream.read_exact(&mut body).expect("a body");
            into.lock().expect("bodies").push(body);
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer.as_bytes()).expect("answered");
        }
    });
    (format!("http://{address}"), bodies)
}

/// The fields of a protobuf message that have a length, with their numbers.
fn fields(mut message: &[u8]) -> Vec<(u64, &[u8])> {
    let mut all = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        match key & 7 {
            0 => _ = varint(&mut message),
            1 => message = &message[8..],
            5 => message = &message[4..],
            2 => {
                let length = usize::try_from(varint(&mut message)).expect("length");
                let (field, rest) = message.split_at(length);
                all.push((key >> 3, field));
                message = rest;
            }
            other => panic!("wire type {other}"),
        }
    }
    all
}

fn varint(message: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, rest) = message.split_first().expect("a number");
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

fn inner(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(message).into_iter().filter(move |(n, _)| *n == number).map(|(_, field)| field)
}

fn text(message: &[u8], number: u64) -> String {
    inner(message, number).next().map(|t| String::from_utf8_lossy(t).into_owned()).unwrap_or_default()
}

fn hex(message: &[u8], number: u64) -> String {
    inner(message, number).next().unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Key and text of each attribute; a value of another type is empty.
fn attributes(message: &[u8], number: u64) -> BTreeMap<String, String> {
    let pair = |field| (text(field, 1), inner(field, 2).next().map(|value| text(value, 1)).unwrap_or_default());
    inner(message, number).map(pair).collect()
}

/// The spans of an `ExportTraceServiceRequest`; numbers of fields as in opentelemetry-proto, trace/v1.
fn spans(body: &[u8]) -> Vec<Span> {
    let scopes = inner(body, 1).flat_map(|resource| inner(resource, 2));
    let each = scopes.flat_map(|scope| inner(scope, 2)).map(|span| Span {
        trace: hex(span, 1),
        id: hex(span, 2),
        parent: hex(span, 4),
        name: text(span, 5),
        attributes: attributes(span, 9),
    });
    each.collect()
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn mcp(process: &Process, meta: serde_json::Value) -> reqwest::RequestBuilder {
    let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "listVMs", "_meta":
        {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}});
    for (key, value) in meta.as_object().into_iter().flatten() {
        message["params"]["_meta"][key] = value.clone();
    }
    let request =
        client().post(format!("{}/mcp", process.base)).header("accept", "application/json, text/event-stream");
    let request = request.header("content-type", "application/json").header("mcp-protocol-version", "2026-07-28");
    request.header("mcp-method", "tools/call").header("mcp-name", "listVMs").body(message.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_calls_reach_a_collector_in_the_trace_of_their_caller() {
    let demo = demo::start(Scenario::default()).await.expect("demo");
    let home = tempfile::tempdir().expect("folder");
    let (endpoint, bodies) = collector();
    let mut command = command(&demo, &home);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint).env("OTEL_RESOURCE_ATTRIBUTES", "deployment=test");
    let mut process = Process::serve(command, &["--log", "warn,proxmox_mcp::cli=info"]);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let rest = client().get(format!("{}/vms?limit=1", process.base)).header("x-request-id", "rest");
    assert_eq!(send(rest.header("traceparent", &traceparent)).await.status, 200);
    let alone = mcp(&process, json!({})).header("x-request-id", "alone");
    assert_eq!(send(alone).await.status, 200);
    let within = mcp(&process, json!({"traceparent": traceparent})).header("x-request-id", "within");
    assert_eq!(send(within).await.status, 200);
    process.signal("TERM");
    assert!(process.end().success());

    let bodies = bodies.lock().expect("bodies");
    let resources = bodies.iter().flat_map(|body| inner(body, 1)).flat_map(|resource| inner(resource, 1));
    for resource in resources {
        let of = attributes(resource, 1);
        assert_eq!((of["service.name"].as_str(), of["deployment"].as_str()), ("proxmox-mcp", "test"), "{of:?}");
    }
    let spans: Vec<Span> = bodies.iter().flat_map(|body| spans(body)).collect();
    let request = |id: &str| {
        let found = spans.iter().find(|s| s.name == "http" && s.attributes.get("request_id").is_some_and(|r| r == id));
        found.unwrap_or_else(|| panic!("no span of request {id} in {spans:#?}"))
    };
    let call = |parent: &str| {
        let found = spans.iter().find(|s| s.name == "call" && s.parent == parent);
        found.unwrap_or_else(|| panic!("no call within {parent} in {spans:#?}"))
    };
    let rest = request("rest");
    assert_eq!((rest.trace.as_str(), rest.parent.as_str(), rest.attributes["route"].as_str()), (TRACE, PARENT, "/vms"));
    assert!(rest.attributes.contains_key("http.response.status_code"));
    assert_eq!((call(&rest.id).trace.as_str(), call(&rest.id).attributes["tool"].as_str()), (TRACE, "listVMs"));
    let alone = request("alone");
    assert!(alone.parent.is_empty() && alone.trace != TRACE);
    assert_eq!(call(&alone.id).trace, alone.trace);
    assert_eq!(call(PARENT).trace, TRACE, "the call continues what its message names");
    assert!(!spans.iter().any(|s| s.attributes.values().any(|value| value.contains(demo.token().secret.reveal()))));
}
