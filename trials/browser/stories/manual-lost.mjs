// The manuals' pictures, a kit is lost: the second one does not answer, the first takes its lines over and asks for the
// paper before it serves them.
import { KIT, KIT_SMALL, ONE, shows, tell } from "./ground.mjs";
import { LINES, askedFile, find, place as touch, share, twoCards } from "./kit.mjs";
import { SIZE, shoot, unfold } from "./manual.mjs";

await tell("the manuals: a kit is lost", async (hall) => {
  const chair = await hall.window(SIZE);
  const operator = await hall.window(SIZE);
  await chair.goto(`${ONE}/chair?lang=ru`);
  await shows(chair, ".tag", "нет связи");
  const [from] = await share(chair, "К2");
  const orphan = LINES.findLast((line) => line >= from);
  await operator.goto(`${ONE}/?lang=ru`);
  await find(operator, `${orphan}`);
  await shows(operator, ".verdict h1", "Приложите палец");
  await touch(operator, await askedFile(operator, orphan));
  await shows(operator, ".verdict.stop h1", "Не выдавать");
  await shoot(hall, operator, `${ONE}/`, "operator-other-kit");
  await operator.keyboard.press("Enter");

  const open = () => unfold(chair, "details");
  await shoot(hall, chair, `${ONE}/chair/trouble`, "chair-lost", open);
  // With both forms unfolded the page still fits the smallest kit.
  const forms = chair.locator("details");
  for (let at = 0; at < await forms.count(); at += 1) await forms.nth(at).locator("summary").click();
  for (const size of [KIT, KIT_SMALL]) await hall.isWhole(chair, size, "chair, two forms unfolded");
  await chair.locator("#dead0").check();
  await twoCards(chair, "takeover");
  await chair.getByRole("button", { name: "Вывести комплект" }).click();
  await shows(chair, ".tag", "выведен");
  await find(operator, `${orphan}`);
  await shows(operator, ".verdict.warn h1", "Проверьте строку");
  await shoot(hall, operator, `${ONE}/`, "operator-paper");
  await operator.keyboard.press("Escape");
  await shoot(hall, chair, `${ONE}/chair/incidents`, "chair-incidents");
  await shoot(hall, chair, `${ONE}/chair/paper`, "chair-paper", () => unfold(chair, "details"));
});
