// A day without a mouse: the second kit is dead. The chair retires it; a line of it is looked at on paper before it is
// served; the voter whom it marked without a slip gets one from two officers; the running report is printed.
import assert from "node:assert/strict";
import { KIT_SMALL, ONE, facts, shows, tell, words } from "./ground.mjs";
import { Person, looks } from "./keys.mjs";

const GREEN = "Инсандыгы ырасталды";

await tell("a day by keys: a kit is lost", async (hall) => {
  const chair = await Person.at(hall, `${ONE}/chair?lang=ky`, KIT_SMALL);
  await chair.page.locator("tr").filter({ hasText: "К2" }).filter({ hasText: "байланыш жок" }).waitFor();
  await chair.tabTo('a[href="/chair/trouble"]');
  await chair.leads("Enter");
  await chair.tabTo('details:has(form[action="/chair/takeover"]) > summary');
  await chair.press("Enter");
  await chair.tabTo("#dead0");
  await chair.press("Space");
  await chair.twoCards("takeover");
  await chair.sends("/chair/takeover");
  await shows(chair.page, ".tag", "К2");

  const operator = await Person.at(hall, `${ONE}/?lang=ky`, KIT_SMALL);
  await operator.type(`${facts.orphan}`);
  await operator.leads("Enter");
  await operator.reads(".verdict.warn h1", `${facts.orphan}-сапты`);
  await looks(operator);
  await operator.leads("Enter");
  await operator.reads(".verdict.ok h1", GREEN);
  await operator.leads("Enter");

  // RESUME: the dead kit counted the voter, and nobody knows of a slip.
  await operator.type(`${facts.stranded}`);
  await operator.leads("Enter");
  await operator.reads(".verdict.stop h1", "белгиленген");
  await operator.page.waitForTimeout(500); // opposite answers wait 400 ms
  await operator.leads("F8");
  await operator.reads(".verdict.warn h1", "Эки колду күтөбүз");
  await chair.leads("F2");
  await chair.page.locator("form[data-approve]").waitFor();
  await chair.press("Alt+2");
  await chair.twoCards("approve");
  await chair.leads("Control+Enter");
  await operator.reads(".verdict.ok h1", "");
  assert.ok((await words(operator.page, "main")).includes(`${facts.stranded}`), "the slip of the stranded voter's line");
  await operator.leads("Enter");

  await chair.press("Alt+4");
  await chair.tabTo('details:has(form[action="/chair/running"]) > summary');
  await chair.press("Enter");
  await chair.twoCards("running");
  await chair.sends("/chair/running");
  await chair.tabTo('a[href="/paper/report/running.json"]');
  const report = await (await chair.page.request.get(`${ONE}/paper/report/running.json`)).json();
  assert.equal(report.counted, 4, "home line, line 1, the stranded voter, the line of the dead kit");
  assert.equal(report.software.length, 64, "the report names the program");
});
