// SPDX-License-Identifier: MIT
// The laboratory's hands and eyes: reads its controls, asks `culpaLaboratory` for the numbers, draws the plot.
//
// A parameter is chosen in the list, or by a click (or Enter) on anything whose `data-cell` stands for one. Nothing
// moves by itself, so there is no motion to reduce. Knows no formula.

(() => {
  "use strict";

  const { read, lossAt, slopeAt, centralDifference } = culpaLaboratory;
  const POINTS = 200;
  const ROOM = { left: 52, right: 18, top: 22, bottom: 28 };

  // --- Numbers as they are read: a minus as wide as a digit ---

  const minus = (text) => text.replaceAll("-", "−").replace("e+", "e");
  const beyond = (value) => (Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞");
  const written = (value, text) => (Number.isFinite(value) ? minus(text(value)) : beyond(value));
  const shown = (value, digits) => written(value, () => String(Number(value.toPrecision(digits))));
  // All digits, also zeros at the end, so that equal digits stand in equal places.
  const full = (value) => written(value, () => (value === 0 ? "0" : value.toPrecision(12)));

  // --- What is drawn, as pure functions of the state ---

  // The slider's end on either side of the parameter's own value.
  const reach = (own) => Math.max(2, 1.5 * Math.abs(own));
  const valueAt = (own, tick) => own + (reach(own) * tick) / 100;

  function curve(network, place) {
    const own = read(network.layers, place);
    return Array.from({ length: POINTS + 1 }, (_, n) => {
      const w = own + reach(own) * ((2 * n) / POINTS - 1);
      return [w, lossAt(network, place, w)];
    }).filter(([, loss]) => Number.isFinite(loss));
  }

  // A curve that shoots up at one end is cut, or all the rest of it would be flat; never below where the reader stands.
  function heights(points, here) {
    const sorted = points.map(([, loss]) => loss).sort((one, other) => one - other);
    const [lowest, middle, highest] = [0, 0.5, 1].map((part) => sorted[Math.round(part * (sorted.length - 1))]);
    const stands = Number.isFinite(here) ? here : lowest;
    const top = Math.max(Math.min(highest, middle + 5 * (middle - lowest) + 1e-9 * Math.abs(middle)), stands);
    const bottom = Math.min(lowest, stands);
    // What hardly moves is drawn flat, and not as the noise of its rounding.
    const room = Math.max((top - bottom) * 0.08, Math.abs(top) * 1e-4) || 1;
    return [bottom - room, top + room];
  }

  // What stands beside an axis; a large number is short enough for its room.
  const beside = (value) =>
    Math.abs(value) < 1e5 ? shown(value, 6) : minus(Number(value.toPrecision(3)).toExponential());

  // About `count` round numbers between two.
  function ticks([from, to], count) {
    const raw = (to - from) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, n) => (first + n) * step);
  }

  function scales(width, height, [x0, x1], [y0, y1]) {
    const inner = { width: width - ROOM.left - ROOM.right, height: height - ROOM.top - ROOM.bottom };
    return {
      inner,
      x: (w) => ((w - x0) / (x1 - x0)) * inner.width,
      y: (loss) => (1 - (loss - y0) / (y1 - y0)) * inner.height,
      back: (pixels) => x0 + ((pixels - ROOM.left) / inner.width) * (x1 - x0),
    };
  }

  const round = (pixels) => Math.round(Math.max(-1e5, Math.min(1e5, pixels)) * 100) / 100;

  function axes({ inner, x, y }, across, up) {
    const below = ticks(across, inner.width / 80).map((w) => {
      const at = round(x(w));
      return `<path class="grid" d="M${at} 0V${inner.height}"/>
        <text x="${at}" y="${inner.height + 18}" text-anchor="middle">${beside(w)}</text>`;
    });
    const left = ticks(up, inner.height / 50).map((loss) => {
      const at = round(y(loss));
      return `<path class="grid" d="M0 ${at}H${inner.width}"/>
        <text x="-8" y="${at + 4}" text-anchor="end">${beside(loss)}</text>`;
    });
    return `${below.join("")}${left.join("")}
      <text class="letter" x="-8" y="-9" text-anchor="end">L</text>
      <text class="letter" x="${inner.width + 9}" y="${inner.height + 4}" text-anchor="middle">w</text>`;
  }

  // A straight line through one point, as far as it is seen; cut here, for a screen's numbers are small.
  function line(kind, across, up, { x, y }, [w, loss], slope) {
    const span = up[1] - up[0];
    const seen = slope === 0 ? across : [up[0] - span, up[1] + span].map((bound) => w + (bound - loss) / slope);
    const from = Math.max(across[0], Math.min(...seen));
    const to = Math.min(across[1], Math.max(...seen));
    const at = (end) => `${round(x(end))} ${round(y(loss + slope * (end - w)))}`;
    return from < to ? `<path class="${kind}" d="M${at(from)}L${at(to)}"/>` : "";
  }

  const dot = (kind, { x, y }, [w, loss], radius) =>
    `<circle class="${kind}" cx="${round(x(w))}" cy="${round(y(loss))}" r="${radius}"/>`;

  // The tangent, the secant and their points; what is infinite is not drawn.
  function lines(scale, across, up, { w, h, loss, exact, before, after, finite }) {
    const here = [w, loss];
    const ends = [[w - h, before], [w + h, after]];
    const tangent = Number.isFinite(loss + exact) ? line("tangent", across, up, scale, here, exact) : "";
    const secant = Number.isFinite(before + after) ? line("secant", across, up, scale, ends[0], finite) : "";
    const dots = [...ends.map((end) => ["end", end, 4]), ["here", here, 5.5]].filter(([, [, y]]) => Number.isFinite(y));
    return `${tangent}${secant}${dots.map(([kind, spot, radius]) => dot(kind, scale, spot, radius)).join("")}`;
  }

  function plot(size, points, seen) {
    const across = [points[0][0], points.at(-1)[0]];
    const up = heights(points, seen.loss);
    const scale = scales(size.width, size.height, across, up);
    const { x, y, inner } = scale;
    const path = points.map(([w, loss]) => `${round(x(w))} ${round(y(loss))}`).join("L");
    const markup = `<g transform="translate(${ROOM.left} ${ROOM.top})">${axes(scale, across, up)}
      <svg class="inside" width="${inner.width}" height="${inner.height}">
      <path class="curve" d="M${path}"/>${lines(scale, across, up, seen)}</svg></g>`;
    return { markup, back: scale.back };
  }

  // Which error rules: the bend of the curve between the two points, or the rounding of the two losses, divided by 2h.
  function verdict({ finite, exact, h, w, loss }) {
    const apart = Math.abs(finite - exact);
    if (!Number.isFinite(apart)) return "Here the loss is too large for a number of the computer: turn back.";
    const size = Math.max(Math.abs(finite), Math.abs(exact));
    if (size === 0) return "Both are zero.";
    const digits = apart === 0 ? 15 : Math.floor(-Math.log10(apart / size));
    const agreement =
      digits < 1 ? "They do not agree in a single digit. " : `They agree to ${digits} digit${digits > 1 ? "s" : ""}. `;
    const rounding = (4 * Number.EPSILON * (Math.abs(loss) + Math.abs(w * exact))) / h;
    if (apart > rounding) {
      return `${agreement}What is left is the bend of the curve between w − h and w + h: make h smaller.`;
    }
    return digits > 8
      ? `${agreement}That is as close as rounding lets them come.`
      : `${agreement}What is left is rounding: the two losses differ in their last digits only. ` +
          "A smaller h makes it worse; backpropagation needs none.";
  }

  // --- One laboratory on the page ---

  function open(section) {
    const find = (name) => section.querySelector(`.${name}`);
    const network = JSON.parse(find("laboratory-data").textContent);
    const [parameter, value, step, picture] = ["parameter", "value", "step", "plot"].map(find);
    let place;
    let points;
    let back;

    function look() {
      const w = valueAt(read(network.layers, place), Number(value.value));
      const h = 10 ** Number(step.value);
      const { before, after, slope: finite } = centralDifference(network, place, w, h);
      return { w, h, before, after, finite, loss: lossAt(network, place, w), exact: slopeAt(network, place, w) };
    }

    function say(name, text) {
      if (find(name).textContent !== text) find(name).textContent = text;
    }

    function redraw() {
      const seen = look();
      say("value-shown", shown(seen.w, network.digits));
      say("step-shown", shown(seen.h, 2));
      const [here, loss] = [seen.w, seen.loss].map((number) => shown(number, network.digits));
      value.setAttribute("aria-valuetext", `${here}, loss ${loss}`);
      step.setAttribute("aria-valuetext", shown(seen.h, 2));
      say("finite", full(seen.finite));
      say("exact", full(seen.exact));
      say("apart", shown(Math.abs(seen.finite - seen.exact), 2));
      say("verdict", verdict(seen));
      const width = picture.clientWidth || 480;
      const height = Math.min(340, Math.max(220, Math.round(width * 0.62)));
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
      picture.style.height = `${height}px`;
      const drawn = plot({ width, height }, points, seen);
      picture.innerHTML = drawn.markup;
      back = drawn.back;
    }

    function choose(index) {
      parameter.value = String(index);
      place = network.places[index];
      points = curve(network, place);
      value.value = "0";
      redraw();
    }

    // The plot can be dragged as well: the point follows the pointer.
    function drag(event) {
      if (event.type === "pointermove" && !(event.buttons & 1)) return;
      const own = read(network.layers, place);
      const w = back(event.clientX - picture.getBoundingClientRect().left);
      value.value = String(Math.round(((w - own) / reach(own)) * 100));
      redraw();
    }

    function chooseCell(event) {
      const cell = event.target.closest?.("[data-cell]")?.getAttribute("data-cell");
      if (cell && Object.hasOwn(network.cells, cell)) choose(network.cells[cell]);
    }

    parameter.addEventListener("change", () => choose(Number(parameter.value)));
    value.addEventListener("input", redraw);
    step.addEventListener("input", redraw);
    find("back").addEventListener("click", () => choose(Number(parameter.value)));
    picture.addEventListener("pointerdown", drag);
    picture.addEventListener("pointermove", drag);
    document.addEventListener("click", chooseCell);
    // The page's own script has moved on already to the cell that an arrow leads to.
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter") chooseCell(event);
      if (/^(Arrow|Home|End)/.test(event.key)) chooseCell({ target: document.activeElement });
    });
    section.hidden = false;
    choose(Number(parameter.value));
    new ResizeObserver(redraw).observe(section);
  }

  document.querySelectorAll(".laboratory").forEach(open);
})();
