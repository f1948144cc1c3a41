// Adds speed to the office's pages; every page works without it.
"use strict";
(() => {
  const typing = (element) => element.matches("input, select, textarea") && element.type !== "radio";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      const form = event.target.closest("form") || document.querySelector("form.decide");
      if (form) form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const field = document.getElementById("q");
      event.preventDefault();
      if (field) field.focus();
      else if (document.querySelector('nav a[href="/search"]')) location.assign("/search");
      return;
    }
    // Numbers choose only while the decision has the focus (WCAG 2.1.4).
    const decide = event.target.closest("form.decide");
    const choice = decide && decide.querySelector(`input[data-key="${CSS.escape(event.key)}"]`);
    if (choice) {
      choice.checked = true;
      choice.focus();
    }
  });
  const decide = document.querySelector("form.decide");
  if (decide) decide.focus({ preventScroll: true });
  // A page that waits for work looks again by itself.
  if (document.querySelector(".js-poll")) setTimeout(() => location.reload(), 2000);
  for (const button of document.querySelectorAll(".js-once")) {
    button.form.addEventListener("submit", () => {
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.wait;
    });
  }
  for (const button of document.querySelectorAll(".js-print")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
