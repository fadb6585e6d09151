"""Makes the reader's own folder and opens it in JupyterLab, where a picture leaves at once: weight-for-weight."""

import argparse
import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path

from helpers import yours

FIRST = "00_start_here.ipynb"
CHECKOUT = Path(__file__).parents[1]
ELSEWHERE = "weight-for-weight"  # in the home folder, where the folder of the series cannot be written

# The file list is there and closed: an explorer needs the whole width of a projector.
LAYOUT = {"main": {}, "down": {"size": 0, "widgets": []}, "relativeSizes": [0, 1, 0],
          "left": {"collapsed": True, "visible": True, "current": None, "widgets": ["filebrowser", "running-sessions"]},
          "right": {"collapsed": True, "visible": True, "current": None, "widgets": []}}


def notebooks_folder():
    """The series' own notebooks: in a checkout beside helpers/, in an installed package inside it."""
    places = CHECKOUT / "notebooks", Path(__file__).parent / "notebooks"
    for place in places:
        if (place / FIRST).is_file():
            return place
    raise FileNotFoundError(f"The notebooks are missing: neither {places[0]} nor {places[1]} has {FIRST}.")


def clean(notebook):
    """A notebook as a reader gets it: nothing has been run."""
    unrun = {"outputs": [], "execution_count": None}
    return notebook | {"cells": [cell | unrun if cell["cell_type"] == "code" else cell for cell in notebook["cells"]]}


def content(notebook):
    """What of a notebook a person writes, as a short text to compare: not what running or opening it adds."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def content_of(path):
    """The content of a notebook file, "" where there is none, "unreadable" where it is damaged."""
    try:
        return content(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError):
        return "unreadable"


def fill(folder, series=None):
    """Make the reader's folder, or bring it up to date → a line for each thing that they should know.

    A notebook that they have not written in is renewed, one that they have stays and the new one is put beside it.
    """
    said, folder = [], Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with yours.alone(folder / yours.MARKER):
        given = remembered(folder)
        for source in sorted((series or notebooks_folder()).glob("[0-9][0-9]_*.ipynb")):
            notebook = clean(json.loads(source.read_text(encoding="utf-8")))
            name, new, now = source.name, content(notebook), content_of(folder / source.name)
            before = given.get(name, "")
            if now not in ("", new, before) and new not in (before, given.get(f"{name} offered")):
                beside = free(folder, source.stem, given.get(f"{name} beside"))
                put(beside, notebook)
                given |= {f"{name} offered": new, f"{name} beside": new}
                said.append(f"{name} is newer in the series. Yours stays as it is, the new one is beside it: "
                            f"{beside.name}")
            elif now in ("", before) and now != new:
                put(folder / name, notebook)
                said += [f"{name} is renewed."] if now else []
            given |= {name: new} if now in ("", new, before) else {}
        if not (folder / yours.FILE).exists():
            yours.write(folder / yours.FILE, yours.start().encode())
        yours.write(folder / yours.MARKER, json.dumps(given, indent=1).encode())
    return said


def remembered(folder):
    """What each notebook was when it was given to the reader, {name: content}."""
    try:
        given = json.loads((folder / yours.MARKER).read_text(encoding="utf-8"))
        return given if isinstance(given, dict) else {}
    except (OSError, ValueError):
        return {}


def free(folder, stem, beside):
    """Where a newer notebook goes: beside the reader's, and never over one that they have written in."""
    for i in ["", *range(2, 100)]:
        path = folder / f"{stem}.new{i}.ipynb"
        if content_of(path) in ("", beside):
            return path
    raise OSError(f"{folder} has too many copies of {stem}")


def put(path, notebook):
    """Write a notebook as Jupyter does."""
    yours.write(path, (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode())


def own_folder(wanted=None):
    """The reader's folder, made and filled → (its path, what to say). Unless named: my/ in the checkout, else at home."""
    if wanted:
        return Path(wanted).expanduser().resolve(), fill(Path(wanted).expanduser())
    home = Path.home() / ELSEWHERE
    if (CHECKOUT / "notebooks" / FIRST).is_file():
        with contextlib.suppress(OSError):
            return CHECKOUT / "my", fill(CHECKOUT / "my")
        return home, [f"{CHECKOUT / 'my'} cannot be written: your folder is {home}.", *fill(home)]
    return home, fill(home)


def workspace(folder):
    """Where JupyterLab keeps its windows for this folder. At first the file list is closed and no news hide the page."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    place = folder / ".jupyterlab"
    if not place.exists():
        layout = {"data": {"layout-restorer:data": LAYOUT}, "metadata": {"id": "default"}}
        WorkspacesManager(str(place)).save("default", json.dumps(layout))
        wishes = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
        (place / "labconfig").mkdir()
        yours.write(place / "labconfig" / "default_setting_overrides.json", json.dumps(wishes).encode())
    before = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(place), before]))
    return place


def main(arguments=None):
    """Make the folder, say where it is, open it."""
    parser = argparse.ArgumentParser(prog="weight-for-weight", description="Opens the series in a folder of your "
                                     "own. What else is given goes to JupyterLab.")
    parser.add_argument("--folder", help="your folder; else my/ beside notebooks/, or weight-for-weight/ at home")
    parser.add_argument("--no-open", action="store_true", help="make the folder and open nothing")
    options, more = parser.parse_known_args(arguments)
    try:
        folder, said = own_folder(options.folder)
    except OSError as error:
        sys.exit(f"Your folder cannot be made: {error}. Name one that can be written: "
                 "weight-for-weight --folder PATH")
    print(*[f"Your notebooks and your network: {folder}", *said], sep="\n", flush=True)
    if options.no_open:
        return
    from jupyterlab.labapp import main as jupyterlab

    sys.argv[1:] = ["--ServerApp.kernel_websocket_connection_class=helpers.explorers.at_once.AtOnce",
                    f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{FIRST}",
                    f"--LabApp.workspaces_dir={workspace(folder)}", *more]
    jupyterlab()


if __name__ == "__main__":
    main()
