// A dashboard's page around its widgets: loading text, the selection in the address, the links that carry it,
// the message when its kernel is gone, and the beacon that frees the kernel when the page is left.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const status = byId("dashboard-status");
  const notice = byId("dashboard-ended");
  const config = JSON.parse(byId("jupyter-config-data").textContent);
  const language = document.documentElement.lang;
  const CHOSEN = "atelier-chosen";
  let kernel = config.kernelId;
  let leaving = false;

  // --- loading -------------------------------------------------------------------------------------------------
  const showReady = () => {
    document.body.classList.add("is-ready");
    status.textContent = status.dataset.ready;
  };

  // --- from drawn to live ----------------------------------------------------------------------------------------
  // Each view stands drawn until its widget is laid out behind it with as many drawings; then they change places, and
  // what was opened, chosen or focused meanwhile is opened, chosen and focused in the live view.
  const since = new Map();
  const pairs = (drawn, live, selector) => {
    const there = live.querySelectorAll(selector);
    return [...drawn.querySelectorAll(selector)].map((one, place) => [one, there[place]]).filter((pair) => pair[1]);
  };
  const isLaidOut = (drawn, live) => {
    if (!live || !live.offsetHeight) return false;
    const known = since.get(drawn) ?? { first: performance.now() };
    if (known.height !== live.offsetHeight) since.set(drawn, { ...known, height: live.offsetHeight, at: performance.now() });
    const isThere = ["svg", "select"].every(
      (kind) => live.querySelectorAll(kind).length >= drawn.querySelectorAll(kind).length,
    );
    const isAlike = isThere && Math.abs(live.offsetHeight - drawn.offsetHeight) < 4;
    const isStill = isThere && performance.now() - since.get(drawn).at > 300;
    // A live view with fewer drawings than the page showed is the live view all the same.
    return isAlike || isStill || performance.now() - known.first > 5000;
  };
  const changePlaces = (drawn, live) => {
    const focused = drawn.contains(document.activeElement) ? document.activeElement : null;
    const chosen = pairs(drawn, live, "select").filter(([one]) => one.dataset.chosen);
    for (const [one, other] of pairs(drawn, live, "details")) if (one.open) other.open = true;
    const heir = focused && pairs(drawn, live, "a, button, select, summary, [tabindex]").find(([one]) => one === focused);
    drawn.remove();
    if (heir) heir[1].focus({ preventScroll: true });
    for (const [one, other] of chosen) {
      other.selectedIndex = [...other.options].findIndex((option) => option.text === one.dataset.chosen);
      if (other.selectedIndex >= 0) other.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  const goLive = () => {
    for (const drawn of document.querySelectorAll(".drawn")) {
      const live = drawn.nextElementSibling;
      if (isLaidOut(drawn, live)) changePlaces(drawn, live);
    }
    if (document.querySelector(".drawn")) setTimeout(goLive, 30);
    else showReady();
  };
  document.addEventListener("atelier:shown", goLive);
  const lists = () => [...byId("rendered_cells").querySelectorAll("select")];
  let last = null;
  byId("rendered_cells").addEventListener("change", ({ target }) => {
    if (!target.matches("select")) return;
    const text = target.selectedOptions[0]?.text;
    if (target.closest(".drawn")) target.dataset.chosen = text;
    else last = [lists().indexOf(target), text];
  });
  // A page that had to be loaded again for a choice makes it.
  const [place, text] = JSON.parse(sessionStorage.getItem(CHOSEN) ?? "[]");
  sessionStorage.removeItem(CHOSEN);
  if (lists()[place]) lists()[place].dataset.chosen = text;

  // --- the selection, in the address and in the links ------------------------------------------------------------
  let query = null;
  const addressOf = (lang) => {
    const chosen = new URLSearchParams(query ?? location.search);
    chosen.delete("lang");
    if (lang === "en") chosen.set("lang", "en");
    const text = chosen.toString();
    return location.pathname + (text ? `?${text}` : "");
  };
  // Each choice is a step of the browser's history, but for what the page does by itself: its first view, a step back,
  // and the years that play.
  let isFirst = true;
  let isGoingBack = false;
  let shown = location.search;
  const remember = (address) => {
    const isStep = !(isFirst || isGoingBack || document.body.dataset.playing);
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address + location.hash);
    isFirst = isGoingBack = false;
    shown = location.search;
  };
  const carrySelection = () => {
    const source = document.querySelector("[data-atelier-query]");
    if (document.querySelector(".drawn") || !source || source.dataset.atelierQuery === query) return;
    query = source.dataset.atelierQuery;
    remember(addressOf(language));
    const fork = byId("fork");
    const chosen = new URLSearchParams(query);
    chosen.set("lang", language);
    fork.href = `${fork.href.split("?")[0]}?${chosen}`;
    for (const link of document.querySelectorAll("[data-atelier-language]")) {
      link.href = addressOf(link.dataset.atelierLanguage);
    }
  };
  new MutationObserver(carrySelection).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-atelier-query"],
  });
  carrySelection();

  // --- the link to this view -------------------------------------------------------------------------------------
  const copy = byId("copy-link");
  copy.addEventListener("click", async () => {
    const label = copy.textContent;
    try {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = copy.dataset.done;
    } catch {
      copy.textContent = location.href;
    }
    status.textContent = copy.textContent;
    setTimeout(() => { copy.textContent = label; }, 4000);
  });

  // --- the kernel's life -----------------------------------------------------------------------------------------
  const showEnded = (reason) => {
    if (leaving) return;
    for (const part of notice.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== reason;
    byId("reload").href = addressOf(language);
    notice.hidden = false;
    document.body.classList.add("is-ended");
    if (reason === "ended") document.dispatchEvent(new Event("atelier:ended"));
  };
  const showGoingOn = () => {
    notice.hidden = true;
    document.body.classList.remove("is-ended");
  };
  const askKernel = async () => {
    if (leaving || !kernel) return;
    try {
      const answer = await fetch(`${config.baseUrl}api/kernels/${kernel}`, { cache: "no-store" });
      if (answer.status === 410) showEnded("ended");
    } catch {
      showEnded("disconnected");
    }
  };
  document.addEventListener("atelier:close", () => setTimeout(askKernel, 300));
  document.addEventListener("atelier:lost", () => showEnded("disconnected"));
  document.addEventListener("atelier:open", showGoingOn);
  // --- a page that is only read has no kernel: see live/rest.js
  document.addEventListener("atelier:kernel", ({ detail }) => {
    kernel = detail;
    status.textContent = status.dataset.ready;
  });
  document.addEventListener("atelier:busy", () => { status.textContent = status.dataset.busy; });
  document.addEventListener("atelier:stale", () => {
    if (last) sessionStorage.setItem(CHOSEN, JSON.stringify(last));
    location.reload();
  });
  byId("reload").addEventListener("click", (event) => {
    event.preventDefault();
    location.reload();
  });
  window.addEventListener("pagehide", () => {
    leaving = true;
    if (kernel) navigator.sendBeacon(`${config.baseUrl}voila/api/shutdown/${kernel}`);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- back and forward ------------------------------------------------------------------------------------------
  // The kernel is asked for the selection of the address, as if it had been chosen; without one the page is loaded.
  let steps = 0;
  window.addEventListener("popstate", () => {
    if (location.search === shown) return;
    const line = document.querySelector(".atelier-back input");
    if (!line || document.querySelector(".drawn") || document.body.classList.contains("is-ended")) {
      location.reload();
      return;
    }
    shown = location.search;
    isGoingBack = true;
    line.value = `${steps += 1}?${location.search.slice(1)}`;
    line.dispatchEvent(new Event("input", { bubbles: true }));
    line.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
