// The pages for queries, without loading them anew: line numbers, running and stopping, the place of a fault, copying an id.
// The pages work without this script.
const queryForm = document.getElementById("query-form");
const editor = document.getElementById("query");
const gutter = document.querySelector(".gutter");
const stop = document.getElementById("stop");
let running = null;

function number() {
  const lines = editor.value.split("\n").length;
  gutter.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  gutter.scrollTop = editor.scrollTop;
}

function tell(text) {
  const notice = document.createElement("div");
  notice.className = "notice error";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  document.getElementById("result").replaceChildren(notice);
}

function pointAt(line, column) {
  const lines = editor.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const start = before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length; // columns count characters
  editor.focus();
  editor.setSelectionRange(start, start + 1);
  editor.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(editor).lineHeight));
}

async function run(submitter) {
  running?.abort();
  const mine = running = new AbortController();
  const fields = new URLSearchParams(new FormData(queryForm, submitter));
  queryForm.setAttribute("aria-busy", "true");
  stop.hidden = false;
  let response = null;
  let text = "";
  try {
    response = editor
      ? await fetch("/query", { method: "POST", body: fields, signal: mine.signal })
      : await fetch(`${location.pathname}?${fields}`, { signal: mine.signal });
    text = await response.text();
  } catch (error) {
    if (mine !== running) return; // a later one is on its way
    if (error.name === "AbortError") tell("Stopped.");
    else tell("The service cannot be reached. Check your connection.");
  }
  if (mine !== running) return;
  running = null;
  queryForm.removeAttribute("aria-busy");
  stop.hidden = true;
  if (!text) return;
  const result = new DOMParser().parseFromString(text, "text/html").getElementById("result");
  if (!result) return tell("The service cannot answer just now. Try again later.");
  document.getElementById("result").replaceWith(document.adoptNode(result));
  const address = `${location.pathname}?${editor ? asked(fields) : fields}`;
  if (address.length < 6000) history.replaceState(null, "", address);
  const fault = document.querySelector(".fault");
  if (fault && editor) pointAt(Number(fault.dataset.line), Number(fault.dataset.column));
  else document.getElementById("summary")?.focus();
}

function asked(fields) {
  const shown = new URLSearchParams({ query: fields.get("query") });
  if (fields.get("snapshot")) shown.set("snapshot", fields.get("snapshot"));
  return shown;
}

if (queryForm) {
  queryForm.addEventListener("submit", (event) => {
    if (event.submitter?.id === "save") return; // that one leads to another page
    event.preventDefault();
    run(event.submitter);
  });
  stop.addEventListener("click", () => running?.abort());
}
if (editor) {
  number();
  editor.addEventListener("input", number);
  editor.addEventListener("scroll", () => { gutter.scrollTop = editor.scrollTop; });
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(queryForm.querySelector("button.primary"));
  });
  document.addEventListener("click", (event) => {
    const fault = event.target.closest(".fault");
    if (fault) pointAt(Number(fault.dataset.line), Number(fault.dataset.column));
  });
}
for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}
document.documentElement.classList.add("scripted");
