//! A host that answers with prepared bytes, outside of what is measured: `backend GUESTS [WORKERS MILLIS]` prints the
//! settings that reach it, one `NAME=value` a line, serves until its standard input ends, and then prints how often each
//! path was asked for, as JSON.
//!
//! With WORKERS and MILLIS it takes so many requests at a time and so long for each, as the workers of a pveproxy do.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    io::{Read as _, Write as _},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use proxmox_mcp::client::Fingerprint;
use rustls::pki_types::PrivateKeyDer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const TOKEN: &str = "floor@pve!floor=00000000-0000-0000-0000-000000000000";
const NODES: usize = 3;

/// What the host says, by path.
struct Host {
    resources: Vec<u8>,
    asked: Mutex<BTreeMap<String, usize>>,
    workers: Semaphore,
    takes: Duration,
}

/// A row as `/cluster/resources` has it. Every third guest is off.
fn guest(n: usize) -> String {
    let runs = n % 3 != 1;
    let (status, cpu, mem) =
        if runs { ("running", "0.0123093094415565", 1_610_612_736 + n) } else { ("stopped", "0", 0) };
    format!(
        r#"{{"netout":{out},"type":"qemu","tags":"prod;web","netin":{n},"maxmem":4294967296,"template":0,"diskwrite":{out},"name":"web-front-{n}","node":"pve{node}","maxcpu":4,"maxdisk":34359738368,"uptime":{n},"diskread":{out},"id":"qemu/{id}","disk":0,"vmid":{id},"memhost":{mem},"mem":{mem},"status":"{status}","cpu":{cpu}}}"#,
        out = n * 7919,
        node = n % NODES + 1,
        id = 100 + n,
    )
}

