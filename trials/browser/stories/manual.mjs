// What the stories of the manuals' pictures share: one state of a screen, taken in the three languages.
import { mkdirSync } from "node:fs";
import { KIT_SMALL, LANGUAGES, facts } from "./ground.mjs";

/** The window of the manuals' pictures. */
export const SIZE = KIT_SMALL;

/** Where a picture of this language lies; those of the monitor, which has no language of its own, lie above. */
export function place(language, name) {
  const folder = language ? `${facts.manual}/${language}` : facts.manual;
  mkdirSync(folder, { recursive: true });
  return `${folder}/${name}.png`;
}

/** Waits until every photograph is drawn. */
export function drawn(page) {
  return page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
}

/** The page as it stands, in each language; `act` brings it to its state after each change of language. */
export async function shoot(hall, page, path, name, act = async () => {}) {
  for (const language of LANGUAGES) {
    await page.goto(`${path}?lang=${language}`);
    await act(language);
    await drawn(page);
    await hall.inspect(page, name, language);
    await page.screenshot({ path: place(language, name) });
  }
  await page.goto(`${path}?lang=ru`);
}

/** A report or slip as it comes out of the printer. */
export async function paper(page, link, name) {
  const { writeFileSync } = await import("node:fs");
  const answer = await page.request.get(new URL(link, page.url()).href);
  writeFileSync(place("", name), await answer.body());
}

/** Unfolds what a page hides, and leaves the focus where a person would look. */
export function unfold(page, selector) {
  return page.locator(`${selector} > summary`).first().click();
}
