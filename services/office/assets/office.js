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
  for (const button of document.querySelectorAll(".js-print")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
