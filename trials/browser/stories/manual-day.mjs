// The manuals' pictures, the day: from two shut kits to the hour's turnout, each screen in three languages.
import { rmSync, writeFileSync } from "node:fs";
import { ONE, TV, TWO, facts, shows, tell, words } from "./ground.mjs";
import { LINES, askedFile, checkIn, find, fingersOf, next, place as touch, twoCards } from "./kit.mjs";
import { SIZE, drawn, paper, place, shoot, unfold } from "./manual.mjs";

await tell("the manuals: the day", async (hall) => {
  const chair = await hall.window(SIZE);
  const operator = await hall.window(SIZE);
  const monitor = await hall.window(TV, { deviceScaleFactor: 0.5 });
  const screen = (name, act) => shoot(hall, operator, `${ONE}/`, name, act);
  const desk = (name, act) => shoot(hall, chair, `${ONE}/chair`, name, act);
  const wall = async (name, title) => {
    await shows(monitor, "h1", title);
    await drawn(monitor);
    await monitor.screenshot({ path: place("", name) });
  };
  await monitor.goto(`${ONE}/monitor`);
  await screen("operator-shut");
  await desk("chair-open");
  for (const kit of [ONE, TWO]) {
    await chair.goto(`${kit}/chair?lang=ru`);
    await twoCards(chair, "open");
    await chair.getByRole("button", { name: "Открыть комплект" }).click();
    await shows(chair, "h2", "Комплекты");
  }
  await chair.goto(`${ONE}/chair?lang=ru`);
  await shows(chair, ".dev", "2 из 2 на связи");
  await desk("chair-morning");
  await shoot(hall, chair, `${ONE}/chair/pages`, "chair-pages");
  await chair.goto(`${ONE}/chair?lang=ru`);
  await twoCards(chair, "initial");
  await chair.getByRole("button", { name: "Начальный отчёт" }).click();
  await chair.getByRole("link", { name: "Начальный отчёт" }).waitFor();
  await paper(chair, "/paper/report/initial.png", "initial-report");

  const first = facts.page.voters[0].line;
  const [unread, unpaid, ...lines] = LINES.filter((line) => line !== first);
  await operator.goto(`${ONE}/?lang=ru`);
  for (const line of lines.slice(0, 4)) {
    await checkIn(operator, `${line}`, line);
    await next(operator);
  }
  await screen("operator-waiting");

  // Several voters of one name: the shortest beginning of a surname that gives between two and five.
  for (const line of lines.slice(4)) {
    await find(operator, `${line}`);
    const surname = (await words(operator, ".vcard .nm")).split(" ")[0];
    await operator.locator('[data-key="Escape"]').click();
    await find(operator, surname.toLowerCase());
    const found = await operator.locator(".hits tbody tr").count();
    if (found > 1 && found < 6) break;
  }
  await screen("operator-several");
  await find(operator, "Неттакойфамилии");
  await operator.locator('[data-key="F4"]').click();
  await shows(operator, ".verdict.stop h1", "Не выдавать");
  await screen("operator-not-here");
  await next(operator);

  await find(operator, facts.page.voters[0].pin);
  await shows(operator, ".verdict h1", "Приложите палец");
  await screen("operator-finger");
  await wall("monitor-finger", "Манжаңызды коюңуз");
  await touch(operator, fingersOf(lines[0])[0]);
  await screen("operator-differed");
  await touch(operator, await askedFile(operator, first));
  await shows(operator, ".verdict.ok h1", "Личность подтверждена");
  await screen("operator-green");
  await wall("monitor-green", "Ырасталды");
  await paper(operator, `/paper/receipt/${first}.png`, "slip");
  await next(operator);
  await find(operator, facts.page.voters[0].pin);
  await shows(operator, ".verdict.stop h1", "уже отмечен");
  await screen("operator-already");
  await wall("monitor-red", "Бюллетень берилбейт");
  await next(operator);

  await find(operator, `${unread}`);
  await operator.locator('[data-key="F7"]').click();
  await shows(operator, ".verdict.warn h1", "Ждём две подписи");
  await screen("operator-officers");
  await wall("monitor-wait", "Күтө туруңуз");
  await desk("chair-approve");
  await twoCards(chair, "approve");
  await chair.getByRole("button", { name: "Подтвердить личность" }).click();
  await shows(operator, ".verdict.ok h1", "Личность подтверждена");
  await next(operator);

  writeFileSync(`${facts.papers}/out-of-paper`, "");
  await find(operator, `${unpaid}`);
  await shows(operator, ".verdict h1", "Приложите палец");
  await touch(operator, await askedFile(operator, unpaid));
  await shows(operator, ".verdict.warn h1", "чек не вышел");
  await screen("operator-no-paper");
  rmSync(`${facts.papers}/out-of-paper`);
  await operator.locator('[data-key="F9"]').click();
  await shows(operator, ".verdict.ok h1", "Личность подтверждена");
  await next(operator);

  await desk("chair-day");
  // The first full hour with voters in it ends while the pictures are taken.
  for (let look = 0; look < 60; look += 1) {
    await chair.goto(`${ONE}/chair/turnout?lang=ru`);
    if (await chair.getByRole("link", { name: "10:00" }).count() > 0) break;
    await chair.waitForTimeout(2000);
  }
  await chair.locator(".actions button").first().click();
  await chair.locator(".digits li").first().waitFor();
  await shoot(hall, chair, `${ONE}/chair/turnout`, "chair-turnout");
  await shoot(hall, chair, `${ONE}/chair/list`, "chair-list");
  await shoot(hall, chair, `${ONE}/receipts`, "table");
  await shoot(hall, chair, `${ONE}/chair/trouble`, "chair-trouble", () => unfold(chair, "details"));
  await shoot(hall, chair, `${ONE}/chair/cards`, "chair-cards");
  await operator.goto(`${ONE}/?lang=ru`);
  await Promise.all([operator.waitForEvent("load"), operator.keyboard.press("F12")]);
  await screen("operator-locked");
  await operator.fill("#unlock-pass", facts.page.card_pin);
  await operator.keyboard.press("Enter");
  await shows(operator, ".verdict h1", "Следующий избиратель");
});
