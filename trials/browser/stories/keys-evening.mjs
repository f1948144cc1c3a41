// A day without a mouse: the evening. The power was out; both kits are opened again and know the day. The turnout of an
// hour is made ready to be read by telephone; at eight the chair closes both kits and prints the final report.
import assert from "node:assert/strict";
import { KIT_SMALL, ONE, TWO, facts, shows, tell, words } from "./ground.mjs";
import { Person, opens } from "./keys.mjs";

/** By the operator's page and back, until the button that closes is there. */
async function close(chair) {
  for (let look = 0; look < 60; look += 1) {
    if (await chair.page.locator('form[action="/chair/close"]').count() > 0) break;
    await chair.page.waitForTimeout(1000);
    await chair.leads("Escape");
    await chair.leads("F2");
  }
  await chair.press("Alt+4");
  await chair.tabTo("#in_line");
  await chair.press("Control+a");
  await chair.type("3");
  await chair.twoCards("close");
  await chair.sends("/chair/close");
  await shows(chair.page, ".tag", "жабылды");
}

await tell("a day by keys: the evening", async (hall) => {
  const chair = await opens(hall, ONE);
  const second = await opens(hall, TWO);
  assert.match(await words(chair.page, ".stat.good b"), /^4$/, "what was marked is marked after the power cut");
  await shows(chair.page, ".dev", "2/2 байланышта");

  await chair.press("Alt+4");
  await chair.tabTo('a[href="/chair/turnout"]');
  const make = await chair.leads("Enter");
  assert.match(make.name, /Билдирүү даярдоо/);
  await chair.leads("Enter");
  assert.equal(await chair.page.locator(".digits li").count(), 6, "six groups to read by telephone");
  await chair.leads("Escape");

  await close(chair);
  await close(second);
  await chair.leads("Escape");
  await chair.leads("F2");
  await chair.press("Alt+4");
  await chair.twoCards("final");
  await chair.sends("/chair/final");
  await chair.tabTo('a[href="/paper/report/final.json"]');
  const report = await (await chair.page.request.get(`${ONE}/paper/report/final.json`)).text();
  assert.ok(report.includes(`"precinct"`), "the final report is there to be read");
  const paper = await chair.page.request.get(`${ONE}/paper/report/final.png`);
  assert.ok((await paper.body()).length > 4000, "and is a picture of paper");

  // After the close nobody is served.
  const operator = await Person.at(hall, `${ONE}/?lang=ky`, KIT_SMALL);
  await operator.type(facts.page.voters[0].pin);
  await operator.leads("Enter");
  await shows(operator.page, ".verdict.stop h1", "Берүүгө болбойт");
});
