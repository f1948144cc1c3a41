// The manuals' pictures, the evening: eight o'clock, the close with people in line, the final report.
import { ONE, TWO, shows, tell } from "./ground.mjs";
import { twoCards } from "./kit.mjs";
import { SIZE, paper, shoot } from "./manual.mjs";

await tell("the manuals: the evening", async (hall) => {
  const chair = await hall.window(SIZE);
  for (const kit of [TWO, ONE]) {
    await chair.goto(`${kit}/chair?lang=ru`);
    await twoCards(chair, "open");
    await chair.getByRole("button", { name: "Открыть комплект" }).click();
    await shows(chair, "h2", "Комплекты");
  }
  await shoot(hall, chair, `${ONE}/chair`, "chair-close");
  for (const kit of [TWO, ONE]) {
    await chair.goto(`${kit}/chair?lang=ru`);
    await chair.fill("#in_line", "3");
    await twoCards(chair, "close");
    await chair.getByRole("button", { name: "Закрыть участок" }).click();
    await shows(chair, ".tag", "Закрыт");
  }
  await chair.goto(`${ONE}/chair?lang=ru`);
  await twoCards(chair, "final");
  await chair.getByRole("button", { name: "Итоговый отчёт" }).click();
  await chair.getByRole("link", { name: "Итоговый отчёт" }).waitFor();
  await paper(chair, "/paper/report/final.png", "final-report");
  await shoot(hall, chair, `${ONE}/chair`, "chair-final");
});
