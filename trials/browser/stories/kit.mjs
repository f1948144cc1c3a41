// What people do at a kit, in their words.
import assert from "node:assert/strict";
import { facts, shows } from "./ground.mjs";

/** Two members of different bodies put in their cards; `pick` may choose others. */
export async function twoCards(page, form, pick = {}) {
  const cards = page.locator(`#${form}-card0 option`);
  const holders = (await cards.allInnerTexts()).map((text) => text.split(" · "));
  const values = await cards.evaluateAll((options) => options.map((option) => option.value));
  const first = pick.first ?? 0;
  const other = holders.findIndex(([, body]) => body !== holders[first][1]);
  const same = holders.findIndex(([, body], at) => at !== first && body === holders[first][1]);
  assert.ok(other > 0, "the commission has members of different bodies");
  const second = { other, same, itself: first }[pick.second ?? "other"];
  if (second < 0) return false;
  await page.selectOption(`#${form}-card0`, values[first]);
  await page.selectOption(`#${form}-card1`, values[second]);
  await page.fill(`#${form}-pass0`, pick.pin ?? facts.page.card_pin);
  await page.fill(`#${form}-pass1`, pick.second_pin ?? facts.page.card_pin);
  return true;
}

/** The operator types what stands on the document. */
export async function find(page, text) {
  await page.fill("#q", text);
  await page.press("#q", "Enter");
}

/** A finger on the glass: a file of the scanner's folder. */
export async function place(page, file) {
  await page.selectOption("#glass", file);
  await page.locator(".glass button").click();
}

/** The files of a voter's fingers. */
export function fingersOf(line) {
  const own = facts.glass.filter((name) => name.startsWith(`${String(line).padStart(4, "0")}_`));
  assert.ok(own.length > 0, `fingers of line ${line} lie in the scanner's folder`);
  return own;
}

/** Lines whose fingers lie in the scanner's folder. */
export const LINES = [...new Set(facts.glass.map((name) => Number(name.slice(0, 4))))].sort((a, b) => a - b);

/** First and last line that a kit owns, as the chair's table says. */
export async function share(page, kit) {
  const row = page.locator("table tbody tr").filter({ hasText: kit });
  const text = await row.locator("td").nth(3).innerText();
  return text.split("–").map(Number);
}

/** The file of the finger that the screen asks for: the folder offers it first. */
export async function askedFile(page, line) {
  const offered = await page.inputValue("#glass");
  assert.ok(fingersOf(line).includes(offered), `the folder offers ${offered} for line ${line}`);
  return offered;
}

/** Brings a voter to green by the finger asked for. */
export async function checkIn(page, text, line) {
  await find(page, text);
  await shows(page, ".verdict h1", "Приложите палец");
  await place(page, await askedFile(page, line));
  await shows(page, ".verdict.ok h1", "Личность подтверждена");
}

/** The operator goes on to the next voter. */
export async function next(page) {
  const on = page.locator('main [data-key="Enter"]').first();
  if (await on.count() > 0) await on.click();
  await shows(page, ".verdict h1", "Следующий избиратель");
}
