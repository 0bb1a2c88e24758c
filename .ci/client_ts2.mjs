// The official TypeScript SDK 2.x, in both eras of the protocol.
// usage: client_ts2.mjs BINARY legacy|auto [URL]
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { check, server } from "./client_steps.mjs";

const [binary, mode, url] = process.argv.slice(2);
const consent = { answer: { action: "cancel" }, asked: [] };
const client = new Client(
  { name: "check", version: "1" },
  { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
);
client.setRequestHandler("elicitation/create", async (request) => {
  consent.asked.push(request.params.message);
  return consent.answer;
});
const transport = url
  ? new StreamableHTTPClientTransport(new URL(url))
  : new StdioClientTransport(server(binary));
await client.connect(transport);
await check(client, consent);
await client.close();
console.log(`TypeScript SDK 2.x, ${mode}, ${url ? "HTTP" : "stdio"}: passed`);
