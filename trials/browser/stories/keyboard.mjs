// No mouse: the whole check-in by keys. The focus is always visible and always where the next
// key is expected; opposite answers ignore keys for the first 400 ms.
import assert from "node:assert/strict";
import { ONE, facts, shows, tell, types } from "./ground.mjs";

const { pin } = facts.page.voters[1] ?? facts.page.voters[0];

/** What has the focus, and whether it can be seen that it has. */
function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { id: element.id, tag: element.tagName.toLowerCase(), text: element.textContent.trim(), ring };
  });
}

/** A page that has just come gives the focus to its field a moment after it shows. */
function waits(page) {
  return page.waitForFunction(() => document.activeElement?.id === "q");
}

/** Presses a key that leads to another page, and waits until that page listens to keys. */
function leads(page, key) {
  return Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);
}

await tell("a check-in by keys alone", async (hall) => {
  const page = await hall.window();
  // A finger that rests on F10 while the verdict appears: pressed before the page is shown.
  await page.addInitScript(() => addEventListener("DOMContentLoaded", () => {
    if (document.querySelector('[data-opposite][data-key="F10"]')) {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "F10", bubbles: true }));
    }
  }));
  await page.goto(`${ONE}/?lang=ru`);
  let at = await focus(page);
  assert.equal(at.id, "q", "the first field has the focus");
  assert.ok(at.ring, "and it can be seen");
  await types(page, pin);
  await leads(page, "Enter");
  await shows(page, ".verdict h1", "Приложите палец");
  at = await focus(page);
  assert.equal(at.text, "Приложить палец");
  assert.ok(at.ring, "the button's focus can be seen");
  await leads(page, "F6");
  await shows(page, ".verdict h1", "Приложите палец");
  await leads(page, "Escape");
  await shows(page, ".verdict h1", "Следующий избиратель");
  await waits(page);
  await types(page, pin);
  await leads(page, "Enter");
  await shows(page, ".verdict h1", "Приложите палец");
  await leads(page, "Enter");
  await shows(page, ".verdict.ok h1", "Личность подтверждена");
  await page.waitForTimeout(500);
  await shows(page, ".verdict.ok h1", "Личность подтверждена");
  await leads(page, "F9");
  await shows(page, ".verdict h1", "Ждём две подписи");
  await leads(page, "Escape");
  await shows(page, ".verdict h1", "Следующий избиратель");
  await waits(page);

  await types(page, pin);
  await leads(page, "Enter");
  await shows(page, ".verdict.stop h1", "уже отмечен");
  await page.keyboard.press("F5");
  await page.getByRole("link", { name: "Слип отказа" }).waitFor();
  await page.keyboard.press("F2");
  await page.waitForURL("**/chair");
  await page.goBack();
  await shows(page, ".verdict.stop h1", "уже отмечен");
  await leads(page, "Enter");
  await shows(page, ".verdict h1", "Следующий избиратель");

  // The Tab key reaches every control in the order of reading, and each shows its focus.
  const seen = [];
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press("Tab");
    const now = await focus(page);
    if (now.tag === "body") continue;
    assert.ok(now.ring, `the focus of ${now.tag} «${now.text}» can be seen`);
    seen.push(now.text);
  }
  assert.ok(["Кыр", "Eng"].every((link) => seen.includes(link)), `Tab reaches the languages: ${seen}`);
});
