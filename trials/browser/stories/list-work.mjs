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

  // The edge between the two precincts is moved on the map from the 17th on; both institutions approve.
  await registrar.goto(`${OFFICE}/boundaries?lang=ru`);
  await registrar.locator('main a[href^="/boundaries/"]').first().click();
  await moveEdge(hall, registrar);
  await registrar.fill("#valid_from", "2015-09-17");
  await registrar.fill("#reason", "Решение ТИК № 7 от 14.09.2015");
  await registrar.click('#boundary-form button[value="show"]');
  await shows(registrar, "main", /Новых ошибок нет/);
  const row = registrar.locator("table tbody tr").filter({ hasText: /1001\s*1003/ });
  const moved = Number(await row.locator("td").last().innerText());
  assert.ok(moved > 0, "voters who would move stand there before anything is saved");
  const sizes = await words(registrar, "main dl.kv");
  const [, from, to] = sizes.match(/1001 (\d+) → (\d+)/).map(Number);
  assert.equal(from - to, moved, "the precinct that loses them is smaller by as many");
  await commission.goto(`${OFFICE}/boundaries?lang=ru`);
  assert.equal(await commission.locator('main a[href^="/boundaries/change/"]').count(), 0, "nothing is saved by looking");
  await hall.look(registrar, "list-6-boundary");
  await registrar.click('#boundary-form button[value="propose"]');
  await registrar.waitForURL("**/boundaries/change/1");
  await hall.look(registrar, "list-7-boundary-proposed");
  for (const page of [registrar, commission]) {
    await page.goto(`${OFFICE}/boundaries/change/1?lang=ru`);
    const people = page.locator('main a[href*="?from=1001&to=1003"]');
    if (page === registrar) assert.equal(Number(await people.innerText()), moved, "the number proposed is the number shown");
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

/**
 * Takes the middle corner of the common edge: once with the mouse, once with the keys. Whatever is done to it is done to
 * both precincts, and the picture has one edge between them, not two.
 */
async function moveEdge(hall, page) {
  await page.selectOption("#e-precinct", "1001");
  const corner = (at) => page.locator(`.e-corner[aria-label*="${at}"]`);
  const middle = async (locator) => {
    const box = await locator.boundingBox();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const start = corner("74.593050 42.873050");
  await start.scrollIntoViewIfNeeded();
  assert.match(await start.getAttribute("aria-label"), /1001, 1003/, "a corner of both");
  const [at, south, west] = [await middle(start), await middle(corner("74.593050 42.869000")), await middle(corner("74.589000 42.869000"))];
  // Half-way down the edge, where no house lies.
  const [oldEdge, aim] = [{ x: (at.x + south.x) / 2, y: (at.y + south.y) / 2 }, { x: at.x - (at.x - west.x) / 8, y: at.y }];
  assert.ok(await isDrawn(page, oldEdge), "the edge is drawn where the corners are");

  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move((at.x + aim.x) / 2, aim.y + 3, { steps: 4 });
  await page.mouse.move(aim.x, aim.y, { steps: 4 });
  await page.mouse.up();
  const dragged = await words(page, "#e-said");
  assert.match(dragged, /^Сдвинута: 74\.592\d+ 42\.87\d+, участки: 1001, 1003$/);
  const [, there] = dragged.match(/: (\S+ \S+),/);
  await page.waitForTimeout(100);
  assert.ok(!(await isDrawn(page, oldEdge)), "neither precinct keeps the edge of before");
  assert.ok(await isDrawn(page, { x: (aim.x + south.x) / 2, y: (aim.y + south.y) / 2 }), "the edge is where it was put");

  // The neighbour has the same corner at the same place of the screen.
  await page.selectOption("#e-precinct", "1003");
  const [dropped, shared] = [aim, await middle(corner(there))];
  assert.ok(Math.hypot(dropped.x - shared.x, dropped.y - shared.y) < 3, "the neighbour's corner went along");
  await hall.look(page, "list-6-boundary-dragged");

  // And once more without a mouse: Tab to the corner, ten metres to the west, kept with Enter.
  await page.focus("#e-undo");
  for (let tabs = 0; !(await page.evaluate((at) => document.activeElement.getAttribute("aria-label")?.includes(at), there)); tabs += 1) {
    assert.ok(tabs < 20, "Tab leads to the corner");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Shift+ArrowLeft");
  const keyed = await words(page, "#e-said");
  const [, further] = keyed.match(/: (\S+ \S+),/);
  const metres = (Number(there.split(" ")[0]) - Number(further.split(" ")[0])) * 111_320 * Math.cos(42.873 * Math.PI / 180);
  assert.ok(Math.abs(metres - 10) < 0.2, `${metres} m west`);
  assert.match(keyed, /участки: 1001, 1003|участки: 1003, 1001/);
  assert.equal(await page.inputValue("#corners"), `74.593050 42.873050 > ${further}`, "one corner, moved once, for both");
  assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), new RegExp(further), "what a screen reader says of the corner is where it is now");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.value), "show", "Enter leads to what changes");
}

/** Whether an outline's line is drawn near a place of the window: the map's canvas has its colour there. */
function isDrawn(page, { x, y }) {
  return page.evaluate(([x, y]) => {
    const canvas = document.querySelector("#map-editor canvas");
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    // Read from a copy: a canvas that is drawn by the graphics card warns when it is read.
    const copy = new OffscreenCanvas(7, 7).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, (x - box.left) * scale - 3, (y - box.top) * scale - 3, 7, 7, 0, 0, 7, 7);
    const { data } = copy.getImageData(0, 0, 7, 7);
    for (let at = 0; at < data.length; at += 4) {
      // #12467b, all but opaque.
      if (data[at + 3] > 150 && data[at] < 60 && data[at + 2] > 90) return true;
    }
    return false;
  }, [x, y]);
}
