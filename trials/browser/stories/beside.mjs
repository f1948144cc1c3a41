// The kit's screens beside given pictures, in ky, ru and en, as one page; and how each verdict looks in forced colours and
// to eyes that do not tell colours apart.
//
//   tizme-station training --folder DIR --pages 127.0.0.1:8141
//   TIZME_MODULES=… node beside.mjs http://127.0.0.1:8141 PICTURES OUT
//
// PICTURES is a folder of PNG files named as SCREENS below; one that is not there leaves its place empty. OUT/index.html
// shows each of ours beside it. The script fails when a verdict has lost its word or its sign in any of these views: what
// remains without colour is what a colour-blind voter reads.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { withoutColours } from "./views.mjs";

const [site, pictures, out] = process.argv.slice(2);
assert.ok(site && pictures && out, "beside.mjs SITE PICTURES OUT");
const need = createRequire(`${process.env.TIZME_MODULES}/`);
const { chromium } = need("playwright-core");

const LANGUAGES = ["ky", "ru", "en"];
const PASS = "1111";
const KIT = { width: 1366, height: 768 };
const TV = { width: 1920, height: 1080 };

// Our screen, the file that it is laid beside, and whether the hall sees it (always in both languages).
const SCREENS = [
  ["operator-search", "operator-1-search.png"], ["operator-finger", "operator-2-finger.png"],
  ["operator-green", "operator-3-green.png"], ["operator-amber", "operator-4-amber.png"],
  ["operator-red", "operator-5-red.png"], ["chair", "chair.png"],
  ["monitor-idle", "monitor-1-idle.png", true], ["monitor-green", "monitor-2-green.png", true],
  ["monitor-amber", "monitor-3-amber.png", true], ["monitor-red", "monitor-4-red.png", true],
];

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.TIZME_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const window = async (viewport) => (await browser.newContext({ viewport, locale: "ru-RU" })).newPage();
const operator = await window(KIT);
const monitor = await window(TV);
const chair = await window(KIT);
const shown = new Set();
const views = [];

const shoot = async (page, name) => {
  await page.evaluate(() => document.fonts.ready.then(() => null));
  await page.screenshot({ path: join(out, `${name}.png`) });
  shown.add(name);
};
/** The screen that stands, in each language. */
const each = async (page, path, name) => {
  for (const language of LANGUAGES) {
    await page.goto(`${site}${path}?lang=${language}`);
    await shoot(page, `${name}-${language}`);
  }
};
/** A verdict in forced colours and without colours, kept beside the others. */
const without = (page, name) => withoutColours(page, name, (view, picture) => {
  writeFileSync(join(out, `${name}-${view}.png`), picture);
  views.push([name, view]);
});
const cards = async (form) => {
  for (const [at, index] of [[0, 0], [1, 2]]) {
    await chair.selectOption(`#${form}-card${at}`, { index });
    await chair.fill(`#${form}-pass${at}`, PASS);
  }
};
const find = async (text) => {
  await operator.fill("#q", text);
  await operator.press("#q", "Enter");
};

// The kit is opened unless it is.
await chair.goto(`${site}/chair?lang=ru`);
if (await chair.locator("#open-card0").count()) {
  await cards("open");
  await chair.locator('form[action="/chair/open"] button').click();
  await chair.locator('[data-part="1"]').waitFor();
}
await monitor.goto(`${site}/monitor`);
await shoot(monitor, "monitor-idle");
await operator.goto(`${site}/?lang=ru`);
await find("а");
await operator.locator(".hits, .vcard, .verdict").first().waitFor();
await each(operator, "/", "operator-search");

// A voter by document number, until one may be served.
const document = async (line) => {
  await operator.goto(`${site}/?lang=ru`);
  await find(`ID${String(line).padStart(7, "0")}`);
  await operator.locator(".vcard, .verdict").first().waitFor();
  return (await operator.locator("#glass").count()) > 0;
};
let line = 0;
for (const tried of [3, 4, 5, 6, 8, 10, 11, 12]) {
  if (await document(tried)) { line = tried; break; }
}
assert.ok(line > 0, "a voter may be served");
await each(operator, "/", "operator-finger");
await operator.locator(".glass button").click();
await operator.locator(".verdict.ok, .verdict.warn, .verdict.stop").first().waitFor();
await operator.locator(".verdict.ok").waitFor({ timeout: 20_000 });
await each(operator, "/", "operator-green");
await without(operator, "operator-green");
await monitor.locator(".tvout.ok, .tvmain").first().waitFor();
await shoot(monitor, "monitor-green");
await without(monitor, "monitor-green");
await document(line);
await operator.locator(".verdict.stop").waitFor();
await each(operator, "/", "operator-red");
await without(operator, "operator-red");
await shoot(monitor, "monitor-red");
await without(monitor, "monitor-red");
for (const other of [line + 1, line + 2, line + 3]) {
  if (await document(other)) break;
}
await operator.locator('[data-key="F7"]').click();
await operator.locator(".verdict.warn").waitFor();
await each(operator, "/", "operator-amber");
await without(operator, "operator-amber");
await shoot(monitor, "monitor-amber");
await without(monitor, "monitor-amber");
await each(chair, "/chair", "chair");
for (const size of [KIT, { width: 1280, height: 720 }]) {
  await chair.setViewportSize(size);
  const [tall, seen] = await chair.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
  assert.ok(tall <= seen, `the chair's page does not scroll at ${size.width}×${size.height}: ${tall} of ${seen}`);
}
await browser.close();

// One page of pairs.
const picture = (file) => `<img src="${file}" alt="${file}" loading="lazy">`;
const pairs = SCREENS.map(([name, given, isHall]) => {
  const there = join(pictures, given);
  if (existsSync(there)) copyFileSync(there, join(out, `given-${given}`));
  const ours = isHall ? [name] : LANGUAGES.map((language) => `${name}-${language}`);
  const cells = ours.filter((file) => shown.has(file)).map((file) => `<figure>${picture(`${file}.png`)}<figcaption>${file}</figcaption></figure>`);
  const beside = existsSync(there) ? picture(`given-${given}`) : "<p>not given</p>";
  return `<section><h2>${name}</h2><div class="row"><figure>${beside}<figcaption>${given}</figcaption></figure>${cells.join("")}</div></section>`;
});
const verdicts = [...new Set(views.map(([name]) => name))].map((name) => {
  const cells = views.filter(([of]) => of === name).map(([, view]) => `<figure>${picture(`${name}-${view}.png`)}<figcaption>${view}</figcaption></figure>`);
  return `<section><h2>${name}</h2><div class="row">${cells.join("")}</div></section>`;
});
const style = "body{font:16px sans-serif;margin:16px}.row{display:flex;gap:12px;overflow-x:auto}figure{margin:0;flex:0 0 46%}img{width:100%;border:1px solid #888}";
writeFileSync(join(out, "index.html"), `<!doctype html><meta charset="utf-8"><title>Screens beside pictures</title><style>${style}</style>
<h1>Screens beside pictures</h1>${pairs.join("\n")}<h1>Verdicts without colours</h1>${verdicts.join("\n")}`);
console.log(`${shown.size} screens, ${views.length} views of verdicts: ${join(out, "index.html")}`);
