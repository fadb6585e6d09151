"""Jupyter in a real browser: servers of our own, notebooks made for the occasion, and what is seen and done there."""

import ast
import builtins
import contextlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
TOKEN = "weight-for-weight"
# Front end: its module, the application's name in its options, and the path that opens a notebook.
FRONT_ENDS = {"lab": ("jupyterlab", "LabApp", "doc/tree"), "notebook": ("notebook", "JupyterNotebookApp", "notebooks")}

# What an explorer needs that its notebook takes long to work out, in a form that is quick.
SETUP = {
    "explore_training": "data = load(validation=5_000, download=False)",
    "explore_drawing": """data = load(validation=5_000, download=False)
rng = np.random.default_rng(0)
theta_2, bends_2 = glorot([784, 256, 128, 10], rng, np.float32), [relu, relu, identity]
network_2 = layers(theta_2, [784, 256, 128, 10], bends_2)
for _ in train(theta_2, [784, 256, 128, 10], bends_2, data.X_train[:4000], one_hot(data.labels_train[:4000], 10, np.float32),
               loss=cross_entropy, optimizer=adam, learning_rate=0.001, epochs=2, batch_size=32, rng=rng):
    pass""",
    "explore_ruler": """start, end = np.array([1e-16, 2e-16, 3e-16]), np.array([1e-13, 1e-10, 1e-2])
curves = {"nothing": np.geomspace(start, start * 9, 50), "ε's place": np.geomspace(start, end, 50)}""",
}


class Case(NamedTuple):
    """An explorer as a notebook opens it: the notebook, the function's name, the cells to run, and the output stored."""

    notebook: str
    name: str
    cells: list
    outputs: list

    def __str__(self):
        return f"{self.notebook[:2]}_{self.name}"


def explorers():
    """Every call of an `explore_…` in the notebooks, in order."""
    found = []
    for path in NOTEBOOKS:
        code = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in code]
        for i, source in enumerate(sources):
            for name in re.findall(r"^explore_\w+(?=\()", source, flags=re.M):
                found.append(Case(path.stem, name, prepared(sources[:i], source, name), code[i]["outputs"]))
    return found


def prepared(before, source, name):
    """Import, set-up and the explorer's own cell; a set-up that is not known here is all the cells before it."""
    imports, *others = before
    setup = SETUP.get(name, "")
    if unbound(imports, setup, source):
        return [*before, source]
    return [pruned(imports, f"{setup}\n{source}"), *([setup] if setup else []), source]


def unbound(*cells):
    """The names that the last cell uses and none binds."""
    names = [n for cell in cells for n in ast.walk(ast.parse(cell)) if isinstance(n, (ast.Name, ast.alias))]
    bound = {bound_name(n) for n in names if isinstance(n, ast.alias) or isinstance(n.ctx, ast.Store)}
    used = {n.id for n in ast.walk(ast.parse(cells[-1])) if isinstance(n, ast.Name)}
    return used - bound - set(dir(builtins))


def bound_name(node):
    return node.id if isinstance(node, ast.Name) else (node.asname or node.name).split(".")[0]


def pruned(imports, source):
    """The imports that `source` uses, so that an explorer is opened with what it needs and no more."""
    used = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
    lines = []
    for node in ast.parse(imports).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names = [alias for alias in node.names if bound_name(alias) in used]
            lines += [ast.unparse(node)] if node.names else []
    return "\n".join(lines)


def notebook(sources, outputs=()):
    """A notebook's JSON from the sources of its cells; outputs {position: outputs} for those that were run before."""
    outputs = dict(outputs)
    cells = [{"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "source": source, "outputs": outputs.get(i, []),
              "execution_count": 1 if i in outputs else None} for i, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells})


