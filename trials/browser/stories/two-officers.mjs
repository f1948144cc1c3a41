// Fingers that cannot be read are nobody's fault: two officers of different bodies compare the
// face and sign, the voter is served. Then an undo, which two officers sign too, and a decline.
import assert from "node:assert/strict";
import { KIT, KIT_SMALL, ONE, TV, shows, tell, words } from "./ground.mjs";
import { LINES, find, next, twoCards } from "./kit.mjs";

const line = LINES.find((known) => known > 1 && !LINES.slice(0, 4).includes(known));

await tell("two officers serve a voter whose fingers are unreadable", async (hall) => {
  const operator = await hall.window();
  const chair = await hall.window();
  const monitor = await hall.window(TV);
  await monitor.goto(`${ONE}/monitor`);
  await operator.goto(`${ONE}/?lang=ru`);
  const call = async () => {
    await find(operator, `${line}`);
    await shows(operator, ".verdict h1", "Приложите палец");
    await operator.locator('[data-key="F7"]').click();
    await shows(operator, ".verdict.warn h1", "Ждём две подписи");
  };
  const sign = async (label, pick) => {
    await chair.goto(`${ONE}/chair?lang=ru`);
    if (!(await twoCards(chair, "approve", pick))) return;
    await chair.getByRole("button", { name: label }).click();
  };

  await call();
  await shows(monitor, "h1", "Күтө туруңуз");
  assert.match(await words(monitor, "main"), /Бул баш тартуу эмес/);
  await hall.inspect(monitor, "monitor, two officers", "ky");
  for (const size of [TV, KIT]) await hall.isWhole(monitor, size, "monitor, two officers");
  await hall.inspectAll(operator, `${ONE}/`, "operator, two officers", async () => {
    for (const size of [KIT, KIT_SMALL]) await hall.isWhole(operator, size, "operator, two officers");
  });
  await operator.goto(`${ONE}/?lang=ru`);
  await hall.inspectAll(chair, `${ONE}/chair`, "chair, asked to sign", async () => {
    for (const size of [KIT, KIT_SMALL]) await hall.isWhole(chair, size, "chair, asked to sign");
  });

  chair.expect(422);
  await sign("Подтвердить личность", { second: "itself" });
  await shows(chair, ".errsum", "другой член комиссии");
  await sign("Подтвердить личность");
  // The monitor clears after 15 s: both are looked at together.
  await Promise.all([
    shows(operator, ".verdict.ok h1", "Личность подтверждена"),
    shows(monitor, "h1", "Ырасталды"),
  ]);
  assert.match(await words(operator, ".side-kv"), /лицо, 2 подписи/);

  await operator.waitForTimeout(500); // opposite answers wait 400 ms
  await operator.locator('[data-key="F10"]').click();
  await shows(operator, ".verdict.warn h1", "Ждём две подписи");
  await sign("Подписать отмену");
  await shows(operator, ".verdict h1", "Следующий избиратель");

  await call();
  await chair.goto(`${ONE}/chair?lang=ru`);
  await chair.getByRole("button", { name: "Отказать" }).click();
  await shows(operator, ".verdict.stop h1", "Не выдавать");
  await next(operator);
});
