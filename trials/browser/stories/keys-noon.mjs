// A day without a mouse, in Kyrgyz: noon, in a hall with a scanned ballot table and a home list. The chair releases a
// line of the home list; the operator leaves the desk and comes back; a slip is read at the ballot table and its ballot
// given; the second kit runs out of paper after it marked a voter.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { KIT_SMALL, ONE, TWO, facts, shows, tell, words } from "./ground.mjs";
import { Person, looks, opens, serves } from "./keys.mjs";

const GREEN = "Инсандыгы ырасталды";

/** The events of a journal: `length ‖ sum ‖ event ‖ length`. */
function events(file) {
  const bytes = readFileSync(file);
  const found = [];
  for (let at = 0; at + 8 < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (length === 0) break; // the file is laid out before it is written
    found.push(bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return found;
}

/** What a reader types for a slip: the event in base 45 (RFC 9285). */
function base45(bytes) {
  const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const isPair = at + 1 < bytes.length;
    let value = isPair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    for (let digit = 0; digit < (isPair ? 3 : 2); digit += 1) {
      text += SIGNS[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

await tell("a day by keys: noon", async (hall) => {
  const chair = await opens(hall, ONE);
  await opens(hall, TWO);
  const operator = await Person.at(hall, `${ONE}/?lang=ky`, KIT_SMALL);

  // A line of the home list waits for its visit: the chair releases it, then the paper register is looked at.
  const [atHome] = facts.at_home;
  await operator.type(`${atHome}`);
  await operator.leads("Enter");
  await operator.reads(".verdict.stop h1", "Берүүгө болбойт");
  assert.match(await words(operator.page, "main"), /HOME_RESERVED/);
  await operator.leads("Enter");
  await chair.press("Alt+4");
  await chair.tabTo('a[href="/chair/home"]');
  await chair.leads("Enter");
  await chair.tabTo("#home-line");
  await chair.chooses((entry) => entry.trim() === `${atHome}`);
  await chair.tabTo("#home-pass");
  await chair.type(facts.page.card_pin);
  await chair.tabTo('form[action="/chair/home"]:has(#home-pass) button');
  await chair.leads("Enter");
  await shows(chair.page, ".tag", "залга бошотулган");
  await operator.type(`${atHome}`);
  await operator.leads("Enter");
  if (await operator.page.locator("#look-pass").count() > 0) await looks(operator);
  await operator.leads("Enter");
  await operator.reads(".verdict.ok h1", GREEN);
  await operator.leads("Enter");

  // The desk is left in the middle of a question: nobody is shown, a card brings the screen back.
  await operator.type("2");
  await operator.leads("Enter");
  await operator.leads("F12");
  await operator.reads(".verdict h1", "Экран кулпуланган");
  assert.equal(await operator.page.locator(".vcard").count(), 0, "a locked screen shows nobody");
  assert.equal((await operator.sees()).id, "unlock-pass");
  await operator.type("0000");
  await operator.leads("Enter");
  await operator.page.locator("p.err").waitFor();
  await operator.type(facts.page.card_pin);
  await operator.leads("Enter");
  await operator.reads(".verdict h1", "Кийинки шайлоочу");

  // A voter signs at the ballot table and gets the ballot.
  await serves(operator, 1);
  await operator.reads(".verdict.ok h1", GREEN);
  await operator.leads("Enter");
  const table = await Person.at(hall, `${ONE}/receipts?lang=ky`, KIT_SMALL);
  let given = false;
  // Which of the journal's events is the slip is known to the kit alone: each is handed in until one is a line's.
  for (const event of events(facts.journal).reverse()) {
    assert.equal((await table.sees()).id, "qr", "the next slip's field has the focus");
    // A person pastes what a reader would type: longer than anybody types.
    await table.page.keyboard.insertText(base45(event));
    await table.leads("Enter");
    if (!(await words(table.page, ".verdict h1")).includes("1-сап")) continue;
    await table.page.waitForTimeout(500); // opposite answers wait 400 ms
    await table.leads("F8");
    await table.reads(".verdict.ok h1", "Бюллетень бериңиз");
    given = true;
    break;
  }
  assert.ok(given, "a ballot was given");

  // The second kit marks a voter and has no paper for the slip.
  mkdirSync(facts.papers, { recursive: true });
  writeFileSync(`${facts.papers}/out-of-paper`, "");
  const second = await Person.at(hall, `${TWO}/?lang=ky`, KIT_SMALL);
  await serves(second, facts.stranded);
  await second.reads(".verdict.warn h1", "чек чыккан жок");
  await chair.leads("Escape");
  await shows(chair.page, ".stat.good b", "3");
});
