// Keeps the reports whose title holds every word typed; without this script the whole list is shown.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const form = document.querySelector(".find");
const lines = [...document.querySelectorAll("[data-editions] li")].map((element) => ({
  element,
  text: plain(element.querySelector(".edition-title").textContent),
}));

function filter() {
  const words = plain(form.elements.find.value).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, text } of lines) {
    element.hidden = !words.every((word) => text.includes(word));
    count += element.hidden ? 0 : 1;
  }
  form.querySelector("[data-count]").textContent = count;
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
