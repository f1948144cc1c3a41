// Speed and keys for the kit's screens. Every act is a form that works without this file.
"use strict";
(() => {
  const quiet = 400; // opposite answers ignore keys for the first 400 ms (UI.md §7)
  let shown = Date.now();
  let busy = false;
  let stale = false;
  let heard = Date.now();
  const tv = document.body.classList.contains("tv");

  // Keys: an element with data-key="F6" is clicked; opposite answers wait a moment.
  addEventListener("keydown", (event) => {
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (/^F([1-9]|1[0-2])$/.test(event.key)) event.preventDefault();
    if (!target || event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target.matches("input, select, textarea") && event.target.value !== "";
    if (/^[1-9]$/.test(event.key) && event.target.matches("input, select, textarea")) return;
    if (event.key === "Enter" && (typing || event.target.matches("button, a, select"))) return;
    if (Date.now() - shown < quiet && target.dataset.opposite) return event.preventDefault();
    event.preventDefault();
    target.click();
  });

  // A second click on a submit button is harmless: the form is sent once.
  addEventListener("submit", (event) => {
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "1";
    busy = true;
  });

  const refresh = async () => {
    // A change that comes while the last one is being fetched is fetched after it.
    if (busy) { stale = true; return; }
    // What a person has begun to type or choose is not taken away.
    const typed = [...document.querySelectorAll("input[type=password], input[inputmode], input[name=q]:focus")].some((field) => field.value !== field.defaultValue);
    const chosen = [...document.querySelectorAll("select")].some((list) => list.selectedIndex !== Math.max(0, [...list.options].findIndex((option) => option.defaultSelected)));
    if (typed || chosen) return;
    busy = true;
    try {
      const answer = await fetch(location.pathname, { headers: { "X-Refresh": "1" } });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What a person has unfolded stays so.
      const unfolded = new Set([...document.querySelectorAll("details[open] > summary")].map((line) => line.textContent));
      document.title = next.title;
      document.body.className = next.body.className;
      document.body.replaceChildren(...next.body.childNodes);
      for (const line of document.querySelectorAll("details > summary")) {
        if (unfolded.has(line.textContent)) line.parentElement.open = true;
      }
      shown = Date.now();
      focus();
    } finally {
      busy = false;
      if (stale) { stale = false; refresh(); }
    }
  };

  const focus = () => {
    if (tv) return;
    const first = document.querySelector("[autofocus]") || document.querySelector(".verdict h1");
    first?.focus({ preventScroll: true });
  };

  // The stream is told what this page shows, so that a change before it was heard is not missed.
  const what = document.querySelector("[data-shown]")?.dataset.shown ?? "";
  const events = new EventSource(`${tv ? "/monitor" : ""}/events?shown=${what}`);
  events.addEventListener("change", refresh);
  events.addEventListener("beat", () => { heard = Date.now(); });
  if (tv) {
    // A lost kit never leaves a face on the wall.
    setInterval(() => {
      if (Date.now() - heard > 6000) document.body.classList.add("lost");
      else if (document.body.classList.contains("lost")) { document.body.classList.remove("lost"); refresh(); }
    }, 1000);
  }
  addEventListener("pageshow", () => { busy = false; });
  focus();
})();
