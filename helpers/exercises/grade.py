"""Who solved what, for a folder of handed-in notebooks: python -m helpers.exercises.grade FOLDER

Each notebook runs in a kernel of its own, with a limit on time and on memory, and one that breaks does not stop the rest.
Prints a table and writes it to FOLDER/grades.csv. Needs no network.
"""

import argparse
import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

CHECK = re.compile(r"^exercises\.(\w+)\.check\(", re.M)
SECONDS, GIGABYTES = 180, 4


def grade(folder, seconds=SECONDS, gigabytes=GIGABYTES):
    """A row for each notebook under `folder`: {"notebook": path, exercise: state, …, "problem": why it has no states}."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"folder: got {folder}, wanted a folder of handed-in notebooks")
    paths = sorted(p for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
    return [{"notebook": str(path.relative_to(folder)), **grade_one(path, seconds, gigabytes)} for path in paths]


def grade_one(path, seconds, gigabytes):
    """Run a copy of the notebook in a process that can be stopped with all its children, and read the checks' replies."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy.ipynb"
        try:
            notebook = nbformat.read(path, as_version=4)
            asked = [name for cell in notebook.cells if cell.cell_type == "code" for name in CHECK.findall(cell.source)]
            nbformat.write(notebook, copy)
        except Exception as error:
            return {"problem": f"cannot be read as a notebook ({type(error).__name__})"}
        environment = dict(os.environ, WFW_PREDICTIONS=str(Path(place) / "predictions.jsonl"))
        child = subprocess.Popen([sys.executable, "-m", __spec__.name if __spec__ else "helpers.exercises.grade", "--run", str(copy), str(gigabytes)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, start_new_session=True)
        try:
            _, complaint = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            stop(child)
            return dict.fromkeys(asked, "not run") | {"problem": f"still running after {seconds:g} seconds"}
        if child.returncode:
            last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["the kernel ended"]
            return dict.fromkeys(asked, "not run") | {"problem": last[0][:120]}
        return states(nbformat.read(copy, as_version=4)) | {"problem": ""}


def stop(child):
    """End the process and everything that it started."""
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.communicate()


def states(notebook):
    """{exercise: "right", "wrong", "open" or "not run"} from the outputs of an executed notebook."""
    found = {}
    for cell in notebook.cells:
        for name in CHECK.findall(cell.source) if cell.cell_type == "code" else []:
            texts = [output["data"].get("text/plain", "") for output in cell.outputs if output.output_type == "execute_result"]
            text = texts[-1] if texts else ""
            found[name] = "right" if text.startswith("Right.") else "open" if text.startswith("Not attempted") else "wrong" if text else "not run"
    return found


def run(path, gigabytes):
    """In the process of its own: limit the memory, execute, write the outputs back. Cells that fail do not stop the others."""
    from nbclient import NotebookClient

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 2**30),) * 2)
    except (ImportError, ValueError, OSError):
        pass  # Windows: no limit on memory
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=None, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": str(Path(path).parent)}}).execute()
    nbformat.write(notebook, path)


def main():
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m helpers.exercises.grade", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit for one notebook")
    parser.add_argument("--gigabytes", type=float, default=GIGABYTES, help="limit for one notebook")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        return run(arguments.run[0], float(arguments.run[1]))
    if not arguments.folder:
        parser.error("name the folder of handed-in notebooks")
    rows = grade(arguments.folder, arguments.seconds, arguments.gigabytes)
    names = list(dict.fromkeys(name for row in rows for name in row if name not in ("notebook", "problem")))
    with open(Path(arguments.folder) / "grades.csv", "w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, ["notebook", "solved", *names, "problem"])
        table.writeheader()
        for row in rows:
            solved = sum(state == "right" for state in row.values())
            table.writerow(row | {"solved": solved})
            print(f"{row['notebook']:40} {solved} of {len(row) - 2} solved", row["problem"] and f"({row['problem']})")


if __name__ == "__main__":
    main()
