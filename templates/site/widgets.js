// Accessibility of dashboards that widgets cannot give themselves: names and roles of drawings, the live region,
// and data tables that stay open when the selection changes.
"use strict";
(() => {
  const name = (figure) => {
    const text = figure.querySelector("[data-atelier-alt]");
    const drawing = figure.querySelector(".atelier-drawing svg.svg-figure");
    if (!text || !drawing) return;
    // bqplot puts an empty drawing behind, for the plot's ground.
    figure.querySelector("svg.svg-background")?.setAttribute("aria-hidden", "true");
    if (drawing.getAttribute("aria-label") !== text.dataset.atelierAlt) {
      drawing.setAttribute("role", "img");
      drawing.setAttribute("aria-label", text.dataset.atelierAlt);
      drawing.setAttribute("focusable", "false");
    }
    // The drawing now says it: said twice it would only be noise.
    if (!text.hidden) text.hidden = true;
    const title = figure.querySelector("h3");
    if (title && figure.getAttribute("aria-label") !== title.textContent) {
      figure.setAttribute("role", "group");
      figure.setAttribute("aria-label", title.textContent);
    }
  };
  const keepOpen = (figure) => {
    const data = figure.querySelector("details.atelier-data");
    if (data && !data.dataset.seen) {
      data.dataset.seen = "1";
      data.open = figure.dataset.open === "1";
      data.addEventListener("toggle", () => { figure.dataset.open = data.open ? "1" : "0"; });
    }
  };
  const look = () => {
    for (const status of document.querySelectorAll(".atelier-status:not([role])")) {
      status.setAttribute("role", "status");
      status.setAttribute("aria-live", "polite");
    }
    for (const figure of document.querySelectorAll(".atelier-figure")) {
      name(figure);
      keepOpen(figure);
    }
  };
  let asked = false;
  const soon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; look(); });
  };
  new MutationObserver(soon).observe(document.body, { subtree: true, childList: true });
  look();
})();
