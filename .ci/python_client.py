"""Drives the server with the official Python SDK, a client that nobody here wrote.

usage: python_client.py BINARY [URL]

Over stdio with `--demo`, in the SDK's three modes; with a URL, over streamable HTTP too. Each mode gets a demo cluster
of its own, lists the tools, calls all twelve and checks every answer against what the demo holds. On a cluster that
PROXMOX_HOST names (.ci/oddities) it reads everything instead.
"""

import asyncio
import os
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import ElicitResult

MODES = os.environ.get("MODES", "auto legacy 2026-07-28").split()
TOOLS = {
    f"{verb}{kind}" for verb in ["get", "start", "stop", "restart", "delete"] for kind in ["VM", "Container"]
} | {"listVMs", "listContainers", "searchApi", "describeApi", "callApi"}
VMS = {
    100: ("shop-web", "pve1"),
    101: ("shop-db", "pve2"),
    102: ("shop-queue", "pve2"),
    110: ("staging", "pve1"),
    111: ("windows-legacy", "pve3"),
    112: ("gpu-render", "pve3"),
    900: ("debian-13-template", "pve1"),
}
CONTAINERS = {
    200: ("dns", "pve1"),
    201: ("git", "pve3"),
    202: ("wiki", "pve2"),
    203: ("sandbox", "pve3"),
    901: ("alpine-template", "pve2"),
}


class Session:
    """Calls tools and insists on what comes back."""

    def __init__(self, client):
        self.client = client
        self.calls = 0

    async def done(self, tool, **arguments):
        result = await self.client.call_tool(tool, arguments)
        self.calls += 1
        assert not result.is_error, f"{tool} {arguments}: {result.content[0].text}"
        assert result.content[0].text.strip(), f"{tool}: no text"
        assert isinstance(result.structured_content, dict), f"{tool}: no structured result"
        return result.structured_content

    async def refused(self, tool, *words, **arguments):
        result = await self.client.call_tool(tool, arguments)
        self.calls += 1
        text = result.content[0].text
        assert result.is_error, f"{tool} {arguments} was not refused: {text}"
        for word in words:
            assert word in text, f"{tool} {arguments}: {word!r} is not in {text!r}"
        return text


def same(got, expected, what):
    assert got == expected, f"{what}: {got!r} instead of {expected!r}"


async def lists(s, tool, expected):
    rows = (await s.done(tool))["guests"]
    same({r["vmid"]: (r["name"], r["node"]) for r in rows}, expected, tool)
    node = {i: g for i, g in expected.items() if g[1] == "pve1"}
    rows = (await s.done(tool, node="pve1"))["guests"]
    same({r["vmid"]: (r["name"], r["node"]) for r in rows}, node, f"{tool} node=pve1")


async def power(s, kind, stopped, name):
    """Takes one stopped guest through start, restart and stop, and reads its state after each."""
    get = f"get{kind}"
    same((await s.done(get, vmid=stopped))["name"], name, get)
    same((await s.done(get, vmid=stopped))["status"], "stopped", get)
    for verb, status in [("start", "running"), ("restart", "running"), ("stop", "stopped")]:
        answer = await s.done(f"{verb}{kind}", vmid=stopped)
        same(answer["outcome"], "done", f"{verb}{kind}")
        same(answer["status"], status, f"{verb}{kind}")
        assert answer["upid"].startswith("UPID:"), answer
        same((await s.done(get, vmid=stopped))["status"], status, f"{get} after {verb}")
        # As on a host, a guest that is still booting ignores a request to reboot.
        await asyncio.sleep(0.3)


async def delete(s, asked, kind, doomed, list_tool):
    """A refused delete leaves the guest, a confirmed one takes it away."""
    asked["answer"] = ElicitResult(action="decline")
    text = await s.refused(f"delete{kind}", vmid=doomed)
    assert asked["messages"], f"delete{kind} did not ask: {text}"
    assert str(doomed) in asked["messages"][-1], asked["messages"][-1]
    assert doomed in {r["vmid"] for r in (await s.done(list_tool))["guests"]}
    asked["answer"] = ElicitResult(action="accept", content={"confirm": True})
    same((await s.done(f"delete{kind}", vmid=doomed))["outcome"], "done", f"delete{kind}")
    await s.refused(f"get{kind}", str(doomed), vmid=doomed)


