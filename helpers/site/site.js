// What moves on a page: the theme's button, and explorers that show what the notebook's own code drew for every stop.
"use strict";

const weightForWeight = { waiting: {}, row: (place, name, states) => weightForWeight.waiting[`${place}/${name}`](states) };

class Explorer {
  constructor(figure) {
    this.figure = figure;
    Object.assign(this, JSON.parse(figure.querySelector("script").textContent));
    this.form = figure.querySelector("form");
    this.paper = figure.querySelector(".paper");
    this.spoken = figure.querySelector(".spoken");
    this.controls = [...this.form.querySelectorAll("input, select")];
    this.rows = new Map();
    this.form.hidden = false;
    this.form.addEventListener("input", event => this.moved(event.target));
    this.form.addEventListener("submit", event => event.preventDefault());
    this.form.addEventListener("reset", () => setTimeout(() => this.show(), 0)); // after the controls are back
  }

  get at() {
    return this.controls.map(control => Number(control.value));
  }

  moved(control) {
    const which = this.controls.indexOf(control);
    if (this.moves.some(([chooser]) => chooser === which)) // the others go to where they stand for this choice
      for (const other of new Set(this.moves.map(move => move[2]))) {
        const move = this.moves.find(m => m[0] === which && m[1] === Number(control.value) && m[2] === other);
        this.controls[other].value = move ? move[3] : this.controls[other].defaultValue;
      }
    this.show();
    this.loadAll();
  }

  rowOf(at) {
    return at.filter((_, i) => i !== this.fast).join("-") || "0";
  }

  load(name) {
    if (!this.rows.has(name))
      this.rows.set(name, new Promise((done, failed) => {
        weightForWeight.waiting[`${this.place}/${name}`] = done;
        const script = document.createElement("script");
        script.src = `explorers/${this.place}/${name}.js`;
        script.onerror = failed;
        document.head.append(script);
      }));
    return this.rows.get(name);
  }

  // Once somebody moves it, the rest comes too, a row after the other, so that no later move has to wait.
  async loadAll() {
    if (this.all) return;
    this.all = true;
    const ends = this.controls.filter((_, i) => i !== this.fast).map(c => c.options ? c.options.length : Number(c.max) + 1);
    const names = ends.reduce((some, n) => some.flatMap(row => [...Array(n).keys()].map(i => [...row, i])), [[]]);
    const here = this.at.filter((_, i) => i !== this.fast);
    const away = row => row.reduce((sum, place, i) => sum + Math.abs(place - here[i]), 0);
    for (const row of names.sort((a, b) => away(a) - away(b))) await this.load(row.join("-") || "0");
  }

  stage() {
    const [width, height] = this.size;
    this.paper.innerHTML = `<div class="formula-line"></div><div class="stack" style="max-width:${this.width}px;aspect-ratio:${width}/${height}">`
      + `<img alt="" src="explorers/${this.place}/base.webp"><img class="moving"></div>`;
    this.line = this.paper.querySelector(".formula-line");
    this.picture = this.paper.querySelector(".moving");
  }

  async show() {
    const at = this.at, ticket = this.ticket = {};
    this.controls.forEach((control, i) => {
      const output = control.type === "range" && this.form.querySelector(`label[for="${control.id}"] output`);
      if (output) control.setAttribute("aria-valuetext", output.textContent = this.stops[i][at[i]]);
    });
    const [formula, alt, picture] = (await this.load(this.rowOf(at)))[at[this.fast]];
    const next = Object.assign(new Image(), { className: "moving", alt, src: "data:image/webp;base64," + picture });
    await next.decode(); // so that no frame is blank
    if (ticket !== this.ticket) return; // moved on meanwhile
    if (!this.picture) this.stage();
    this.line.innerHTML = formula;
    this.picture.replaceWith(next);
    this.picture = next;
    this.figure.dataset.shown = at.join("-");
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.spoken.textContent = alt; }, 400); // while a slider moves, nobody wants to hear it
  }
}

const theme = document.querySelector("button.theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
const remembered = name => { try { return localStorage.getItem(name); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* file: pages may not remember */ } };
if (remembered("theme")) root.dataset.theme = remembered("theme");
const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
nameTheme();
theme.hidden = false;
theme.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  remember("theme", root.dataset.theme);
  nameTheme();
});
dark.addEventListener("change", nameTheme);

// What is wider than its place can be scrolled by keys; what is not is no stop for the tab key.
const wide = new ResizeObserver(entries => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));
document.querySelectorAll("pre, .paper, .scroll, .formula, main > p").forEach(element => wide.observe(element));

// An explorer that is about to be seen fetches what its first move needs.
const near = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(({ target }) => {
  near.unobserve(target);
  target.explorer.load(target.explorer.rowOf(target.explorer.at));
}), { rootMargin: "300px" });
for (const figure of document.querySelectorAll("figure[data-explorer]")) {
  if (!figure.querySelector("input, select")) continue;
  figure.explorer = new Explorer(figure);
  near.observe(figure);
}
