// What every story stands on: Chromium, what is watched in it, axe, and the demo's facts.
//
// A story fails by an assertion, and also by anything that the watch found: an error in the
// console, a breach of the content security policy, a request to a host that is not the demo's,
// an answer that the story did not expect, a finding of axe, a text without its translation,
// a page that scrolls sideways.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const need = createRequire(`${process.env.TIZME_MODULES}/`);
const { chromium } = need("playwright-core");
const axe = need("axe-core").source;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const facts = JSON.parse(process.env.TIZME_FACTS);
export const LANGUAGES = ["ky", "ru", "en"];
export const [ONE, TWO] = facts.page.kits;
export const { office: OFFICE, portal: PORTAL } = facts.page;

const ours = new Set([ONE, TWO, OFFICE, PORTAL, facts.training, facts.rehearsal].filter(Boolean).map((address) => new URL(address).host));

/** Kit windows (UI.md §2). */
export const KIT = { width: 1366, height: 768 };
export const KIT_SMALL = { width: 1280, height: 720 };
export const TV = { width: 1920, height: 1080 };

/** Waits for the letters: what a page shows before they come is as wide as the machine's own. */
const lettered = (page) => page.evaluate(() => document.fonts.ready.then(() => null));

class Hall {
  findings = [];
  inspected = 0;
  #browser;

  constructor(browser) {
    this.#browser = browser;
  }

