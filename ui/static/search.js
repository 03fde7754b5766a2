// Menus of chips close by themselves; a range is drawn over a histogram. The page works without this script.
"use strict";
const menus = [...document.querySelectorAll("details.menu")];

document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
for (const menu of menus) menu.addEventListener("toggle", () => { // none reaches out of the window
  const box = menu.querySelector(":scope > div");
  box.style.left = "";
  const over = box.getBoundingClientRect().right + 8 - document.documentElement.clientWidth;
  if (menu.open && over > 0) box.style.left = `${-over}px`;
});
document.addEventListener("keydown", (event) => {
  const menu = menus.find((one) => one.open && one.contains(document.activeElement));
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

for (const plot of document.querySelectorAll(".plot")) {
  const picture = plot.querySelector("svg");
  const bars = [...picture.querySelectorAll("a")];
  let first = -1;

  function bar(event) { // a finger stays captured by where it began, so the place counts and not the target
    const under = document.elementFromPoint(event.clientX, event.clientY);
    return under ? bars.indexOf(under.closest("a")) : -1;
  }

  function draw(last) {
    const [low, high] = [Math.min(first, last), Math.max(first, last)];
    bars.forEach((one, index) => one.classList.toggle("drawn", last >= 0 && index >= low && index <= high));
    return [bars[low], bars[high]];
  }

  picture.addEventListener("dragstart", (event) => event.preventDefault());
  picture.addEventListener("pointerdown", (event) => { first = bar(event); });
  picture.addEventListener("pointermove", (event) => { if (first >= 0 && bar(event) >= 0) draw(bar(event)); });
  window.addEventListener("pointerup", (event) => {
    const last = bar(event);
    if (first >= 0 && last >= 0 && last !== first) {
      const [low, high] = draw(last);
      const form = plot.querySelector("form");
      form.elements.least.value = low.dataset.first;
      form.elements.most.value = high.dataset.last;
      form.elements.below.value = high.dataset.below;
      form.requestSubmit();
    } else if (first >= 0) draw(-1);
    first = -1;
  });
}
