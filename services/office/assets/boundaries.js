// The map of precinct boundaries. Without it the form takes corners and ranges as text.
"use strict";
(() => {
  const root = document.getElementById("map-editor");
  if (!root || !window.L) return;
  const data = JSON.parse(root.dataset.map);
  const said = document.getElementById("e-said");
  const field = document.getElementById("corners");
  root.replaceChildren();
  root.classList.add("live");
  const map = L.map(root, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25 });
  const degrees = ([lon, lat]) => [lat / 1e6, lon / 1e6];
  const text = ([lon, lat]) => `${(lon / 1e6).toFixed(6)} ${(lat / 1e6).toFixed(6)}`;
  const key = ([lon, lat]) => `${lon},${lat}`;
  const bounds = L.latLngBounds([]);

  for (const street of data.streets) {
    const line = street.houses.map(degrees);
    // A house far outside does not shrink the place to a dot.
    if (data.outlines.length === 0) line.forEach((point) => bounds.extend(point));
    L.polyline(line, { color: "#5b6770", weight: 1.5, interactive: false }).addTo(map);
    for (const point of line) {
      L.circleMarker(point, { radius: 2.5, stroke: false, fillOpacity: 0.7, color: "#5b6770" })
        .bindTooltip(street.name)
        .addTo(map);
    }
  }
  // The planner's parts, each in its colour with its number beside.
  const colours = ["#12467b", "#b3541e", "#0a6b4f", "#7a2e8e", "#8a6d00", "#a1183c"];
  for (const [at, part] of (data.parts || []).entries()) {
    for (const point of part.houses.map(degrees)) {
      L.circleMarker(point, { radius: 5, weight: 1, color: "#fff", fillColor: colours[at % 6], fillOpacity: 0.9 })
        .bindTooltip(part.name)
        .addTo(map);
    }
    if (part.houses.length > 0) {
      const middle = L.latLngBounds(part.houses.map(degrees)).getCenter();
      L.marker(middle, { icon: L.divIcon({ className: "e-part", html: String(at + 1), iconSize: [26, 26] }), keyboard: false, interactive: false }).addTo(map);
    }
  }
  // One corner is one object for every outline that has it: moving it moves the common edge.
  const corners = new Map();
  const outlines = data.outlines.map(({ precinct, rings }) => {
    const held = rings.map((ring) =>
      ring.map((at) => {
        const known = corners.get(key(at)) || { start: at, at, of: new Set(), shapes: new Set() };
        known.of.add(precinct);
        corners.set(key(at), known);
        bounds.extend(degrees(at));
        return known;
      }),
    );
    const shape = L.polygon([], { color: "#12467b", weight: 2, fillOpacity: 0.08, interactive: false }).addTo(map);
    const draw = () => shape.setLatLngs(held.map((ring) => ring.map((corner) => degrees(corner.at))));
    held.flat().forEach((corner) => corner.shapes.add(draw));
    draw();
    return { precinct, held, shape };
  });
  for (const { precinct, shape } of outlines) {
    shape.bindTooltip(precinct, { permanent: true, direction: "center", className: "e-name" });
  }
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [20, 20] });
  if (!data.may || !field) return;

  const bar = document.querySelector(".editor-bar");
  bar.hidden = false;
  const select = document.getElementById("e-precinct");
  const [lon, lat] = ["e-lon", "e-lat"].map((id) => document.getElementById(id));
  const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const say = (name, values = {}) => { said.textContent = fill(data.texts[name], values); };
  const undo = [];
  let chosen = null;
  let markers = [];

  // Corners added and taken out, in the order of doing; where a corner was when it came is its name in the form.
  const steps = [];
  const line = ({ corner, edge }) =>
    edge ? `${edge.map((end) => text(end.start)).join(" + ")} > ${text(corner.start)}` : `${text(corner.start)} > -`;
  const write = () => {
    const moved = [...corners.values()].filter((corner) => !corner.out && key(corner.at) !== key(corner.start));
    field.value = [...steps.map(line), ...moved.map((corner) => `${text(corner.start)} > ${text(corner.at)}`)].join("\n");
  };
  const rings = outlines.flatMap(({ held }) => held);
  const redraw = (corner) => corner.shapes.forEach((draw) => draw());
  // The corners after one in the rings of a precinct.
  const after = (corner, precinct) =>
    outlines.find((outline) => outline.precinct === precinct).held.flatMap((ring) =>
      ring.flatMap((known, at) => {
        const next = ring[(at + 1) % ring.length];
        return known === corner && next !== corner ? [next] : [];
      }),
    );
  // Puts a corner on an edge of every outline that has it; gives what takes it back.
  const insert = (edge, at) => {
    const corner = { start: at, at, of: new Set(), shapes: new Set() };
    for (const { precinct, held } of outlines) {
      for (const ring of held) {
        for (let place = ring.length - 1; place >= 0; place -= 1) {
          const ends = [ring[place], ring[(place + 1) % ring.length]];
          if (ends[0] === ends[1] || !ends.every((end) => edge.includes(end))) continue;
          ring.splice(place + 1, 0, corner);
          corner.of.add(precinct);
          edge[0].shapes.forEach((draw) => corner.shapes.add(draw));
        }
      }
    }
    corners.set(key(at), corner);
    const step = { corner, edge };
    steps.push(step);
    redraw(corner);
    write();
    return { corner, back: () => { rings.forEach((ring) => { for (let at; (at = ring.indexOf(corner)) >= 0; ) ring.splice(at, 1); }); corners.delete(key(corner.start)); steps.splice(steps.indexOf(step), 1); redraw(corner); write(); } };
  };
  // Takes a corner out of every outline; gives what puts it back, nothing when one would have too few.
  const takeOut = (corner) => {
    const changed = rings.filter((ring) => ring.includes(corner));
    if (changed.some((ring) => new Set(ring).size <= 3)) return null;
    const before = changed.map((ring) => [...ring]);
    changed.forEach((ring) => {
      const isClosed = ring[0] === ring[ring.length - 1];
      const left = ring.filter((known) => known !== corner);
      if (isClosed && left[0] !== left[left.length - 1]) left.push(left[0]);
      ring.splice(0, ring.length, ...left);
    });
    corner.out = true;
    const step = { corner };
    steps.push(step);
    redraw(corner);
    write();
    return () => { changed.forEach((ring, at) => ring.splice(0, ring.length, ...before[at])); corner.out = false; steps.splice(steps.indexOf(step), 1); redraw(corner); write(); };
  };
  const name = (corner) => fill(data.texts.corner, { at: text(corner.at), of: [...corner.of].join(", ") });
  const put = (corner, at) => {
    corner.at = at;
    corner.shapes.forEach((draw) => draw());
    if (corner.marker) {
      corner.marker.setLatLng(degrees(at));
      for (const told of ["aria-label", "title"]) corner.marker.getElement().setAttribute(told, name(corner));
    }
    if (corner === chosen) [lon.value, lat.value] = text(at).split(" ");
    write();
  };
  const move = (corner, at) => {
    const was = corner.at;
    undo.push(() => { put(corner, was); return was; });
    put(corner, at);
    say("moved", { at: text(at), of: [...corner.of].join(", ") });
  };
  const back = () => {
    const last = undo.pop();
    if (!last) return say("nothing");
    const focused = document.activeElement && document.activeElement.closest(".e-corner") && chosen;
    const at = last();
    const element = focused && !focused.out && focused.marker && focused.marker.getElement();
    if (element) element.focus();
    say("undone", { at: text(at) });
  };
  const add = () => {
    if (!chosen) return say("nothing");
    const next = after(chosen, select.value)[0];
    if (!next) return say("nothing");
    const middle = [0, 1].map((part) => Math.round((chosen.at[part] + next.at[part]) / 2));
    if (corners.has(key(middle))) return say("nothing");
    const from = chosen;
    const { corner, back: takeBack } = insert([from, next], middle);
    undo.push(() => { takeBack(); show(select.value, from); return middle; });
    show(select.value, corner);
    say("added", { at: text(middle), of: [...corner.of].join(", ") });
  };
  const out = () => {
    if (!chosen) return say("nothing");
    const corner = chosen;
    const next = after(corner, select.value)[0];
    const putBack = takeOut(corner);
    if (!putBack) return say("few");
    undo.push(() => { putBack(); show(select.value, corner); return corner.at; });
    show(select.value, next);
    say("out", { at: text(corner.at), of: [...corner.of].join(", ") });
  };
  const choose = (corner) => {
    chosen = corner;
    [lon.value, lat.value] = text(corner.at).split(" ");
    say("corner", { at: text(corner.at), of: [...corner.of].join(", ") });
  };
  const keys = (corner) => (event) => {
    const step = event.shiftKey ? 10 : 1;
    // A metre: 9 microdegrees of latitude, more of longitude by the cosine.
    const north = 9 * step;
    const east = Math.round(north / Math.cos((corner.at[1] / 1e6) * (Math.PI / 180)));
    const by = { ArrowUp: [0, north], ArrowDown: [0, -north], ArrowLeft: [-east, 0], ArrowRight: [east, 0] }[event.key];
    if (by) move(corner, [corner.at[0] + by[0], corner.at[1] + by[1]]);
    else if (event.key === "Insert" || event.key === "+") add();
    else if (event.key === "Delete" || event.key === "-") out();
    else if (event.key === "Escape") back();
    else if (event.key === "Enter") { say("kept"); document.querySelector("#boundary-form button").focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const show = (precinct, focus) => {
    markers.forEach((marker) => marker.remove());
    markers = [];
    chosen = null;
    for (const corner of corners.values()) {
      corner.marker = null;
      if (corner.out || !corner.of.has(precinct)) continue;
      const icon = L.divIcon({ className: "e-corner", iconSize: [24, 24] });
      const label = name(corner);
      const marker = L.marker(degrees(corner.at), { icon, draggable: true, title: label, alt: label, autoPanOnFocus: false }).addTo(map);
      const element = marker.getElement();
      element.setAttribute("aria-label", label);
      element.addEventListener("keydown", keys(corner));
      element.addEventListener("focus", () => choose(corner));
      marker.on("dragend", () => {
        const { lng, lat: north } = marker.getLatLng();
        move(corner, [Math.round(lng * 1e6), Math.round(north * 1e6)]);
      });
      corner.marker = marker;
      markers.push(marker);
    }
    // Handles of a long outline would hide it and the houses.
    root.classList.toggle("many", markers.length > 60);
    if (focus && focus.marker) focus.marker.getElement().focus();
  };
  for (const { precinct } of outlines) select.add(new Option(precinct, precinct));
  select.addEventListener("change", () => show(select.value));
  document.getElementById("e-undo").addEventListener("click", back);
  document.getElementById("e-add").addEventListener("click", add);
  document.getElementById("e-out").addEventListener("click", out);
  document.getElementById("e-place").addEventListener("click", () => {
    const at = [lon, lat].map((input) => Math.round(Number(input.value.replace(",", ".")) * 1e6));
    if (!chosen || at.some(Number.isNaN)) return say("nothing");
    move(chosen, at);
  });
  // What the form already holds is shown done.
  const point = (words) => words.trim().split(/\s+/).map((n) => Math.round(Number(n) * 1e6));
  for (const written of field.value.split("\n")) {
    const [from, to] = written.split(">");
    if (to === undefined) continue;
    if (to.trim() !== "-" && (point(to).length !== 2 || point(to).some(Number.isNaN))) continue;
    const known = from.split("+").map((words) => corners.get(key(point(words))));
    if (known.some((corner) => !corner)) continue;
    if (known.length === 2) insert(known, point(to));
    else if (to.trim() === "-") takeOut(known[0]);
    else put(known[0], point(to));
  }
  if (outlines.length > 0) show(outlines[0].precinct);
  say("all");
})();
