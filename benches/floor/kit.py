"""Servers and what they cost: a host of prepared bytes, an MCP server over standard input and output, CPU and memory of a
process, and counts by valgrind."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PRODUCT = TARGET / "release" / "proxmox-mcp"
FLOOR = TARGET / "floor" / "examples" / "floor"
LEAST = TARGET / "floor" / "examples" / "least"

INITIALIZE = {
    "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "measure", "version": "1"},
}
VALGRIND = shutil.which("valgrind")


def example(name):
    """An example, optimised if it is there."""
    found = [TARGET / profile / "examples" / name for profile in ("release", "floor", "debug")]
    for path in found:
        if path.exists():
            return path
    sys.exit(f"measure: no example {name}; `cargo build --release --example {name}` makes it")


class Host:
    """A host that answers with prepared bytes, in a process of its own."""

    def __init__(self, guests, *pace, at=None):
        command = [at or example("backend"), str(guests), *map(str, pace)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.settings = {}
        while line := self.process.stdout.readline().strip():
            name, value = line.split("=", 1)
            self.settings[name] = value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Ends it, and gives how often each path was asked for."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.asked = json.loads(self.process.stdout.read() or "{}")
            self.process.wait(20)
        return self.asked


def environment(host):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PROXMOX_")}
    return plain | (host.settings if host else {})


class Server:
    """An MCP server over standard input and output."""

    def __init__(self, command, host, **more):
        self.begun = time.perf_counter()
        self.folder = tempfile.TemporaryDirectory(prefix="floor-")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=more.pop("stderr", subprocess.DEVNULL),
            env=environment(host), cwd=self.folder.name, bufsize=0, **more,
        )
        self.out = os.fdopen(self.process.stdout.fileno(), "rb", buffering=1 << 20, closefd=False)
        self.last = 0
        self.ask("initialize", INITIALIZE)
        self.opened = time.perf_counter()
        self.send({"method": "notifications/initialized"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def send(self, *messages):
        lines = b"".join(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n" for message in messages)
        self.process.stdin.write(lines)

    def post(self, method, params, count=1):
        ids = range(self.last + 1, self.last + count + 1)
        self.last += count
        self.send(*({"id": id, "method": method, "params": params} for id in ids))
        return set(ids)

    def answers(self, ids):
        """Waits for the answers to these requests; gives the last as it came."""
        line = b""
        while ids:
            line = self.out.readline()
            if not line:
                sys.exit(f"measure: {self.process.args} closed its output")
            # The id stands at the beginning; decoding whole answers would take longer than making them.
            head = re.match(rb'\{"jsonrpc":"2\.0","id":(\d+),"(result|error)"', line)
            if head:
                ids.discard(int(head.group(1)))
                if head.group(2) == b"error" or b'"isError":true' in line[-4000:]:
                    sys.exit(f"measure: {line[:2000]}")
        return line

    def ask(self, method, params):
        return self.answers(self.post(method, params))

    def call(self, tool, arguments, at_once=1):
        return self.answers(self.post("tools/call", {"name": tool, "arguments": arguments}, at_once))

    def cpu(self):
        """Seconds on a processor, of all threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def resident(self):
        """MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024

    def end(self):
        self.process.stdin.close()
        return self.process.wait(60)


def under(tool, command):
    """The command under a tool of valgrind, without what takes time and is not asked for."""
    quick = {
        "callgrind": ["--callgrind-out-file=/dev/null"],
        "memcheck": ["--leak-check=no", "--undef-value-errors=no"],
    }[tool]
    return [VALGRIND, f"--tool={tool}", *quick, *map(str, command)]


def total(tool, said):
    """What valgrind counted in all."""
    pattern = r"Collected : (\d+)" if tool == "callgrind" else r"total heap usage: ([\d,]+) allocs"
    found = re.search(pattern, said)
    return int(found.group(1).replace(",", "")) if found else sys.exit(f"measure: valgrind said {said[-2000:]}")


def counted(tool, command, host, calls, few=20, more=60):
    """Instructions (callgrind) or allocations (memcheck) that one call takes: those of many calls less those of few."""
    totals = []
    for times in (few, few + more):
        with tempfile.TemporaryFile("w+") as said:
            server = Server(under(tool, command), host, stderr=said)
            for _ in range(times):
                calls(server)
            server.end()
            said.seek(0)
            totals.append(total(tool, said.read()))
    return (totals[1] - totals[0]) / more
