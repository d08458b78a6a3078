// Controls with good manners: years as a slider that plays, long lists searched by typing. Each stands before the list
// it was made from, which stays in the page and is all that the kernel knows: whatever happens here chooses an entry.
"use strict";
(() => {
  const words = () => document.querySelector("[data-atelier-query]").dataset;
  const isWaiting = (part) => Boolean(part.closest(".dashboard-cell")?.querySelector(":scope > .drawn"));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let made = 0;

  const element = (kind, name, attributes = {}) => {
    const one = document.createElement(kind);
    one.className = name;
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
    return one;
  };
  const choose = (list, place) => {
    if (list.selectedIndex === place) return;
    list.selectedIndex = place;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  // The control is named by the words that named the list; who stood on the list now stands on the control.
  const replace = (list, control, field) => {
    const had = document.activeElement === list;
    const label = list.parentElement.querySelector("label, .widget-label");
    field.id = `atelier-control-${made += 1}`;
    label.htmlFor = field.id;
    list.hidden = true;
    list.after(control);
    if (had) field.focus({ preventScroll: true });
    return label;
  };

  // --- years ---------------------------------------------------------------------------------------------------
  const PACE = 900;
  const PATIENCE = 10_000;
  const addSlider = (list) => {
    const box = element("div", "atelier-time");
    const play = element("button", "atelier-play", { type: "button" });
    const range = element("input", "atelier-range", { type: "range", min: 0, step: 1 });
    const shown = element("output", "atelier-year");
    box.append(play, range, shown);
    replace(list, box, range);
    shown.htmlFor = range.id;
    let timer = 0;
    let isPlaying = false;
    const last = () => list.options.length - 1;
    // The latest year is the first entry of the list, and the right end of the slider.
    const tell = () => {
      shown.textContent = list.options[last() - range.value]?.text ?? "";
      range.setAttribute("aria-valuetext", shown.textContent);
    };
    const tellPlay = () => {
      const { play: start, pause, step } = words();
      play.setAttribute("aria-label", calm.matches ? step : isPlaying ? pause : start);
      play.title = play.getAttribute("aria-label");
      play.dataset.state = calm.matches ? "step" : isPlaying ? "pause" : "play";
    };
    const stop = () => {
      clearTimeout(timer);
      isPlaying = false;
      delete document.body.dataset.playing;
      tellPlay();
    };
    const move = () => {
      range.value = Number(range.value) >= last() ? 0 : Number(range.value) + 1;
      tell();
      choose(list, last() - range.value);
    };
    const advance = () => {
      move();
      const isLast = Number(range.value) >= last();
      document.addEventListener("atelier:shown", () => {
        clearTimeout(timer);
        // The years gone through are one step of the browser's history, not twenty.
        if (isPlaying && !isLast) document.body.dataset.playing = "1";
        timer = setTimeout(isLast ? stop : advance, isLast ? 0 : PACE);
      }, { once: true });
      timer = setTimeout(stop, PATIENCE);
    };
    play.addEventListener("click", () => {
      if (calm.matches) move();
      else if (isPlaying) stop();
      else {
        isPlaying = true;
        tellPlay();
        advance();
      }
    });
    range.addEventListener("input", () => { if (isPlaying) stop(); tell(); });
    range.addEventListener("change", () => choose(list, last() - range.value));
    document.addEventListener("visibilitychange", () => { if (document.hidden && isPlaying) stop(); });
    calm.addEventListener("change", () => { stop(); });
    return () => {
      if (Number(range.max) !== last()) range.max = last();
      if (document.activeElement !== range || !range.matches(":active")) range.value = last() - list.selectedIndex;
      tell();
      if (!play.title || play.title !== words()[calm.matches ? "step" : isPlaying ? "pause" : "play"]) tellPlay();
    };
  };

  // --- long lists ----------------------------------------------------------------------------------------------
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’']/g, " ").toLowerCase();
  const addSearch = (list) => {
    const isAdder = Boolean(list.closest(".atelier-several"));
    const box = element("div", "atelier-combo");
    const field = element("input", "atelier-search-field", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false",
    });
    const listing = element("ul", "atelier-options", { role: "listbox" });
    const told = element("span", "visually-hidden", { role: "status" });
    listing.hidden = true;
    box.append(field, listing, told);
    const label = replace(list, box, field);
    listing.id = `${field.id}-list`;
    listing.setAttribute("aria-label", label.textContent);
    field.setAttribute("aria-controls", listing.id);
    let active = -1;
    const current = () => (isAdder ? "" : list.selectedOptions[0]?.text ?? "");
    const isOpen = () => !listing.hidden;
    const mark = (place) => {
      const options = [...listing.children];
      active = options.length ? (place + options.length) % options.length : -1;
      options.forEach((option, rank) => option.classList.toggle("is-active", rank === active));
      if (active < 0) field.removeAttribute("aria-activedescendant");
      else {
        field.setAttribute("aria-activedescendant", options[active].id);
        options[active].scrollIntoView({ block: "nearest" });
      }
    };
    const close = () => {
      listing.hidden = true;
      told.textContent = "";
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
      active = -1;
    };
    const open = (asked) => {
      const wanted = plain(asked).split(/\s+/).filter(Boolean);
      const found = [...list.options].filter((option) => {
        const text = plain(option.text);
        return !(isAdder && option.index === 0) && wanted.every((word) => text.includes(word));
      });
      const starts = (option) => plain(option.text).startsWith(wanted.join(" "));
      if (wanted.length) found.sort((one, other) => starts(other) - starts(one));
      listing.replaceChildren(...found.map((option) => {
        const item = element("li", "atelier-option", { role: "option", id: `${listing.id}-${option.index}` });
        item.textContent = option.text;
        item.dataset.place = option.index;
        item.setAttribute("aria-selected", String(!isAdder && option.index === list.selectedIndex));
        return item;
      }));
      listing.hidden = !found.length;
      field.setAttribute("aria-expanded", String(found.length > 0));
      const { searchFound, searchNone } = words();
      told.textContent = found.length ? searchFound.replace("#", found.length) : searchNone;
      active = -1;
      field.removeAttribute("aria-activedescendant");
      if (wanted.length) mark(0);
    };
    const take = (place) => {
      close();
      choose(list, place);
      field.value = isAdder ? "" : list.options[place].text;
    };
    const restore = () => { close(); field.value = current(); };
    field.addEventListener("focus", () => field.select());
    field.addEventListener("click", () => { if (!isOpen()) open(""); });
    field.addEventListener("input", () => open(field.value));
    field.addEventListener("blur", restore);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (!isOpen()) {
          open("");
          const here = [...listing.children].findIndex((item) => item.getAttribute("aria-selected") === "true");
          mark(here >= 0 ? here : step > 0 ? 0 : -1);
        } else mark(active < 0 && step < 0 ? -1 : active + step);
      } else if (event.key === "Enter" && isOpen() && active >= 0) {
        event.preventDefault();
        take(Number(listing.children[active].dataset.place));
        field.select();
      } else if (event.key === "Escape" && (isOpen() || field.value !== current())) {
        event.preventDefault();
        restore();
        field.select();
      }
    });
    listing.addEventListener("mousedown", (event) => event.preventDefault());
    listing.addEventListener("click", ({ target }) => {
      const item = target.closest("[role=option]");
      if (item) take(Number(item.dataset.place));
    });
    let known = null;
    return () => {
      field.placeholder = isAdder ? list.options[0]?.text ?? "" : "";
      // What is being typed is left alone until the choice changes under it.
      if (!isOpen() && known !== current()) field.value = known = current();
    };
  };

  // --- the page changes ----------------------------------------------------------------------------------------
  const follow = new Map();
  let said = null;
  const look = () => {
    for (const [kind, add] of [[".atelier-years", addSlider], [".atelier-search", addSearch]]) {
      for (const list of document.querySelectorAll(`${kind} > select`)) {
        if (!follow.has(list) && !list.closest(".drawn") && !isWaiting(list)) follow.set(list, add(list));
      }
    }
    for (const [list, keepUp] of follow) {
      if (list.isConnected) keepUp();
      else follow.delete(list);
    }
    const now = document.querySelector(".atelier-status")?.textContent;
    if (now !== said) {
      said = now;
      document.dispatchEvent(new Event("atelier:shown"));
    }
  };
  let asked = false;
  const soon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; look(); });
  };
  new MutationObserver(soon).observe(document.body, { subtree: true, childList: true });
  document.addEventListener("change", soon);
  look();
})();
