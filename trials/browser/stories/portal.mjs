// A citizen at the portal: found; not found with reason and next step in Kyrgyz, Russian and
// English; a wrong document answered like an unknown person; turnout, map, and a proof that a
// stranger's program accepts. All of it works at 320 px and at 200 % zoom, without script.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { LANGUAGES, PORTAL, facts, shows, tell, words } from "./ground.mjs";

const PHONE = { width: 360, height: 740 };
const NARROW = { width: 320, height: 640 };
/** A window of 1280 px at 200 % has 640 CSS pixels. */
const ZOOMED = { width: 640, height: 400 };

const listed = facts.page.examples.find((example) => example.code === "LISTED");
const excluded = facts.page.examples.filter((example) => example.code !== "LISTED");
const TITLE = { ky: "Сиз шайлоочулардын тизмесинде барсыз", ru: "Вы есть в списке избирателей", en: "You are on the voter list" };
const NO_MATCH = { ky: "Бул маалымат боюнча жазуу табылган жок", ru: "По этим данным запись не найдена", en: "No record matches these details" };

await tell("a citizen checks the list", async (hall) => {
  const page = await hall.window(PHONE, { javaScriptEnabled: true });
  const look = async (name, language) => {
    await hall.inspect(page, name, language);
    for (const size of [NARROW, ZOOMED]) await hall.fits(page, size, `${name} (${language})`);
  };
  const ask = async (language, { pin, document }) => {
    await page.goto(`${PORTAL}/?lang=${language}`);
    await page.fill("#pin", pin);
    await page.fill("#document", document);
    await page.press("#document", "Enter");
    await page.locator("h1").waitFor();
    assert.ok(!page.url().includes(pin), "no number in the address");
  };

  for (const language of LANGUAGES) {
    await page.goto(`${PORTAL}/?lang=${language}`);
    await look("portal, form", language);
    await ask(language, listed);
    assert.equal(await words(page, ".result.ok h1"), TITLE[language]);
    assert.equal(await page.locator('.place svg[role="img"]').count(), 1, "the precinct is on a map");
    await look("portal, found", language);

    for (const example of excluded) {
      await ask(language, example);
      const said = await words(page, "main");
      const { sentence, next } = facts.said[example.code];
      assert.ok(said.includes(sentence[language]), `${example.code} in ${language}: the reason`);
      assert.ok(said.includes(next[language]), `${example.code} in ${language}: the next step`);
      assert.ok(said.includes(`(${example.code})`), "the code, for the telephone");
      await look(`portal, ${example.code}`, language);
    }

    // One text for a wrong document and for nobody.
    const wrong = { pin: listed.pin, document: "ZZ0000000" };
    const nobody = { pin: "10101190000019", document: listed.document };
    const answers = [];
    for (const question of [wrong, nobody]) {
      await ask(language, question);
      assert.equal(await words(page, ".result h1"), NO_MATCH[language]);
      answers.push(await page.content());
    }
    assert.equal(answers[0], answers[1], "both answers are the same bytes");
    await look("portal, no match", language);

    page.expect(422);
    await ask(language, { pin: listed.pin.slice(1), document: "1" });
    assert.ok(await page.locator(".errsum").evaluate((box) => box === document.activeElement), "the error has the focus");
    assert.equal(await page.locator(".field.err").count(), 2);
    await look("portal, form with errors", language);

    for (const path of ["/precincts", "/turnout", "/proofs"]) {
      await page.goto(`${PORTAL}${path}?lang=${language}`);
      await look(`portal${path}`, language);
    }
    page.expect(404);
    await page.goto(`${PORTAL}/nothing?lang=${language}`);
    await look("portal, no such page", language);
  }

  // Until our letters have come, the phone shows its own, which are wider: nothing moves sideways then either.
  const slow = await hall.window(PHONE, { bypassCSP: true });
  for (const language of LANGUAGES)
    for (const path of ["/", "/precincts", "/turnout", "/proofs"]) {
      await slow.goto(`${PORTAL}${path}?lang=${language}`);
      await slow.addStyleTag({ content: 'body, svg text { font-family: "DejaVu Sans", sans-serif }' });
      for (const size of [PHONE, NARROW, ZOOMED]) await hall.fits(slow, size, `portal${path} in other letters (${language})`);
    }

  // Turnout with a bar for every hour, and from there to a precinct with its map.
  await page.goto(`${PORTAL}/turnout?lang=ru`);
  assert.ok(await page.locator("svg.chart rect").count() >= 8, "turnout by hour");
  await page.locator("table tbody a").first().click();
  await shows(page, "h1", "Участок №");
  assert.ok(await page.locator("svg.map path").count() > 2, "the precinct and its neighbours");
  await look("portal, precinct", "ru");

  // The proof of the found voter, given to the stranger's program; then the same with one byte changed.
  await ask("ru", listed);
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Скачать доказательство" }).click();
  const proof = `${facts.traces}/portal.tlog-proof`;
  await (await saving).saveAs(proof);
  const verdict = execFileSync(facts.verify, ["proof", proof, "--in", facts.out], { encoding: "utf8" });
  assert.match(verdict, /on the list of release/);

  // Files for anybody.
  await page.goto(`${PORTAL}/proofs?lang=en`);
  const checkpoint = await page.request.get(`${PORTAL}/publication/checkpoint`);
  assert.ok((await words(page, "pre")).includes((await checkpoint.text()).split("\n")[2]), "the checkpoint on the page is the file");

  // Everything works without script.
  const plain = await hall.window(PHONE, { javaScriptEnabled: false });
  await plain.goto(`${PORTAL}/?lang=en`);
  await plain.fill("#pin", listed.pin);
  await plain.fill("#document", listed.document);
  await plain.press("#document", "Enter");
  assert.equal(await words(plain, ".result.ok h1"), TITLE.en);

  // By keys alone: skip link, form, answer.
  await page.goto(`${PORTAL}/?lang=en`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.focus("#pin");
  await page.keyboard.type(listed.pin);
  await page.keyboard.press("Tab");
  await page.keyboard.type(listed.document);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await words(page, ".result.ok h1"), TITLE.en);
});
