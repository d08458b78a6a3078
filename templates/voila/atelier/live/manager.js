// Widgets of the page: ipywidgets' own and bqplot's; of any other, a sentence says that this page cannot show it.
import * as base from "@jupyter-widgets/base";
import { CONTROL_COMM_TARGET, ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import bqplot from "bqplot";
import bqscales from "bqscales";

import { Kernel, WIDGET } from "./kernel.js";
import { OutputModel, OutputView, Outputs } from "./output.js";

/**
 * bqplot writes ticks anew in a transition that keeps the labels of when it began. Labels that come with the ticks, or
 * after them, would be written over by it.
 */
class Axis extends bqplot.Axis {
  tickformat_changed() {
    this.g_axisline?.interrupt("set_tick_values").selectAll("*").interrupt("set_tick_values");
    super.tickformat_changed();
  }
}

const MODULES = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  "@jupyter-widgets/output": { OutputModel, OutputView },
  bqplot: { ...bqplot, Axis },
  bqscales,
};

// ipykernel looks up the comm of a message in another thread than the one that opens comms: what comes at once after the
// opening would be logged as for a comm it does not know.
const opened = (comm, data, metadata, buffers) =>
  new Promise((resolve) => {
    const status = ({ content }) => content.execution_state === "idle" && resolve();
    comm.open(data, { iopub: { status } }, metadata, buffers);
  });

class UnknownModel extends base.DOMWidgetModel {
  constructor(state, options) {
    super({ ...state, _view_name: "UnknownView", _view_module: "unknown" }, options);
  }
}

class UnknownView extends base.DOMWidgetView {
  render() {
    this.el.className = "notice";
    this.el.textContent = this.model.widget_manager.words.unknown;
  }
}

export class Manager extends ManagerBase {
  /**
   * @param {string} root Where the websockets of kernels are.
   * @param {string} id Which kernel is the page's first.
   * @param {{unknown: string, failed: string}} words What a reader is told.
   * @param {object} listeners What a kernel wants (see `kernel.js`), but for what is printed.
   */
  constructor(root, id, words, listeners) {
    super();
    this.words = words;
    this.outputs = new Outputs();
    this.kernel = new Kernel(root, id, { ...listeners, output: (message) => this.outputs.hear(message) });
    this.kernel.targets.set(WIDGET, (comm, message) => this.handle_comm_open(comm, message));
    // The kernel is asked for its widgets once it answers: asked before, upstream's four seconds may pass.
    this.answers = this.kernel.ask("kernel_info_request", {});
  }

  /** Make a model of each widget the kernel holds; one that is there already takes the kernel's state. */
  async load() {
    await this._loadFromKernel();
  }

  /** Show a model in an element. */
  async show(id, element) {
    const view = await this.create_view(await this.get_model(id));
    Widget.attach(view.luminoWidget, element);
    new ResizeObserver(() => {
      if (view.luminoWidget.isAttached) MessageLoop.postMessage(view.luminoWidget, Widget.ResizeMessage.UnknownSize);
    }).observe(element);
    return view;
  }

  async loadClass(name, module) {
    return MODULES[module]?.[name] ?? (name.endsWith("View") ? UnknownView : UnknownModel);
  }

  async _create_comm(target, id, data, metadata, buffers) {
    await this.answers;
    const comm = this.kernel.comm(target, id);
    if (data || metadata) await opened(comm, data ?? {}, metadata, buffers);
    // Upstream closes the comm of its one question; kernels log that as a comm they do not know.
    if (target === CONTROL_COMM_TARGET) comm.close = () => {};
    return comm;
  }

  // What upstream does after four seconds without an answer is for kernels that cannot answer; ours is late, and asked again.
  async _loadFromKernelModels() {
    return this._loadFromKernel();
  }

  async _get_comm_info() {
    return (await this.kernel.ask("comm_info_request", { target_name: WIDGET })).comms;
  }
}
