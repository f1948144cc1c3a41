// The map of a claim: a place that is pointed at goes into the field as text, and the office says which house it means.
"use strict";
(() => {
  const fold = document.getElementById("claim-map-fold");
  const root = document.getElementById("claim-map");
  const field = document.getElementById("wanted");
  if (!root || !field || !window.L) return;
  const data = JSON.parse(root.dataset.map);
  const degrees = ([lon, lat]) => [lat / 1e6, lon / 1e6];
  fold.hidden = false;
  let map = null;
  let chosen = null;
  const choose = ({ lat, lng }) => {
    if (chosen) chosen.remove();
    chosen = L.marker([lat, lng], { icon: L.divIcon({ className: "e-corner", iconSize: [20, 20] }), keyboard: false, interactive: false }).addTo(map);
    field.value = `${lat.toFixed(6)}, ${lng.toFixed(6)}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const draw = () => {
    if (map) return;
    map = L.map(root, { preferCanvas: true, attributionControl: false, zoomSnap: 0.25 }).setView(degrees(data.centre), 15);
    const near = L.latLngBounds([degrees(data.centre)]);
    for (const { precinct, rings } of data.outlines) {
      const shape = L.polygon(rings.map((ring) => ring.map(degrees)), { color: "#12467b", weight: 1.5, fillOpacity: 0.05, interactive: false }).addTo(map);
      shape.bindTooltip(precinct, { permanent: data.outlines.length <= 40, direction: "center", className: "e-name" });
      if (near.getNorthEast().equals(near.getSouthWest()) || shape.getBounds().contains(degrees(data.centre))) near.extend(shape.getBounds());
    }
    for (const at of data.houses) L.circleMarker(degrees(at), { radius: 2.5, stroke: false, fillOpacity: 0.7, color: "#5b6770", interactive: false }).addTo(map);
    for (const { precinct, at } of data.polls) {
      L.circleMarker(degrees(at), { radius: 4, color: "#b3541e", weight: 1, fillOpacity: 0.9 }).bindTooltip(precinct).addTo(map);
    }
    if (data.outlines.length > 0) map.fitBounds(near, { padding: [20, 20], animate: false });
    map.on("click", (event) => choose(event.latlng));
    // Arrows move the map, + and - its scale; Enter takes what lies under the cross.
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      choose(map.getCenter());
    });
  };
  fold.addEventListener("toggle", () => { if (fold.open) draw(); });
})();
