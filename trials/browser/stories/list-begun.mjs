// A claim that is begun, left and taken up again: the browser is closed in the middle, the form waits for its clerk on
// another machine; the house is pointed at on the map, once with the mouse and once with the keys. Nothing is filed.
import assert from "node:assert/strict";
import { LANGUAGES, OFFICE, facts, shows, tell, words } from "./ground.mjs";
import { DESK, findPerson, signIn } from "./desk.mjs";

/** House 45 of the street, in precinct 1003. */
const HOUSE = { lat: 42.8745, lon: 74.5945 };

await tell("a claim begun and taken up again", async (hall) => {
  const before = await hall.window(DESK);
  await signIn(before, "clerk");
  await findPerson(before, facts.begun);
  const form = `${before.url().split("?")[0]}/claim`;
  await before.goto(`${form}?lang=ru`);
  await before.locator("#wanted").pressSequentially("Манаса 45", { delay: 20 });
  await shows(before, "#heard", /№ 1003/);
  await before.fill("#phone", "0555 123456");
  await before.check("#identified");
  await before.locator("form.asks").waitFor({ state: "detached" });
  await before.waitForTimeout(600);
  await before.context().close();

  // Another machine. The queue names what was begun; the form says the same, and asks who stands there now.
  const clerk = await hall.window(DESK);
  await signIn(clerk, "clerk");
  await findPerson(clerk, facts.movers[0]);
  for (const language of LANGUAGES) {
    await clerk.goto(`${OFFICE}/claims?lang=${language}`);
    await hall.inspect(clerk, "the queue with a claim begun", language);
  }
  await clerk.goto(`${OFFICE}/claims?lang=ru`);
  await hall.look(clerk, "list-22-claims-begun");
  await clerk.locator("table a", { hasText: "Продолжить" }).first().click();
  await clerk.waitForURL("**/claim");
  assert.equal(await clerk.inputValue("#wanted"), "Манаса 45");
  assert.equal(await clerk.inputValue("#phone"), "", "the form says that no number is kept");
  assert.equal(await clerk.isChecked("#identified"), false, "who continues identifies anew");
  assert.match(await words(clerk, "#heard"), /№ 1003/, "what it means stands there at once");
  await hall.look(clerk, "list-23-claim-continued");

  // The map: two clicks tell where the window's pixels lie, the third is the house.
  await clerk.locator("#claim-map-fold summary").focus();
  await clerk.keyboard.press("Enter");
  await clerk.locator("#claim-map .leaflet-tooltip").first().waitFor();
  await clerk.locator("#claim-map").evaluate((map) => map.scrollIntoView({ block: "center" }));
  // What the office says below the map may make the page shorter, and so move it.
  const click = async (x, y) => {
    const map = await clerk.locator("#claim-map").boundingBox();
    await clerk.mouse.click(map.x + x, map.y + y);
    const [lat, lon] = (await clerk.inputValue("#wanted")).split(", ").map(Number);
    return { lat, lon };
  };
  const { width, height } = await clerk.locator("#claim-map").boundingBox();
  const [a, b] = [{ x: 90, y: 60 }, { x: width - 90, y: height - 60 }];
  // Two clicks in one moment would be a wish to see more.
  const at = await click(a.x, a.y);
  await clerk.waitForTimeout(600);
  const to = await click(b.x, b.y);
  await clerk.waitForTimeout(600);
  const between = (wanted, from, until) => (wanted - from) / (until - from);
  const x = a.x + (b.x - a.x) * between(HOUSE.lon, at.lon, to.lon);
  const y = a.y + (b.y - a.y) * between(HOUSE.lat, at.lat, to.lat);
  const house = await click(x, y);
  assert.ok(Math.abs(house.lat - HOUSE.lat) < 1e-4 && Math.abs(house.lon - HOUSE.lon) < 1e-4, `${house.lat} ${house.lon}`);
  await shows(clerk, "#heard", /Манас көчөсү, 4\d/);
  await shows(clerk, "#heard", /№ 1003/);
  await hall.look(clerk, "list-24-claim-map");

  // Without a mouse: the map has the focus, arrows move it, Enter takes what lies under the cross.
  await clerk.focus("#claim-map");
  const pressed = await clerk.inputValue("#wanted");
  await clerk.keyboard.press("ArrowLeft");
  await clerk.waitForTimeout(500);
  await clerk.keyboard.press("Enter");
  const moved = await clerk.inputValue("#wanted");
  assert.notEqual(moved, pressed);
  assert.match(moved, /^42\.\d{6}, 74\.\d{6}$/);
  await shows(clerk, "#heard", /№ 100[13]/);

  // Thrown away, it is gone from the queue.
  await clerk.reload();
  await clerk.locator('button[value="discard"]').click();
  await clerk.waitForURL("**/claim");
  assert.equal(await clerk.inputValue("#wanted"), "");
  await clerk.goto(`${OFFICE}/claims?lang=ru`);
  assert.ok(!(await words(clerk, "main")).includes("Начатые заявления"));
});
