// A person at one kit, with three windows: the operator's, the monitor and the chair's. Told what to do line by line;
// every answer says what the screens showed.
import { createInterface } from "node:readline";
import { KIT, KIT_SMALL, ONE, TV, shows, tell, words } from "../../browser/stories/ground.mjs";
import { find, place, twoCards } from "../../browser/stories/kit.mjs";

const file = (line) => `${String(line).padStart(4, "0")}_2_1.fmr`;

await tell(`the operator of ${process.env.TIZME_KIT}`, async (hall) => {
  const operator = await hall.window(KIT);
  const monitor = await hall.window(TV);
  const chair = await hall.window(KIT);

  /** What the operator reads once a question was decided. */
  const verdict = async () => {
    const band = operator.locator(".verdict.ok, .verdict.stop, .verdict.warn").first();
    await band.waitFor();
    const [tone] = (await band.getAttribute("class")).match(/ok|stop|warn/);
    const code = tone === "stop" ? await words(operator, ".side-kv dd") : "";
    return { tone, code, title: await words(operator, ".verdict h1"), detail: await words(operator, ".verdict p") };
  };
  /** The monitor says the same, and red names nobody. */
  const onMonitor = async (seen, line, name) => {
    const titles = { ok: "Ырасталды", stop: "Бюллетень берилбейт", warn: "Күтө туруңуз" };
    await shows(monitor, "h1", titles[seen.tone]);
    if (seen.tone === "ok") await shows(monitor, ".tvline b", `${line}`);
    const said = (await words(monitor, "body")).toUpperCase();
    return { named: said.includes(name.toUpperCase()), title: await words(monitor, "h1") };
  };
  const sign = async (form, button) => {
    await chair.goto(`${ONE}/chair?lang=ru`);
    // Folded forms are unfolded as a person would.
    const card = chair.locator(`#${form}-card0`);
    if (!(await card.isVisible())) await chair.locator("details", { has: card }).locator("summary").click();
    await twoCards(chair, form);
    await chair.getByRole("button", { name: button }).click();
  };

  const acts = {
    async open() {
      await sign("open", "Открыть комплект");
      await shows(chair, "h2", "Комплекты");
      await operator.goto(`${ONE}/?lang=ru`);
      await monitor.goto(`${ONE}/monitor`);
      return {};
    },
    async initial() {
      await sign("initial", "Начальный отчёт");
      await chair.getByRole("link", { name: "Начальный отчёт" }).waitFor();
      return {};
    },
    async close() {
      await sign("close", "Закрыть участок");
      await shows(chair, ".tag", "закрыт");
      return {};
    },
    async final() {
      await sign("final", "Итоговый отчёт");
      await chair.getByRole("link", { name: "Итоговый отчёт" }).waitFor();
      return {};
    },
    /** So many of three kits answer, by the chair's bar. */
    async reach({ near }) {
      await chair.goto(`${ONE}/chair?lang=ru`);
      await chair.locator(".dev").filter({ hasText: `${near} из 3 на связи` }).first().waitFor({ timeout: 40_000 });
      return { counted: await words(chair, ".stat.good b") };
    },
    async counted({ number }) {
      await chair.goto(`${ONE}/chair?lang=ru`);
      await chair.locator(".stat.good b").filter({ hasText: new RegExp(`^\\s*${number}\\s*$`) }).waitFor({ timeout: 30_000 });
      return {};
    },
    /** Types what stands on the document, puts the finger on the glass when it is asked for. */
    async serve({ text, line, name }) {
      await operator.goto(`${ONE}/?lang=ru`);
      await find(operator, text);
      await operator.locator(".verdict.stop, .verdict.warn, #glass").first().waitFor();
      if (await operator.locator("#glass").count() > 0) await place(operator, file(line));
      const seen = await verdict();
      const tv = await onMonitor(seen, line, name);
      const receipt = seen.tone === "ok" ? await words(operator, ".side-kv dd") : "";
      return { ...seen, tv, receipt };
    },
    /** The fingers cannot be read: two officers see who stands there, and sign. */
    async face({ text, line, name }) {
      await operator.goto(`${ONE}/?lang=ru`);
      await find(operator, text);
      await shows(operator, ".verdict h1", "Приложите палец");
      await operator.locator('[data-key="F7"]').click();
      await shows(operator, ".verdict.warn h1", "Ждём две подписи");
      await chair.goto(`${ONE}/chair?lang=ru`);
      const live = chair.locator('img[src^="/live"]');
      await live.waitFor();
      const width = await live.evaluate((image) => image.decode().then(() => image.naturalWidth));
      await hall.inspect(chair, "chair, a picture of now", "ru");
      for (const size of [KIT, KIT_SMALL]) await hall.isWhole(chair, size, "chair, a picture of now");
      await twoCards(chair, "approve");
      await chair.getByRole("button", { name: "Подтвердить личность" }).click();
      // The band that waits for them is a verdict too: it goes first.
      await operator.locator(".verdict h1").filter({ hasNotText: "Ждём две подписи" }).waitFor();
      const seen = await verdict();
      const tv = await onMonitor(seen, line, name);
      const receipt = seen.tone === "ok" ? await words(operator, ".side-kv dd") : "";
      return { ...seen, tv, receipt, width };
    },
    async next() {
      const on = operator.locator('main [data-key="Enter"]').first();
      if (await on.count() > 0) await on.click();
      await shows(operator, ".verdict h1", "Следующий избиратель");
      return {};
    },
  };

  for await (const asked of createInterface({ input: process.stdin })) {
    const wish = JSON.parse(asked);
    console.log(`» ${JSON.stringify(await acts[wish.act](wish))}`);
  }
  // Kits lose their power in this story: their streams end in the middle, and nobody answers for a while.
  const power = /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|Failed to fetch/;
  hall.findings = hall.findings.filter((finding) => !power.test(finding));
});
// A story that failed is not asked any more: whoever still asks reads the end.
process.stdin.destroy();
