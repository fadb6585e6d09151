"""Builds the site: python -m helpers.site [--folder build/site] [--only 05].

Every page comes from its notebook as it is stored; every picture of an explorer from the explorer itself.
"""

import argparse
import json
import re
import shutil
import time
from pathlib import Path

from helpers.site.digit import Digit
from helpers.site.opening import calls, opened
from helpers.site.pages import HERE, Exporter, Notebook, linked, scrollable
from helpers.site.states import Recording, label, listed, pressed

ROOT = HERE.parent.parent
FRONT = "05_gradient_descent"  # its first explorer stands on the front page, too


def still(cell):
    """What a notebook stores of an explorer: its formula and its picture."""
    return "".join(cell["outputs"][-1]["data"]["text/html"])


def asleep(explorer):
    """The sentence below an explorer that works only while a kernel runs."""
    buttons = listed([button.description for button in pressed(explorer)])
    controls = listed([label(control) for control in explorer.control.values()])
    return f"This one needs a kernel: the buttons {buttons} and the controls {controls} work in the notebook."



def explorers(path, folder, tell):
    """What the page shows of each explorer of a notebook, after its pictures were written into the folder."""
    found = []
    for i, name, explorer, cell in opened(path):
        start, place = time.perf_counter(), f"{path.stem[:2]}-{i + 1}"
        shutil.rmtree(folder / place, ignore_errors=True)
        shown = {"id": f"e{place}", "place": place, "still": still(cell), "controls": [], "data": "{}"}
        if hasattr(explorer, "pad"):
            digit = Digit(explorer)
            digit.write(folder / place)
            shown |= {"note": digit.note(), "data": json.dumps({"place": place, "digit": True})}
            many = digit.size
        elif hasattr(explorer, "training"):
            shown["note"], many = asleep(explorer), 0
        else:
            recording = Recording(explorer, name)
            many = recording.write(folder / place)
            shown |= {"controls": recording.controls(), "note": recording.note(), "data": recording.data(place)}
        found.append(shown)
        tell(f"{place} {name}: {many}, {time.perf_counter() - start:.0f} s")
    return found


def build(folder, only=(), moving=True, tell=lambda words: None):
    """Build the site anew, or `only` the pages of some numbers; moving=False leaves the explorers still."""
    notebooks = [Notebook(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    series = next(cell.source for cell in notebooks[0].node.cells if cell.source.startswith("## The series"))
    for notebook in notebooks:  # the map spells them as people do
        named = re.search(rf"\[{notebook.stem[:2]}\].*?\*\*(.+?)\*\*", series)
        notebook.name = f"{notebook.stem[:2]} {named[1]}" if named else notebook.name
    if not only:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("site.css", "site.js", "digit.js"):
        shutil.copy(HERE / name, folder)
    exporter, first = Exporter(), None
    for before, notebook, after in zip([None, *notebooks], notebooks, [*notebooks[1:], None]):
        if only and notebook.stem[:2] not in only:
            continue
        if moving:
            found = explorers(notebook.path, folder / "explorers", tell)
        else:
            rest = {"controls": [], "data": "{}", "place": "", "note": "With a kernel it moves."}
            found = [rest | {"still": still(cell)} for *_, cell in calls(notebook.path)]
        if notebook.stem == FRONT and moving:
            first = found[0] | {"id": "front"}
        page = notebook.page(exporter, before, after, found)
        (folder / notebook.href).write_text(page, encoding="utf-8")
        tell(f"{notebook.href} {len(page) / 1e3:.0f} kB")
    if first or not (folder / "index.html").exists():
        (folder / "index.html").write_text(front(exporter, series, first), encoding="utf-8")


def front(exporter, series, explorer):
    """The front page: what the series is, in the README's words, one explorer, and notebook 00's map."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opening = readme.split("\n![")[0]
    here = "| [00](00_start_here.ipynb) | **start here**: does your machine work, and how do you read this? |"
    texts = {"opening": opening, "series": series.replace("| 00 | start here |", here)}
    words = {name: exporter.markdown2html({}, text) for name, text in texts.items()}
    invitation = "The learning rate α says how far each step goes. Find the largest with which the path still arrives."
    about = "Neural networks from scratch, proven: every formula checked, every weight accounted for, and yours."
    return scrollable(linked(exporter.front(it=explorer, invitation=invitation, about=about, **words)))


def main():
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m helpers.site", description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--only", nargs="*", default=(), metavar="NN", help="numbers of notebooks; other pages stay")
    given = parser.parse_args()
    build(given.folder, given.only, tell=lambda words: print(words, flush=True))
    size = sum(file.stat().st_size for file in given.folder.rglob("*") if file.is_file())
    print(f"{given.folder}: {size / 1e6:.1f} MB. Open its index.html, or put the folder on any web server.")


if __name__ == "__main__":
    main()
