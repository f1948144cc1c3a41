// What goes wrong at a desk: a number that cannot be, nobody by this name, several voters to
// choose from, a person who is not on the list. Each says what happens next.
import assert from "node:assert/strict";
import { KIT, KIT_SMALL, ONE, facts, shows, tell, words } from "./ground.mjs";
import { LINES, find, next } from "./kit.mjs";

await tell("the operator is told what to do", async (hall) => {
  const page = await hall.window();
  const look = async (name) => {
    await hall.inspectAll(page, `${ONE}/`, name, async () => {
      for (const size of [KIT, KIT_SMALL]) await hall.isWhole(page, size, name);
    });
    await page.goto(`${ONE}/?lang=ru`);
  };
  await page.goto(`${ONE}/?lang=ru`);
  await find(page, facts.page.voters[0].pin.slice(0, 13));
  await shows(page, ".verdict.warn p", "В ПИН 14 цифр, вы ввели 13");
  await look("operator, malformed number");
  await find(page, "Неттакойфамилии");
  await shows(page, ".verdict.warn h1", "Запись не найдена");
  await look("operator, nobody");

  // A surname that several share: the first letters of a voter who is there.
  await find(page, `${LINES[0]}`);
  const surname = (await words(page, ".vcard .nm")).split(" ")[0];
  await page.locator('[data-key="Escape"], [data-key="Enter"]').last().click();
  for (let length = surname.length; length > 0; length -= 1) {
    await find(page, surname.slice(0, length).toLowerCase());
    if (await page.locator(".hits tbody tr").count() > 1) break;
  }
  const rows = await page.locator(".hits tbody tr").count();
  assert.ok(rows > 1, `several voters for ${surname.slice(0, 3)}…`);
  await look("operator, several voters");
  await page.keyboard.press("Tab");
  await page.locator("h1").first().evaluate((title) => title.focus());
  await page.keyboard.press("2");
  await page.locator(".vcard").waitFor();

  await find(page, "Неттакойфамилии");
  await page.locator('[data-key="F4"]').click();
  await shows(page, ".verdict.stop h1", "Не выдавать");
  assert.ok((await words(page, "main")).includes(facts.said.NOT_HERE.next.ru), "the voter is told where to go");
  await look("operator, not on the list");
  await next(page);
});
