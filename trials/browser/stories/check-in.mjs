// A voter comes to K1. The operator types the PIN, the voter puts a finger on the glass; another
// person's finger does not do. The verdict is green on the operator's screen and on the monitor,
// which was open all the time, and the receipt says page and line.
import assert from "node:assert/strict";
import { KIT, KIT_SMALL, ONE, TV, facts, shows, tell, words } from "./ground.mjs";
import { LINES, askedFile, find, fingersOf, next, place } from "./kit.mjs";
import { withoutColours } from "./views.mjs";

const { pin, line } = facts.page.voters[0];

await tell("a voter is identified by finger", async (hall) => {
  const operator = await hall.window();
  const monitor = await hall.window(TV);
  await monitor.goto(`${ONE}/monitor`);
  const look = async (name) => {
    await hall.inspectAll(operator, `${ONE}/`, name, async () => {
      for (const size of [KIT, KIT_SMALL]) await hall.isWhole(operator, size, name);
    });
    await operator.goto(`${ONE}/?lang=ru`);
  };
  await look("operator, waiting");

  await find(operator, pin);
  await shows(operator, ".verdict h1", "Приложите палец");
  await shows(monitor, "h1", "Манжаңызды коюңуз");
  await hall.inspect(monitor, "monitor, finger", "ky");
  await hall.isWhole(monitor, TV, "monitor, finger");
  await look("operator, finger");
  const number = await words(operator, ".vcard .kv");
  assert.ok(!(await operator.content()).includes(pin), "the PIN is not shown again");
  assert.ok(number.includes(`${line}`), "the card shows the line");

  const stranger = fingersOf(LINES.find((other) => other !== line))[0];
  await place(operator, stranger);
  await shows(operator, ".verdict p", "не совпал");
  await look("operator, another finger");

  await place(operator, await askedFile(operator, line));
  await shows(operator, ".verdict.ok h1", "Личность подтверждена");
  const [, page] = (await words(operator, ".verdict p")).match(/страница (\d+), строка (\d+)/) ?? [];
  assert.ok(page, "the verdict says page and line");

  await shows(monitor, "h1", "Ырасталды");
  assert.equal(await words(monitor, ".tvline b"), `${line}`);
  const said = await words(monitor, "main");
  assert.ok(said.indexOf("Ырасталды") < said.indexOf("Личность подтверждена"), "Kyrgyz comes first");
  const [large, small] = await monitor.evaluate(() => {
    const size = (element) => parseFloat(getComputedStyle(element).fontSize);
    const title = document.querySelector(".band h1");
    return [size(title), size(title.querySelector("small"))];
  });
  assert.ok(large > small, "Kyrgyz is larger");
  assert.ok(!said.includes(pin), "the monitor shows no PIN");
  assert.ok(await monitor.locator(".tvph img, .tvph svg").count() === 1, "the monitor shows the photograph");
  await monitor.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  await hall.inspect(monitor, "monitor, green", "ky");
  for (const size of [TV, KIT]) await hall.isWhole(monitor, size, "monitor, green");
  // What a colour-blind voter or an operator with forced colours reads.
  await withoutColours(monitor, "monitor, green");
  await withoutColours(operator, "operator, green");

  const receipt = operator.locator(".slip img");
  assert.equal(await receipt.getAttribute("alt"), `Чек: страница ${page}, строка ${line}`);
  const size = await receipt.evaluate((image) => [image.naturalWidth, image.naturalHeight]);
  assert.ok(size[0] >= 384 && size[1] > 300, `the receipt is a picture of ${size} dots`);
  await look("operator, green");
  await next(operator);
  await shows(operator, ".recent", `${line} · `);
});
