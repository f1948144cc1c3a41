// The commission sends its list from a page; the work runs beside the pages, and the result stands by class.
import assert from "node:assert/strict";
import { OFFICE, facts, tell, words } from "./ground.mjs";
import { DESK, signIn } from "./desk.mjs";

await tell("the list, uploaded", async (hall) => {
  // The commission sends its list; the work runs beside the pages.
  const commission = await hall.window(DESK);
  await signIn(commission, "commission");
  await commission.goto(`${OFFICE}/lists?lang=ru`);
  await hall.look(commission, "list-1-upload");
  await commission.setInputFiles("#list", facts.list);
  await commission.click("form[enctype] button");
  await commission.waitForURL("**/lists/1");
  for (let tries = 0; !(await words(commission, "main")).includes("сверен"); tries += 1) {
    assert.ok(tries < 120, "the list is reconciled");
    await commission.waitForTimeout(250);
    await commission.goto(`${OFFICE}/lists/1?lang=ru`);
  }
  await hall.look(commission, "list-2-reconciled");
});
