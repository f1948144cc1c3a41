// Before the freeze: two people decide a doubtful row without seeing each other's answer, an address is placed by
// hand, a boundary is moved and approved by both institutions, and two voters ask to vote in another precinct.
import assert from "node:assert/strict";
import { OFFICE, facts, shows, tell, words } from "./ground.mjs";
import { DESK, findPerson, signIn } from "./desk.mjs";

await tell("the list, before the freeze", async (hall) => {
  const commission = await hall.window(DESK);
  await signIn(commission, "commission");

  // What is doubtful stands before the freeze by name.
  const clerk = await hall.window(DESK);
  await signIn(clerk, "clerk");
  await clerk.goto(`${OFFICE}/list/1?lang=ru`);
  await shows(clerk, "main", /сомнительн/);

  // The row without a PIN: the clerk and the registrar, each alone, say that it is the same person.
  await findPerson(clerk, "Асанов");
  await clerk.goto(`${OFFICE}/review/links?lang=ru`);
  await hall.look(clerk, "list-3-doubtful-row");
  await clerk.locator("details summary").filter({ hasText: "модель связывания" }).click();
  await clerk.locator(".waterfall svg").waitFor();
  await hall.look(clerk, "list-3-doubtful-row-weighed");
  const joined = await answerAll(clerk);
  const registrar = await hall.window(DESK);
  await signIn(registrar, "registrar");
  await findPerson(registrar, "Асанов");
  await registrar.goto(`${OFFICE}/review/links?lang=ru`);
  assert.ok(!(await words(registrar, "main")).includes("Токтосунова"), "blind to the first answer");
  assert.equal(await answerAll(registrar), joined, "both see the same questions");
  assert.equal(joined, 1, "the row without a PIN");

  // The address that no house has.
  await clerk.goto(`${OFFICE}/review/addresses?lang=ru`);
  await hall.look(clerk, "list-4-address");
  await clerk.locator('input[name="house"][value="other"]').check();
  await clerk.fill('input[name="other"]', "H57");
  await clerk.locator('main form button[type="submit"]').last().click();
  await clerk.waitForURL("**/review/addresses?done=*");
  await clerk.goto(`${OFFICE}/review?lang=ru`);
  await hall.look(clerk, "list-5-queue");

  // Houses 21 to 30 go to the neighbour from the 17th on; both institutions approve.
  await registrar.goto(`${OFFICE}/boundaries?lang=ru`);
  await registrar.locator('main a[href^="/boundaries/"]').first().click();
  await registrar.fill("#ranges", "S1 all 1 20 1001\nS1 all 21 60 1003");
  await registrar.fill("#valid_from", "2015-09-17");
  await registrar.fill("#reason", "Решение ТИК № 7 от 14.09.2015");
  await registrar.click('#boundary-form button[value="show"]');
  await shows(registrar, "main", /Новых ошибок нет/);
  await hall.look(registrar, "list-6-boundary");
  await registrar.click('#boundary-form button[value="propose"]');
  await registrar.waitForURL("**/boundaries/change/1");
  await hall.look(registrar, "list-7-boundary-proposed");
  for (const page of [registrar, commission]) {
    await page.goto(`${OFFICE}/boundaries/change/1?lang=ru`);
    await page.check("#seen");
    await page.locator('form[action="/boundaries/change/1"] button').click();
    await page.waitForURL("**/boundaries/change/1");
  }
  await shows(commission, "main", /утвержд/);

  // Two voters ask for the precinct that Form 2 fills; the desk says what the law says before it files.
  for (const [at, pin] of facts.movers.entries()) {
    await findPerson(clerk, pin);
    await clerk.goto(`${clerk.url().split("?")[0]}/claim?lang=ru`);
    await clerk.selectOption("#kind", "form2");
    await clerk.fill("#wanted", "1002");
    await clerk.check("#identified");
    await clerk.locator('button[name="do"][value="check"]').click();
    await shows(clerk, '[role="status"]', /./);
    if (at === 0) await hall.look(clerk, "list-8-form-2");
    await clerk.locator('button[name="do"][value="file"]').click();
    await clerk.waitForURL("**/receipt*");
    await shows(clerk, "main", /1002/);
    if (at === 0) await hall.look(clerk, "list-9-receipt");
  }

  // Nothing doubtful is left.
  await clerk.goto(`${OFFICE}/list/1?lang=ru`);
  assert.ok(!/сомнительных строк|адрес\S* не размещ/.test(await words(clerk, "main")));
});

/**
 * Answers every question: the row without a PIN means the man who lives at its house, and neither a namesake of the
 * same birth date nor anybody else; gives how many were the same.
 */
async function answerAll(page) {
  for (let same = 0; ; ) {
    await page.goto(`${OFFICE}/review/links?lang=ru`);
    if ((await page.locator('input[name="says"]').count()) === 0) return same;
    const said = await words(page, "main");
    const says = said.includes(facts.joined) && said.includes(facts.serial) ? "same" : "distinct";
    same += says === "same" ? 1 : 0;
    await page.locator(`input[name="says"][value="${says}"]`).check();
    await page.locator('main form button[type="submit"]').last().click();
    await page.waitForURL(`**/review/links?done=${says}`);
  }
}
