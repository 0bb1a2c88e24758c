// The official TypeScript SDK 1.x: the one that most clients have, and the strictest reader of tool lists.
// usage: client_ts1.mjs BINARY [URL]
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

import { check, server } from "./client_steps.mjs";

const [binary, url] = process.argv.slice(2);
const consent = { answer: { action: "cancel" }, asked: [] };
const client = new Client({ name: "check", version: "1" }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, async (request) => {
  consent.asked.push(request.params.message);
  return consent.answer;
});
const transport = url
  ? new StreamableHTTPClientTransport(new URL(url))
  : new StdioClientTransport(server(binary));
await client.connect(transport);
await check(client, consent);
await client.close();
console.log(`TypeScript SDK 1.x, ${url ? "HTTP" : "stdio"}: passed`);
