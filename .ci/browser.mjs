// Opens the pages of `surface --html` and `diff --html` as people do: by mouse, by keyboard, on a phone, in the dark.
//
// usage: browser.mjs SURFACE.html DIFF.html   (playwright-core and axe-core beside it; CHROMIUM names the browser)
// Screenshots are written to the folder that it runs in.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [surface, diff] = process.argv.slice(2).map((file) => pathToFileURL(file).href);
const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
let passed = 0;

// Runs a check on a page of its own; a word on the console or a request for anything but the page itself fails it.
async function check(name, url, { width = 1600, scheme = "light" } = {}, body) {
  const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme: scheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error}`));
  page.on("request", (request) => { if (request.url().split("#")[0] !== url.split("#")[0]) complaints.push(`request: ${request.url()}`); });
  try {
    await page.goto(url);
    await body(page);
    assert.deepEqual(complaints, []);
  } catch (error) {
    await page.screenshot({ path: "failed.png" });
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
  await context.close();
  passed += 1;
}

const rows = (page) => page.locator("#rows > tr:visible");
const methods = async (page) => (await rows(page).locator("td:first-child").allTextContents());
const count = (page) => page.locator("#count").textContent();
const START = "POST-nodes-node-qemu-vmid-status-start";

await check("what an AI reaches comes first", surface, {}, async (page) => {
  const reached = await rows(page).count();
  const [found, of] = (await count(page)).match(/\d+/g).map(Number);
  assert.ok(found === reached && reached < of, `${reached} of ${of}`);
  assert.ok((await rows(page).locator(".ai").allTextContents()).every((text) => text.startsWith("reached, ")));
  assert.ok(!(await methods(page)).includes("POST /access/ticket"));
  await page.screenshot({ path: "surface-reached.png" });
  await page.getByLabel("An AI").selectOption("no");
  assert.equal(await rows(page).count(), of - reached);
  assert.ok((await rows(page).locator(".ai").allTextContents()).every((text) => text.startsWith("not reached: ")));
});

await check("search", surface, {}, async (page) => {
  await page.getByLabel("An AI").selectOption("");
  const all = await rows(page).count();
  assert.equal(await count(page), `${all} of ${all} methods`);
  await page.getByLabel(/^Search/).fill("qemu snapshot delete");
  const found = await methods(page);
  assert.ok(found.includes("DELETE /nodes/{node}/qemu/{vmid}/snapshot/{snapname}"), found.join());
  assert.ok(found.length < all / 4, found.join());
  assert.equal(await count(page), `${found.length} of ${all} methods`);
  // The map follows the search.
  assert.equal(await page.locator("#map a:not(.out)").count(), found.length);
  await page.getByLabel(/^Search/).fill("nothing has these words");
  assert.equal(await rows(page).count(), 0);
  await page.getByRole("button", { name: "Clear" }).click();
  assert.equal(await rows(page).count(), all);
});

await check("filters", surface, {}, async (page) => {
  await page.getByLabel("An AI").selectOption("");
  await page.getByLabel("read", { exact: true }).uncheck();
  await page.getByLabel("change", { exact: true }).uncheck();
  await page.getByLabel("power", { exact: true }).uncheck();
  await page.getByLabel("execute", { exact: true }).uncheck();
  await page.getByLabel("admin", { exact: true }).uncheck();
  const risks = new Set(await rows(page).locator(".chip").allTextContents());
  assert.deepEqual([...risks], ["destroy"]);
  await page.getByLabel("Tool", { exact: true }).selectOption("deleteVM");
  assert.deepEqual(await methods(page), ["DELETE /nodes/{node}/qemu/{vmid}"]);
  await page.getByRole("button", { name: "Clear" }).click();
  const all = await rows(page).count();
  await page.getByLabel("Exists in").selectOption("7.4");
  const older = await rows(page).count();
  assert.ok(older > 0 && older < all, `${older} of ${all}`);
  await page.getByLabel("Tool", { exact: true }).selectOption("*");
  const tools = await rows(page).locator('[data-label="Tools"]').allTextContents();
  assert.ok(tools.length > 0 && tools.every(Boolean), tools.join());
});

await check("what a row says", surface, {}, async (page) => {
  const row = page.locator("#DELETE-nodes-node-lxc-vmid");
  const cell = (label) => row.locator(`[data-label="${label}"]`);
  assert.match(await cell("Parameters").textContent(), /node.*vmid.*destroy-unreferenced-disks.*force.*purge/);
  assert.deepEqual(await cell("Parameters").locator("b").allTextContents(), ["node", "vmid"]);
  assert.equal(await cell("Permission").textContent(), "VM.Allocate on /vms/{vmid}");
  assert.equal(await cell("Releases").textContent(), "since 7.4");
  assert.equal(await cell("Tools").textContent(), "deleteContainer");
  await row.locator("summary").first().click();
  assert.match(await row.locator("pre").textContent(), /param vmid: integer, in path, 100\.\.999999999/);
});

await check("deep link", `${surface}#${START}`, {}, async (page) => {
  const row = page.locator(`#${START}`);
  assert.ok(await row.locator("details.all").evaluate((details) => details.open));
  const box = await row.boundingBox();
  assert.ok(box.y >= 0 && box.y < 1000, `the row is at ${box.y}`);
  await page.screenshot({ path: "surface-deep-link.png" });
  // A link to what the search hides shows it all the same.
  await page.getByLabel(/^Search/).fill("lxc");
  await page.evaluate(() => { location.hash = "GET-version"; });
  await page.locator("#GET-version").waitFor({ state: "visible" });
  assert.equal(await page.getByLabel(/^Search/).inputValue(), "");
});

