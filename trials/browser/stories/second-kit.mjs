// The same voter tries K2 and is refused: red, with the evidence and a slip; the monitor names
// nobody. Then a voter of K2's share comes to K1, which asks K2 for the line and serves.
import assert from "node:assert/strict";
import { KIT, KIT_SMALL, ONE, TV, TWO, facts, shows, tell, words } from "./ground.mjs";
import { LINES, checkIn, find, next, share } from "./kit.mjs";

const { pin, line } = facts.page.voters[0];

await tell("the second kit knows", async (hall) => {
  const two = await hall.window();
  const monitor = await hall.window(TV);
  await monitor.goto(`${TWO}/monitor`);
  await two.goto(`${TWO}/?lang=ru`);
  await find(two, pin);
  await shows(two, ".verdict.stop h1", "Не выдавать: уже отмечен");
  assert.match(await words(two, ".verdict p"), new RegExp(`Комплект К1, чек К1-\\d+, строка ${line}`));
  const surname = (await words(two, ".vcard .nm")).split(" ")[0];
  await two.locator('[data-key="F5"]').click();
  const slip = two.getByRole("link", { name: "Слип отказа" });
  await slip.waitFor();
  const paper = await two.request.get(`${TWO}${await slip.getAttribute("href")}`);
  assert.equal(paper.headers()["content-type"], "image/png");

  await shows(monitor, "h1", "Бюллетень берилбейт");
  const said = await words(monitor, "body");
  assert.ok(!said.toUpperCase().includes(surname.toUpperCase()), "red shows no name");
  assert.ok(!said.includes(pin), "red shows no PIN");
  assert.equal(await monitor.locator(".tvph").count(), 0, "red shows no photograph");
  await hall.inspect(monitor, "monitor, red", "ky");
  for (const size of [TV, KIT]) await hall.isWhole(monitor, size, "monitor, red");
  await hall.inspectAll(two, `${TWO}/`, "operator, red", async () => {
    for (const size of [KIT, KIT_SMALL]) await hall.isWhole(two, size, "operator, red");
  });
  await two.goto(`${TWO}/?lang=ru`);
  await next(two);

  const one = await hall.window();
  await one.goto(`${ONE}/chair?lang=ru`);
  const [from] = await share(one, "К2");
  const guest = LINES.find((other) => other >= from);
  assert.ok(guest, `a voter of K2's share (from ${from}) has fingers in the folder: ${LINES}`);
  await one.goto(`${ONE}/?lang=ru`);
  // K1 serves while K2's operator writes: what the page fetches meanwhile does not take the letters away.
  const gate = () => {
    let open;
    return { passed: new Promise((done) => { open = done; }), open };
  };
  const fetched = gate();
  const written = gate();
  await two.route(`${TWO}/`, async (route) => {
    if (!route.request().headers()["x-refresh"]) return route.continue();
    fetched.open();
    await written.passed;
    return route.continue();
  });
  await checkIn(one, `${guest}`, guest);
  await fetched.passed;
  await two.fill("#q", `${guest}`);
  const answered = two.waitForResponse((answer) => Boolean(answer.request().headers()["x-refresh"]));
  written.open();
  await (await answered).finished();
  await two.waitForTimeout(300);
  await two.press("#q", "Enter");
  await shows(two, ".verdict.stop h1", "уже отмечен");
  assert.match(await words(two, ".verdict p"), /Комплект К1/);
  await next(two);
  await next(one);
});
