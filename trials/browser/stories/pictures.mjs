// The README's pictures: real screens of the running demo, in the order of a day.
import { mkdirSync, writeFileSync } from "node:fs";
import { KIT, OFFICE, ONE, PORTAL, TV, TWO, facts, shows, tell } from "./ground.mjs";
import { LINES, askedFile, checkIn, find, next, place, twoCards } from "./kit.mjs";
import { DESK, findPerson, signIn } from "./desk.mjs";

const PHONE = { width: 360, height: 740 };
const [first, second] = facts.page.voters;

await tell("the pictures", async (hall) => {
  mkdirSync(facts.pictures, { recursive: true });
  const shoot = (page, name, options = {}) => page.screenshot({ path: `${facts.pictures}/${name}.png`, ...options });
  const keep = async (page, link, name) => {
    const paper = await page.request.get(new URL(link, page.url()).href);
    writeFileSync(`${facts.pictures}/${name}.png`, await paper.body());
  };
  const chair = await hall.window(KIT);
  for (const kit of [ONE, TWO]) {
    await chair.goto(`${kit}/chair?lang=ru`);
    await twoCards(chair, "open");
    await chair.getByRole("button", { name: "Открыть комплект" }).click();
    await shows(chair, "h2", "Комплекты");
  }
  await chair.goto(`${ONE}/chair?lang=ru`);
  await twoCards(chair, "initial");
  await chair.getByRole("button", { name: "Начальный отчёт" }).click();
  await chair.getByRole("link", { name: "Начальный отчёт" }).waitFor();
  await keep(chair, "/paper/report/initial.png", "initial-report");

  const operator = await hall.window(KIT);
  const monitor = await hall.window(TV);
  await monitor.goto(`${ONE}/monitor`);
  await shows(monitor, "h1", "Паспортуңузду даярдаңыз");
  await shoot(monitor, "monitor-idle");
  await operator.goto(`${ONE}/?lang=ru`);
  for (const line of LINES.slice(2, 5)) {
    await checkIn(operator, `${line}`, line);
    await next(operator);
  }
  await find(operator, "асан");
  await operator.locator(".hits, .vcard, .verdict.warn").first().waitFor();
  await shoot(operator, "operator-search");
  await find(operator, first.pin);
  await shows(operator, ".verdict h1", "Приложите палец");
  await shoot(operator, "operator-finger");
  await place(operator, await askedFile(operator, first.line));
  await shows(operator, ".verdict.ok h1", "Личность подтверждена");
  await shows(monitor, "h1", "Ырасталды");
  await monitor.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  await shoot(operator, "operator-green");
  await shoot(monitor, "monitor-green");
  await keep(operator, `/paper/receipt/${first.line}.png`, "receipt");
  await next(operator);
  await find(operator, first.pin);
  await shows(operator, ".verdict.stop h1", "уже отмечен");
  await shows(monitor, "h1", "Бюллетень берилбейт");
  await shoot(operator, "operator-red");
  await shoot(monitor, "monitor-red");
  await next(operator);
  await find(operator, second.pin);
  await operator.locator('[data-key="F7"]').click();
  await shows(operator, ".verdict.warn h1", "Ждём две подписи");
  await chair.goto(`${ONE}/chair?lang=ru`);
  await shoot(chair, "chair", { fullPage: true });

  const phone = await hall.window(PHONE);
  const ask = async (language, code) => {
    const example = facts.page.examples.find((known) => code(known.code));
    await phone.goto(`${PORTAL}/?lang=${language}`);
    await phone.fill("#pin", example.pin);
    await phone.fill("#document", example.document);
    await phone.press("#document", "Enter");
    await phone.locator(".result").waitFor();
  };
  await phone.goto(`${PORTAL}/?lang=ky`);
  await shoot(phone, "portal-form", { fullPage: true });
  await ask("ky", (code) => code === "LISTED");
  await shoot(phone, "portal-found", { fullPage: true });
  await ask("ru", (code) => code !== "LISTED");
  await shoot(phone, "portal-not-found", { fullPage: true });

  const office = await hall.window(DESK);
  await signIn(office, "registrar");
  await office.goto(`${OFFICE}/list?lang=ru`);
  await shoot(office, "office-dashboard");
  await office.goto(`${OFFICE}/reconciliation?lang=ru`);
  await shoot(office, "office-reconciliation");
  await findPerson(office, facts.page.examples.find((known) => known.code !== "LISTED").pin);
  await shoot(office, "office-person");
  await office.goto(`${office.url().split("?")[0]}/why`);
  await shoot(office, "office-why");
  await office.goto(`${OFFICE}/review/links?lang=ru`);
  await office.locator("main form").first().waitFor();
  await shoot(office, "office-review");
  await office.goto(`${OFFICE}/claims?lang=ru`);
  await shoot(office, "office-claims");
  await office.goto(`${OFFICE}/statistics?lang=ru`);
  await shoot(office, "office-statistics");
  await office.goto(`${OFFICE}/boundaries?lang=ru`);
  await office.locator('main tr:has-text("1001") a').first().click();
  await office.locator(".leaflet-interactive, svg.map path").first().waitFor();
  await office.waitForTimeout(500); // the map settles
  await shoot(office, "office-boundaries");
});
