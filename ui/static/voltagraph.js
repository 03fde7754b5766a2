// Suggestions while typing, and a sign that an answer is on its way. The page works without this script.
"use strict";
const input = document.getElementById("q");
const list = document.getElementById("suggestions");
let chosen = -1;
let asked = 0;
let shown = [];

const MOST_WORDS = 3; // of what a suggestion completes: "lithium iron ph"
const MOST_SHOWN = 8;

function endings(text) { // where the last words begin, as they stand there, most words first
  const starts = [...text.matchAll(/\S+/g)].map((word) => word.index).slice(-MOST_WORDS);
  return /\s$/.test(text) ? [] : starts.filter((start) => text.length - start > 1);
}

function close() {
  asked += 1; // answers still on their way must not open the list again
  list.hidden = true;
  chosen = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function take({ label, before }) { // also where the word has been typed on since: it is the same word
  input.value = `${before}${label} `;
  close();
  input.focus();
}

function show(candidates) {
  list.replaceChildren(...candidates.map((candidate, index) => {
    const item = document.createElement("li");
    item.id = `suggestion-${index}`;
    item.role = "option";
    const label = document.createElement("span");
    // A long name breaks before its capitals, as elsewhere on the pages.
    const [first, ...others] = candidate.label.split(/(?<=[a-z])(?=[A-Z])/);
    label.append(first, ...others.flatMap((part) => [document.createElement("wbr"), part]));
    const count = document.createElement("small");
    const kind = candidate.kind === "concept" ? "" : `${candidate.kind}, `;
    count.textContent = kind + (candidate.count === 1 ? "1 record" : `${candidate.count} records`);
    item.append(label, count);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(candidate); });
    return item;
  }));
  shown = candidates;
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

async function suggested(text, start) {
  const response = await fetch(`/api/suggest?prefix=${encodeURIComponent(text.slice(start))}`).catch(() => null);
  const answer = response && response.ok ? await response.json().catch(() => null) : null;
  return answer ? answer.suggestions.map((one) => ({ ...one, before: text.slice(0, start) })) : null;
}

input.addEventListener("input", async () => {
  const mine = ++asked;
  const text = input.value;
  const found = (await Promise.all(endings(text).map((start) => suggested(text, start)))).filter(Boolean);
  if (mine !== asked) return; // asked last, after all waiting: a late answer changes nothing
  if (found.length === 0) return close();
  const seen = new Set();
  const fresh = found.flat().filter(({ label }) => !seen.has(label) && seen.add(label));
  show([...fresh.filter(({ count }) => count), ...fresh.filter(({ count }) => !count)].slice(0, MOST_SHOWN));
});
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") { event.preventDefault(); choose(1); }
  else if (event.key === "ArrowUp") { event.preventDefault(); choose(-1); }
  else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(shown[chosen]); }
  else if (event.key === "Escape") close();
});
input.addEventListener("blur", close);

input.form.addEventListener("submit", () => input.form.setAttribute("aria-busy", "true"));
window.addEventListener("pageshow", () => input.form.removeAttribute("aria-busy")); // also where the reader comes back to
