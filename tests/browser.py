"""Jupyter in a real browser: a server of its own, all explorers in one notebook, and a hand that moves them.

python tests/browser.py, or make bench, prints how quickly each explorer answers in JupyterLab.
"""

import argparse
import contextlib
import importlib.util
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from helpers.site.opening import calls, cells, needed

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCREENSHOTS = ROOT / "build" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
FRONT_ENDS = {"lab": "doc/tree", "notebook": "notebooks"}  # and the path that opens a file in it
TOKEN = "weight-for-weight"
WITHOUT = "The explorers are not tried in a browser, for want of {}."


def missing():
    """What has to be installed first, in a sentence, or None."""
    if not all(map(importlib.util.find_spec, ("playwright", "notebook"))):
        return WITHOUT.format("packages: pip install -e '.[browser]'")
    return None if chromium() else WITHOUT.format("Chromium: on Debian and Ubuntu, apt-get install chromium")


def chromium():
    """Where the system's browser is, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


# ---------------------------------------------------------------- notebooks made for the occasion

# Where a notebook works long for what an explorer shows, the tests show something else.
QUICK = {"explore_ruler": """import numpy as np
from helpers.explorers.the_same_network_in_keras import explore_ruler
ends = {"nothing": 1e-15, "ε's place": 1e-2}
curves = {name: np.geomspace(1e-16, end, 150).reshape(50, 3) for name, end in ends.items()}"""}


class Case(NamedTuple):
    """An explorer as a notebook opens it: the notebook, its function, what it needs, its cell, the output stored."""

    notebook: str
    name: str
    setup: str
    source: str
    outputs: list

    def __str__(self):
        return f"{self.notebook[:2]}_{self.name}"


def explorers(quick=True):
    """Every call of an `explore_…` in the notebooks, in order."""
    found = []
    for path in NOTEBOOKS:
        for name, before, cell in calls(path):
            source = "".join(cell["source"])
            setup = QUICK[name] if quick and name in QUICK else needed(before, source)
            found.append(Case(path.stem, name, setup, source, cell["outputs"]))
    return found


CASES = explorers()


def formulas(path):
    """All text with formulas of a notebook, as one cell, and how many formulas that are."""
    text = "\n\n".join(source for cell in cells(path, "markdown") if "$" in (source := "".join(cell["source"])))
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)
    return text, len(re.findall(r"\$\$.+?\$\$|\$.+?\$", prose, flags=re.S))


def notebook(sources, outputs=(), texts=()):
    """A notebook's JSON: code cells, with outputs {position: outputs} for those that were run before, then texts."""
    outputs = dict(outputs)
    made = [{"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "source": source, "outputs": outputs.get(i, []),
             "execution_count": 1 if i in outputs else None} for i, source in enumerate(sources)]
    made += [{"cell_type": "markdown", "id": f"text-{i}", "metadata": {}, "source": t} for i, t in enumerate(texts)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": made})


# ---------------------------------------------------------------- the server and the pages


@contextlib.contextmanager
def server(folder):
    """A Jupyter server for both front ends → (its address, the folder it shows), gone afterwards with its kernels."""
    notebooks = folder / "notebooks"
    shutil.copytree(ROOT / "notebooks", notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (folder / "config" / "labconfig").mkdir(parents=True)
    # The theme follows the browser's wish for dark or light; nobody is asked about news.
    wishes = {"themes": {"adaptive-theme": True}, "notification": {"fetchNews": "false", "checkForUpdates": False}}
    (folder / "config" / "labconfig" / "default_setting_overrides.json").write_text(
        json.dumps({f"@jupyterlab/apputils-extension:{name}": value for name, value in wishes.items()}))
    options = {"ServerApp": {"ip": "127.0.0.1", "port": 0, "open_browser": False, "allow_root": True,
                             "root_dir": str(notebooks),
                             "kernel_websocket_connection_class": "helpers.explorers.at_once.AtOnce"},
               "IdentityProvider": {"token": TOKEN}, "LabApp": {"expose_app_in_browser": True},
               "JupyterNotebookApp": {"expose_app_in_browser": True}}
    (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(options))
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    places |= {f"JUPYTERLAB_{kind}_DIR": str(folder / kind.lower()) for kind in ("SETTINGS", "WORKSPACES")}
    environment = os.environ | places | {"IPYTHONDIR": str(folder / "ipython"), "OPENBLAS_NUM_THREADS": "1",
                                         "WFW_PREDICTIONS": str(folder / "predictions.jsonl"), "PYTHONPATH": str(ROOT),
                                         "PYTHONWARNINGS": "ignore:MNIST was not found"}  # small digits do as well
    environment.pop("PYTEST_CURRENT_TEST", None)  # ipykernel behaves differently where it finds this
    with open(folder / "log", "w") as log:
        command = [sys.executable, "-m", "jupyter_server"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        yield address(process, folder), notebooks
    finally:
        process.terminate()  # asked politely, a server ends its kernels too
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def address(process, folder, seconds=60):
    """What the server says of itself once it listens."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        for path in (folder / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError):  # it is being written
                return json.loads(path.read_text())["url"]
        time.sleep(0.05)
    raise RuntimeError(f"Jupyter does not start:\n{(folder / 'log').read_text()[-2000:]}")


# In the page: every new picture of an explorer, every frame while sampling, and how long a key press takes.
WATCH = """
window.explorer = area => {
  const image = () => area.querySelector("img");
  const seen = () => image() ? image().src + image().alt : "";
  const now = { times: [], waits: [], frames: [], sampling: false };
  let last = seen(), pressed = null;
  new MutationObserver(async () => {
    if (!image() || seen() === last) return;
    last = seen();
    now.times.push(performance.now());
    const since = pressed;
    pressed = null;
    await image().decode().catch(() => 0);
    if (since !== null) requestAnimationFrame(() => now.waits.push(performance.now() - since));
  }).observe(area, { subtree: true, childList: true, attributes: true });
  area.addEventListener("keydown", event => { pressed = event.timeStamp; }, true);
  const sample = () => {
    if (!now.sampling) return;
    now.frames.push([area.getBoundingClientRect().height, image()?.complete ? image().naturalWidth : 0]);
    requestAnimationFrame(sample);
  };
  now.start = () => { Object.assign(now, { frames: [], times: [], sampling: true }); requestAnimationFrame(sample); };
  now.stop = () => { now.sampling = false; return [now.frames, now.times]; };
  return now;
};
"""


class Page:
    """A notebook that is open in a front end, and what browser or kernel complain about from then on."""

    def __init__(self, browser, url, front_end, file, **context):
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 1000}} | context)
        self.complaints, self.page = [], self.context.new_page()
        self.page.add_init_script(WATCH)
        self.page.goto(f"{url}{FRONT_ENDS[front_end]}/{file}?token={TOKEN}", wait_until="commit")
        self.page.wait_for_function(
            """() => window.jupyterapp?.commands.hasCommand("notebook:run-cell")
                     && jupyterapp.shell.currentWidget?.content?.widgets?.length
                     && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === "idle" """,
            timeout=60_000)
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(f"{m.text} {m.location['url']}"))
        self.page.on("pageerror", lambda error: self.complaints.append(error.stack or error.message))
        self.page.evaluate("""() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.anyMessage.connect(
          (_, { msg }) => {
            const { traceback, name, text } = msg.content;
            if (msg.header.msg_type === "error") console.error(traceback.join("\\n"));
            if (name === "stderr") console.error(text); })""")

    def go(self, i):
        """Bring a cell into view and make it the active one."""
        self.page.evaluate("""async i => { const { content } = jupyterapp.shell.currentWidget;
            content.deselectAll(); content.activeCellIndex = i; await content.scrollToItem(i, "start"); }""", i)

    def command(self, name):
        """Do what the menu's entry of that name does, to its end."""
        return self.page.evaluate("name => jupyterapp.commands.execute(name)", name)

    def run(self, i):
        """Run a cell to its end → its outputs, none of them an error or a warning."""
        self.go(i)
        self.command("notebook:run-cell")
        outputs = self.page.evaluate(
            "i => jupyterapp.shell.currentWidget.content.model.cells.get(i).sharedModel.toJSON().outputs", i)
        wrong = [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
        assert not wrong, wrong
        return outputs

    def interrupt(self, i):
        """Begin to run a cell, and interrupt it."""
        self.go(i)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")
        status = "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"
        self.page.wait_for_function(f"() => {status} === 'busy'")
        self.command("notebook:interrupt-kernel")
        self.page.wait_for_function(f"() => {status} === 'idle'")

    def area(self, i, what=".jp-Cell-outputArea"):
        """Where cell i shows its output, or its text."""
        self.page.evaluate("i => { jupyterapp.shell.currentWidget.content.widgets[i].node.id = `cell-${i}`; }", i)
        return self.page.locator(f"#cell-{i} {what}")


class Shown:
    """An explorer in the page, and a hand that moves it."""

    def __init__(self, page, area):
        self.page, self.area = page, area
        area.locator("img").wait_for(timeout=15_000)
        self.watch = area.evaluate_handle("area => window.explorer(area)")

    def picture(self):
        """(a number for what is drawn, alt); where there is no picture, the error tells what stands in its place."""
        image = self.area.locator("img")
        assert image.count() == 1, f"{image.count()} pictures, and these words: {self.area.inner_text()}"
        src, alt = image.evaluate("image => [image.src, image.alt]")  # both of one moment
        return hash(src), alt

    def until(self, condition, seconds=15):
        """Wait until (what is drawn, alt) is as wanted → the picture."""
        end = time.monotonic() + seconds
        while not condition(*(picture := self.picture())):
            assert time.monotonic() < end, f"after {seconds} s the picture still says: {picture[1]}"
            self.page.wait_for_timeout(10)
        return picture

    def after(self, action):
        """Do something that must be seen → the picture then."""
        before = self.picture()
        action()
        return self.until(lambda *picture: picture != before)

    def sliders(self):
        return self.area.locator(".noUi-handle").all()

    def press(self, slider):
        """An arrow key on a slider, towards where there is room."""
        at, end = (slider.get_attribute(f"aria-value{name}") for name in ("now", "max"))
        slider.press("ArrowLeft" if at == end else "ArrowRight")

    def presses(self, n):
        """There and back with the arrow keys on the first slider → milliseconds until each new picture."""
        slider = self.sliders()[0]
        slider.focus()
        at, end = (slider.get_attribute(f"aria-value{name}") for name in ("now", "max"))
        keys = ("ArrowLeft", "ArrowRight") if at == end else ("ArrowRight", "ArrowLeft")
        for i in range(n):
            self.page.keyboard.press(keys[i // 3 % 2])
            self.page.wait_for_function("([now, i]) => now.waits.length > i", arg=[self.watch, i], polling=5)
        return self.watch.evaluate("now => now.waits")

    def drag(self, seconds, pad=None, pictures=5, slider=0):
        """Draw a slider to and fro with the mouse, or a line on the pad → frames, and pictures a second.

        A frame is (height of the explorer, width of the picture), 0 where there is none. It goes on until it has seen
        a few pictures, however slow the machine is.
        """
        rail, held = (pad, pad) if pad else (self.area.locator(".noUi-base").nth(slider), self.sliders()[slider])
        rail.scroll_into_view_if_needed()
        mouse, rail, held = self.page.mouse, rail.bounding_box(), held.bounding_box()
        x, y = held["x"] + held["width"] / 2, held["y"] + held["height"] / 2
        phase = math.asin(min(1, max(-1, 2 * (x - rail["x"]) / rail["width"] - 1)))
        mouse.move(x, y)
        mouse.down()
        self.watch.evaluate("now => now.start()")
        begin = time.perf_counter()
        few = f"now => now.times.length < {pictures}"
        while (t := time.perf_counter() - begin) < seconds or (t < 20 and self.watch.evaluate(few)):
            x = rail["x"] + rail["width"] * (0.5 + 0.45 * math.sin(phase + 2 * t))
            mouse.move(x, y + (40 * math.sin(5 * t) if pad else 0))
            time.sleep(0.008)
        frames, times = self.watch.evaluate("now => now.stop()")
        mouse.up()
        assert len(times) >= pictures, f"{len(times)} new pictures in {t:.0f} s of dragging: {self.picture()[1]}"
        return frames, len(times) / t


# ---------------------------------------------------------------- how quickly they answer

MEDIAN, MOST, UPDATES = 80, 150, 12  # the bars: ms, ms for 95 % of the presses, pictures a second


@contextlib.contextmanager
def explorers_in(front_end, cases, **context):
    """A front end with all explorers run in it → a function that finds the i-th."""
    from playwright.sync_api import sync_playwright

    folder = tempfile.TemporaryDirectory()
    with folder, server(Path(folder.name)) as (url, notebooks), sync_playwright() as playwright:
        sources = [source for case in cases for source in (case.setup, case.source)]
        (notebooks / "explorers.ipynb").write_text(notebook(sources), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = Page(browser, url, front_end, "explorers.ipynb", **context)

        def explorer(i):
            page.run(2 * i)
            page.run(2 * i + 1)
            return Shown(page.page, page.area(2 * i + 1))

        yield explorer


def bench(presses=60, seconds=3):
    """The rows of a table: key press to new picture, and what is seen while the mouse drags."""
    yield f"| explorer, in JupyterLab | key to picture, median of {presses} (≤ {MEDIAN} ms) | 95 % (≤ {MOST} ms) | " \
          f"pictures a second while dragged (≥ {UPDATES}) | blank frames | heights | |"
    yield "| --- " * 7 + "|"
    with explorers_in("lab", CASES) as open_explorer:
        for i, case in enumerate(CASES):
            explorer = open_explorer(i)
            if case.name == "explore_training":
                continue  # draws by the clock
            pad = explorer.area.locator("canvas") if case.name == "explore_drawing" else None
            waits = [] if pad else sorted(explorer.presses(presses))
            # The first slider of the walk back has twelve places: too few for a new picture in every moment.
            frames, rate = explorer.drag(seconds, pad, slider=int(case.name == "explore_chain_rule"))
            median, most = (waits[len(waits) // 2], waits[int(0.95 * len(waits))]) if waits else (0, 0)
            blank, heights = sum(not width for _, width in frames), len({height for height, _ in frames})
            good = median <= MEDIAN and most <= MOST and rate >= UPDATES and not blank and heights == 1
            frames = f"{blank} of {len(frames)} | {heights} | {'' if good else 'missed'}"
            keys = f"{median:.0f} | {most:.0f}" if waits else "no keys | no keys"
            yield f"| {case} | {keys} | {rate:.0f} | {frames} |"


def look(theme, width):
    """A screenshot of every explorer in a theme and a window's width, with what is around it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    cases = explorers()
    with explorers_in("lab", cases, viewport={"width": width, "height": 900}, color_scheme=theme) as open_explorer:
        for i, case in enumerate(cases):
            explorer = open_explorer(i)
            explorer.page.wait_for_timeout(300)
            explorer.page.screenshot(path=SCREENSHOTS / f"{case}-{theme}-{width}.png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", action="store_true", help="instead, pictures of a dark theme and a narrow window")
    if missing():
        print(missing())
    elif parser.parse_args().look:
        look("dark", 1280)
        look("light", 800)
    else:
        for row in bench():
            print(row, flush=True)
