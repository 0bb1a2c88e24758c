// What every TypeScript client does with the server: list, call all twelve tools, refuse and confirm a delete.
import assert from "node:assert/strict";

const KINDS = [
  { kind: "VM", list: "listVMs", stopped: 110 },
  { kind: "Container", list: "listContainers", stopped: 203 },
];
const VERBS = ["get", "start", "stop", "restart", "delete"];
const TOOLS = KINDS.flatMap(({ kind, list }) => [list, ...VERBS.map((verb) => verb + kind)]).sort();

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

/**
 * Drives one connected client. `consent.answer` is what its elicitation handler gives; `consent.asked` collects the
 * messages.
 */
export async function drive(client, consent) {
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
