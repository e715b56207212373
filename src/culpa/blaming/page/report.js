// SPDX-License-Identifier: MIT
// Makes the list of suspects sortable, filterable and tickable, and saves the decisions as the file that --decisions
// reads. Every number stands in the page: this script computes none.

(() => {
  "use strict";

  // A button that copies, beside each command.
  document.querySelectorAll(".command").forEach(copied);
  function copied(box) {
    const button = made("button", "copy", { type: "button", class: "screen" });
    button.setAttribute("aria-label", `copy ${box.querySelector("code").textContent}`);
    button.addEventListener("click", async () => {
      const code = box.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    box.append(button);
  }

  // A box is a tab stop only while there is something in it to scroll to.
  const watcher = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll(".wide")) watcher.observe(box);

  const source = document.getElementById("suspects-record");
  if (source === null) return;
  const record = JSON.parse(source.textContent);
  const table = document.querySelector("table.suspects");
  const tools = document.getElementById("suspects-tools");
  const at = Object.fromEntries(record.names.map((name, place) => [name, place]));
  const suspects = [...table.querySelectorAll(".suspect")].map((body, place) => ({
    body,
    place,
    row: record.rows[place],
    line: body.querySelector(".one"),
    why: body.querySelector(".why"),
  }));
  const value = (suspect, key) => suspect.row[at[key]];
  // A class that is itself called keep or drop, or begins like this, says that it is a label.
  const asLabel = (text) => (/^(keep|drop)$/i.test(text) || /^label:/i.test(text) ? `label:${text}` : text);

  function made(name, text, attributes = {}) {
    const element = document.createElement(name);
    element.textContent = text;
    for (const [key, entry] of Object.entries(attributes)) element.setAttribute(key, entry);
    return element;
  }

  // What is ticked survives a reload where the browser keeps anything for a file.
  const decided = new Map();
  const unlisted = new Map();
  try {
    for (const [row, word] of JSON.parse(localStorage.getItem(record.key) ?? "[]")) {
      (suspects.some((suspect) => value(suspect, "row") === row) ? decided : unlisted).set(row, word);
    }
  } catch { /* nothing is kept then */ }
  function remember() {
    try {
      localStorage.setItem(record.key, JSON.stringify([...unlisted, ...decided]));
    } catch { /* nor is this */ }
  }

  // The tools above the table.
  const search = made("input", "", { type: "search", placeholder: "row, id, label" });
  const choices = {
    given: distinct("given"),
    proposed: distinct("proposed"),
    rows: suspects.some((suspect) => value(suspect, "held_out"))
      ? [["held", "held out"], ["learnt", "learnt from"]] : [],
    decision: [["open", "undecided"], ["done", "decided"]],
  };
  const selects = Object.fromEntries(Object.entries(choices)
    .filter(([, options]) => options.length > 1)
    .map(([name, options]) => [name, select(options)]));
  const told = made("p", "", { class: "told", role: "status" });
  const save = made("button", "Save decisions as CSV", { type: "button", class: "save" });
  // What comes after saving, in the same box as every other command.
  const following = made("div", "Move it beside the table, and next:", { class: "following", hidden: "" });
  const command = made("div", "", { class: "command" });
  const code = made("code", "");
  for (const word of record.next) code.append(code.hasChildNodes() ? " " : "", made("span", word, { class: "word" }));
  command.append(code);
  copied(command);
  following.append(command);
  const clear = made("button", "Clear", { type: "button", "aria-label": "clear all decisions" });

  function distinct(key) {
    if (record.task === "regression") return [];
    const texts = [...new Set(suspects.map((suspect) => String(value(suspect, key))))];
    const order = new Map(record.classes.map((name, place) => [name, place]));
    texts.sort((a, b) => (order.get(a) ?? 1e9) - (order.get(b) ?? 1e9) || (a < b ? -1 : 1));
    return texts.map((text) => [text, text]);
  }

  function select(options) {
    const element = made("select", "");
    element.append(made("option", "all", { value: "" }));
    // An empty label is a label too: the value has a letter in front.
    for (const [word, text] of options) element.append(made("option", text, { value: `=${word}` }));
    element.addEventListener("change", filter);
    return element;
  }

  function labelled(name, element) {
    const tool = made("div", "", { class: "tool" });
    element.id = `suspects-${name}`;
    tool.append(made("label", name, { for: element.id }), element);
    return tool;
  }

  search.addEventListener("input", filter);
  save.addEventListener("click", download);
  clear.addEventListener("click", () => {
    if (!decided.size || !confirm(`Clear ${decided.size} decisions?`)) return;
    decided.clear();
    unlisted.clear();
    remember();
    suspects.forEach(show);
    filter();
  });
  tools.append(labelled("find", search));
  for (const [name, element] of Object.entries(selects)) tools.append(labelled(name, element));
  tools.append(save, clear, told, following);
  const keys = made("p", "", { class: "about told keys" });
  const opens = suspects.some((suspect) => suspect.why !== null)
    ? "<kbd>Enter</kbd> opens the reasons, <kbd>Esc</kbd> closes them, " : "";
  keys.innerHTML = `<kbd>↑</kbd> <kbd>↓</kbd> move, ${opens}`
    + "<kbd>k</kbd> keep, <kbd>d</kbd> drop, <kbd>p</kbd> take the proposed, <kbd>o</kbd> another.";
  tools.append(keys);
  tools.hidden = false;

  // One more column, for the decisions, and a list of the classes to choose another from.
  const head = table.tHead.rows[0];
  head.append(made("th", "decision", { scope: "col", class: "decision", "data-key": "decision" }));
  if (record.classes.length) {
    const list = made("datalist", "", { id: "classes" });
    for (const name of record.classes) list.append(made("option", "", { value: asLabel(name) }));
    tools.append(list);
  }
  for (const suspect of suspects) {
    const cell = made("td", "", { class: "decision", "data-label": "" });
    const group = made("div", "", { class: "decide", role: "group" });
    const row = value(suspect, "row");
    group.setAttribute("aria-label", `decision on row ${row}`);
    suspect.buttons = {};
    const words = { keep: "keep", drop: "drop", proposed: proposal(suspect) };
    for (const [name, word] of Object.entries(words)) {
      const short = name === "proposed" ? `→ ${cut(suspect.line.querySelector(".proposed").textContent)}` : name;
      const button = made("button", short, { type: "button", "aria-pressed": "false" });
      button.addEventListener("click", () => decide(suspect, word));
      suspect.buttons[name] = [button, word];
      group.append(button);
    }
    suspect.input = made("input", "", { type: "text", placeholder: "other", "aria-label": `other label of row ${row}` });
    if (record.classes.length) suspect.input.setAttribute("list", "classes");
    suspect.input.addEventListener("change", () => typed(suspect, suspect.input.value.trim()));
    suspect.refusal = made("span", "", { class: "refusal", role: "alert", id: `refusal-${row}` });
    suspect.input.setAttribute("aria-describedby", suspect.refusal.id);
    group.append(suspect.input, suspect.refusal);
    if (suspect.why !== null) {
      suspect.opener = made("button", "why", { type: "button", "aria-expanded": "false" });
      suspect.opener.setAttribute("aria-label", `why row ${row}`);
      suspect.opener.addEventListener("click", () => open(suspect, suspect.why.hidden));
      group.append(suspect.opener);
      suspect.why.hidden = true;
      suspect.why.firstElementChild.colSpan += 1;
    }
    cell.append(group);
    suspect.line.append(cell);
    suspect.line.setAttribute("tabindex", "-1");
    show(suspect);
  }

  function cut(text) {
    return text.length > 14 ? `${text.slice(0, 13)}…` : text;
  }

  function proposal(suspect) {
    return asLabel(String(value(suspect, "proposed")));
  }

  // A number as the list's reader takes it: with a decimal point or a decimal comma, and no sign between thousands.
  function numberOf(word) {
    const plain = word.trim().replace("−", "-");
    if (/^[+-]?[1-9]\d{0,2}(,\d{3})+$/.test(plain)) return NaN;
    const pointed = /^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(plain) ? plain.replace(",", ".") : plain;
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(pointed) ? Number(pointed) : NaN;
  }

  // What the command would refuse is refused here, beside the field, and not kept.
  const plain = (text) => text.trim().toLowerCase();
  const labels = new Set(record.classes.map(plain));
  function refused(word) {
    if (word === "" || /^(keep|drop)$/i.test(word)) return "";
    if (record.task === "regression") {
      return isFinite(numberOf(word)) ? "" : "no number: write it like 1234.5 or 1234,5";
    }
    return !labels.size || labels.has(plain(word.replace(/^label:/i, ""))) ? "" : "none of the classes";
  }

  // A number that was typed is a number, whatever its sign.
  function decision(word) {
    const value = record.task === "regression" ? numberOf(word) : NaN;
    return isFinite(value) ? value : word;
  }

  function typed(suspect, word) {
    const why = refused(word);
    if (why === "") {
      decide(suspect, String(decision(word)), true);
      return;
    }
    // A word that was typed before is gone with the new one; a button that is pressed is seen to be.
    if (suspect.input.classList.contains("chosen")) decided.delete(value(suspect, "row"));
    remember();
    show(suspect);
    suspect.input.value = word;
    suspect.input.setAttribute("aria-invalid", "true");
    suspect.refusal.textContent = why;
    tell();
  }

  // A second tick of the same takes it back.
  function decide(suspect, word, whole = false) {
    const row = value(suspect, "row");
    if (word === "" || (!whole && decided.get(row) === word)) decided.delete(row);
    else decided.set(row, word);
    remember();
    show(suspect);
    tell();
  }

  function show(suspect) {
    const word = decided.get(value(suspect, "row")) ?? "";
    let known = word === "";
    for (const [button, own] of Object.values(suspect.buttons)) {
      button.setAttribute("aria-pressed", String(own === word));
      known ||= own === word;
    }
    suspect.refusal.textContent = "";
    suspect.input.removeAttribute("aria-invalid");
    suspect.input.value = known ? "" : word;
    suspect.input.classList.toggle("chosen", !known);
  }

  function open(suspect, wanted) {
    if (suspect.why === null) {
      if (wanted) told.textContent = `${counts()}; the reasons for row ${value(suspect, "row")} were not looked for`;
      return;
    }
    suspect.why.hidden = !wanted;
    suspect.opener.setAttribute("aria-expanded", String(wanted));
  }

  // Sorting: a button in each header.
  const numeric = (name) => suspects.some((suspect) => typeof suspect.row[at[name]] === "number");
  const sorters = {
    rank: (suspect) => suspect.place,
    rival: (suspect) => record.other[suspect.place] ?? Infinity,
    decision: (suspect) => decided.get(value(suspect, "row")) ?? "",
    notes: (suspect) => suspect.line.querySelector(".notes").textContent,
  };
  for (const header of head.cells) {
    const { key } = header.dataset;
    if (key === "image") {
      header.classList.add("still");
      continue;
    }
    const button = made("button", "", { type: "button" });
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sort(header, key));
  }
  head.cells[0].setAttribute("aria-sort", "ascending");

  function sort(header, key) {
    const before = header.getAttribute("aria-sort");
    const falls = key in at && !["row", "id", "given", "proposed", "decision"].includes(key) && numeric(key);
    const down = before === null ? falls : before === "ascending";
    for (const other of head.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const by = sorters[key] ?? ((suspect) => value(suspect, key));
    const compare = (a, b) => {
      if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
      const order = typeof a === "number" && typeof b === "number"
        ? a - b
        : String(a).localeCompare(String(b), "en", { numeric: true });
      return down ? -order : order;
    };
    const sorted = [...suspects].sort((a, b) => compare(by(a), by(b)) || a.place - b.place);
    for (const suspect of sorted) table.append(suspect.body);
    stopAt(visible()[0]);
    told.textContent = `${counts()}; sorted by ${header.textContent}, ${down ? "falling" : "rising"}`;
  }

  // Filtering.
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = (name) => selects[name]?.value ?? "";
    for (const suspect of suspects) {
      const texts = ["row", "id", "given", "proposed"].map((key) => String(value(suspect, key) ?? ""));
      const found = `${texts.join(" ")} ${suspect.line.textContent}`.toLowerCase();
      const held = value(suspect, "held_out") ? "=held" : "=learnt";
      const state = decided.has(value(suspect, "row")) ? "=done" : "=open";
      suspect.body.hidden = !(
        words.every((word) => found.includes(word))
        && ["", `=${value(suspect, "given")}`].includes(wanted("given"))
        && ["", `=${value(suspect, "proposed")}`].includes(wanted("proposed"))
        && ["", held].includes(wanted("rows"))
        && ["", state].includes(wanted("decision"))
      );
    }
    stopAt(visible().find((suspect) => suspect.line.tabIndex === 0) ?? visible()[0]);
    tell();
  }

  function visible() {
    const order = new Map(suspects.map((suspect) => [suspect.body, suspect]));
    return [...table.tBodies].filter((body) => !body.hidden).map((body) => order.get(body));
  }

  const counts = () => `${visible().length} of ${suspects.length} shown, ${decided.size} decided`;
  function tell() {
    told.textContent = counts();
  }

  // Keys: the table is one tab stop, and arrows move within it.
  function stopAt(wanted) {
    for (const suspect of suspects) suspect.line.setAttribute("tabindex", suspect === wanted ? "0" : "-1");
  }
  table.addEventListener("focusin", (event) => {
    const here = suspects.find((suspect) => suspect.body.contains(event.target));
    if (here) stopAt(here);
  });
  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = suspects.find((suspect) => suspect.body.contains(event.target));
    if (!here) return;
    if (event.key === "Escape") {
      open(here, false);
      here.line.focus();
      return;
    }
    if (event.target.matches("input, select")) return;
    const shown = visible();
    const place = shown.indexOf(here);
    const ticks = { k: "keep", d: "drop", p: "proposed" };
    const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: shown.length - 1 };
    if (event.key in moves) shown[Math.min(Math.max(moves[event.key], 0), shown.length - 1)].line.focus();
    else if (event.key in ticks) decide(here, here.buttons[ticks[event.key]][1]);
    else if (event.key === "o") here.input.focus();
    else if (event.key === "Enter" && event.target === here.line) open(here, here.why?.hidden ?? true);
    else return;
    event.preventDefault();
  });

  // Saving: the same columns as the file of suspects, texts that a spreadsheet would run made harmless.
  const harmless = (text) => (/^'*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
  function field(entry) {
    if (entry === null || entry === undefined) return "";
    const text = typeof entry === "string" ? harmless(entry) : String(entry);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  function download() {
    const lines = [record.names.map(field).join(",")];
    for (const suspect of suspects) {
      const row = [...suspect.row];
      row[at.decision] = decision(decided.get(row[at.row]) ?? "");
      lines.push(row.map(field).join(","));
    }
    const text = `${lines.join("\n")}\n`;
    // Excel takes a text for one of its own country's encoding, unless a mark in front says UTF-8.
    const mark = /^[\x00-\x7f]*$/.test(text) ? "" : "\ufeff";
    const address = URL.createObjectURL(new Blob([mark + text], { type: "text/csv" }));
    const link = made("a", "", { href: address, download: record.file });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    const left = suspects.filter((suspect) => suspect.input.hasAttribute("aria-invalid")).length;
    const fields = left === 1 ? "1 field that is no decision was" : `${left} fields that are no decision were`;
    told.textContent = `${counts()}; saved as ${record.file} where your browser puts downloads.`
      + (left ? ` ${fields} left out.` : "");
    following.hidden = !record.next.length;
  }

  stopAt(suspects[0]);
  tell();
})();
