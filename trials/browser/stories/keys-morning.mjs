// A day without a mouse, in Kyrgyz: the morning. Two kits are opened with two cards each, the initial report is
// printed; then voters: by finger, by a name that several share, an impostor's finger, a second attempt, one who is not
// on the list, one by documents and two officers, an undo, a receipt without paper; the hour's turnout.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { KIT_SMALL, ONE, TWO, facts, shows, tell, words } from "./ground.mjs";
import { LINES } from "./kit.mjs";
import { Person } from "./keys.mjs";

const WAITING = "Кийинки шайлоочу";
const FINGER = "Манжаңызды коюңуз";
const GREEN = "Инсандыгы ырасталды";
const OFFICERS = "Эки колду күтөбүз";

/** Opens a kit; the first try fails by its passphrase, and the error has the focus. */
async function open(hall, kit) {
  const chair = await Person.at(hall, `${kit}/chair?lang=ky`, KIT_SMALL);
  chair.page.expect(422);
  await chair.twoCards("open", "0000");
  assert.match((await chair.sends("/chair/open")).name, /сырсөзү туура эмес/);
  await chair.twoCards("open");
  await chair.sends("/chair/open");
  await shows(chair.page, "h2", "Комплекттер");
  return chair;
}

await tell("a day by keys: the morning", async (hall) => {
  const chair = await open(hall, ONE);
  await open(hall, TWO);
  await chair.press("Alt+4");
  await chair.twoCards("initial");
  await chair.sends("/chair/initial");
  await shows(chair.page, ".tag", "Басып чыгарылды");

  const operator = await Person.at(hall, `${ONE}/?lang=ky`, KIT_SMALL);
  const asks = async (text) => {
    assert.equal((await operator.sees()).id, "q", "the next voter's field has the focus");
    await operator.type(`${text}`);
    return operator.leads("Enter");
  };
  const next = async () => {
    await operator.leads("Enter");
    await operator.reads(".verdict h1", WAITING);
  };
  // The clock is the kit's: nobody votes before eight.
  for (let time = ""; time < "08:00";) {
    await operator.page.waitForTimeout(500);
    [, time] = (await (await operator.page.request.get(`${ONE}/`)).text()).match(/class="clock">([0-9:]+)/);
  }

  // By finger.
  const [impostor, named, papers, unread, dry] = LINES.filter((line) => line !== facts.page.voters[0].line);
  await asks(facts.page.voters[0].pin);
  await operator.reads(".verdict h1", FINGER);
  await operator.leads("Enter");
  await operator.reads(".verdict.ok h1", GREEN);
  await next();

  // Somebody else's finger first: chosen with the arrow keys from the folder that stands for the glass.
  await asks(impostor);
  await operator.tabTo("#glass", "Shift+Tab");
  await operator.chooses((file) => file.startsWith(String(named).padStart(4, "0")));
  await operator.tabTo(".glass button");
  await operator.leads("Enter");
  await operator.reads(".verdict.warn p", "дал келген жок");
  await operator.leads("F6");
  await operator.leads("Enter");
  await operator.reads(".verdict.ok h1", GREEN);
  await next();

  // A name that several share: the digit beside the voter chooses.
  await asks(named);
  const surname = (await words(operator.page, ".vcard .nm")).split(" ")[0];
  await operator.leads("Escape");
  for (let length = surname.length; length > 0; length -= 1) {
    await asks(surname.slice(0, length).toLowerCase());
    if (await operator.page.locator(".hits tbody tr").count() > 1) break;
    if (await operator.page.locator(".vcard").count() > 0) await operator.leads("Escape");
  }
  assert.equal((await operator.sees()).tag, "h1", "the list of voters has the focus, so that digits choose");
  const chosen = await words(operator.page, ".hits tbody tr:nth-child(2) .hitname");
  await operator.leads("2");
  assert.ok(chosen.startsWith((await words(operator.page, ".vcard .nm")).split(" ")[0]), "the second voter of the list");
  await operator.leads("Escape");

  // Twice, and not at all.
  await asks(facts.page.voters[0].pin);
  await operator.reads(".verdict.stop h1", "белгиленген");
  assert.ok((await words(operator.page, "main")).includes(facts.said.ALREADY.next.ky), "what the voter is told");
  await operator.leads("F5");
  await operator.tabTo('a[href="/paper/slip.png"]');
  await operator.leads("F2");
  await operator.leads("Escape");
  await operator.reads(".verdict.stop h1", "белгиленген");
  await next();
  await asks("Жоккиши");
  await operator.reads(".verdict.warn h1", "Жазуу табылган жок");
  await operator.leads("F4");
  await operator.reads(".verdict.stop h1", "Берүүгө болбойт");
  assert.ok((await words(operator.page, "main")).includes(facts.said.NOT_HERE.sentence.ky), "the reason");
  await next();

  // The scanner is dead for this voter: number and photograph, two officers at the chair's window.
  await asks(papers);
  await operator.tabTo('form[action="/two"] button:not([data-key])');
  await operator.leads("Enter");
  await operator.reads(".verdict.warn h1", OFFICERS);
  await chair.page.locator("form[data-approve]").waitFor();
  assert.equal((await chair.sees()).id, "approve-card0", "the form that came has the focus");
  await chair.twoCards("approve");
  await chair.leads("Control+Enter");
  await operator.reads(".verdict.ok h1", GREEN);
  assert.match(await words(operator.page, ".side-kv"), /документ, 2 кол/);

  // It was the wrong person after all: two officers take the mark back. Then face and two officers.
  await operator.page.waitForTimeout(500); // opposite answers wait 400 ms
  await operator.leads("F10");
  await operator.reads(".verdict.warn h1", OFFICERS);
  await chair.page.locator("form[data-approve]").waitFor();
  await chair.press("Alt+2");
  await chair.twoCards("approve");
  await chair.sends("/chair/approve");
  await operator.reads(".verdict h1", WAITING);
  await asks(unread);
  await operator.leads("F7");
  await chair.page.locator("form[data-approve]").waitFor();
  await chair.twoCards("approve");
  await chair.leads("Control+Enter");
  await operator.reads(".verdict.ok h1", GREEN);
  await next();

  // The paper is out: the mark stands, the slip comes when there is paper again.
  const noPaper = `${facts.papers}/out-of-paper`;
  writeFileSync(noPaper, "");
  await asks(dry);
  await operator.leads("Enter");
  await operator.reads(".verdict.warn h1", "чек чыккан жок");
  assert.match(await words(operator.page, ".verdict p"), /кагаз түгөндү/);
  rmSync(noPaper);
  await operator.leads("F9");
  await operator.reads(".verdict.ok h1", GREEN);
  await next();

  // The chair looks at the hour: the first is not over, and the way back is Esc.
  await chair.press("Alt+4");
  await chair.tabTo('a[href="/chair/turnout"]');
  await chair.leads("Enter");
  await chair.leads("Escape");
  assert.match(await words(chair.page, ".stat.good b"), /^4$/, "four voters are marked, one mark was taken back");
});
