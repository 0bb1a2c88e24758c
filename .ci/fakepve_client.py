"""Drives the binary against fakepve: login by token and by password, lists, config, power, delete, tickets that expire.

usage: fakepve_client.py BINARY
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile

from fakepve import FakePve
from fakepve.certs import make_cert

TOKEN_ID = "root@pam!ci"
TOKEN_SECRET = "0b2f6a1e-0000-4000-8000-000000000001"
PASSWORD = "correct $horse"


class Failed(Exception):
    """What the binary did is not what it should have done."""


def expect(condition, what):
    if not condition:
        raise Failed(what)


class Runner:
    """Runs `BINARY call …` with its own environment and nothing else from ours."""

    def __init__(self, binary, pve, folder, fingerprint):
        self.binary = os.path.abspath(binary)
        self.folder = folder
        self.base = {
            "PATH": os.environ.get("PATH", ""),
            "PROXMOX_HOST": f"localhost:{pve.port}",
            "PROXMOX_FINGERPRINT": fingerprint,
            "PROXMOX_MCP_CONFIRM": "never",
        }
        self.token = {"PROXMOX_TOKEN": f"{TOKEN_ID}={TOKEN_SECRET}"}
        self.password = {"PROXMOX_USERNAME": "root@pam", "PROXMOX_PASSWORD": PASSWORD}

    async def run(self, login, *arguments):
        """Exit code, standard output and standard error of a call."""
        env = {k: v for k, v in {**self.base, **login}.items() if v is not None}
        process = await asyncio.create_subprocess_exec(
            self.binary, "call", *arguments, "--json", cwd=self.folder, env=env,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await asyncio.wait_for(process.communicate(), 120)
        out, err = out.decode(), err.decode()
        for secret in [TOKEN_SECRET, PASSWORD]:
            expect(secret not in out + err, f"a secret is shown by {arguments}: {out}{err}")
        return process.returncode, out, err

    async def call(self, login, *arguments):
        """The structured result of a call that must succeed."""
        code, out, err = await self.run(login, *arguments)
        expect(code == 0, f"{arguments} ended with {code}: {err}")
        return json.loads(out)

    async def fail(self, login, *arguments):
        """What is said of a call that must fail."""
        code, out, err = await self.run(login, *arguments)
        expect(code != 0, f"{arguments} should have failed and said {out}")
        return err


def logins(pve):
    return sum(1 for _method, path, _body in pve.requests if path.endswith("/access/ticket"))


async def every_operation(pve, run, login):
    """Lists, config, start, stop, restart and delete of both kinds; each checked in the fake itself."""
    vm = pve.add_vm(100, "web", config={"memory": "2048", "cores": 2})
    ct = pve.add_ct(200, "dns")
    for guest, kind, vmid in [(vm, "VM", 100), (ct, "Container", 200)]:
        listed = await run.call(login, f"list{kind}s")
        expect(str(vmid) in json.dumps(listed), f"list{kind}s does not show {vmid}: {listed}")
        shown = await run.call(login, f"get{kind}", f"vmid={vmid}")
        expect(guest.name in json.dumps(shown), f"get{kind} does not show its name: {shown}")
        # A reboot is done when the VM has a new process; the fake's VMs keep theirs, so they are reset instead.
        restart = ["mode=reset"] if kind == "VM" else []
        for tool, status, more in [("start", "running", []), ("restart", "running", restart), ("stop", "stopped", [])]:
            done = await run.call(login, f"{tool}{kind}", f"vmid={vmid}", *more)
            expect(guest.status == status, f"{tool}{kind} left it {guest.status}: {done}")
            expect(done.get("outcome") in ("done", "unchanged"), f"{tool}{kind}: {done}")
        again = await run.call(login, f"stop{kind}", f"vmid={vmid}")
        expect(again.get("outcome") == "unchanged", f"stop{kind} of a stopped guest: {again}")
        await run.call(login, f"delete{kind}", f"vmid={vmid}")
        expect(pve.guest(vmid) is None, f"delete{kind} left the guest there")
        said = await run.fail(login, f"get{kind}", f"vmid={vmid}")
        expect(str(vmid) in said, f"get{kind} of a guest that is gone: {said}")


async def by_token(pve, run):
    await every_operation(pve, run, run.token)
    expect(logins(pve) == 0, "a token needs no login")
    wrong = {"PROXMOX_TOKEN": f"{TOKEN_ID}=0b2f6a1e-0000-4000-8000-00000000ffff"}
    said = await run.fail(wrong, "listVMs")
    expect("PROXMOX_TOKEN" in said and "authentication failure" in said, f"a wrong token: {said}")


async def by_password(pve, run):
    await every_operation(pve, run, run.password)
    expect(logins(pve) > 0, "a password needs a login")
    said = await run.fail({**run.password, "PROXMOX_PASSWORD": "wrong"}, "listVMs")
    expect("PROXMOX_PASSWORD" in said, f"a wrong password: {said}")
    pve.tfa = True
    said = await run.fail(run.password, "listVMs")
    expect("second factor" in said, f"a second factor: {said}")
    pve.tfa = False


async def expired_tickets(pve, run):
    """A start that takes longer than a ticket lasts: the client logs in again in the middle of it."""
    vm = pve.add_vm(101, "slow")
    pve.time_scale, vm.start_secs, pve.ticket_ttl = 1.0, 6, 1
    before = logins(pve)
    done = await run.call(run.password, "startVM", "vmid=101")
    expect(done.get("outcome") == "done" and vm.status == "running", f"a start with expiring tickets: {done}")
    made = logins(pve) - before
    expect(2 <= made <= 12, f"{made} logins for a start of 6 s with tickets of 1 s")
    pve.time_scale, pve.ticket_ttl = 0.0, 7200


async def refusals(pve, run):
    """What PVE refuses is told in its own words."""
    pve.add_vm(102, "locked", lock="backup")
    said = await run.fail(run.token, "startVM", "vmid=102")
    expect("backup" in said, f"a locked guest: {said}")
    pve.add_vm(103, "kept", config={"protection": 1})
    said = await run.fail(run.token, "deleteVM", "vmid=103")
    expect("protect" in said and pve.guest(103) is not None, f"a protected guest: {said}")


async def trust(_pve, run):
    """A certificate that nobody vouches for is refused with the setting that would accept it; a CA file accepts it."""
    plain = {**run.token, "PROXMOX_FINGERPRINT": None}
    said = await run.fail(plain, "listVMs")
    expect(f"PROXMOX_FINGERPRINT={run.base['PROXMOX_FINGERPRINT']}" in said, f"an unknown certificate: {said}")
    await run.call({**plain, "PROXMOX_CA_FILE": os.path.join(run.folder, "fakepve.crt")}, "listVMs")
    await run.call({**plain, "PROXMOX_REJECT_UNAUTHORIZED": "false"}, "listVMs")


async def main(binary):
    with tempfile.TemporaryDirectory() as folder:
        certificate, key, der = make_cert(folder)
        digest = hashlib.sha256(der).hexdigest().upper()
        fingerprint = ":".join(digest[i:i + 2] for i in range(0, 64, 2))
        for case in [by_token, by_password, expired_tickets, refusals, trust]:
            pve = FakePve(password=PASSWORD, host="127.0.0.1", port=0)
            pve.apitokens[TOKEN_ID] = TOKEN_SECRET
            await pve.start(certificate, key)
            try:
                await case(pve, Runner(binary, pve, folder, fingerprint))
                print(f"fakepve: {case.__name__}: {len(pve.requests)} requests, as expected")
            except Failed as failed:
                sys.exit(f"fakepve: {case.__name__}: {failed}")
            finally:
                await pve.stop()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
