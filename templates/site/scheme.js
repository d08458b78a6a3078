// Light or dark: what the reader's system asks for, unless the reader chose otherwise here. The choice stays in this
// browser. Loaded in the head, so that a page is never shown in one scheme and then in the other.
"use strict";
(() => {
  const KEY = "atelier-scheme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const recall = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const keep = (scheme) => {
    try {
      if (scheme) localStorage.setItem(KEY, scheme);
      else localStorage.removeItem(KEY);
    } catch { /* A browser may refuse to keep anything: the choice then lasts as long as the page. */ }
  };
  const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : system.matches);
  const chosen = recall();
  if (chosen === "dark" || chosen === "light") root.dataset.scheme = chosen;
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-atelier-scheme]");
    if (!button) return;
    const tell = () => button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
    button.addEventListener("click", () => {
      const wanted = isDark() ? "light" : "dark";
      const isAsSystem = (wanted === "dark") === system.matches;
      if (isAsSystem) delete root.dataset.scheme;
      else root.dataset.scheme = wanted;
      keep(isAsSystem ? "" : wanted);
      tell();
    });
    system.addEventListener("change", tell);
    tell();
  });
})();
