// What the API tools cost a model, in tokens of o200k_base: the tool list, search answers, all descriptions, and ten whole
// tasks done for real on the demo over stdio: list once, every call, every answer. Prints the table of docs/api.md.
// usage: tokens.mjs BINARY SURFACE, beside an installed gpt-tokenizer
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { encode } from "gpt-tokenizer/encoding/o200k_base";

const [binary, surface] = process.argv.slice(2);
const tokens = (text) => encode(text).length;

/** A server on a demo of its own. */
class Server {
  constructor(...args) {
    const env = { ...Object.fromEntries(Object.entries(process.env).filter(([k]) => !k.startsWith("PROXMOX_"))), PROXMOX_MCP_API: "all" };
    this.process = spawn(binary, ["--demo", ...args], { env, stdio: ["pipe", "pipe", "ignore"] });
    this.waiting = new Map();
    this.next = 1;
    createInterface({ input: this.process.stdout }).on("line", (line) => {
      const message = JSON.parse(line);
      this.waiting.get(message.id)?.(message);
    });
    this.process.on("exit", () => this.waiting.forEach((done) => done({ error: { message: "the server ended" } })));
  }
  send(message) {
    this.process.stdin.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
  }
  async ask(method, params) {
    const id = this.next++;
    const answer = new Promise((done) => this.waiting.set(id, done));
    this.send({ id, method, params });
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }
  async start() {
    await this.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "tokens", version: "1" } });
    this.send({ method: "notifications/initialized" });
    return this;
  }
  stop() {
    this.process.stdin.end();
  }
}

/** The text of an answer, which is what a model reads, and what the call and it cost. */
async function call(server, name, args) {
  const result = await server.ask("tools/call", { name, arguments: args });
  const text = result.content.map((part) => part.text ?? "").join("\n");
  return { text, result, cost: tokens(JSON.stringify({ name, arguments: args })) + tokens(text) };
}

const search = (query) => ["searchApi", { query }];
const describe = (id) => ["describeApi", { id }];
const api = (id, args) => ["callApi", { id, arguments: args }];

// What is asked for, and how a model comes to it: it searches, has the hit described where parameters matter, and calls.
const TASKS = [
  ["back up 101 to the nas", [search("back up 101 to the nas"), describe("post_nodes_node_vzdump"), api("post_nodes_node_vzdump", { node: "pve2", vmid: "101", storage: "nas" })]],
  ["what failed last night", [search("what failed last night"), ["callApi", { id: "get_cluster_tasks", fields: "upid,type,id,status" }]]],
  ["put pve3 into maintenance", [search("put pve3 in order for maintenance"), describe("post_nodes_node_migrateall"), api("post_nodes_node_migrateall", { node: "pve3", target: "pve1", "with-local-disks": true, "max-workers": 1 })]],
  ["take a snapshot of shop-web and roll back to it", [
    search("take a snapshot of shop-web"),
    describe("post_nodes_node_qemu_vmid_snapshot"),
    api("post_nodes_node_qemu_vmid_snapshot", { vmid: "shop-web", snapname: "before" }),
    search("roll back to a snapshot"),
    api("post_nodes_node_qemu_vmid_snapshot_snapname_rollback", { vmid: "shop-web", snapname: "before" }),
  ]],
  ["give shop-db 2 GB more memory", [search("give shop-db more memory"), api("get_nodes_node_qemu_vmid_config", { vmid: "shop-db" }), api("put_nodes_node_qemu_vmid_config", { vmid: "shop-db", memory: "18432" })]],
  ["how full are the storages of pve1", [search("how full are the storages of pve1"), ["callApi", { id: "get_nodes_node_storage", arguments: { node: "pve1" }, fields: "storage,used,total,avail" }]]],
  ["which guests have no backup job", [search("which guests have no backup job"), api("get_cluster_backup-info_not-backed-up", {})]],
  ["create a user anna who may only look", [
    search("create a user"),
    describe("post_access_users"),
    api("post_access_users", { userid: "anna@pve" }),
    search("give a user a role"),
    api("put_access_acl", { path: "/", roles: "PVEAuditor", users: "anna@pve" }),
  ]],
  ["clone the debian template as build-2", [search("clone the debian template"), describe("post_nodes_node_qemu_vmid_clone"), api("get_cluster_nextid", {}), api("post_nodes_node_qemu_vmid_clone", { vmid: "900", newid: 950, name: "build-2" })]],
  ["start staging at boot from now on", [search("start a vm at boot"), api("put_nodes_node_qemu_vmid_config", { vmid: "staging", onboot: true })]],
];

const server = await new Server().start();
const list = tokens(JSON.stringify((await server.ask("tools/list", {})).tools));
const guests = await new Server("--toolsets", "guests").start();
const twelve = tokens(JSON.stringify((await guests.ask("tools/list", {})).tools));
guests.stop();

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const answers = [];
for (const [, [[name, args]]] of TASKS) answers.push(tokens((await call(server, name, args)).text));
const described = [];
for (const at of readFileSync(surface, "utf8").match(/^(GET|POST|PUT|DELETE) \/\S*$/gm)) {
  const { text, result } = await call(server, "describeApi", { id: at });
  if (result.isError) throw new Error(`${at}: ${text}`);
  described.push([tokens(text), at]);
}
server.stop();
const sizes = described.map(([size]) => size);
const [most, largest] = described.toSorted(([a], [b]) => b - a)[0];

console.log("| what | tokens |\n|---|---|");
console.log(`| tool list of the three | ${list - twelve} |`);
console.log(`| tool list of all | ${list} |`);
console.log(`| answer of \`searchApi\`, median and most of ${answers.length} | ${middle(answers)}, ${Math.max(...answers)} |`);
console.log(`| answer of \`describeApi\`, median and most of ${sizes.length} | ${middle(sizes)}, ${most} (\`${largest}\`) |`);
console.log("\n| task, done on the demo | calls | tokens of calls and answers | with the tool list |\n|---|---|---|---|");
let failed = 0;
for (const [task, steps] of TASKS) {
  const server = await new Server().start();
  let [cost, calls, last] = [0, 0, null];
  for (const [name, args] of steps) {
    last = await call(server, name, args);
    cost += last.cost;
    calls += 1;
    const confirm = last.result.structuredContent?.confirm;
    if (confirm) {
      last = await call(server, name, { ...args, confirm });
      cost += last.cost;
      calls += 1;
    }
    if (last.result.isError) {
      failed += 1;
      console.error(`${task}: ${name} ${JSON.stringify(args)}: ${last.text}`);
    }
  }
  server.stop();
  console.log(`| ${task} | ${calls} | ${cost} | ${cost + list} |`);
}
const over = [list - twelve > 500 && "tool list", middle(sizes) > 400 && "median description", most > 1200 && "largest description"].filter(Boolean);
if (over.length) console.error(`over budget: ${over.join(", ")}`);
process.exit(failed || over.length ? 1 : 0);
