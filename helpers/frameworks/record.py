"""Measure what is installed here and look up what PyPI says, into recorded.json: python -m helpers.frameworks.record"""

import datetime
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import urllib.request

import numpy as np

from helpers.data import mnist
from helpers.activations import relu, softmax
from helpers.frameworks import IMPORTED, PACKAGE, RECORDED, available, caffe, gaps, onnx, recorded, run_all
from helpers.frameworks import numpy as ours
from helpers.frameworks.ranking import PYTHONS, SYSTEMS
from helpers.network import forward
from helpers.parameters import he, layers
from helpers.training import one_hot

SIZES, STEPS, BATCH, ALPHA = [784, 256, 128, 10], 200, 64, 0.1
LOOKED_UP = ["tensorflow", "torch", "jax", "pytensor", "theano", "caffe", "onnx", "onnxruntime",
             "opencv-python-headless"]
JAX_FOR_THE_MACHINE = "jaxlib"
MODES = {"FAST_COMPILE": "FAST_COMPILE", "usual": None}
FIRST_STEP = """
import numpy as np, time
from helpers.frameworks.pytensor import compiled, pytensor
from helpers.parameters import he, views
pairs = [(pytensor.shared(W), pytensor.shared(b)) for W, b in views(he({sizes}, np.random.default_rng(8), np.float32), {sizes})]
start = time.perf_counter()
compiled(pairs, "float32", {mode!r})(np.ones((64, 784), np.float32), np.eye(64, 10, dtype=np.float32), np.float32(0.1))
print(time.perf_counter() - start)
"""
MARKS = {"Windows": "win_amd64", "macOS": "macosx", "Linux": "manylinux"}


def problem(data):
    """The seed network's start, 2,000 images, and the rows of 200 batches: the arguments of `frameworks.run`."""
    rng = np.random.default_rng(8)
    X, Y = data.X_train[:2000].astype(np.float64), one_hot(data.labels_train[:2000], 10)
    theta = he(SIZES, rng)
    return theta, SIZES, X, Y, [rng.integers(0, len(X), BATCH) for _ in range(STEPS)], ALPHA


def fits(file, python, system):
    """Whether a wheel's name says that it is for this Python and this system."""
    tag, abi, where = file.removesuffix(".whl").split("-")[-3:]
    right_python = tag == f"cp{python.replace('.', '')}" and not abi.endswith("t") or tag == "py3" or (
        abi == "abi3" and tag.startswith("cp3") and int(tag[3:]) <= int(python.split(".")[1]))
    return right_python and (where == "any" or MARKS[system] in where)


def released(package, today):
    """The last release of a package, its date, and for which Pythons and systems it brings a wheel, from PyPI's own JSON."""
    source = f"https://pypi.org/pypi/{package}/json"
    with urllib.request.urlopen(source, timeout=60) as answer:
        page = json.load(answer)
    uploaded = min(file["upload_time"] for file in page["urls"])
    wheels = [file["filename"] for file in page["urls"] if file["packagetype"] == "bdist_wheel"]
    return {"version": page["info"]["version"], "date": uploaded[:10], "read": today, "source": source,
            "requires_python": page["info"]["requires_python"] or "",
            "says": page["info"]["summary"] or (page["info"]["description"] or "").split(". ")[0],
            "wheels": [f"{system} {python}" for system in SYSTEMS for python in PYTHONS
                       if any(fits(file, python, system) for file in wheels)]}


def look_up(today):
    """{package: its last release}. JAX is plain Python; what must fit a machine is its jaxlib, so the wheels are jaxlib's."""
    found = {name: released(name, today) for name in LOOKED_UP}
    found["jax"]["wheels"] = released(JAX_FOR_THE_MACHINE, today)["wheels"]
    return found


def measure(today):
    """{name: its row} of all that are installed, with the gap to our weights and the megabytes on the disk."""
    task = problem(mnist.load())
    rows = run_all(*task)
    apart = gaps(rows, rows["NumPy"]["theta"])
    where = {"date": today, "python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    return {name: {**where, **{key: value for key, value in row.items() if key != "theta"}, "gap": apart[name]}
            for name, row in rows.items()}


def compiling(today):
    """PyTensor's first step with nothing compiled before, in the mode that its program uses and in the usual one, in seconds."""
    took = {}
    for name, mode in MODES.items():
        with tempfile.TemporaryDirectory() as folder:
            new = {"PYTENSOR_FLAGS": f"base_compiledir={folder}", "NUMBA_CACHE_DIR": folder, "OPENBLAS_NUM_THREADS": "1"}
            command = [sys.executable, "-c", FIRST_STEP.format(sizes=SIZES, mode=mode)]
            done = subprocess.run(command, env=os.environ | new, capture_output=True, text=True, check=True)
            took[name] = float(done.stdout.split()[-1])
    return {"date": today, "version": importlib.import_module("pytensor").__version__, "seconds": took}


def read_back(today):
    """{who: how far its Ŷ is from ours}: Caffe's files by OpenCV, the ONNX file by ONNX Runtime, where they are installed."""
    theta, sizes, X, Y, batches, alpha = problem(mnist.load())
    theta = ours.train(theta, sizes, X, Y, batches, alpha)
    Y_hat, _ = forward(layers(theta, sizes, [relu, relu, softmax]), X)
    readers = {"OpenCV": lambda: caffe.run(caffe.prototxt(sizes), caffe.caffemodel(theta, sizes), X),
               "ONNX Runtime": lambda: onnx.run(onnx.model(theta, sizes), X)}
    return {name: {"date": today, "version": importlib.import_module(IMPORTED[name]).__version__,
                   "gap": float(np.abs(read() - Y_hat).max())} for name, read in readers.items() if available(name)}


def main():
    """What is not installed or cannot be reached keeps the row it has."""
    today = datetime.date.today().isoformat()
    record = recorded() if RECORDED.exists() else {"measured": {}, "files": {}, "released": {}}
    record["measured"] |= measure(today)
    record["files"] = record.get("files", {}) | read_back(today)
    if available("PyTensor"):
        record["compiling"] = compiling(today)
    try:
        record["released"] |= look_up(today)
    except OSError as error:
        print(f"PyPI cannot be reached ({error}): the dates stay as they are")
    RECORDED.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("measured:", ", ".join(name for name in PACKAGE if available(name)))


if __name__ == "__main__":
    main()
