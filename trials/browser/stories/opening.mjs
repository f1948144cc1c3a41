// The morning. The chair opens K1 and K2, each with two cards of different bodies, after three
// ways that must not open a kit. Both print the initial report with everybody at zero.
import assert from "node:assert/strict";
import { KIT_SMALL, KIT, ONE, TV, TWO, shows, tell, words } from "./ground.mjs";
import { share, twoCards } from "./kit.mjs";

async function open(page, kit) {
  await page.goto(`${kit}/chair`);
  await twoCards(page, "open");
  await page.getByRole("button", { name: "Открыть комплект" }).click();
  await shows(page, "h2", "Комплекты");
}

async function refused(page, pick, sentence) {
  page.expect(422);
  if (!(await twoCards(page, "open", pick))) return;
  await page.getByRole("button", { name: "Открыть комплект" }).click();
  const summary = page.locator(".errsum");
  await summary.waitFor();
  assert.match(await summary.innerText(), sentence);
  assert.ok(await summary.evaluate((element) => element === document.activeElement), "the error has the focus");
}

await tell("the chair opens both kits", async (hall) => {
  const chair = await hall.window();
  await hall.inspectAll(chair, `${ONE}/`, "operator, kit shut");
  await hall.inspectAll(chair, `${ONE}/chair`, "chair, kit shut");
  const monitor = await hall.window(TV);
  await monitor.goto(`${ONE}/monitor`);
  await shows(monitor, "h1", "Участок азыр ачык эмес");
  await hall.inspect(monitor, "monitor, kit shut", "ky");
  await hall.isWhole(monitor, TV, "monitor, kit shut");

  await chair.goto(`${ONE}/chair?lang=ru`);
  await refused(chair, { pin: "wrong" }, /Пароль карты неверен/);
  await hall.inspect(chair, "chair, wrong passphrase", "ru");
  await refused(chair, { second: "itself" }, /другой член комиссии/);
  await refused(chair, { second: "same" }, /другой организации/);

  await open(chair, ONE);
  await shows(monitor, "h1", "Паспортуңузду даярдаңыз");
  await hall.inspect(monitor, "monitor, waiting", "ky");
  for (const size of [TV, KIT]) await hall.isWhole(monitor, size, "monitor, waiting");
  const second = await hall.window();
  await open(second, TWO);
  await shows(chair, ".dev", "2 из 2 на связи");
  const [from, to] = await share(chair, "К1");
  const [next] = await share(chair, "К2");
  assert.ok(from === 1 && to + 1 === next, `the shares ${from}–${to}, ${next}… meet`);

  for (const page of [chair, second]) {
    await twoCards(page, "initial");
    await page.getByRole("button", { name: "Начальный отчёт" }).click();
    const report = page.getByRole("link", { name: "Начальный отчёт" });
    await report.waitFor();
    const paper = await page.request.get(new URL(await report.getAttribute("href"), page.url()).href);
    assert.equal(paper.headers()["content-type"], "image/png");
    assert.ok((await paper.body()).length > 4000, "the initial report is a picture");
  }
  await hall.inspectAll(chair, `${ONE}/chair/trouble`, "chair, something failed");
  await hall.inspectAll(chair, `${ONE}/chair`, "chair", async () => {
    for (const size of [KIT, KIT_SMALL]) await hall.isWhole(chair, size, "chair");
  });
  assert.match(await words(chair, ".stat.good b"), /^0$/);
});
