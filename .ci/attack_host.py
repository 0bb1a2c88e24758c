"""A host for attacks: HTTPS on loopback, answers as Proxmox VE does unless a test sets another answer, counts what it is asked."""

import hashlib, http.server, json, pathlib, re, ssl, subprocess, threading, time

TASK = "UPID:pve1:0000ABCD:00001234:6B06C7E4:{}:{}:mcp@pve!ai:"
SECRET = "11111111-2222-3333-4444-555555555555"


def certificate(folder):
    """Makes a certificate: paths of both files, and the fingerprint."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    der = ssl.PEM_cert_to_DER_cert(cert.read_text())
    digest = hashlib.sha256(der).hexdigest().upper()
    return key, cert, ":".join(digest[i:i + 2] for i in range(0, 64, 2))


class Host:
    """One VM and one container. `answers` are (method, pattern, function of method and path) and come first."""

    def __init__(self, folder):
        key, cert, self.fingerprint = certificate(pathlib.Path(folder))
        self.asked, self.heads, self.answers, self.open, self.held = [], [], [], threading.Event(), None
        self.open.set()
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                host.asked.append((self.command, self.path))
                host.heads.append(str(self.headers))
                if host.held is None or re.search(host.held, self.path):
                    host.open.wait(30)
                status, body = host.answer(self.command, self.path)
                try:
                    self.send_response(status)
                    self.send_header("content-type", "application/json;charset=UTF-8")
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = any

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def env(self, **more):
        return {"PROXMOX_HOST": f"127.0.0.1:{self.port}", "PROXMOX_FINGERPRINT": self.fingerprint,
                "PROXMOX_TOKEN": f"mcp@pve!ai={SECRET}", "PROXMOX_REQUEST_TIMEOUT": "5", **more}

    def reset(self, *answers):
        self.answers, self.asked, self.heads, self.held = list(answers), [], [], None
        self.open.set()

    def holds(self, pattern):
        """Answers what fits only when `open` is set."""
        self.held = pattern
        self.open.clear()

    def writes(self):
        return [asked for asked in self.asked if asked[0] != "GET"]

    def waits_for(self, pattern, seconds=20):
        """Waits until something was asked that fits."""
        end = time.monotonic() + seconds
        while not any(re.search(pattern, path) for _, path in list(self.asked)):
            assert time.monotonic() < end, f"{pattern} was not asked: {self.asked}"
            time.sleep(0.01)

    def answer(self, method, path):
        for wanted, pattern, make in self.answers:
            if wanted == method and re.search(pattern, path):
                made = make(path) if callable(make) else make
                return (200, made) if isinstance(made, bytes) else made
        data = usual(method, path)
        return 200 if data is not None else 501, json.dumps({"data": data}).encode()


def guest(kind, vmid, **more):
    return {"id": f"{kind}/{vmid}", "type": kind, "vmid": vmid, "node": "pve1", "name": f"g{vmid}", "status": "running",
            "maxmem": 1 << 29, "maxcpu": 2, "tags": "", **more}


def usual(method, path):
    """What a host with one node says."""
    path = path.split("?")[0].removeprefix("/api2/json")
    of = re.match(r"/nodes/pve1/(qemu|lxc)/(\d+)(.*)", path)
    if method == "GET" and path == "/version":
        return {"version": "9.2.3", "release": "9.2", "repoid": "0123456789abcdef"}
    if method == "GET" and path == "/cluster/resources":
        return [guest("qemu", 100), guest("lxc", 200), {"id": "node/pve1", "type": "node", "node": "pve1", "status": "online"}]
    if method == "GET" and path == "/nodes":
        return [{"node": "pve1", "status": "online", "id": "node/pve1", "type": "node"}]
    if method == "GET" and path == "/access/permissions":
        return {"/": {right: 1 for right in ("VM.Audit", "VM.PowerMgmt", "VM.Allocate", "VM.Config.Options", "Pool.Audit", "Sys.Audit")}}
    if method == "GET" and re.fullmatch(r"/nodes/pve1/(qemu|lxc)", path):
        kind = path.rsplit("/", 1)[1]
        return [guest("qemu", 100) if kind == "qemu" else guest("lxc", 200)]
    if of and method == "GET" and of[3] == "/status/current":
        return {"vmid": int(of[2]), "status": "running", "name": f"g{of[2]}", "qmpstatus": "running", "ha": {"managed": 0}, "pid": 77}
    if of and method == "GET" and of[3] == "/config":
        return {"digest": "aa39a3ee5e6b4b0d3255bfef95601890afd80709", "name": f"g{of[2]}", "memory": "512"}
    if of and method == "GET" and of[3] == "/pending":
        return []
    if of and method == "POST":
        kind = "qm" if of[1] == "qemu" else "vz"
        return TASK.format(kind + of[3].rsplit("/", 1)[1], of[2])
    if of and method == "DELETE":
        return TASK.format("qmdestroy" if of[1] == "qemu" else "vzdestroy", of[2])
    if path.endswith("/status") and "/tasks/" in path:
        return {"status": "stopped", "exitstatus": "OK", "upid": TASK.format("qmstop", 100), "node": "pve1", "type": "qmstop", "id": "100", "user": "mcp@pve!ai", "pid": 1, "pstart": 1, "starttime": 1795606500}
    if path.endswith("/log") and "/tasks/" in path:
        return [{"n": 1, "t": "TASK OK"}]
    return [] if method == "GET" else None
