// After the freeze: the answers of the review stand in the list, what is open is answered for by both institutions, and
// two people approve exactly this root.
import assert from "node:assert/strict";
import { LANGUAGES, OFFICE, facts, shows, tell, words } from "./ground.mjs";
import { DESK, findPerson, signIn } from "./desk.mjs";

await tell("the list, frozen and signed", async (hall) => {
  const registrar = await hall.window(DESK);
  await signIn(registrar, "registrar");
  await findPerson(registrar, "Асанов");

  // The reconciliation of the frozen list names the answer that joined the row, and the house that placed the other.
  await registrar.goto(`${OFFICE}/reconciliation/pin_corrected?lang=ru`);
  await shows(registrar, "tbody tr", facts.joined);
  assert.match(await words(registrar, "main"), /Ответ разбора: тот же человек/);
  await hall.look(registrar, "list-10-answered-row");
  await registrar.goto(`${OFFICE}/reconciliation/not_found?lang=ru`);
  assert.match(await words(registrar, "main"), /Адрес размещён разбором.*|По границе участок 1003/);

  // The release: every number leads to people; what blocks it is named.
  for (const language of LANGUAGES) {
    await registrar.goto(`${OFFICE}/list/2?lang=${language}`);
    await hall.inspect(registrar, "the release", language);
  }
  await registrar.goto(`${OFFICE}/list/2?lang=ru`);
  await hall.look(registrar, "list-11-release");
  await registrar.goto(`${OFFICE}/list/2/precinct/1003?lang=ru`);
  await hall.look(registrar, "list-12-precinct");
  // Who lives just west of the edge of before stands beyond it now, and the page says why.
  await findPerson(registrar, facts.beyond);
  await registrar.goto(`${registrar.url().split("?")[0]}/why?release=2&lang=ru`);
  await shows(registrar, "main", /L2: участок 1003/);
  assert.match(await words(registrar, "main"), /Список L1 участок 1001/);

  // Each institution answers for what is open, then approves the root that it sees.
  const commission = await hall.window(DESK);
  await signIn(commission, "commission");
  for (const page of [registrar, commission]) {
    await page.goto(`${OFFICE}/list/2/approve?lang=ru`);
    for (;;) {
      const open = page.locator('form[action="/list/2/sign-off"]');
      if ((await open.count()) === 0) break;
      await open.first().locator('input[name="reason"]').fill("Проверка на местах закончится до дня голосования");
      await open.first().locator("button").click();
      await page.waitForLoadState();
      await page.goto(`${OFFICE}/list/2/approve?lang=ru`);
    }
  }
  for (const [at, page] of [registrar, commission].entries()) {
    await page.goto(`${OFFICE}/list/2/approve?lang=ru`);
    if (at === 0) await hall.look(page, "list-13-approve");
    await page.locator('form[action="/list/2/approve"] input[name="seen"]').check();
    await page.locator('form[action="/list/2/approve"] button').click();
    await page.waitForLoadState();
  }
  await commission.goto(`${OFFICE}/list/2/approve?lang=ru`);
  await hall.look(commission, "list-14-approved");
  await commission.goto(`${OFFICE}/list/2?lang=ru`);
  assert.match(await words(commission, "main"), /утвержд/i);
});
