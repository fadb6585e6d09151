// Draw a digit: what is drawn is framed as MNIST frames its digits, and read by the network that the notebook trained.
"use strict";

const digit = {
  SIDE: 112,

  bytes: text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)),

  // Layers as they travel → layers of numbers.
  unpack: layers => layers.map(({ shape: [rows, columns], codes, scale, b, activation }) => {
    const packed = digit.bytes(codes), W = new Float64Array(rows * columns);
    const scales = new Float32Array(digit.bytes(scale).buffer), bias = new Float32Array(digit.bytes(b).buffer);
    for (let i = 0; i < W.length; i++) {
      const at = 3 * (i >> 1);
      const code = i % 2 ? (packed[at + 1] & 15) << 8 | packed[at + 2] : packed[at] << 4 | packed[at + 1] >> 4;
      W[i] = (code - 2047) * scales[i % columns];
    }
    return { rows, columns, W, b: bias, activation };
  }),

  // A ← f(A W + b), layer by layer; the last gives Z.
  forward: (layers, x) => layers.reduce((A, { rows, columns, W, b, activation }) => {
    const Z = Float64Array.from(b);
    for (let i = 0; i < rows; i++) if (A[i]) for (let j = 0; j < columns; j++) Z[j] += A[i] * W[i * columns + j];
    return activation === "relu" ? Z.map(z => Math.max(z, 0)) : activation === "sigmoid" ? Z.map(z => 1 / (1 + Math.exp(-z))) : Z;
  }, x),

  softmax: Z => {
    const most = Math.max(...Z), e = Z.map(z => Math.exp(z - most)), sum = e.reduce((a, b) => a + b);
    return e.map(value => value / sum);
  },

  // The shares (few × many) that average `many` pixels in `few` equal stretches.
  averaging: (many, few) => Array.from({ length: few }, (_, i) => {
    const low = i * many / few, high = (i + 1) * many / few;
    const overlap = Array.from({ length: many }, (_, j) => Math.max(0, Math.min(j + 1, high) - Math.max(j, low)));
    const sum = overlap.reduce((a, b) => a + b);
    return overlap.map(value => value / sum);
  }),

  // Ink (side², 0 to 1) in a box of 20 × 20 whose centre of mass lies in the middle of 28 × 28.
  framed: (ink, side) => {
    const image = new Float64Array(784), used = [];
    ink.forEach((value, i) => { if (value) used.push(i); });
    if (!used.length) return image;
    const ys = used.map(i => Math.floor(i / side)), xs = used.map(i => i % side);
    const ends = list => list.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [side, -1]);
    const [top, bottom] = ends(ys), [left, right] = ends(xs);
    const boxHeight = bottom - top + 1, boxWidth = right - left + 1, longest = Math.max(boxHeight, boxWidth);
    const even = value => Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value); // as NumPy rounds
    const [height, width] = [boxHeight, boxWidth].map(size => Math.max(1, even(20 * size / longest)));
    const down = digit.averaging(boxHeight, height), across = digit.averaging(boxWidth, width);
    const half = down.map(row => Array.from({ length: boxWidth }, (_, x) =>
      row.reduce((sum, share, y) => share ? sum + share * ink[(top + y) * side + left + x] : sum, 0)));
    const small = half.map(row => across.map(shares => shares.reduce((sum, share, x) => share ? sum + share * row[x] : sum, 0)));
    let mass = 0, massY = 0, massX = 0;
    small.forEach((row, y) => row.forEach((value, x) => { mass += value; massY += y * value; massX += x * value; }));
    const place = (centre, size) => Math.min(Math.max(even(13.5 - centre), 0), 28 - size);
    const [y0, x0] = [place(massY / mass, height), place(massX / mass, width)];
    small.forEach((row, y) => row.forEach((value, x) => { image[(y0 + y) * 28 + x0 + x] = Math.min(Math.max(value, 0), 1); }));
    return image;
  },
};

