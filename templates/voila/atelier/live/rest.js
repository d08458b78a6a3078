// A page that is only read needs no kernel: it lets its own go, and has another one when it is used again.
//
// The other one is a fork of the same parent: it knows the same widgets by the same names. It shows what the page shows,
// told by the page's query or by the values that were chosen here, sent again; then the gesture it was asked for; then it
// says the state of every widget, which the page takes as a whole. What it says before that is not heard.
import { CONTROL_COMM_TARGET } from "@jupyter-widgets/base-manager";

import { WIDGET } from "./kernel.js";

const TRIES = 20;
const PATIENCE = 10;
const CREATED = 201;
const CONFLICT = 409;
const later = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export class Rest {
  /**
   * @param {{rest: number, parent: string, restores: boolean, baseUrl: string}} config Seconds without a gesture; the
   *   parent of the page's kernel, and whether its forks show what a query asks; where kernels are let go.
   * @param {Function} tell Says how it goes: `kernel` with the one there is now, `busy` while there is none to be had,
   *   `lost` when that lasts, `stale` when the page has to be loaded again.
   */
  constructor(config, tell) {
    this.config = config;
    this.tell = tell;
    this.asked = location.search;
    this.values = new Map();
    this.held = false;
    this.query = null;
    this.heardSoFar = null;
    this.isAsMade = true;
  }

  /** Begin, now that the widgets are shown. */
  begin() {
    this.isShown = true;
    this.wait();
  }

  /** Take note of what the page says to its kernel; ask for another one where there is none. */
  said({ header, content, buffers }) {
    const comm = this.manager?.kernel.comms.get(content.comm_id);
    if (comm?.target_name !== WIDGET) return;
    const isAsMade = this.isAsMade && !this.asked;
    this.isAsMade = false;
    this.note(header.msg_type, content, buffers);
    if (this.manager.kernel.id) this.wait();
    else this.wake(isAsMade);
  }

  /** Take what a kernel says while it gets ready for this page; return whether that was so. */
  heard(message) {
    if (!this.heardSoFar || message.header.msg_type === "status") return false;
    const { comms } = this.manager.kernel;
    const target = message.content.target_name ?? comms.get(message.content.comm_id)?.target_name;
    if (target === CONTROL_COMM_TARGET) {
      this.heardSoFar = { isReady: true, messages: [] };
      return false;
    }
    if (target !== WIDGET) return false;
    if (this.heardSoFar.isReady) this.heardSoFar.messages.push(message);
    return true;
  }

  // What is chosen can be told again. An event cannot, nor a widget made here: the kernel is kept for those, until the
  // page tells another selection, which holds all there is to know.
  note(type, { comm_id: id, data }, buffers) {
    this.forgetEvents();
    if (type === "comm_msg" && data.method === "update" && !buffers.length) {
      const { values } = this;
      const before = values.get(id);
      values.delete(id);
      values.set(id, { ...before, ...data.state });
    } else this.held = true;
  }

  forgetEvents() {
    const query = this.told();
    if (query !== this.query) this.held = false;
    this.query = query;
  }

  /** Return the query that the page tells and that another kernel would show, if there is one. */
  told() {
    if (!this.config.restores) return undefined;
    return document.querySelector("[data-atelier-query]")?.dataset.atelierQuery;
  }

  wait() {
    clearTimeout(this.timer);
    if (this.config.rest && this.isShown) this.timer = setTimeout(() => this.rest(), this.config.rest * 1000);
  }

  /** Let the kernel go, unless the page would lose something. */
  rest() {
    const { kernel } = this.manager;
    this.forgetEvents();
    const isAllowed = this.config.rest && !this.held && !this.manager.outputs.areUsed;
    const isAtRest = this.isShown && kernel.id && !kernel.given && !kernel.answers.size && !this.heardSoFar;
    if (!isAllowed || !isAtRest) {
      this.wait();
      return;
    }
    clearTimeout(this.timer);
    navigator.sendBeacon(`${this.config.baseUrl}voila/api/shutdown/${kernel.id}?rest`);
    kernel.part();
    this.tell("kernel", "");
  }

  /** Have another kernel; where the page still is as it was made, so is the kernel, and nothing needs to be told. */
  async wake(isAsMade) {
    if (this.heardSoFar) return;
    this.heardSoFar = { isReady: false, messages: [] };
    const { kernel } = this.manager;
    const id = await this.ask(isAsMade ? "" : (this.told() ?? this.asked));
    if (id && isAsMade) {
      this.heardSoFar = null;
      this.tell("kernel", id);
      kernel.join(id);
    } else if (id) {
      if (this.told() === undefined) this.sendValues();
      this.tell("kernel", id);
      kernel.join(id);
      const isLate = await Promise.race([this.manager.load(), later(PATIENCE).then(() => true)]).catch(() => true);
      if (isLate) this.tell("stale");
      for (const message of this.heardSoFar.messages) {
        kernel.hear(message);
        await later(0);
      }
    }
    this.heardSoFar = null;
    this.wait();
  }

  /** Return the identifier of another kernel, or nothing once the page has been told why there is none. */
  async ask(told) {
    const query = new URLSearchParams(told);
    if (document.documentElement.lang === "en") query.set("lang", "en");
    const address = `${location.pathname}/kernel?${query}`;
    for (let tries = 0; tries < TRIES; tries += 1) {
      let seconds = 1;
      try {
        const answer = await fetch(address, { method: "POST", body: this.config.parent });
        if (answer.status === CREATED) return (await answer.json()).id;
        if (answer.status === CONFLICT) return this.tell("stale");
        seconds = Number(answer.headers.get("Retry-After")) || 1;
      } catch {
        // The server may be starting again.
      }
      this.tell("busy");
      await later(seconds);
    }
    return this.tell("lost");
  }

  /** Put the values chosen so far before the gestures that wait for the kernel. */
  sendValues() {
    const { kernel } = this.manager;
    const gestures = kernel.waiting.splice(0);
    const isAsked = (id, name) => gestures.some(({ content }) => content.comm_id === id && name in (content.data.state ?? {}));
    for (const [id, values] of [...this.values]) {
      const state = Object.fromEntries(Object.entries(values).filter(([name]) => !isAsked(id, name)));
      if (Object.keys(state).length) kernel.comms.get(id)?.send({ method: "update", state, buffer_paths: [] });
    }
    kernel.waiting.push(...gestures);
  }
}