def chromium():
    """Where the system's browser is, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextlib.contextmanager
def server(front_end, folder):
    """A running Jupyter of its own on a copy of the notebooks → its address. It and its kernels are gone afterwards."""
    home = folder / front_end
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    places = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    places |= {f"JUPYTERLAB_{kind}_DIR": str(home / kind.lower()) for kind in ("SETTINGS", "WORKSPACES")}
    # The theme follows the browser's wish for dark or light; nobody is asked about news.
    wishes = {"themes": {"adaptive-theme": True}, "notification": {"fetchNews": "false", "checkForUpdates": False}}
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps({f"@jupyterlab/apputils-extension:{name}": value for name, value in wishes.items()}))
    module, app, _ = FRONT_ENDS[front_end]
    command = [sys.executable, "-m", module, "--no-browser", "--allow-root",
               "--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home / 'notebooks'}",
               f"--{app}.expose_app_in_browser=True", "--LabApp.news_url=None"]
    predictions = {"WFW_PREDICTIONS": str(home / "predictions.json")}
    environment = os.environ | places | predictions | {"OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTEST_CURRENT_TEST", None)
    with open(home / "log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        yield lambda: address(process, home)
    finally:
        process.terminate()  # asked politely, a server ends its kernels too
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def address(process, home, seconds=60):
    """What the server says of itself once it listens."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        for path in (home / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError):  # it is being written
                return json.loads(path.read_text())["url"]
        time.sleep(0.05)
    raise RuntimeError(f"Jupyter does not start:\n{(home / 'log').read_text()[-2000:]}")


# In the page: what is shown in an explorer's output, a sample of every frame, and how long a key press takes.
WATCH = """
window.explorer = area => {
  const seen = () => { const img = area.querySelector("img"); return img && { src: img.src, alt: img.alt }; };
  const now = { frames: [], times: [], waits: [], pressed: null, last: null, sampling: false };
  const same = (a, b) => a && b && a.src === b.src && a.alt === b.alt;
  now.last = seen();
  new MutationObserver(async () => {
    const picture = seen();
    if (!picture || same(picture, now.last)) return;
    now.last = picture;
    now.times.push(performance.now());
    const pressed = now.pressed;
    now.pressed = null;
    await area.querySelector("img").decode().catch(() => 0);
    if (pressed !== null) requestAnimationFrame(() => now.waits.push(performance.now() - pressed));
  }).observe(area, { subtree: true, childList: true, attributes: true, attributeFilter: ["src", "alt"] });
  area.addEventListener("keydown", event => { now.pressed = event.timeStamp; }, true);
  const sample = () => {
    if (!now.sampling) return;
    const img = area.querySelector("img");
    now.frames.push([area.getBoundingClientRect().height, img && img.complete ? img.naturalWidth : 0]);
    requestAnimationFrame(sample);
  };
  now.start = () => { Object.assign(now, { frames: [], times: [], sampling: true }); requestAnimationFrame(sample); };
  now.stop = () => { now.sampling = false; return { frames: now.frames, times: now.times }; };
  return now;
};
"""
# Complaints of the front ends themselves, seen on a notebook without any explorer too.
NOISE = [
    re.compile(r"Cannot read properties of undefined \(reading 'schema'\)"),  # Notebook 7's menus, when it opens
]


class Page:
    """A notebook that is open in a front end."""

    def __init__(self, context, front_end, url, path):
        self.front_end, self.complaints = front_end, []
        self.page = context.new_page()
        self.page.on("console", lambda m: m.type == "error" and self.complain(f"{m.text} {m.location.get('url', '')}"))
        self.page.on("pageerror", lambda error: self.complain(error.stack or error.message))
        self.page.add_init_script(WATCH)
        self.page.goto(f"{url}{FRONT_ENDS[front_end][2]}/{path}?token={TOKEN}", wait_until="commit")
        self.page.wait_for_function(
            """() => window.jupyterapp?.commands.hasCommand("notebook:run-cell")
                     && jupyterapp.shell.currentWidget?.content?.widgets?.length
                     && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === "idle" """, timeout=60_000)

    def complain(self, words):
        if not any(noise.search(words) for noise in NOISE):
            self.complaints.append(words)

    def command(self, name):
        """Do what the menu's entry of that name does."""
        return self.page.evaluate("name => jupyterapp.commands.execute(name)", name)

    def go(self, i):
        """Bring a cell into view and make it the active one."""
        self.page.evaluate("""async i => { const { content } = jupyterapp.shell.currentWidget;
            content.deselectAll(); content.activeCellIndex = i; await content.scrollToItem(i, "start"); }""", i)

    def run(self, i):
        """Run a cell to its end → its outputs."""
        self.go(i)
        self.command("notebook:run-cell")
        return self.outputs(i)

    def outputs(self, i):
        return self.page.evaluate("i => jupyterapp.shell.currentWidget.content.model.cells.get(i).sharedModel.toJSON().outputs", i)

    def errors(self):
        """Everything in the notebook that says error or stands on stderr."""
        count = self.page.evaluate("() => jupyterapp.shell.currentWidget.content.model.cells.length")
        outputs = [output for i in range(count) for output in self.outputs(i)]
        return [o for o in outputs if o["output_type"] == "error" or (o.get("name") == "stderr" and "MNIST was not" not in str(o["text"]))]

    def explorer(self, i):
        """The explorer that cell i shows."""
        area = self.page.locator(f".jp-Cell[data-windowed-list-index='{i}'] .jp-OutputArea")
        if not area.count():
            area = self.page.locator(".jp-Notebook .jp-Cell").nth(i).locator(".jp-OutputArea")
        area.locator("img").first.wait_for(timeout=30_000)
        return Shown(self.page, area.first)