await check("keyboard", surface, {}, async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.id || document.activeElement.textContent);
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "To the search");
  await page.keyboard.press("Tab");
  const first = await focused();
  assert.ok(await page.locator(`#map a[data-id="${first}"]`).count(), `${first} is a cell of the map`);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const cell = await focused();
  assert.notEqual(cell, first);
  assert.match(await page.locator("#here").textContent(), /^(GET|PUT|POST|DELETE) \/.* — (read|power|change|destroy|execute|admin): /);
  await page.keyboard.press("Enter");
  await page.locator(`tr[id="${cell}"] details.all[open]`).waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.getByLabel(/^Search/).focus();
  await page.keyboard.type("startVM");
  for (let i = 0; i < 6; i++) { await page.keyboard.press("Tab"); await page.keyboard.press("Space"); }
  assert.equal(await rows(page).count(), 0, "every risk was unticked");
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "solid", "the focus is to be seen");
});

await check("colours of the map", surface, {}, async (page) => {
  await page.getByLabel("An AI").selectOption("");
  const colour = (selector) => page.locator(selector).first().evaluate((node) => getComputedStyle(node).backgroundColor);
  const colours = new Set();
  for (const risk of ["read", "power", "change", "destroy", "execute", "admin"]) {
    const cell = await colour(`#map a.${risk}`);
    assert.equal(cell, await colour(`#legend .chip.${risk}`), `${risk}: the legend shows the colour of the map`);
    colours.add(cell);
  }
  assert.equal(colours.size, 6);
  const [cells, all] = [await page.locator("#map a").count(), await rows(page).count()];
  assert.equal(cells, all, "a cell for each method");
});

await check("diff", diff, {}, async (page) => {
  const sections = await page.locator("#changes h3").allTextContents();
  const order = ["Breaking for callers", "Breaking for decoders", "Additive", "Noise"];
  const classes = sections.map((text) => text.replace(/ \(.*/, ""));
  assert.deepEqual(classes, order.filter((name) => classes.includes(name)), "what breaks comes first");
  assert.equal(classes[0], order[0]);
  const first = page.locator(".change-box").first();
  assert.ok(await first.evaluate((details) => details.open));
  assert.match(await first.locator("summary b").textContent(), /(VM|Container)/, "tools come first");
  const [gone, now] = [await first.locator(".gone").first().boundingBox(), await first.locator(".new").first().boundingBox()];
  assert.equal(gone.y, now.y, "old and new stand side by side");
  assert.ok(now.x > gone.x);
  await page.getByLabel(/^Search/).fill("startVM");
  assert.ok(await rows(page).count() > 0);
});

for (const [name, url] of [["surface", surface], ["diff", diff]]) {
  for (const width of [400, 1600]) {
    for (const scheme of ["light", "dark"]) {
      await check(`${name} at ${width}, ${scheme}`, url, { width, scheme }, async (page) => {
        // Unfolded, so that whatever is too wide is seen.
        await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
        const wide = await page.evaluate(() => {
          const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("#map"));
          return { page: document.documentElement.scrollWidth, over: over.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)) };
        });
        assert.deepEqual(wide, { page: width, over: [] });
        const small = await page.evaluate(() => [...document.querySelectorAll("main p, td, li, summary, label")]
          .filter((e) => e.offsetParent && parseFloat(getComputedStyle(e).fontSize) < 12).map((e) => e.outerHTML.slice(0, 80)));
        assert.deepEqual(small, []);
        await page.evaluate(() => { for (const details of document.querySelectorAll("details:not(:first-of-type)")) details.open = false; });
        await page.screenshot({ path: `${name}-${width}-${scheme}.png` });
        await page.evaluate(() => document.getElementById("list-title").scrollIntoView());
        await page.screenshot({ path: `${name}-${width}-${scheme}-table.png` });
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] }));
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 160))}`), []);
      });
    }
  }
}
await browser.close();
console.log(`pages in Chromium: ${passed} passed, 0 failed`);
