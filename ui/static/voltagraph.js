// Suggestions while typing. The page works without this script.
"use strict";
const input = document.getElementById("q");
const list = document.getElementById("suggestions");
let chosen = -1;
let asked = 0;

function lastWords(text) {
  const words = text.split(/\s+/);
  return words[words.length - 1];
}

function close() {
  asked += 1; // answers still on their way must not open the list again
  list.hidden = true;
  chosen = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function take(label) {
  const text = input.value;
  input.value = text.slice(0, text.length - lastWords(text).length) + label + " ";
  close();
  input.focus();
}

function show(candidates) {
  list.replaceChildren(...candidates.map((candidate, index) => {
    const item = document.createElement("li");
    item.id = `suggestion-${index}`;
    item.role = "option";
    const label = document.createElement("span");
    label.textContent = candidate.label;
    const count = document.createElement("small");
    const kind = candidate.kind === "concept" ? "" : `${candidate.kind}, `;
    count.textContent = kind + (candidate.count === 1 ? "1 record" : `${candidate.count} records`);
    item.append(label, count);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(candidate.label); });
    return item;
  }));
  list.hidden = candidates.length === 0;
  chosen = -1;
  input.setAttribute("aria-expanded", String(!list.hidden));
}

function choose(step) {
  const items = [...list.children];
  if (list.hidden || items.length === 0) return;
  asked += 1; // nor change it under the hands of whoever chooses
  chosen = (chosen + step + items.length) % items.length;
  items.forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
  input.setAttribute("aria-activedescendant", items[chosen].id);
  items[chosen].scrollIntoView({ block: "nearest" });
}

input.addEventListener("input", async () => {
  const word = lastWords(input.value);
  const mine = ++asked;
  if (word.length < 2) return close();
  const response = await fetch(`/api/suggest?prefix=${encodeURIComponent(word)}`).catch(() => null);
  const answer = response && response.ok ? await response.json().catch(() => null) : null;
  if (!answer || mine !== asked) return; // asked last, after all waiting: a late answer changes nothing
  const seen = new Set();
  show(answer.suggestions.filter(({ label }) => !seen.has(label) && seen.add(label)));
});
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") { event.preventDefault(); choose(1); }
  else if (event.key === "ArrowUp") { event.preventDefault(); choose(-1); }
  else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(list.children[chosen].firstChild.textContent); }
  else if (event.key === "Escape") close();
});
input.addEventListener("blur", close);
