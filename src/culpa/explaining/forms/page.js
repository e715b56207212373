// SPDX-License-Identifier: MIT
// Lights up what belongs together. What that is, and the sentence that goes with it, was written by the engine into
// the page's record: this script knows no mathematics.

(() => {
  "use strict";
  // Of each key: the others that light up with it, the sentence, and the sentence in words.
  const record = JSON.parse(document.getElementById("cells").textContent);
  const { one, all } = document.querySelector(".status").dataset;
  const said = document.querySelector(".said");
  const spoken = document.querySelector(".status [role=status]");
  const drawing = document.querySelector(".network-drawing");

  // An element may stand for several things; it answers with the first of them.
  const keysOf = (element) => element?.getAttribute?.("data-cell")?.split(" ") ?? [];
  const places = new Map();
  for (const element of document.querySelectorAll("[data-cell]")) {
    for (const key of keysOf(element)) places.set(key, [...(places.get(key) ?? []), element]);
  }

  // The key that stays lit when the pointer leaves: the one that was focused or tapped last.
  let kept = null;
  let shown = null;

  function light(key) {
    if (key === shown) return;
    shown = key;
    for (const element of document.querySelectorAll(".lit, .own, .speaks")) {
      element.classList.remove("lit", "own", "speaks");
    }
    const [others, formula, words] = record[key] ?? ["", "", ""];
    for (const other of key === null ? [] : [key, ...others.split(" ")]) {
      for (const element of places.get(other) ?? []) element.classList.add("lit");
    }
    for (const element of places.get(key) ?? []) {
      element.classList.add("own");
      element.closest(".step")?.querySelector(".words")?.classList.add("speaks");
    }
    drawing?.classList.toggle("dimmed", drawing.querySelector(".edge.lit") !== null);
    said.innerHTML = formula;
    spoken.textContent = words || said.textContent;
    const of = formula && whose(key);
    if (!of) return;
    said.insertAdjacentHTML("beforeend", " <small></small>");
    said.lastChild.textContent = of;
    spoken.textContent += `, ${of}`;
  }

  // A derivative is that of the one example, or that of them all, as the laboratory's; parameters belong to neither.
  const whose = (key) => (/^[Wb]-/.test(key) ? "" : /^D/.test(key) ? all : one);

  const cellIn = (place) => place?.querySelector(":scope > [data-cell]") ?? null;

  // One tab stop a matrix: it moves along, so that Tab leaves the matrix and comes back to the same cell.
  function stopAt(table, stop) {
    for (const cell of table.querySelectorAll("mtd > [data-cell]")) {
      cell.setAttribute("tabindex", cell === stop ? "0" : "-1");
    }
  }
  for (const table of document.querySelectorAll("mtable")) stopAt(table, table.querySelector("mtd > [data-cell]"));

  // In a matrix the whole cell answers, and not the letters inside it.
  function keyAt(target) {
    const cell = cellIn(target.closest?.("mtd")) ?? target.closest?.("[data-cell]");
    return keysOf(cell)[0] ?? null;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") light(keyAt(event.target) ?? kept);
  });
  document.documentElement.addEventListener("pointerleave", () => light(kept));

  document.addEventListener("focusin", (event) => {
    kept = keysOf(event.target)[0] ?? null;
    light(kept);
  });

  // A tap, or a click, keeps what it hits; beside everything it clears.
  document.addEventListener("click", (event) => {
    if (event.target.closest(".laboratory, .status, a")) return;
    kept = keyAt(event.target);
    light(kept);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      kept = null;
      light(null);
      return;
    }
    const table = event.target.closest?.("mtable");
    if (table === null || table === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(table, event.target, event.key);
    if (next === null) return;
    event.preventDefault();
    stopAt(table, next);
    next.focus();
  });

  function neighbour(table, from, key) {
    const rows = [...table.children].map((row) => [...row.children].map(cellIn));
    const row = rows.findIndex((cells) => cells.includes(from));
    const column = row < 0 ? -1 : rows[row].indexOf(from);
    if (row < 0) return null;
    const inRow = rows[row];
    const inColumn = rows.map((cells) => cells[column]);
    // Dots are passed over.
    const first = (cells) => cells.find((cell) => cell) ?? null;
    const before = (cells, place) => first(cells.slice(0, place).reverse());
    switch (key) {
      case "ArrowRight": return first(inRow.slice(column + 1));
      case "ArrowLeft": return before(inRow, column);
      case "ArrowDown": return first(inColumn.slice(row + 1));
      case "ArrowUp": return before(inColumn, row);
      case "Home": return first(inRow);
      case "End": return first([...inRow].reverse());
      default: return null;
    }
  }

  // A box is a tab stop only while there is something in it to scroll to.
  const boxes = document.querySelectorAll(".line, .wide");
  function tabStops() {
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    }
  }
  function measure() {
    for (const chain of document.querySelectorAll(".chain")) {
      const em = parseFloat(getComputedStyle(chain).fontSize);
      chain.style.setProperty("--em", (chain.offsetWidth / em + 1).toFixed(1));
    }
    tabStops();
  }
  const watcher = new ResizeObserver(tabStops);
  for (const box of boxes) watcher.observe(box);
  document.fonts.ready.then(measure);
})();
