// A kernel seen from a page: its websocket, comms over it, and what came while nobody listened.
import { serialize, deserialize } from "@jupyterlab/services/lib/kernel/serialize";
import { UUID } from "@lumino/coreutils";

/** Name of the comms that widgets talk through. */
export const WIDGET = "jupyter.widget";

const PROTOCOL = "v1.kernel.websocket.jupyter.org";
/** A socket closed with this code asks the page to do without its kernel. */
const REST = 4001;
const WAITS = [300, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000];

/** What messages of a kind are sent when they answer one of ours. */
const tell = (callbacks, message) => {
  const type = message.header.msg_type;
  if (type === "status") callbacks.iopub?.status?.(message);
  else if (type === "clear_output") callbacks.iopub?.clear_output?.(message);
  else if (["stream", "display_data", "execute_result", "error"].includes(type)) callbacks.iopub?.output?.(message);
  else if (type.endsWith("_reply")) callbacks.shell?.reply?.(message);
};

/** One comm, with the names that widgets call. */
class Comm {
  constructor(kernel, target, id) {
    this.kernel = kernel;
    this.target_name = target;
    this.comm_id = id;
    this.early = [];
  }

  open(data, callbacks, metadata, buffers) {
    return this.say("comm_open", { target_name: this.target_name, data }, callbacks, metadata, buffers);
  }

  send(data, callbacks, metadata, buffers) {
    return this.say("comm_msg", { data }, callbacks, metadata, buffers);
  }

  close(data, callbacks, metadata, buffers) {
    this.kernel.comms.delete(this.comm_id);
    return this.say("comm_close", { data: data ?? {} }, callbacks, metadata, buffers);
  }

  say(type, content, callbacks, metadata, buffers) {
    return this.kernel.send(type, { comm_id: this.comm_id, ...content }, { callbacks, metadata, buffers });
  }

  on_msg(listener) {
    this.listener = listener;
    for (const message of this.early.splice(0)) listener(message);
  }

  on_close(listener) {
    this.closed = listener;
  }

  hear(message) {
    // A model listens once its class is loaded: what comes before is kept for it.
    if (this.listener) this.listener(message);
    else this.early.push(message);
  }
}

/** The kernel; it connects at once, and again when the connection is lost. */
export class Kernel {
  /**
   * @param {string} root Where the websockets of kernels are.
   * @param {string} id Which kernel it is.
   * @param {{open: Function, close: Function, lost: Function, output: Function, said: Function, heard: Function,
   *   rest: Function}} listeners Called when the connection opens, when it closes for a while, when it is given up, with
   *   what a running callback prints, with what is said, with what is heard before anybody else takes it, and when the
   *   page is asked to rest.
   */
  constructor(root, id, listeners) {
    this.session = UUID.uuid4();
    this.root = root;
    this.listeners = listeners;
    this.comms = new Map();
    this.targets = new Map();
    this.answers = new Map();
    this.waiting = [];
    this.join(id);
  }

  /** Connect to a kernel, the first one or another one. */
  join(id) {
    this.id = id;
    this.given = false;
    this.failures = 0;
    this.connect();
  }

  /** Have no kernel: what is said from now on waits for the next one. */
  part() {
    this.id = null;
    this.answers.clear();
    this.socket?.close();
    this.socket = null;
  }

  connect() {
    const { id } = this;
    const socket = new WebSocket(`${this.root}${id}/channels?session_id=${this.session}`, [PROTOCOL]);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (this.id !== id) return;
      this.socket = socket;
      this.failures = 0;
      for (const message of this.waiting.splice(0)) this.put(message);
      this.listeners.open();
    };
    socket.onmessage = ({ data }) => this.id === id && this.listen(deserialize(data, PROTOCOL));
    socket.onclose = ({ code }) => {
      if (this.id !== id) return;
      this.socket = null;
      if (code === REST) this.listeners.rest();
      if (!this.id) return;
      this.listeners.close();
      if (this.given) return;
      if (this.failures < WAITS.length) setTimeout(() => this.connect(), WAITS[this.failures++]);
      else this.listeners.lost();
    };
  }

  /** Connect no more: the kernel has ended. */
  giveUp() {
    this.given = true;
  }

  comm(target, id = UUID.uuid4()) {
    if (!this.comms.has(id)) this.comms.set(id, new Comm(this, target, id));
    return this.comms.get(id);
  }

  /** Ask, and return the answer's content. */
  ask(type, content) {
    return new Promise((resolve) => {
      this.send(type, content, { callbacks: { shell: { reply: (message) => resolve(message.content) } } });
    });
  }

  send(type, content, { callbacks = {}, metadata = {}, buffers = [] } = {}) {
    const header = {
      msg_id: UUID.uuid4(),
      msg_type: type,
      session: this.session,
      username: "",
      version: "5.3",
      date: new Date().toISOString(),
    };
    this.answers.set(header.msg_id, callbacks ?? {});
    const message = { channel: "shell", header, parent_header: {}, metadata: metadata ?? {}, content, buffers: buffers ?? [] };
    this.put(message);
    this.listeners.said(message);
    return header.msg_id;
  }

  put(message) {
    if (this.socket) this.socket.send(serialize(message, PROTOCOL));
    else this.waiting.push(message);
  }

  /** Take what the kernel says, unless somebody else does first (see `rest.js`). */
  listen(message) {
    if (!this.listeners.heard(message)) this.hear(message);
  }

  hear(message) {
    const { header, content } = message;
    const asked = message.parent_header?.msg_id;
    if (header.msg_type === "comm_open") {
      const comm = this.comm(content.target_name, content.comm_id);
      this.targets.get(content.target_name)?.(comm, message);
    } else if (header.msg_type === "comm_msg") {
      this.comms.get(content.comm_id)?.hear(message);
    } else if (header.msg_type === "comm_close") {
      this.comms.get(content.comm_id)?.closed?.(message);
      this.comms.delete(content.comm_id);
    } else if (!this.listeners.output(message)) {
      tell(this.answers.get(asked) ?? {}, message);
    }
    if (header.msg_type === "status" && content.execution_state === "idle") this.answers.delete(asked);
  }
}
