// A person without a mouse. Every act is a key; after each the focus must be on something that can be seen to have it.
import assert from "node:assert/strict";
import { KIT_SMALL, facts, shows, types } from "./ground.mjs";

/** What has the focus: its name, and whether a person sees that it has it. */
function look() {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const under = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2);
  const name = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
  return {
    id: element.id,
    tag: element.tagName.toLowerCase(),
    name: name.replaceAll(/\s+/g, " ").trim(),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    within: box.width > 0 && box.top >= -1 && box.left >= -1 && box.top < innerHeight && box.right <= innerWidth + 1,
    covered: under !== null && !element.contains(under) && !under.contains(element),
  };
}

export class Person {
  constructor(page) {
    this.page = page;
  }

  /** A window in which a mouse would be noticed. */
  static async at(hall, address, size) {
    const page = await hall.window(size);
    await page.addInitScript(() => {
      for (const kind of ["pointerdown", "mousedown", "wheel", "touchstart"]) {
        addEventListener(kind, () => console.error(`mouse: ${kind}`), true);
      }
      addEventListener("click", (event) => { if (event.detail > 0) console.error("mouse: click"); }, true);
    });
    const person = new Person(page);
    await page.goto(address);
    await person.sees();
    return person;
  }

  /** The focus is somewhere, can be seen and is not covered. */
  async sees() {
    await this.page.waitForFunction(() => document.activeElement && document.activeElement !== document.body, null, { timeout: 3000 })
      .catch(() => assert.fail(`the focus is lost on «${this.page.url()}»`));
    const now = await this.page.evaluate(look);
    const what = `${now.tag} «${now.name.slice(0, 60)}» of ${new URL(this.page.url()).pathname}`;
    assert.ok(now.ring, `the focus of ${what} can be seen`);
    assert.ok(now.within, `${what} has the focus inside the window`);
    assert.ok(!now.covered, `nothing covers ${what}, which has the focus`);
    return now;
  }

  /** A key that stays on the page. */
  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** A key that leads to another page; there the focus is somewhere again. */
  async leads(key) {
    await Promise.all([this.page.waitForEvent("load"), this.page.keyboard.press(key)]);
    return this.sees();
  }

  async type(text) {
    await types(this.page, text);
  }

  /** Waits for a verdict or title; whatever brought it, the focus is not lost. */
  async reads(selector, words) {
    await shows(this.page, selector, words);
    return this.sees();
  }

  /** Tab, as often as it takes, to what is chosen; every stop on the way can be seen. */
  async tabTo(selector, key = "Tab") {
    const stops = [];
    for (let press = 0; press < 60; press += 1) {
      if (await this.page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return this.sees();
      await this.page.keyboard.press(key);
      if (await this.page.evaluate(() => document.activeElement === document.body)) continue;
      stops.push((await this.sees()).name);
    }
    return assert.fail(`${key} does not reach ${selector}: ${stops.join(" | ")}`);
  }

  /** The arrow keys, to an entry of the list that has the focus. */
  async chooses(entry) {
    for (let press = 0; press < 100; press += 1) {
      const chosen = await this.page.evaluate(() => document.activeElement.selectedOptions[0].textContent);
      if (entry(chosen)) return chosen;
      await this.page.keyboard.press("ArrowDown");
    }
    return assert.fail(`no such entry at ${this.page.url()}`);
  }

  /** Two cards of different bodies and their passphrases, in the form of this name. */
  async twoCards(form, pin = facts.page.card_pin) {
    await this.tabTo(`#${form}-card0`);
    const body = (text) => text.split(" · ")[1];
    const first = body(await this.chooses(() => true));
    await this.tabTo(`#${form}-pass0`);
    await this.type(pin);
    await this.tabTo(`#${form}-card1`);
    await this.chooses((entry) => body(entry) !== first);
    await this.tabTo(`#${form}-pass1`);
    await this.type(facts.page.card_pin);
  }

  /** Tab to the button of a form's act, and Enter. */
  async sends(action) {
    await this.tabTo(`form[action="${action}"] button`);
    return this.leads("Enter");
  }
}

/** The chair opens a kit by keys, and stands at its page. */
export async function opens(hall, kit) {
  const chair = await Person.at(hall, `${kit}/chair?lang=ky`, KIT_SMALL);
  await chair.twoCards("open");
  await chair.sends("/chair/open");
  await shows(chair.page, "h2", "Комплекттер");
  return chair;
}

/** The operator brings a voter to a verdict by the finger that the screen asks for. */
export async function serves(operator, text) {
  await operator.type(`${text}`);
  await operator.leads("Enter");
  await operator.reads(".verdict h1", "Манжаңызды коюңуз");
  await operator.leads("Enter");
}

/** An officer looks at the line on paper, and says that it is clean. */
export async function looks(operator) {
  assert.equal((await operator.sees()).id, "look-pass");
  await operator.type(facts.page.card_pin);
  await operator.page.waitForTimeout(500); // opposite answers wait 400 ms
  await operator.leads("F8");
}
