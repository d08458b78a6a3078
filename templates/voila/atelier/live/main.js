// The live half of a dashboard's page: connects to the page's kernel and shows its widgets where the page stands drawn.
// It tells `dashboard.js` how it goes by events of the document: atelier:shown, atelier:open, atelier:close, atelier:lost,
// and those of `rest.js`.
import "./theme.css";
import { Manager } from "./manager.js";
import { Rest } from "./rest.js";

const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
const TRIES = "atelier-tries";
const PATIENCE = 10_000;
let patience = null;
// A kernel that does not say what it holds ten seconds after the connection: once or twice more, from the start.
const startAgainLater = () => {
  const tries = Number(sessionStorage.getItem(TRIES) ?? 0);
  if (patience !== null || tries >= 2) return;
  patience = setTimeout(() => {
    sessionStorage.setItem(TRIES, tries + 1);
    location.reload();
  }, PATIENCE);
};
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`atelier:${name}`, { detail }));
const root = `${location.origin.replace(/^http/, "ws")}${config.baseUrl}`;
const rest = new Rest(config, tell);
const manager = new Manager(`${root}api/kernels/`, config.kernelId, config.words, {
  open: () => {
    tell("open");
    startAgainLater();
  },
  close: () => tell("close"),
  lost: () => tell("lost"),
  said: (message) => rest.said(message),
  heard: (message) => rest.heard(message),
  rest: () => rest.rest(),
});
rest.manager = manager;
document.addEventListener("atelier:ended", () => manager.kernel.giveUp());

const show = async (place) => {
  const element = document.createElement("div");
  element.className = "jp-OutputArea-output";
  place.replaceWith(element);
  try {
    await manager.show(place.dataset.atelierView, element);
  } catch (error) {
    console.error(error);
    element.className = "notice";
    element.textContent = config.words.failed;
    // What was drawn stays to be read, and its notice under it.
    const drawn = element.previousElementSibling;
    if (drawn?.matches(".drawn")) drawn.className = "drawn-for-good";
  }
};

const start = async () => {
  await manager.load();
  await Promise.all([...document.querySelectorAll("template[data-atelier-view]")].map(show));
  clearTimeout(patience);
  sessionStorage.removeItem(TRIES);
  tell("shown");
  rest.begin();
};

start();