  /** A person's own browser: cookies of one do not reach another. */
  async window(viewport = KIT, options = {}) {
    const context = await this.#browser.newContext({ viewport, locale: "ru-RU", ...options });
    context.setDefaultTimeout(15_000);
    const expected = new Set();
    await context.addInitScript(() => addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
    context.on("weberror", (error) => this.findings.push(`script: ${error.error().message}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && !ours.has(url.host)) this.findings.push(`foreign request: ${url}`);
    });
    context.on("response", (response) => {
      const status = response.status();
      if (status >= 400 && !expected.has(status)) this.findings.push(`${status}: ${response.url()}`);
    });
    context.on("console", (message) => {
      const said = message.text();
      const refused = said.match(/the server responded with a status of (\d+)/);
      if (refused && expected.has(Number(refused[1]))) return;
      if (["error", "warning"].includes(message.type())) this.findings.push(`console: ${said}`);
    });
    const page = await context.newPage();
    page.expect = (status) => expected.add(status);
    return page;
  }

  /** Looks for everything that may be wrong with what a page shows, in the language it should have. */
  async inspect(page, name, language) {
    this.inspected += 1;
    const found = (what) => this.findings.push(`${name} (${language}): ${what}`);
    await lettered(page);
    const about = await page.evaluate(() => ({
      lang: document.documentElement.lang,
      title: document.title,
      text: document.body.innerText,
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    if (about.lang !== language) found(`the page says it is in ${about.lang}`);
    if (!about.title.trim()) found("no title");
    for (const hole of about.text.match(/\{[a-z_0-9]+\}|⟦[^⟧]*⟧/g) ?? []) found(`unfilled text ${hole}`);
    if (about.sideways > 0) found(`scrolls sideways by ${about.sideways} px`);
    const verdict = await page.evaluate(`${axe}; axe.run(document, {
      runOnly: { type: "tag", values: ${JSON.stringify(RULES)} }, resultTypes: ["violations", "incomplete"] })`);
    assert.ok(verdict.passes.length > 5, `axe looked at ${name}`);
    for (const violation of verdict.violations) {
      const where = violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ");
      found(`axe ${violation.id}: ${violation.help}; ${violation.nodes.length} place(s): ${where}`);
    }
    // Text in the colour of its ground is left to a reviewer by axe; here it is a fault.
    for (const doubt of verdict.incomplete.filter((known) => known.id === "color-contrast")) {
      const lost = doubt.nodes.filter((node) => node.any.some((check) => check.data?.messageKey === "equalRatio"));
      for (const node of lost) found(`invisible text: ${node.html.slice(0, 160)}`);
    }
  }

  /** The same page in the three languages, by the links that a person has. */
  async inspectAll(page, path, name, then = async () => {}) {
    for (const language of LANGUAGES) {
      const link = path.includes("?") ? `${path}&lang=${language}` : `${path}?lang=${language}`;
      await page.goto(link);
      await this.inspect(page, name, language);
      await then(language);
    }
  }

  /** At this size the page does not scroll sideways. */
  async fits(page, viewport, name) {
    const before = page.viewportSize();
    await page.setViewportSize(viewport);
    await lettered(page);
    const over = await page.evaluate(() => {
      const root = document.documentElement;
      return root.scrollWidth - root.clientWidth;
    });
    if (over > 0) this.findings.push(`${name}: at ${viewport.width} px scrolls sideways by ${over} px`);
    await page.setViewportSize(before);
  }

  /** At this size nothing that is shown lies outside the window: a kit and a monitor never scroll. */
  async isWhole(page, viewport, name) {
    const before = page.viewportSize();
    await page.setViewportSize(viewport);
    await lettered(page);
    const outside = await page.evaluate(() => {
      const hidden = (element) => element.closest(".vh, .hits, optgroup, option");
      const at = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`;
      return [...document.body.querySelectorAll("*")]
        .filter((element) => {
          const box = element.getBoundingClientRect();
          const over = Math.max(box.right - innerWidth, box.bottom - innerHeight, -box.left, -box.top);
          // A folded <details> keeps its boxes; nobody sees them.
          return box.width > 0 && box.height > 0 && over > 1 && element.checkVisibility() && !hidden(element);
        })
        .map((element) => `${at(element)} «${element.textContent.trim().slice(0, 40)}»`);
    });
    if (outside.length > 0) {
      const places = outside.slice(0, 4).join(", ");
      this.findings.push(`${name}: at ${viewport.width}×${viewport.height} outside the window: ${places}`);
    }
    await page.setViewportSize(before);
  }

  /** The whole page as it stands, for whoever looks at the screens. */
  async take(page, name) {
    mkdirSync(facts.pictures, { recursive: true });
    await page.screenshot({ path: `${facts.pictures}/${name}.png`, fullPage: true });
  }

  /** A desk's page: sound, whole on a small screen, and kept as a picture. */
  async look(page, name) {
    await this.inspect(page, name, "ru");
    await this.fits(page, { width: 1024, height: 768 }, name);
    await this.take(page, name);
  }

  async picture(directory, name) {
    mkdirSync(directory, { recursive: true });
    const pages = this.#browser.contexts().flatMap((context) => context.pages());
    for (const [at, page] of pages.entries()) {
      await page.screenshot({ path: `${directory}/${name}-${at + 1}.png` }).catch(() => {});
    }
  }
}

/** Tells a story; node ends with 1 when it does not hold. */
export async function tell(title, act) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const hall = new Hall(browser);
  try {
    await act(hall);
  } catch (error) {
    hall.findings.push(error.stack);
    const name = title.replaceAll(/[^A-Za-z]+/g, "-").toLowerCase();
    await hall.picture(`${facts.traces}/failed`, name);
    hall.findings.push(`what every window showed: ${facts.traces}/failed/${name}-*.png`);
  } finally {
    await browser.close();
  }
  console.log(`${title}: ${hall.inspected} inspections, ${hall.findings.length} findings`);
  for (const finding of hall.findings) console.log(`  ✕ ${finding}`);
  if (hall.findings.length > 0) process.exitCode = 1;
}

/** Waits until an element shows this. */
export async function shows(page, selector, words) {
  await page.locator(selector).filter({ hasText: words }).first().waitFor();
}

/** The words of one element, spaces made single. */
export async function words(page, selector) {
  return (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ").trim();
}

/** Types as a person does. Keys at most 30 ms apart are taken for a document reader (UI.md §7); some of them slower are neither. */
export function types(page, text) {
  return page.keyboard.type(`${text}`, { delay: 45 });
}
