// How a verdict looks without its colours: in forced colours, and to eyes that do not tell colours apart.
import assert from "node:assert/strict";

/** Name, forced colours, a deficiency of colour vision (names of the DevTools protocol). */
const VIEWS = [
  ["forced", "active", "none"], ["deuteranopia", "none", "deuteranopia"],
  ["protanopia", "none", "protanopia"], ["achromatopsia", "none", "achromatopsia"],
];

/** The verdict on a page keeps its word and its sign in each view; `keep` is given each view's name and picture. */
export async function withoutColours(page, name, keep = () => {}) {
  const seen = await page.context().newCDPSession(page);
  for (const [view, forcedColors, type] of VIEWS) {
    await page.emulateMedia({ forcedColors });
    await seen.send("Emulation.setEmulatedVisionDeficiency", { type });
    keep(view, await page.screenshot());
    const verdict = await page.evaluate(() => {
      const place = document.querySelector(".verdict, .band, .tvidle");
      const sign = place?.querySelector("svg, .symbol, .sym, .n");
      const box = sign?.getBoundingClientRect();
      return { word: place?.innerText.trim() ?? "", sign: Boolean(box && box.width > 8 && box.height > 8) };
    });
    assert.ok(verdict.word.length > 3, `${name} has a word (${view})`);
    assert.ok(verdict.sign, `${name} has a sign (${view})`);
  }
  await page.emulateMedia({ forcedColors: "none" });
  await seen.send("Emulation.setEmulatedVisionDeficiency", { type: "none" });
  await seen.detach();
}