/// The list of the cluster. PVE gives its rows in the order of a hash.
fn resources(guests: usize) -> String {
    let node = |n: usize| {
        format!(
            r#"{{"id":"node/pve{n}","node":"pve{n}","type":"node","status":"online","level":"","cpu":0.01,"maxcpu":16,"mem":12345678901,"maxmem":67430203392,"disk":9876543210,"maxdisk":100861726720,"uptime":1234567,"cgroup-mode":2}}"#
        )
    };
    let storage = |n: usize| {
        format!(
            r#"{{"id":"storage/pve{n}/local","node":"pve{n}","type":"storage","storage":"local","status":"available","plugintype":"dir","content":"iso,vztmpl,backup","shared":0,"disk":9876543210,"maxdisk":100861726720}}"#
        )
    };
    let step = (1..).map(|k| 7919 + 2 * k).find(|step| gcd(*step, guests.max(1)) == 1).unwrap_or(1);
    let rows =
        (0..guests).map(|n| guest(n * step % guests)).chain((1..=NODES).map(node)).chain((1..=NODES).map(storage));
    format!(r#"{{"data":[{}]}}"#, rows.collect::<Vec<_>>().join(","))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

const CURRENT: &str = r#"{"data":{"ha":{"managed":0},"netout":7919,"maxmem":4294967296,"balloon":4294967296,"diskwrite":7919,"name":"web-front-0","cpus":4,"maxdisk":34359738368,"uptime":184,"pid":1234,"diskread":7919,"qmpstatus":"running","running-machine":"pc-i440fx-10.0+pve0","running-qemu":"10.0.2","disk":0,"vmid":100,"mem":1610612736,"memhost":1610612736,"status":"running","cpu":0.0123093094415565,"tags":"prod;web","netin":0,"pressurecpusome":0,"pressurecpufull":0,"pressureiosome":0,"pressureiofull":0,"pressurememorysome":0,"pressurememoryfull":0,"nics":{"tap100i0":{"netin":0,"netout":7919}},"proxmox-support":{"backup-max-workers":true,"pbs-dirty-bitmap":true,"query-bitmap-info":true}}}"#;
const PENDING: &str = r#"{"data":[{"key":"memory","value":"4096"},{"key":"cores","value":4},{"key":"name","value":"web-front-0"},{"key":"tags","value":"prod;web"},{"key":"scsihw","value":"virtio-scsi-single"},{"key":"scsi0","value":"local:100/vm-100-disk-0.qcow2,iothread=1,size=32G"},{"key":"net0","value":"virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1"},{"key":"boot","value":"order=scsi0;net0"},{"key":"ostype","value":"l26"},{"key":"onboot","value":1},{"key":"agent","value":"enabled=1"},{"key":"digest","value":"5f36d0c0a0b7b7e3b4ddc0a6a10d0e2a6fd9e2c1"},{"key":"vmgenid","value":"dc056064-3e57-4568-8c5a-d642a3f5daae"},{"key":"smbios1","value":"uuid=dc056064-3e57-4568-8c5a-d642a3f5daae"}]}"#;
const STARTED: &str = r#"{"data":"UPID:pve1:0000C530:001C9BEC:5F000000:qmstart:100:floor@pve!floor:"}"#;
const ENDED: &str = r#"{"data":{"upid":"UPID:pve1:0000C530:001C9BEC:5F000000:qmstart:100:floor@pve!floor:","node":"pve1","pid":50480,"pstart":1874924,"starttime":1593835520,"type":"qmstart","id":"100","user":"floor@pve","tokenid":"floor","status":"stopped","exitstatus":"OK"}}"#;
const VERSION: &str = r#"{"data":{"version":"9.2.3","release":"9.2","repoid":"0123456789abcdef"}}"#;
const RIGHTS: &str = r#"{"data":{"/":{"VM.Audit":1,"VM.PowerMgmt":1,"Sys.Audit":1,"Pool.Audit":1}}}"#;

impl Host {
    /// What is answered to a path, if there is something.
    fn said(&self, path: &str) -> Option<&[u8]> {
        Some(match path {
            "/cluster/resources" => &self.resources,
            "/version" => VERSION.as_bytes(),
            "/access/permissions" => RIGHTS.as_bytes(),
            _ if path.ends_with("/status/current") => CURRENT.as_bytes(),
            _ if path.ends_with("/pending") => PENDING.as_bytes(),
            _ if path.ends_with("/status/start") => STARTED.as_bytes(),
            _ if path.contains("/tasks/UPID") && path.ends_with("/status") => ENDED.as_bytes(),
            _ => return None,
        })
    }

    fn note(&self, path: &str) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_owned()).or_default() += 1;
    }

    async fn serve(&self, stream: TcpStream, tls: TlsAcceptor) -> Outcome<()> {
        stream.set_nodelay(true)?;
        let mut stream = tls.accept(stream).await?;
        let mut buffer = Vec::with_capacity(4096);
        let mut reply = Vec::new();
        loop {
            buffer.clear();
            // No request that is served here has a body that does not come with its head.
            while !buffer.windows(4).any(|end| end == b"\r\n\r\n") {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            }
            let head = String::from_utf8_lossy(&buffer);
            let target = head.split(' ').nth(1).unwrap_or_default();
            let path = target.split('?').next().unwrap_or_default().strip_prefix("/api2/json").unwrap_or_default();
            self.note(path);
            let worker = self.workers.acquire().await?;
            if !self.takes.is_zero() {
                tokio::time::sleep(self.takes).await;
            }
            drop(worker);
            reply.clear();
            let (status, body) = match self.said(path) {
                Some(body) => ("200 OK", body),
                None => ("501 Method not implemented", b"{\"data\":null}".as_slice()),
            };
            write!(
                reply,
                "HTTP/1.1 {status}\r\nCache-Control: max-age=0\r\nConnection: Keep-Alive\r\nServer: pve-api-daemon/3.0\r\n\
                 Content-Length: {}\r\nContent-Type: application/json;charset=UTF-8\r\n\r\n",
                body.len()
            )?;
            reply.extend_from_slice(body);
            stream.write_all(&reply).await?;
            stream.flush().await?;
        }
    }
}

fn main() -> Outcome<()> {
    let number = |at: usize| std::env::args().nth(at).map(|text| text.parse()).transpose();
    let guests = number(1)?.ok_or("backend GUESTS [WORKERS MILLIS]")?;
    let workers = number(2)?.unwrap_or(Semaphore::MAX_PERMITS);
    let takes = Duration::from_millis(u64::try_from(number(3)?.unwrap_or(0))?);
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    let tls = TlsAcceptor::from(Arc::new(tls));
    let host = Arc::new(Host {
        resources: resources(guests).into_bytes(),
        asked: Mutex::default(),
        workers: Semaphore::new(workers),
        takes,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let hex = certificate.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let mut out = std::io::stdout();
    writeln!(out, "PROXMOX_HOST=127.0.0.1\nPROXMOX_PORT={}\nPROXMOX_TOKEN={TOKEN}", listener.local_addr()?.port())?;
    writeln!(out, "PROXMOX_FINGERPRINT={}\nFLOOR_CERTIFICATE={hex}\n", Fingerprint::of(&certificate))?;
    out.flush()?;
    let serving = Arc::clone(&host);
    std::thread::spawn(move || {
        runtime.block_on(async {
            while let Ok((stream, _)) = listener.accept().await {
                let (host, tls) = (Arc::clone(&serving), tls.clone());
                tokio::spawn(async move { host.serve(stream, tls).await });
            }
        });
    });
    std::io::stdin().read_to_end(&mut Vec::new())?;
    writeln!(out, "{}", serde_json::to_string(&*host.asked.lock().unwrap_or_else(PoisonError::into_inner))?)?;
    Ok(())
}
