// Adds speed to the office's pages; every page works without it.
"use strict";
(() => {
  const typing = (element) => element.matches("input, select, textarea") && element.type !== "radio";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      const form = event.target.closest("form") || document.querySelector("form.decide");
      if (form) form.requestSubmit(form.querySelector("[data-main]"));
      return;
    }
    // Alt and the place of a letter: a Cyrillic layout has others there, and then the browser's own access keys are silent.
    const place = event.altKey && !event.ctrlKey && /^(?:Key|Digit)(.)$/.exec(event.code);
    const held = place && document.querySelector(`[accesskey="${place[1].toLowerCase()}"]`);
    if (held) {
      event.preventDefault();
      if (held.matches("input, select, textarea")) held.focus();
      else held.click();
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
  // A form that is filled in field by field: Enter goes on, and what the office says to it is asked at each pause.
  for (const form of document.querySelectorAll("form[data-enter]")) {
    const fields = () => [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button[data-main]")]
      .filter((field) => field.checkVisibility());
    const after = (place) => fields().find((field) => place.compareDocumentPosition(field) & 4 && !place.contains(field));
    const said = document.getElementById(form.dataset.live);
    let [timer, asked, waits, goesOn] = [0, 0, null, false];
    const look = async () => {
      const mine = ++asked;
      if (waits) waits.abort();
      waits = new AbortController();
      const body = new URLSearchParams(new FormData(form));
      body.set("do", "look");
      form.classList.add("asks");
      try {
        const answer = await fetch(form.action, { method: "POST", body, signal: waits.signal, redirect: "error" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(said.id);
        if (mine !== asked || !fresh) return;
        const held = said.contains(document.activeElement);
        said.replaceChildren(...fresh.childNodes);
        const choice = said.querySelector("input[type=radio]");
        if (choice && (held || goesOn)) choice.focus();
        else if (held) after(said).focus();
        goesOn = false;
      } catch { /* The next pause asks again; Check asks without a script. */ } finally {
        if (mine === asked) form.classList.remove("asks");
      }
    };
    const soon = (pause) => { clearTimeout(timer); timer = setTimeout(look, pause); };
    form.addEventListener("input", (event) => { goesOn = false; soon(event.target.type === "text" || event.target.matches("input:not([type])") ? 350 : 0); });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.altKey || !event.target.matches("input, select")) return;
      event.preventDefault();
      const next = after(event.target);
      goesOn = !said.contains(event.target) && Boolean(event.target.compareDocumentPosition(said) & 4);
      if (goesOn) soon(0);
      if (next) next.focus();
    });
  }
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
