// Every page that a station has, in every language and at both sizes of a kit: found in the source, so that a page which
// nobody looked at is named. On the demo's kit as the day left it, on a training's before and after it is opened and
// while it is locked, on a rehearsal's with a correction that is not taken.
import assert from "node:assert/strict";
import { KIT, KIT_SMALL, LANGUAGES, ONE, TV, facts, shows, tell } from "./ground.mjs";
import { twoCards } from "./kit.mjs";

/** What a variable part of a path is, where the path is a page. */
const EXAMPLES = { "/chair/turnout/{hour}": "/chair/turnout/9" };
/** Paths with a variable part that are no pages: pictures and files. */
const FILES = ["/assets/{name}", "/paper/{name}", "/paper/hour/{name}", "/paper/receipt/{name}", "/paper/report/{name}", "/photo/{line}"];
const PASSPHRASE = "1111";

await tell("every page of a station", async (hall) => {
  const seen = new Set();
  const isPage = async (page, address) => {
    const answer = await page.request.fetch(address, { method: "HEAD", maxRedirects: 0 });
    return answer.ok() && /text\/html/.test(answer.headers()["content-type"] ?? "");
  };
  const look = async (page, kit, route, name) => {
    const path = EXAMPLES[route] ?? route;
    if (!(await isPage(page, `${kit}${path}`))) return;
    // The monitor speaks to the hall in two languages at once and has no switch.
    const isWall = route === "/monitor";
    for (const language of isWall ? ["ky"] : LANGUAGES) {
      await page.goto(`${kit}${path}?lang=${language}`);
      await hall.inspect(page, `${name} ${route}`, language);
      for (const size of isWall ? [TV, KIT] : [KIT, KIT_SMALL]) await hall.isWhole(page, size, `${name} ${route} (${language})`);
    }
    seen.add(route);
  };
  const all = async (page, kit, name, routes = facts.routes) => {
    for (const route of routes) if (!route.includes("{") || EXAMPLES[route]) await look(page, kit, route, name);
  };

  await all(await hall.window(), ONE, "in the evening");

  // A window for each kit: a browser may ask for one's icon while it shows the other.
  const { training, rehearsal } = facts;
  const [page, visit] = [await hall.window(), await hall.window()];
  await all(page, training, "shut");
  for (const [page_of, kit] of [[page, training], [visit, rehearsal]]) {
    await page_of.goto(`${kit}/chair?lang=ru`);
    await twoCards(page_of, "open", { pin: PASSPHRASE, second_pin: PASSPHRASE });
    await page_of.getByRole("button", { name: "Открыть комплект" }).click();
    await shows(page_of, "h2", "Комплекты");
  }
  await all(page, training, "training");
  await all(visit, rehearsal, "rehearsal", ["/", "/chair", "/corrections", "/monitor"]);
  visit.expect(422);
  await visit.goto(`${rehearsal}/corrections?lang=ru`);
  await visit.fill("#line", "99");
  await visit.fill("#right", "Асанова");
  await visit.press("#right", "Enter");
  await visit.locator(".errsum").waitFor();
  await hall.inspect(visit, "a correction that is not taken", "ru");

  // A voter on the screen, and nobody at it: locked.
  await page.goto(`${training}/?lang=ru`);
  await page.fill("#q", "3");
  await page.press("#q", "Enter");
  await shows(page, ".verdict h1", "Приложите палец");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("F12")]);
  await shows(page, ".verdict h1", "Экран заблокирован");
  await all(page, training, "locked", ["/", "/chair", "/chair/home", "/chair/list"]);
  await page.goto(`${training}/?lang=ru`);
  await page.fill("#unlock-pass", "0000");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await page.locator("p.err").waitFor();
  await hall.inspect(page, "a card that does not unlock", "ru");

  for (const route of facts.routes.filter((route) => route.includes("{"))) {
    if (!EXAMPLES[route] && !FILES.includes(route)) hall.findings.push(`${route}: a page or a file? Say so in this story`);
  }
  for (const route of facts.routes.filter((route) => !route.includes("{"))) {
    const kits = await Promise.all([ONE, training, rehearsal].map((kit) => isPage(page, `${kit}${route}`)));
    if (kits.includes(true) && !seen.has(route)) hall.findings.push(`${route}: a page that nobody looked at`);
  }
  assert.ok(seen.size >= 14, `${seen.size} pages: ${[...seen].join(" ")}`);
});
