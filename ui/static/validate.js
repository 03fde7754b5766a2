// The page that checks documents, without loading it anew: files are dropped or chosen, fixes taken, the text downloaded.
// The page works without this script.
const form = document.getElementById("validate");
const area = document.getElementById("document");
const download = document.getElementById("download");
const chooser = form.elements.namedItem("file");
const nameField = form.elements.namedItem("name");
let asIs = null; // the chosen file, while nobody has changed its text
let lineEnd = "\n"; // a text area knows no other
let asked = 0;

function documentFile() {
  return asIs || new File([area.value.replaceAll("\n", lineEnd)], nameField.value, { type: "application/ld+json" });
}

function problem(text) {
  const notice = document.createElement("div");
  notice.className = "notice error";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  document.getElementById("result").replaceChildren(notice);
}

async function check(button) {
  const mine = ++asked;
  const fields = new FormData(form, button);
  fields.delete("file");
  fields.set("document", documentFile());
  form.setAttribute("aria-busy", "true");
  const response = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
  const text = response ? await response.text().catch(() => "") : "";
  if (mine !== asked) return; // a later check is on its way
  form.removeAttribute("aria-busy");
  const page = new DOMParser().parseFromString(text, "text/html");
  const result = page.getElementById("result");
  if (!result) return problem(response ? "The service cannot answer just now. Try again later." : "The service cannot be reached. Check your connection.");
  if (result.hasAttribute("data-mended")) {
    area.value = page.getElementById("document").value;
    asIs = null;
  }
  document.getElementById("result").replaceWith(document.adoptNode(result));
  document.title = page.title;
  document.getElementById("summary")?.focus();
}

async function take(file) {
  const text = await file.text();
  asIs = file;
  lineEnd = /\r\n/.test(text) && !/[^\r]\n/.test(text) ? "\r\n" : "\n";
  area.value = text;
  nameField.value = file.name;
  download.hidden = false;
  await check();
}

function offsetOf(line, column) {
  const lines = area.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const signs = [...(lines[line - 1] ?? "")]; // columns count characters, and this language halves of some
  return before + signs.slice(0, column - 1).join("").length;
}

function edit(line, column) {
  const start = offsetOf(line, column);
  const token = /^("(?:[^"\\\n]|\\.)*"|[-+.\w]+|.)/.exec(area.value.slice(start));
  area.focus();
  area.setSelectionRange(start, start + (token ? token[0].length : 0));
  const height = parseFloat(getComputedStyle(area).lineHeight);
  area.scrollTop = Math.max(0, (line - 4) * height);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  check(event.submitter);
});
area.addEventListener("input", () => {
  asIs = null;
  download.hidden = area.value === "";
});
area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) check();
});
chooser.addEventListener("change", () => {
  if (chooser.files.length > 0) take(chooser.files[0]);
});
form.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("over");
});
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  form.classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (!file) return; // text may be dropped into the text area as ever
  event.preventDefault();
  take(file);
});
document.addEventListener("dblclick", (event) => {
  const line = event.target.closest("pre.checked [data-n]");
  if (line) edit(Number(line.dataset.n), 1);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.edit");
  if (button) edit(Number(button.dataset.line), Number(button.dataset.column));
});
download.addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(documentFile());
  link.download = nameField.value;
  link.click();
  URL.revokeObjectURL(link.href);
});
download.hidden = area.value === "";
document.documentElement.classList.add("scripted");
