#!/usr/bin/env python3
"""Two replicas of one service behind nginx; see .ci/replicas."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BINARY = Path(sys.argv[1])
PVE = Path(sys.argv[2])
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "replicas", "version": "1"},
}
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream replicas {{ server 127.0.0.1:{one} max_fails=1 fail_timeout=2s; server 127.0.0.1:{two} max_fails=1 fail_timeout=2s; }}
  server {{
    listen 127.0.0.1:{front};
    location / {{
      proxy_pass http://replicas; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_buffering off; proxy_read_timeout 120s; proxy_next_upstream error timeout http_503;
      add_header X-Replica $upstream_addr always;
    }}
  }}
}}
"""


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(at, method, path, body=None, headers=None, timeout=60):
    connection = http.client.HTTPConnection("127.0.0.1", at, timeout=timeout)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers or {})
        response = connection.getresponse()
        text = response.read()
        is_json = "json" in response.getheader("content-type", "")
        return response.status, dict(response.getheaders()), json.loads(text) if is_json else text
    finally:
        connection.close()


def mcp(at, method, params):
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json",
               "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    if "name" in params:
        headers["Mcp-Name"] = params["name"]
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}
    return ask(at, "POST", "/mcp", message, headers)


def wait(at, path="/readyz"):
    for _ in range(300):
        try:
            if ask(at, "GET", path)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"replicas: nothing is ready at port {at}")


def main():
    folder = tempfile.mkdtemp(prefix="replicas-")
    pve = subprocess.Popen([PVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    settings = dict(pve.stdout.readline().strip().split("=", 1) for _ in range(4))
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PROXMOX_")}
    env = {**clean, **settings, "PROXMOX_MCP_KEY": "a key that both replicas have, 32 characters or more", "XDG_CONFIG_HOME": folder}
    ports = {"one": port(), "two": port(), "front": port()}
    replicas = {
        name: subprocess.Popen([BINARY, "serve", "--listen", f"127.0.0.1:{ports[name]}", "--rate", "0", "--log", "warn"],
                               env=env, cwd=folder)
        for name in ("one", "two")
    }
    conf = Path(folder) / "nginx.conf"
    conf.write_text(NGINX.format(folder=folder, **ports))
    nginx = subprocess.Popen(["nginx", "-c", str(conf), "-e", f"{folder}/error.log"])
    try:
        for name in ("one", "two", "front"):
            wait(ports[name])
        check(ports["front"], replicas)
    finally:
        for process in (nginx, pve, *replicas.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (nginx, pve, *replicas.values()):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def check(front, replicas):
    seen = {ask(front, "GET", "/vms")[1]["X-Replica"] for _ in range(8)}
    assert len(seen) == 2, f"round robin reached only {seen}"
    for _ in range(6):
        status, _, body = mcp(front, "tools/list", {})
        assert status == 200 and len(body["result"]["tools"]) == 15, body

    # The plan comes from one replica, the confirmed deletion is done by the other.
    _, _, stopped = ask(front, "GET", "/vms?status=stopped&detail=full")
    vmid = next(g["vmid"] for g in stopped["guests"] if not g.get("template") and not g.get("lock"))
    status, one, plan = ask(front, "DELETE", f"/vms/{vmid}")
    assert status == 428 and plan["confirm"], plan
    status, two, done = ask(front, "DELETE", f"/vms/{vmid}?confirm={plan['confirm']}")
    assert two["X-Replica"] != one["X-Replica"], "not in turn"
    assert status == 200 and done["outcome"] == "done", done
    status, _, replay = ask(front, "DELETE", f"/vms/{vmid}?confirm={plan['confirm']}")
    assert status == 404, f"a code opened twice: {replay}"
    print(f"plan from {one['X-Replica']}, deletion of {vmid} by {two['X-Replica']}, replay refused")

    # Calls without pause; one replica is killed among them. Of each: begun, good, how it ended, ended.
    results, lock, stop = [], threading.Lock(), threading.Event()

    def caller():
        while not stop.is_set():
            at = time.monotonic()
            try:
                status, headers, body = mcp(front, "tools/call", {"name": "listVMs", "arguments": {}})
                good = status == 200 and not body["result"].get("isError")  # a 502 has no result and is not good
                note = (at, good, status)
            except (OSError, http.client.HTTPException, json.JSONDecodeError) as e:
                note = (at, False, type(e).__name__)
            with lock:
                results.append((*note, time.monotonic()))

    def until(count):
        for _ in range(600):
            if len(results) >= count:
                return
            time.sleep(0.1)
        sys.exit(f"replicas: only {len(results)} calls of {count}")

    threads = [threading.Thread(target=caller) for _ in range(8)]
    [t.start() for t in threads]
    until(400)
    kill = time.monotonic()
    replicas["one"].kill()
    replicas["one"].wait()
    killed = time.monotonic()
    until(len(results) + 800)
    stop.set()
    [t.join() for t in threads]
    failed = [r for r in results if not r[1]]
    early = [r for r in failed if r[3] < kill]
    after = [r for r in failed if r[0] > killed]
    assert not early, f"calls failed before the kill: {early}"
    assert not after, f"calls failed that were made after the kill: {after}"
    assert len(failed) <= 8, f"more failed than were in flight: {failed}"
    assert all(r[2] in (502, 504) for r in failed), f"not a clean failure: {failed}"
    assert len({ask(front, "GET", "/vms")[1]["X-Replica"].split(",")[-1].strip() for _ in range(4)}) == 1
    print(f"{len(results)} calls through the kill of a replica: {len(failed)} failed, each cleanly ({[r[2] for r in failed]})")


main()
print("replicas: all checks passed")