class Drawing {
  constructor(figure, place) {
    Object.assign(this, { figure, place, side: digit.SIDE, paper: figure.querySelector(".paper") });
    const near = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      near.disconnect();
      this.load();
    }, { rootMargin: "600px" });
    near.observe(figure);
  }

  load() {
    weightForWeight.waiting[`${this.place}/digit`] = told => this.begin(told);
    const script = document.createElement("script");
    script.src = `explorers/${this.place}/digit.js`;
    document.head.append(script);
  }

  begin({ layers, digits, labels }) {
    this.layers = digit.unpack(layers);
    this.digits = digits.map(text => Float64Array.from(digit.bytes(text), value => value / 255));
    this.labels = labels;
    this.paper.innerHTML = `<div class="digit">
      <div><p>Draw here</p><canvas class="pad" width="224" height="224" role="img"
        aria-label="Draw a digit here. Without a pointer, choose one from the list below."></canvas>
        <p class="controls"><label>or a test digit <select>${digits.map((_, i) => `<option>${i}</option>`).join("")}</select></label>
        <button type="button">Clear</button></p></div>
      <div><p>What it sees</p><canvas class="seen" width="28" height="28" role="img" aria-label="The 28 × 28 pixels that the network gets"></canvas></div>
      <div><p>How likely is each digit?</p><table><tbody>${[...Array(10).keys()].map(k => `<tr><th scope="row">${k}</th>
        <td class="scale"><span class="bar"></span></td><td class="chance"></td></tr>`).join("")}</tbody></table></div>
      </div><p class="formula-line"></p>`;
    const find = selector => this.paper.querySelector(selector);
    [this.pad, this.seen, this.list, this.line] = [".pad", ".seen", "select", ".formula-line"].map(find);
    this.pen = this.pad.getContext("2d", { willReadFrequently: true });
    Object.assign(this.pen, { lineCap: "round", lineJoin: "round", lineWidth: 224 / 11, strokeStyle: "#000" });
    this.list.addEventListener("change", () => this.clear());
    find("button").addEventListener("click", () => this.clear());
    this.pad.addEventListener("pointerdown", event => {
      this.last = this.at(event);
      this.pad.setPointerCapture(event.pointerId);
      this.draw(event);
      event.preventDefault();
    });
    this.pad.addEventListener("pointermove", event => this.draw(event));
    for (const end of ["pointerup", "pointercancel"]) this.pad.addEventListener(end, () => { this.last = null; });
    this.read();
  }

  at(event) {
    const box = this.pad.getBoundingClientRect();
    return [(event.clientX - box.left) * 224 / box.width, (event.clientY - box.top) * 224 / box.height];
  }

  draw(event) {
    if (!this.last) return;
    const [x, y] = this.at(event);
    this.pen.beginPath();
    this.pen.moveTo(...this.last);
    this.pen.lineTo(x + 0.01, y);
    this.pen.stroke();
    this.last = [x, y];
    this.waiting ??= requestAnimationFrame(() => { this.waiting = null; this.read(); });
  }

  clear() {
    this.pen.clearRect(0, 0, 224, 224);
    this.read();
  }

  ink() {
    const small = document.createElement("canvas");
    small.width = small.height = this.side;
    const pen = small.getContext("2d");
    pen.drawImage(this.pad, 0, 0, this.side, this.side);
    const rgba = pen.getImageData(0, 0, this.side, this.side).data;
    return Float64Array.from({ length: this.side ** 2 }, (_, i) => rgba[4 * i + 3] / 255);
  }

  read() {
    const ink = this.ink(), drawn = ink.some(value => value), chosen = this.list.selectedIndex;
    const image = drawn ? digit.framed(ink, this.side) : this.digits[chosen];
    const chances = digit.softmax(digit.forward(this.layers, image)), best = chances.indexOf(Math.max(...chances));
    const pixels = this.seen.getContext("2d").createImageData(28, 28);
    image.forEach((value, i) => pixels.data.set([0, 0, 0, 255 * value], 4 * i));
    this.seen.getContext("2d").putImageData(pixels, 0, 0);
    this.paper.querySelectorAll("tr").forEach((row, k) => {
      row.classList.toggle("best", k === best);
      row.querySelector(".bar").style.width = `${100 * chances[k]}%`;
      row.querySelector(".chance").textContent = chances[k] < 0.005 ? "" : `${Math.round(100 * chances[k])} %`;
    });
    const a = k => `${k === 8 ? "an" : "a"} ${k}`, sure = `${Math.round(100 * chances[best])} % sure`;
    const what = drawn ? "your drawing" : `test digit ${chosen}, ${a(this.labels[chosen])}`;
    this.line.innerHTML = `softmax(Z) of ${what}: it reads <b>${a(best)}</b>, ${sure}`;
    this.figure.dataset.shown = `${drawn ? "drawing" : chosen}: ${best}`;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.figure.querySelector(".spoken").textContent = `The network reads ${what} as ${a(best)}, ${sure}.`;
    }, 400);
  }
}

if (typeof document !== "undefined")
  for (const figure of document.querySelectorAll("figure[data-explorer]")) {
    const { place, digit: drawn } = JSON.parse(figure.querySelector("script").textContent);
    if (drawn) new Drawing(figure, place);
  }
if (typeof module !== "undefined") module.exports = digit;