class Shown:
    """An explorer in the page, and a hand that moves it."""

    def __init__(self, page, area):
        self.page, self.area = page, area
        self.watch = area.evaluate_handle("area => window.explorer(area)")
        self.handle, self.list = area.locator(".noUi-handle").first, area.locator("select").first

    @property
    def picture(self):
        """(src, alt) of the picture."""
        image = self.area.locator("img").first
        return image.get_attribute("src"), image.get_attribute("alt")

    @property
    def alt(self):
        return self.picture[1]

    def button(self, name):
        return self.area.get_by_role("button", name=name, exact=True)

    def until(self, condition, seconds=15):
        """Wait until the picture, as (src, alt), is as wanted → the picture."""
        end = time.monotonic() + seconds
        while not condition(*(picture := self.picture)):
            if time.monotonic() > end:
                raise AssertionError(f"after {seconds} s the picture still says: {picture[1]}")
            self.page.wait_for_timeout(10)
        return picture

    def changed(self, before, seconds=15):
        """Wait until the picture or its words differ from `before`."""
        return self.until(lambda *picture: picture != before, seconds)

    def settle(self, seconds=0.25):
        """Wait until nothing has moved for a while → the picture."""
        picture, since = self.picture, time.monotonic()
        while time.monotonic() < since + seconds:
            self.page.wait_for_timeout(30)
            if (now := self.picture) != picture:
                picture, since = now, time.monotonic()
        return picture

    def press(self, key):
        """One key press on the slider → milliseconds until the new picture is there."""
        before = self.watch.evaluate("now => now.waits.length")
        self.handle.press(key)
        self.page.wait_for_function("([now, before]) => now.waits.length > before", arg=[self.watch, before], polling=5, timeout=15_000)
        return self.watch.evaluate("now => now.waits.at(-1)")

    def presses(self, n):
        """There and back with the arrow keys → milliseconds for each."""
        self.handle.focus()
        value = self.handle.get_attribute("aria-valuenow")
        keys = ("ArrowLeft", "ArrowRight") if value == self.handle.get_attribute("aria-valuemax") else ("ArrowRight", "ArrowLeft")
        return [self.press(keys[i // 3 % 2]) for i in range(n)]

    def drag(self, seconds):
        """Draw the slider to and fro with the mouse → every frame's (height, width of the picture), pictures a second."""
        box, rail = self.handle.bounding_box(), self.area.locator(".noUi-base").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        self.watch.evaluate("now => now.start()")
        begin, share = time.perf_counter(), (x - rail["x"]) / rail["width"]
        phase = math.asin(min(1, max(-1, 2 * share - 1)))
        while (t := time.perf_counter() - begin) < seconds:
            mouse.move(rail["x"] + rail["width"] * (0.5 + 0.5 * math.sin(phase + 2 * t)), y)
            time.sleep(0.008)
        seen = self.watch.evaluate("now => now.stop()")
        mouse.up()
        return seen["frames"], len(seen["times"]) / t

    def choose_another(self):
        """Take the next entry of the first drop-down list."""
        entries, chosen = self.list.locator("option").all_inner_texts(), self.list.evaluate("list => list.selectedIndex")
        self.list.select_option(index=(chosen + 1) % len(entries))
