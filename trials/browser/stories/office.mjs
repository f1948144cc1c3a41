// Staff at the office: signing in, a person with the reason why (not) on the list, the release
// with its waterfall, a precinct, the reconciliation, claims; what a role may not see is refused
// in words; signing out ends it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LANGUAGES, OFFICE, facts, shows, tell, words } from "./ground.mjs";
import { findPerson, linkTo, signIn } from "./desk.mjs";

/** The demo's election. */
const ELECTION = 20151004;
const DESK = { width: 1366, height: 768 };
const SMALL = { width: 1024, height: 768 };
/** A window of 1280 px at 200 % has 640 CSS pixels. */
const ZOOMED = { width: 640, height: 400 };

await tell("the office", async (hall) => {
  const page = await hall.window(DESK);
  const look = async (path, name, then) => hall.inspectAll(page, path, name, async (language) => {
    for (const size of [SMALL, ZOOMED]) await hall.fits(page, size, `${name} (${language})`);
    if (then) await then(language);
  });

  // The door: nobody gets in without the word, and nothing tells whether the account exists.
  await look(`${OFFICE}/sign-in`, "office, door");
  await page.goto(`${OFFICE}/claims?lang=ru`);
  assert.match(page.url(), /\/sign-in/, "an address inside leads to the door");
  page.expect(401);
  const refusals = [];
  for (const account of ["registrar", "nobody"]) {
    await page.goto(`${OFFICE}/sign-in?lang=ru`);
    await page.fill("#account", account);
    await page.fill("#password", "not the password");
    await page.press("#password", "Enter");
    refusals.push(await words(page, '[role="alert"]'));
  }
  assert.equal(refusals[0], refusals[1]);
  await hall.inspect(page, "office, refused", "ru");
  await signIn(page, "registrar");
  await look(`${OFFICE}/`, "office, start");
  await look(`${OFFICE}/search`, "office, search");

  // A person: card and chain of rules, in the words that the portal uses.
  const excluded = facts.page.examples.find((example) => example.code !== "LISTED");
  await page.goto(`${OFFICE}/?lang=ru`);
  await findPerson(page, excluded.pin);
  const card = page.url().split("?")[0];
  assert.ok(!card.includes(excluded.pin), "no PIN in the address");
  await look(card, "office, person");
  await look(`${card}/why`, "office, why not", async (language) => {
    const said = await words(page, "main");
    assert.ok(said.includes(facts.said[excluded.code].sentence[language]), `${excluded.code} in ${language}`);
    assert.ok(await page.locator(".why li").count() > 2, "a chain of rules");
  });
  await page.goto(`${OFFICE}/?lang=ru`);
  const listed = facts.page.examples.find((example) => example.code === "LISTED");
  await findPerson(page, listed.pin);
  await look(`${page.url().split("?")[0]}/why`, "office, why on the list");

  // The list: figures, waterfall, precincts, one precinct with its lines.
  await page.goto(`${OFFICE}/list?lang=ru`);
  const release = page.url().split("?")[0];
  await look(release, "office, release", async () => {
    const bars = page.locator("svg.chart rect");
    assert.ok(await bars.count() >= 8, "the waterfall has its bars");
  });
  await look(`${release}/precincts`, "office, precincts");
  const precinct = await linkTo(page, `${new URL(release).pathname}/precinct/`);
  await look(precinct, "office, precinct");
  assert.ok(await page.locator("tbody tr").count() > 20, "its lines");
  const people = `${release}/people/${excluded.code}`;
  await look(people, "office, people behind a figure");
  await look(`${release}/approve`, "office, approval by two");
  await look(`${OFFICE}/statistics`, "office, statistics");
  assert.equal(await page.locator("svg.chart").count(), 3, "a chart for each table");
  await look(`${OFFICE}/backlog`, "office, from enrolment to the list");

  await look(`${OFFICE}/reconciliation`, "office, reconciliation");
  await page.goto(`${OFFICE}/reconciliation?lang=ru`);
  const row = await linkTo(page, "/reconciliation/");
  await look(row, "office, rows of a class");
  await look(`${OFFICE}/claims`, "office, claims");
  const claim = await linkTo(page, "/claim/");
  if (claim) await look(claim, "office, one claim");
  await look(`${OFFICE}/claims/transfers`, "office, mass transfer");
  const transfer = await linkTo(page, "/claims/transfers/1");
  if (transfer) await look(transfer, "office, transfers into one precinct");
  await look(`${OFFICE}/field`, "office, field verification");
  await look(`${OFFICE}/field/answers`, "office, answers from the field");
  await look(`${OFFICE}/conflicts/answers`, "office, answers of the agency");
  await look(`${release}/compare`, "office, beside the last election");
  await look(`${OFFICE}/cases/overview`, "office, cases");
  await look(`${OFFICE}/hours`, "office, turnout by the hour");
  await look(`${OFFICE}/day/days`, "office, another day of voting");

  // A ticket of a station's alarm, read out over a telephone: misheard, then right, told, taken, solved.
  const number = precinct.match(/\/precinct\/(\d+)/)[1];
  const cause = `kg1/ticket:${ELECTION}:${Number(number)}:CLOCK_OFF:K2`;
  const ticket = createHash("sha256").update(cause).digest("hex").slice(0, 8).toUpperCase();
  await look(`${OFFICE}/tickets`, "office, no ticket yet");
  await page.goto(`${OFFICE}/tickets?lang=ru`);
  page.expect(422);
  await page.fill("#precinct", number);
  await page.fill("#number", ticket.replace(/.$/, (last) => (last === "0" ? "1" : "0")));
  await page.press("#number", "Enter");
  await page.locator(".errsum").waitFor();
  await hall.inspect(page, "office, a misheard ticket", "ru");
  await page.fill("#number", `${ticket.slice(0, 4)} ${ticket.slice(4)}`.toLowerCase());
  await page.press("#number", "Enter");
  await shows(page, "h1", `${ticket.slice(0, 4)} ${ticket.slice(4)}`);
  const opened = page.url().split("?")[0];
  await look(opened, "office, a ticket");
  await look(`${OFFICE}/tickets`, "office, tickets");
  await page.goto(`${opened}?lang=ru`);
  await page.fill("#note", "Часы поставили вдвоём");
  await page.getByRole("button", { name: "Отметить решённым" }).click();
  await shows(page, "dd", "решено");
  await look(opened, "office, a solved ticket");
  page.expect(404);
  await look(`${OFFICE}/nothing-here`, "office, no such page");

  // The map of boundaries by keys alone: a corner comes into an edge, moves, goes; the form's text says each, and
  // every step is taken back.
  await page.goto(`${OFFICE}/boundaries?lang=ru`);
  await page.locator('main a[href^="/boundaries/"]').first().click();
  const corner = page.locator(".e-corner").first();
  await corner.focus();
  const changed = () => page.inputValue("#corners");
  assert.equal(await changed(), "");
  await page.keyboard.press("Insert");
  const point = String.raw`-?\d+\.\d{6} -?\d+\.\d{6}`;
  const added = new RegExp(`^${point} \\+ ${point} > ${point}$`);
  assert.match(await changed(), added, "a corner in the middle of an edge");
  await page.keyboard.press("ArrowUp");
  assert.match(await changed(), new RegExp(`${added.source.slice(0, -1)}\n${point} > ${point}$`), "and a metre to the north");
  await page.click('#boundary-form button[value="show"]');
  await hall.inspect(page, "office, a boundary with a new corner", "ru");
  assert.match(await changed(), new RegExp(`^${point} \\+ ${point} > `), "the form holds what the map was told");
  await page.goto(`${OFFICE}/boundaries?lang=ru`);
  await page.locator('main a[href^="/boundaries/"]').first().click();
  await corner.focus();
  await page.keyboard.press("Delete");
  assert.match(await changed(), new RegExp(`^${point} > -$`), "a corner taken out");
  await page.keyboard.press("Escape");
  assert.equal(await changed(), "", "taken back");

  // The planner, here for a precinct within the maximum: its houses whatever place they lie in, and a sum that is the list's.
  await page.goto(`${OFFICE}/boundaries?lang=ru`);
  const place = await page.locator('main a[href^="/boundaries/"]').first().getAttribute("href");
  const planned = (await words(page, "main tbody tr td:nth-child(2)")).split(",")[0].trim();
  await look(`${OFFICE}${place}?split=${planned}`, "office, the planner of a large precinct", async () => {
    const numbers = async (part) => (await page.locator(`table.planned ${part} td.num`).allInnerTexts()).map((text) => Number(text.replace(/\D/g, "")));
    const [parts, [total]] = [await numbers("tbody"), await numbers("tfoot")];
    assert.equal(parts.reduce((sum, n) => sum + n, 0), total, "the parts add up");
    assert.ok(total > 0, "somebody votes there");
    const listed = (await words(page, "table.planned tfoot td[colspan]")).split(":").pop();
    assert.equal(Number(listed.replace(/\D/g, "")), total, "to the list's own number");
  });
  const streets = await page.locator("main table").last().locator("tbody tr td:nth-child(2)").allInnerTexts();
  assert.ok(streets.length > 0 && streets.every((name) => name.trim() !== ""), "a street without a name is said in words");

  // Keys: the first Tab is the way past the navigation, `/` goes to the search.
  await page.goto(`${OFFICE}/list?lang=en`);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => [document.activeElement.getAttribute("href"), getComputedStyle(document.activeElement).outlineStyle]);
  assert.equal(first[0], "#m");
  assert.notEqual(first[1], "none", "the focus can be seen");
  await page.keyboard.press("/");
  await page.waitForURL("**/search*");

  // An observer sees figures, and in words who may see more.
  const observer = await hall.window(DESK);
  await signIn(observer, "observer");
  observer.expect(403);
  for (const language of LANGUAGES) {
    await observer.goto(`${OFFICE}/search?lang=${language}`);
    await hall.inspect(observer, "office, forbidden", language);
  }
  await observer.goto(`${OFFICE}/search?lang=ru`);
  assert.match(await words(observer, "main"), /регистратор/i, "who may");
  assert.equal(await observer.locator('header nav a[href="/search"]').count(), 0, "no link to what is refused");
  await observer.goto(`${OFFICE}/list?lang=ru`);
  assert.equal(await observer.locator('main a[href*="/people/"]').count(), 0, "no people behind figures");

  // Signing out ends it, also for the way back.
  await page.goto(`${OFFICE}/?lang=ru`);
  await page.locator("header form button").click();
  await page.waitForURL("**/sign-in*");
  await page.goto(card);
  assert.match(page.url(), /\/sign-in/);
  await shows(page, "h1", /Вход/);
});
