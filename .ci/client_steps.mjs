// What every TypeScript client does with the server: list, call all twelve tools, refuse and confirm a delete. On a
// cluster that PROXMOX_HOST names (.ci/oddities) it reads everything instead.
import assert from "node:assert/strict";

/** How the server is started over stdio. */
export function server(binary) {
  if (!process.env.PROXMOX_HOST) return { command: binary, args: ["--demo"] };
  const env = Object.entries(process.env).filter(([name]) => name.startsWith("PROXMOX_"));
  return { command: binary, args: [], env: Object.fromEntries(env) };
}

const KINDS = [
  { kind: "VM", list: "listVMs", stopped: 110 },
  { kind: "Container", list: "listContainers", stopped: 203 },
];
const VERBS = ["get", "start", "stop", "restart", "delete"];
const TOOLS = KINDS.flatMap(({ kind, list }) => [list, ...VERBS.map((verb) => verb + kind)])
  .concat("searchApi", "describeApi", "callApi").sort();

/** Calls a tool and insists that it worked; gives the structured result. */
async function done(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert(!result.isError, `${name} ${JSON.stringify(args)}: ${result.content?.[0]?.text}`);
  assert(result.content[0].text.trim(), `${name}: no text`);
  assert.equal(typeof result.structuredContent, "object", `${name}: no structured result`);
  return result.structuredContent;
}

/** Calls a tool and insists that it was refused; gives the text. */
async function refused(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert(result.isError, `${name} ${JSON.stringify(args)} was not refused`);
  return result.content[0].text;
}

/** Drives one connected client through what there is to check. */
export async function check(client, consent) {
  await (process.env.PROXMOX_HOST ? read(client) : drive(client, consent));
}

/** Reads all there is. The client itself throws a result away that does not match the tool's output schema. */
async function read(client) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort(), TOOLS);
  assert(tools.every((tool) => tool.outputSchema), "every tool has an output schema");
  for (const { kind, list } of KINDS) {
    for (const detail of [{}, { detail: "full" }]) {
      const all = (await done(client, list, detail)).guests;
      assert(all.some((row) => row.status.startsWith("unknown (node ") && row.name === undefined), `${list}: the guest that is away`);
      const here = (await done(client, list, { ...detail, node: "pve1" })).guests;
      assert.equal(here.length, all.length - 1, `${list} of one node`);
      for (const { vmid } of here) {
        const guest = await done(client, `get${kind}`, { vmid, ...detail });
        assert.equal(guest.vmid, vmid);
        assert.equal(typeof guest.config, "object");
      }
    }
  }
  await done(client, "stopVM", { vmid: 100 });
  assert.equal((await done(client, "startVM", { vmid: 100 })).status, "running");
  assert.equal((await done(client, "restartContainer", { vmid: 200 })).outcome, "done");
  await refused(client, "startVM", { vmid: 101 });
  await refused(client, "getVM", { vmid: 300 });
  await refused(client, "deleteContainer", { vmid: 202 });
}

/**
 * Drives one connected client. `consent.answer` is what its elicitation handler gives; `consent.asked` collects the
 * messages.
 */
async function drive(client, consent) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort(), TOOLS);
  for (const { kind, list, stopped } of KINDS) {
    const rows = (await done(client, list)).guests;
    assert(rows.some((row) => row.vmid === stopped), `${list} shows ${stopped}`);
    assert.equal((await done(client, `get${kind}`, { vmid: stopped })).status, "stopped");
    for (const [verb, status] of [["start", "running"], ["restart", "running"], ["stop", "stopped"]]) {
      const answer = await done(client, verb + kind, { vmid: stopped });
      assert.equal(answer.outcome, "done", `${verb}${kind}`);
      assert.equal(answer.status, status, `${verb}${kind}`);
    }
    await refused(client, `get${kind}`, { vmid: "abc" });

    consent.answer = { action: "decline" };
    await refused(client, `delete${kind}`, { vmid: stopped });
    assert(consent.asked.at(-1)?.includes(String(stopped)), `delete${kind} asked: ${consent.asked.at(-1)}`);
    assert((await done(client, list)).guests.some((row) => row.vmid === stopped), "a refused delete deletes nothing");
    consent.answer = { action: "accept", content: { confirm: true } };
    assert.equal((await done(client, `delete${kind}`, { vmid: stopped })).outcome, "done");
    await refused(client, `get${kind}`, { vmid: stopped });
  }
  await assert.rejects(client.callTool({ name: "noSuchTool", arguments: {} }), /noSuchTool/);
}
