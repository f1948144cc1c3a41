// Speed and keys for the kit's screens. Every act is a form that works without this file.
"use strict";
(() => {
  const quiet = 400; // opposite answers ignore keys for the first 400 ms (UI.md §7)
  let shown = Date.now();
  let busy = false;
  let stale = false;
  let pressed = false;
  let sent = false;
  let heard = Date.now();
  const tv = document.body.classList.contains("tv");

  // A document reader that types (UI.md §7): keys at most 30 ms apart, six of them and more, read by the place of the key,
  // so that the layout does not matter. What a burst typed into a field is taken out of it again.
  const GAP = 30, LEAST = 6, SILENCE = 120;
  const SIGNS = { Space: "  ", Minus: "-_", Equal: "=+", Comma: ",<", Period: ".>", Slash: "/?", Semicolon: ";:", Quote: "'\"",
    BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Backquote: "`~", IntlBackslash: "<>" };
  let burst = null;
  const sign = ({ code, shiftKey }) => {
    if (/^Key[A-Z]$/.test(code)) return code[3];
    if (/^Digit\d$/.test(code)) return shiftKey ? ")!@#$%^&*("[code[5]] : code[5];
    if (/^Numpad\d$/.test(code)) return code[6];
    if (/^(Enter|NumpadEnter|Tab)$/.test(code)) return "\n";
    return SIGNS[code]?.[shiftKey ? 1 : 0];
  };
  const isBurst = () => burst !== null && burst.text.length >= LEAST;
  addEventListener("keydown", (event) => {
    const taker = document.querySelector("[data-reader]");
    if (!taker || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const typed = sign(event);
    if (typed === undefined) {
      // Nothing else is pressed while a document is being read.
      if (isBurst() && event.key !== "Shift") { event.preventDefault(); event.stopImmediatePropagation(); }
      return;
    }
    const was = isBurst();
    if (burst && event.timeStamp - burst.last > (was ? SILENCE : GAP)) { if (was) finish(); burst = null; }
    if (!burst) {
      if (typed === "\n") return;
      const field = event.target.matches("input, textarea") ? event.target : null;
      burst = { text: "", field, before: field?.value, how: taker.dataset.reader };
    } else if (typed === "\n" && !was) { burst = null; return; }
    burst.text += typed;
    burst.last = event.timeStamp;
    if (!isBurst()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (burst.field) burst.field.value = burst.before;
    clearTimeout(burst.timer);
    burst.timer = setTimeout(finish, SILENCE);
  }, true);
  const finish = () => {
    const { text, how, timer } = burst;
    clearTimeout(timer);
    burst = null;
    return give(text, how);
  };
  const give = (text, how) => {
    const field = document.querySelector("input[name=qr]");
    if (how === "operator") return read(text);
    if (!field) return beep();
    field.value = text.trim();
    settle(field.closest("details") ? (field.closest("details").open = true, field) : field);
    return how === "table" ? field.form.requestSubmit() : undefined;
  };
  const read = async (text) => {
    busy = true;
    try {
      const answer = await fetch("/read", { method: "POST", body: new URLSearchParams({ text }) });
      const done = answer.redirected ? "shown" : await answer.text();
      if (done === "table") return toTable(text);
      if (done === "shown") return location.assign("/");
      beep();
    } catch { beep(); }
    busy = sent;
    return refresh();
  };
  const toTable = (text) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/receipts";
    const field = form.appendChild(document.createElement("input"));
    field.name = "qr";
    field.value = text.trim();
    form.hidden = true;
    return document.body.appendChild(form).requestSubmit();
  };
  // A reader on a line reads into the kit itself: the page is told what became of it, whatever has the focus. What needs a
  // field is fetched by one page: one that has it comes first, then the operator's.
  const heardReader = async (word) => {
    const how = document.querySelector("[data-reader]")?.dataset.reader ?? "none";
    if (how === "none") return;
    if (word === "table") {
      if (how === "operator") await new Promise((done) => setTimeout(done, 250));
      const answer = await fetch("/read/slip", { method: "POST" });
      const text = answer.redirected ? "" : await answer.text();
      if (text) return how === "operator" ? toTable(text) : give(text, how);
      return;
    }
    if (how !== "operator") return;
    if (word === "shown") return location.assign("/");
    beep();
    refresh();
  };
  // Two low tones: nothing was taken.
  const beep = () => {
    const sound = new AudioContext();
    const tone = new OscillatorNode(sound, { type: "square", frequency: 160 });
    const quietly = new GainNode(sound, { gain: 0.1 });
    tone.connect(quietly).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.35);
    tone.onended = () => sound.close();
  };

  // Keys: an element with data-key="F6" is clicked; opposite answers wait a moment.
  addEventListener("keydown", (event) => {
    // Alt+1…9 lead to the parts of the chair's page; Ctrl+Enter approves from any field of that form.
    const part = event.altKey && /^Digit[1-9]$/.test(event.code) && document.querySelector(`[data-part="${event.code.at(-1)}"]`);
    if (part) {
      event.preventDefault();
      return settle(part.matches("a") ? part : part.querySelector("select, input:not([type=hidden]), button, summary, a") ?? part.querySelector("h2"));
    }
    if (event.ctrlKey && event.key === "Enter") {
      const form = event.target.closest?.("form[data-approve]");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("button")); }
      return;
    }
    // Esc leads back one level where no button of its own takes it.
    const target = document.querySelector(`[data-key="${event.key}"]`) ?? (event.key === "Escape" ? document.querySelector("[data-back]") : null);
    if (/^F([1-9]|1[0-2])$/.test(event.key)) event.preventDefault();
    if (!target || event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target.matches("input, select, textarea") && event.target.value !== "";
    if (/^[1-9]$/.test(event.key) && event.target.matches("input, select, textarea")) return;
    if (event.key === "Enter" && (typing || event.target.matches("button, a, select"))) return;
    if (Date.now() - shown < quiet && target.dataset.opposite) return event.preventDefault();
    event.preventDefault();
    // A digit may be the first of a document that is being read: it chooses only when nothing follows at once.
    if (/^[1-9]$/.test(event.key)) return setTimeout(() => { if ((burst?.text.length ?? 0) < 2) target.click(); }, GAP + 15);
    target.click();
  });

  // A second click on a submit button is harmless: the form is sent once.
  addEventListener("submit", (event) => {
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "1";
    sent = true;
    busy = true;
  });
  // A button that is being pressed is not taken away between finger down and finger up: the press would be lost.
  addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => setTimeout(() => {
      pressed = false;
      if (stale && !busy) { stale = false; refresh(); }
    }, 50), true);
  }

  // What a person has begun to type, tick or choose is not taken away; a search that was left again holds nothing up.
  const hasBegun = () => {
    const any = (fields, differs) => [...document.querySelectorAll(fields)].some(differs);
    const written = "input:not([type=hidden], [type=checkbox], [type=radio], [name=q], [name=qr]), input[name=q]:focus, input[name=qr]:focus, textarea";
    return any(written, (field) => field.value !== field.defaultValue)
      || any("[type=checkbox], [type=radio]", (box) => box.checked !== box.defaultChecked)
      || any("select", (list) => list.selectedIndex !== Math.max(0, [...list.options].findIndex((option) => option.defaultSelected)));
  };

  const refresh = async () => {
    // A change that comes while the last one is being fetched is fetched after it.
    if (busy || pressed) { stale = true; return; }
    if (hasBegun()) return;
    busy = true;
    try {
      const answer = await fetch(location.pathname, { headers: { "X-Refresh": "1" } });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      // Something was pressed, sent or begun while this was on its way: that comes first.
      if (pressed || sent) { stale = true; return; }
      if (hasBegun()) return;
      // What a person has unfolded stays so, and so does the place of the focus while the question is the same.
      const held = document.title === next.title && !isSettled() ? face(document.activeElement) : null;
      const unfolded = new Set([...document.querySelectorAll("details[open] > summary")].map((line) => line.textContent));
      document.title = next.title;
      document.body.className = next.body.className;
      document.body.replaceChildren(...next.body.childNodes);
      for (const line of document.querySelectorAll("details > summary")) {
        if (unfolded.has(line.textContent)) line.parentElement.open = true;
      }
      shown = Date.now();
      const same = held && [...document.querySelectorAll(FOCUSABLE)].find((element) => face(element) === held);
      if (same) settle(same); else focus();
    } finally {
      busy = sent;
      if (stale && !busy && !pressed) { stale = false; refresh(); }
    }
  };

  // Where the focus goes when a page comes: its field, else its verdict, else its title; never to nothing.
  const FOCUSABLE = "a[href], button, input, select, textarea, summary";
  const home = () => document.querySelector("[autofocus]") || document.querySelector(".verdict h1") || document.querySelector("h1");
  const face = (element) => [element.tagName, element.id, element.name, element.getAttribute("href"), element.textContent.trim()].join("\n");
  const isSettled = () => [document.body, home()].includes(document.activeElement);
  const settle = (element) => {
    if (!element) return;
    if (!element.matches(FOCUSABLE)) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    // What stands in a field is replaced by what is typed next.
    if (element.matches("input")) element.select();
    element.scrollIntoView({ block: "nearest" });
  };
  const focus = () => { if (!tv) settle(home()); };

  // The stream is told what this page shows, so that a change before it was heard is not missed.
  const what = document.querySelector("[data-shown]")?.dataset.shown ?? "";
  const how = document.querySelector("[data-reader]")?.dataset.reader ?? "none";
  const events = new EventSource(`${tv ? "/monitor" : ""}/events?shown=${what}&reader=${how}`);
  events.addEventListener("change", refresh);
  events.addEventListener("reader", (event) => heardReader(event.data));
  events.addEventListener("beat", () => { heard = Date.now(); });
  if (tv) {
    // A lost kit never leaves a face on the wall.
    setInterval(() => {
      if (Date.now() - heard > 6000) document.body.classList.add("lost");
      else if (document.body.classList.contains("lost")) { document.body.classList.remove("lost"); refresh(); }
    }, 1000);
  }
  addEventListener("pageshow", () => { busy = false; sent = false; pressed = false; });
  focus();
})();
