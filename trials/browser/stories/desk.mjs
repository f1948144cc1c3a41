// What staff do at the office.
import { OFFICE, facts } from "./ground.mjs";

/** The window that staff work in. */
export const DESK = { width: 1366, height: 900 };

/** Signs in with one of the demo's accounts. */
export async function signIn(page, account) {
  await page.goto(`${OFFICE}/sign-in?lang=ru`);
  await page.fill("#account", account);
  await page.fill("#password", facts.page.password);
  await page.press("#password", "Enter");
  await page.locator("header nav a").first().waitFor();
}

/** Searches, with the first reason that the role may give, and opens the first person found. */
export async function findPerson(page, text) {
  await page.goto(`${OFFICE}/search`);
  await page.fill("#q", text);
  const reason = page.locator('input[name="reason"]').first();
  if (await reason.count() > 0) await reason.check();
  await page.press("#q", "Enter");
  await page.locator('tbody a[href^="/person/"]').first().click();
  await page.waitForURL("**/person/*");
}

/** The first link of a page to an address that begins so; nothing when there is none. */
export async function linkTo(page, start) {
  const link = page.locator(`main a[href^="${start}"]`).first();
  return (await link.count()) > 0 ? `${OFFICE}${(await link.getAttribute("href")).replaceAll("&amp;", "&")}` : null;
}
