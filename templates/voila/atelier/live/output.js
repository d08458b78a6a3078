// What callbacks print and display into an Output widget.
import * as base from "@jupyter-widgets/base";

const VIEW = "application/vnd.jupyter.widget-view+json";
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Which Output widget takes what answers a message; the kernel says so in each widget's msg_id. */
export class Outputs {
  constructor() {
    this.takers = new Map();
    this.areUsed = false;
  }

  /** Give a message to the widget that takes it; return whether there was one. */
  hear({ header, parent_header: parent, content }) {
    const taker = this.takers.get(parent?.msg_id);
    if (!taker) return false;
    if (header.msg_type === "clear_output") taker.clear(content.wait);
    else if (["stream", "display_data", "execute_result", "error"].includes(header.msg_type)) {
      taker.add({ output_type: header.msg_type, ...content });
    } else return false;
    return true;
  }
}

export class OutputModel extends base.DOMWidgetModel {
  defaults() {
    return {
      ...super.defaults(),
      _model_name: "OutputModel",
      _view_name: "OutputView",
      _model_module: "@jupyter-widgets/output",
      _view_module: "@jupyter-widgets/output",
      msg_id: "",
      outputs: [],
    };
  }

  initialize(attributes, options) {
    super.initialize(attributes, options);
    this.widget_manager.outputs.areUsed = true;
    this.listenTo(this, "change:msg_id", this.listen);
    this.listen();
  }

  listen() {
    const { takers } = this.widget_manager.outputs;
    if (this.previous("msg_id")) takers.delete(this.previous("msg_id"));
    if (this.get("msg_id")) takers.set(this.get("msg_id"), this);
  }

  clear(isLater) {
    this.isStale = isLater;
    if (!isLater) this.keep([]);
  }

  add(output) {
    const before = this.isStale ? [] : this.get("outputs");
    this.isStale = false;
    const last = before.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      this.keep([...before.slice(0, -1), { ...last, text: last.text + output.text }]);
    } else this.keep([...before, output]);
  }

  keep(outputs) {
    this.set("outputs", outputs);
    this.save_changes();
  }
}

export class OutputView extends base.DOMWidgetView {
  render() {
    super.render();
    this.el.classList.add("jupyter-widgets", "widget-output", "jupyter-widget-output");
    this.listenTo(this.model, "change:outputs", this.draw);
    this.draw();
  }

  draw() {
    this.el.replaceChildren(...this.model.get("outputs").map((output) => this.drawn(output)));
  }

  drawn(output) {
    const data = output.data ?? {};
    const host = document.createElement("div");
    if (data[VIEW]) this.model.widget_manager.show(data[VIEW].model_id, host);
    else if (data["image/svg+xml"]) host.innerHTML = joined(data["image/svg+xml"]);
    else if (data["image/png"] ?? data["image/jpeg"]) host.append(picture(data));
    else if (data["text/html"]) host.innerHTML = joined(data["text/html"]);
    else {
      const text = document.createElement("pre");
      text.textContent = joined(output.traceback ?? output.text ?? data["text/plain"] ?? "").replace(COLOURS, "");
      host.append(text);
    }
    return host;
  }
}

const joined = (text) => (Array.isArray(text) ? text.join("") : text);

const picture = (data) => {
  const kind = data["image/png"] ? "image/png" : "image/jpeg";
  const image = document.createElement("img");
  image.src = `data:${kind};base64,${joined(data[kind])}`;
  image.alt = joined(data["text/plain"] ?? "");
  return image;
};
