// Published: the office says so, and one of the two who asked for another precinct finds himself there on the portal.
import assert from "node:assert/strict";
import { LANGUAGES, OFFICE, PORTAL, facts, tell, words } from "./ground.mjs";
import { DESK, signIn } from "./desk.mjs";

await tell("the list, published", async (hall) => {
  const office = await hall.window(DESK);
  await signIn(office, "observer");
  await office.goto(`${OFFICE}/list/2?lang=ru`);
  assert.match(await words(office, "main"), /опубликован/i);
  assert.match(await words(office, "main"), /свидетелей: 2, нужно: 2/, "both witnesses have seen the log");
  await hall.inspect(office, "the published release", "ru");
  await hall.take(office, "list-15-published");

  const phone = await hall.window({ width: 360, height: 740 });
  for (const language of LANGUAGES) {
    await phone.goto(`${PORTAL}/?lang=${language}`);
    await hall.inspect(phone, "the portal's form", language);
    await phone.fill('#pin', facts.guest.pin);
    await phone.fill('#document', facts.guest.document);
    await phone.locator('main form button[type="submit"]').first().click();
    await phone.waitForLoadState();
    const said = await words(phone, "main");
    assert.match(said, /1002/, "the precinct he asked for");
    await hall.inspect(phone, "found on the portal", language);
    if (language === "ky") await hall.take(phone, "list-16-found");
    if (language === "en") {
      const saving = phone.waitForEvent("download");
      await phone.locator("main a").filter({ hasText: ".tlog-proof" }).click();
      await (await saving).saveAs(facts.proof);
    }
  }
});