async def read(s):
    """Reads all there is. The SDK itself throws a result away that does not match the tool's output schema."""
    for tool, get in [("listVMs", "getVM"), ("listContainers", "getContainer")]:
        for detail in [{}, {"detail": "full"}]:
            rows = (await s.done(tool, **detail))["guests"]
            away = [row for row in rows if row["status"].startswith("unknown (node ")]
            assert len(away) == 1 and "name" not in away[0], away
            here = (await s.done(tool, node="pve1", **detail))["guests"]
            same(len(here), len(rows) - 1, f"{tool} of one node")
            for row in here:
                same((await s.done(get, vmid=row["vmid"], **detail))["vmid"], row["vmid"], get)
    await s.done("stopVM", vmid=100)
    same((await s.done("startVM", vmid=100))["status"], "running", "startVM")
    same((await s.done("restartContainer", vmid=200))["outcome"], "done", "restartContainer")
    await s.refused("startVM", "qm resume 101", vmid=101)
    await s.refused("getVM", "its node pve2 is offline", vmid=300)
    await s.refused("deleteContainer", "pct unlock 202", vmid=202)


async def session(server, mode):
    asked = {"answer": ElicitResult(action="cancel"), "messages": []}

    async def consent(context, params):
        asked["messages"].append(params.message)
        return asked["answer"]

    async with Client(server, mode=mode, elicitation_callback=consent) as client:
        s = Session(client)
        if mode != "2026-07-28":  # this mode sends neither initialize nor server/discover, so nobody introduces itself
            same(client.server_info.name, "proxmox-mcp", "server name")
        tools = (await client.list_tools()).tools
        same({t.name for t in tools}, TOOLS, "tools")
        for tool in tools:
            assert tool.title and tool.description and tool.annotations and tool.output_schema, tool.name
            hints = tool.annotations
            same(hints.read_only_hint, tool.name.startswith(("list", "get", "search", "describe")), f"{tool.name} readOnlyHint")
            if tool.name.startswith("delete"):
                same(hints.destructive_hint, True, f"{tool.name} destructiveHint")

        if "PROXMOX_HOST" in os.environ:
            await read(s)
            return client.protocol_version, s.calls
        await lists(s, "listVMs", VMS)
        await lists(s, "listContainers", CONTAINERS)
        await power(s, "VM", 110, "staging")
        await power(s, "Container", 203, "sandbox")

        await s.refused("startVM", "QEMU exited with code 1", vmid=112)
        await s.refused("startVM", "startContainer", vmid=200)
        await s.refused("deleteVM", "protect", vmid=101)
        await s.refused("startContainer", "backup", vmid=202)
        await s.refused("getVM", "vmid", vmid="abc")
        await s.refused("getVM", "vmid")
        await s.refused("getVM", "node", vmid=100, node="pve1/qemu/102/status/stop#")
        same((await s.done("getVM", vmid=102))["status"], "running", "the VM that the node name pointed at")

        await delete(s, asked, "VM", 110, "listVMs")
        await delete(s, asked, "Container", 203, "listContainers")
        try:
            unknown = await client.call_tool("noSuchTool", {})
        except Exception as error:
            assert "noSuchTool" in str(error), error
        else:
            raise AssertionError(f"an unknown tool was answered with {unknown}")
        return client.protocol_version, s.calls


async def main():
    binary, url = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    passed = 0
    for mode in MODES:
        server = url or StdioServerParameters(
            command=os.path.abspath(binary),
            args=[] if "PROXMOX_HOST" in os.environ else ["--demo"],
            env={name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("PROXMOX_")},
        )
        version, calls = await asyncio.wait_for(session(server, mode), 120)
        print(f"  {'HTTP' if url else 'stdio'}, mode {mode}: protocol {version}, {calls} tool calls")
        passed += 1
    print(f"python SDK: {passed} passed, 0 failed")


asyncio.run(main())
