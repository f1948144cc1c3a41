// The claims desk by keys alone: from the queue to the receipt of a Form 2 in at most 25 keys beyond the words of the
// address, which is typed as the voter says it.
import assert from "node:assert/strict";
import { OFFICE, facts, shows, tell, words } from "./ground.mjs";
import { DESK, findPerson, signIn } from "./desk.mjs";

/** Most keys beyond the address. */
const KEYS_MAX = 25;

await tell("a Form 2 by keys alone", async (hall) => {
  const clerk = await hall.window(DESK);
  await signIn(clerk, "clerk");
  // The reason of the session is given with the first search of the day.
  await findPerson(clerk, facts.movers[0]);
  await clerk.goto(`${OFFICE}/claims?lang=ru`);
  await hall.look(clerk, "list-20-claims-desk");
  let keys = 0;
  const press = async (key) => { keys += 1; await clerk.keyboard.press(key); };
  const focus = () => clerk.evaluate(() => document.activeElement?.id);

  await press("Alt+n");
  assert.equal(await focus(), "who", "Alt+N leads to who files");
  for (const digit of facts.keyed) await press(digit);
  await press("Enter");
  await clerk.waitForURL("**/person/*/claim");
  assert.equal(await focus(), "wanted", "the form begins at the precinct wanted");
  // In Russian; the register has the street in Kyrgyz.
  await clerk.keyboard.type("Манаса 45", { delay: 20 });
  await shows(clerk, "#heard", /Манас көчөсү, 45/);
  assert.match(await words(clerk, "#heard"), /№ 1003/, "the precinct of the voter's words");
  assert.match(await words(clerk, "#heard"), /в № 1003 вместо № 1001.*Принимается до.*Решает:.*Срок ответа/, "what it means, before anything is sent");
  await hall.look(clerk, "list-21-claim-live");
  assert.equal(await focus(), "wanted", "what the office says takes no focus away");
  for (const next of ["category", "phone", "cancels", "identified"]) {
    await press("Enter");
    assert.equal(await focus(), next);
  }
  await press("Space");
  await press("Alt+r");
  await clerk.waitForURL("**/claim/*/receipt");
  await shows(clerk, "main", /1003/);
  assert.ok(keys <= KEYS_MAX, `${keys} keys`);
  console.log(`${keys} keys beyond the address, no mouse`);

  // The next one begins at once; the claim stands in the queue with the day of its answer.
  await press("Alt+n");
  await clerk.waitForURL("**/claims");
  assert.equal(await focus(), "who");
  await shows(clerk, "tbody tr", /Срок ответа: .*1003|1003/);
});
