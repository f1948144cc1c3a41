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

  const write = () => {
    const moved = [...corners.values()].filter((corner) => key(corner.at) !== key(corner.start));
    field.value = moved.map((corner) => `${text(corner.start)} > ${text(corner.at)}`).join("\n");
  };
  const put = (corner, at) => {
    corner.at = at;
    corner.shapes.forEach((draw) => draw());
    if (corner.marker) corner.marker.setLatLng(degrees(at));
    if (corner === chosen) [lon.value, lat.value] = text(at).split(" ");
    write();
  };
  const move = (corner, at) => {
    undo.push([corner, corner.at]);
    put(corner, at);
    say("moved", { at: text(at), of: [...corner.of].join(", ") });
  };
  const back = () => {
    const last = undo.pop();
    if (!last) return say("nothing");
    put(last[0], last[1]);
    say("undone", { at: text(last[1]) });
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
    else if (event.key === "Escape") back();
    else if (event.key === "Enter") { say("kept"); document.querySelector("#boundary-form button").focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const show = (precinct) => {
    markers.forEach((marker) => marker.remove());
    markers = [];
    chosen = null;
    for (const corner of corners.values()) {
      corner.marker = null;
      if (!corner.of.has(precinct)) continue;
      const icon = L.divIcon({ className: "e-corner", iconSize: [24, 24] });
      const label = fill(data.texts.corner, { at: text(corner.at), of: [...corner.of].join(", ") });
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
  };
  for (const { precinct } of outlines) select.add(new Option(precinct, precinct));
  select.addEventListener("change", () => show(select.value));
  document.getElementById("e-undo").addEventListener("click", back);
  document.getElementById("e-place").addEventListener("click", () => {
    const at = [lon, lat].map((input) => Math.round(Number(input.value.replace(",", ".")) * 1e6));
    if (!chosen || at.some(Number.isNaN)) return say("nothing");
    move(chosen, at);
  });
  // What the form already holds is shown moved.
  for (const line of field.value.split("\n")) {
    const points = line.split(">").map((part) => part.trim().split(/\s+/).map((n) => Math.round(Number(n) * 1e6)));
    const corner = points.length === 2 && corners.get(key(points[0]));
    if (corner) put(corner, points[1]);
  }
  if (outlines.length > 0) show(outlines[0].precinct);
  say("all");
})();
