// Every page of the office that a link leads to: found in the table of addresses, so that a page which nobody looked at is
// named. Links are followed as a person would follow them, from the start page on, by each account in turn; the first page of
// each address is looked at, in one of the languages.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { LANGUAGES, OFFICE, facts, tell } from "./ground.mjs";
import { DESK, findPerson, signIn } from "./desk.mjs";

const SMALL = { width: 1024, height: 768 };
/** Who follows the links, one after the other. */
const ACCOUNTS = ["registrar", "adjudicator-1", "observer"];
/** So many pages of one address are read for their links. */
const READ_MAX = 3;
/** Addresses that the demo's day has nothing for. */
const NOTHING_THERE = facts.office_empty;

const pattern = (route) => new RegExp(`^${route.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]*\}/g, "[^/]+")}$`);
const ROUTES = facts.office_routes.map((route) => ({ route, is: pattern(route), fixed: !route.includes("{") }));
/** The desk's own day: lots for the field, the journals of one station with their reports. */
const fill = async (page) => {
  await page.goto(`${OFFICE}/field?lang=ru`);
  await page.fill("#due", "31.12.2030");
  await page.locator('form[action="/field"] button').click();
  await page.locator('[role="status"]').first().waitFor();
  const [station] = readdirSync(`${facts.out}/journals`).filter((name) => /^\d+$/.test(name)).sort();
  for (const name of readdirSync(`${facts.out}/journals/${station}`).sort()) {
    await page.goto(`${OFFICE}/day?lang=ru`);
    await page.setInputFiles("#list", `${facts.out}/journals/${station}/${name}`);
    await page.locator("form", { has: page.locator("#list") }).locator("button").click();
    await page.locator('[role="status"], [role="alert"]').first().waitFor();
  }
};

/** The address that a path is of; a fixed one before one with a variable part. */
const routeOf = (path) => ROUTES.find((known) => known.fixed && known.is.test(path)) ?? ROUTES.find((known) => known.is.test(path));

await tell("every page of the office", async (hall) => {
  const seen = new Map();
  // Files, and addresses that lead on.
  const files = new Set();
  const persons = [];
  for (const account of ACCOUNTS) {
    const page = await hall.window(DESK);
    await signIn(page, account);
    if (account === "registrar") {
      // With the reason that a search asks for, the pages of persons open too.
      await findPerson(page, facts.page.voters[0].pin);
      persons.push(new URL(page.url()).pathname);
      await fill(page);
    }
    const read = new Map();
    const known = new Set();
    const waiting = ["/", ...ROUTES.filter(({ fixed }) => fixed).map(({ route }) => route), ...persons];
    while (waiting.length > 0) {
      const link = waiting.shift();
      const path = link.split("?")[0];
      const found = routeOf(path);
      if (!found || known.has(link) || (read.get(found.route) ?? 0) >= READ_MAX) continue;
      known.add(link);
      const answer = await page.request.get(`${OFFICE}${link}`, { maxRedirects: 0 });
      const onward = answer.headers().location;
      if (onward?.startsWith("/")) {
        files.add(found.route);
        waiting.push(onward);
      }
      if (answer.status() !== 200) continue;
      read.set(found.route, (read.get(found.route) ?? 0) + 1);
      if (!/text\/html/.test(answer.headers()["content-type"] ?? "")) {
        files.add(found.route);
        continue;
      }
      const text = await answer.text();
      for (const [, next] of text.matchAll(/href="(\/[^"#]*)["#]/g)) waiting.push(next.replaceAll("&amp;", "&"));
      if (seen.has(found.route)) continue;
      const language = LANGUAGES[seen.size % LANGUAGES.length];
      await page.goto(`${OFFICE}${link}${link.includes("?") ? "&" : "?"}lang=${language}`);
      await hall.inspect(page, `office ${link}`, language);
      await hall.fits(page, SMALL, `office ${link} (${language})`);
      seen.set(found.route, link);
    }
  }
  for (const { route } of ROUTES) {
    const isKnown = seen.has(route) || files.has(route);
    if (!isKnown && !NOTHING_THERE.includes(route)) hall.findings.push(`${route}: no link leads there, and nobody looked at it`);
    if (isKnown && NOTHING_THERE.includes(route)) hall.findings.push(`${route}: is there now; take it off the list of what is not`);
  }
  console.log(`pages: ${seen.size}, files: ${files.size}`);
  assert.ok(seen.size >= 45, `${seen.size} pages: ${[...seen.keys()].join(" ")}`);
});
