// What figures cannot give themselves: names and roles of drawings, the live region, panels that stay open when the
// selection changes, tables sorted by a click, words copied, a picture made of the drawing. Without it all is readable.
"use strict";
(() => {
  const language = document.documentElement.lang;
  const words = () => document.querySelector("[data-atelier-query]")?.dataset ?? {};
  // A view stands drawn until the live one takes its place: what is added then would be added twice.
  const isWaiting = (part) => Boolean(part.closest(".dashboard-cell")?.querySelector(":scope > .drawn"));

  const say = (() => {
    let region = null;
    return (text) => {
      if (!region) {
        region = document.createElement("p");
        region.className = "visually-hidden";
        region.setAttribute("role", "status");
        document.body.append(region);
      }
      region.textContent = text;
    };
  })();

  // --- drawings ------------------------------------------------------------------------------------------------
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

  // --- panels --------------------------------------------------------------------------------------------------
  const opened = new WeakMap();
  const keepOpen = (figure) => {
    if (!opened.has(figure)) opened.set(figure, new Set());
    const open = opened.get(figure);
    for (const panel of figure.querySelectorAll("details.atelier-panel:not([data-seen])")) {
      const key = panel.querySelector("summary").textContent;
      panel.dataset.seen = "1";
      if (open.has(key)) panel.open = true;
      panel.addEventListener("toggle", () => open[panel.open ? "add" : "delete"](key));
    }
    const take = figure.querySelector("button.atelier-take");
    if (take) take.setAttribute("aria-expanded", String(Boolean(figure.querySelector(".atelier-file-row"))));
    for (const picture of figure.querySelectorAll("[data-atelier-png][hidden]")) picture.hidden = false;
  };
  const reveal = (target) => {
    for (let part = target; part; part = part.parentElement) if (part.matches("details")) part.open = true;
  };

  // --- tables --------------------------------------------------------------------------------------------------
  const numberIn = (text) => {
    const plain = text.replace(/\[[^\]]*\]/g, "").replace(/[\s%+]/g, "").replace("−", "-");
    const number = language === "fr" ? plain.replace(",", ".") : plain.replaceAll(",", "");
    return number === "" ? NaN : Number(number);
  };
  const sort = (table, head) => {
    const place = head.cellIndex;
    const rows = [...table.tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, row.cells[place]?.textContent.trim() ?? ""]));
    const numbers = new Map(rows.map((row) => [row, numberIn(texts.get(row))]));
    const isNumber = rows.some((row) => !Number.isNaN(numbers.get(row)));
    const before = head.getAttribute("aria-sort");
    const isRising = before ? before === "descending" : !isNumber;
    const compare = (one, other) => {
      if (!isNumber) return texts.get(one).localeCompare(texts.get(other), language) * (isRising ? 1 : -1);
      const [a, b] = [numbers.get(one), numbers.get(other)];
      // What has no number comes last either way.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return isRising ? a - b : b - a;
    };
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isRising ? "ascending" : "descending");
    table.tBodies[0].append(...rows.sort(compare));
  };
  const makeSortable = (table) => {
    table.dataset.sortable = "1";
    if (!table.tHead || table.tBodies[0]?.rows.length < 3) return;
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "atelier-sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head));
    }
  };

  // --- words to copy -------------------------------------------------------------------------------------------
  const addCopy = (part) => {
    const { copy, copied } = words();
    part.dataset.seen = "1";
    if (!copy || !navigator.clipboard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "atelier-copy";
    button.textContent = copy;
    (part.closest("pre") ?? part).after(button);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(part.href ?? part.textContent);
      } catch {
        getSelection().selectAllChildren(part);
        return;
      }
      button.textContent = copied;
      say(copied);
      setTimeout(() => { button.textContent = copy; }, 3000);
    });
  };

  // --- a picture -----------------------------------------------------------------------------------------------
  const SHARPNESS = 2;
  const makePicture = async (button) => {
    const drawing = new Image();
    drawing.src = button.parentElement.querySelector("a[download$='.svg']").href;
    await drawing.decode();
    const canvas = document.createElement("canvas");
    canvas.width = drawing.naturalWidth * SHARPNESS;
    canvas.height = drawing.naturalHeight * SHARPNESS;
    canvas.getContext("2d").drawImage(drawing, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((picture) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(picture);
      link.download = button.dataset.atelierPng;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  };

  document.addEventListener("click", ({ target }) => {
    const picture = target.closest("[data-atelier-png]");
    if (picture) makePicture(picture);
    const term = target.closest("a.atelier-term");
    if (term) reveal(document.getElementById(decodeURIComponent(term.hash.slice(1))));
  });

  // --- the page changes ----------------------------------------------------------------------------------------
  const look = () => {
    for (const status of document.querySelectorAll(".atelier-status:not([role])")) {
      status.setAttribute("role", "status");
      status.setAttribute("aria-live", "polite");
    }
    for (const figure of document.querySelectorAll(".atelier-figure")) {
      name(figure);
      if (isWaiting(figure)) continue;
      keepOpen(figure);
      for (const table of figure.querySelectorAll("table:not([data-sortable])")) makeSortable(table);
      for (const part of figure.querySelectorAll("[data-atelier-copy]:not([data-seen])")) addCopy(part);
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
