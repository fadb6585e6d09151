"""Measure what is installed here, and look up what PyPI says, into recorded.json: python -m helpers.frameworks.record

With names of its parts (measured compiled files released windows machines) it renews only those. Best on a machine
that does nothing else: about a quarter of an hour.
"""

import datetime
import importlib
import importlib.metadata
import io
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from email.parser import Parser
from pathlib import Path

import numpy as np

from helpers.activations import relu, softmax
from helpers.data import mnist
from helpers.frameworks import PACKAGES, PROGRAM, RECORDED, available, caffe, data_parallel, gaps, onnx, recorded, run
from helpers.frameworks import numpy as ours
from helpers.frameworks.measure import MODES
from helpers.frameworks.ranking import CANDIDATES, PYTHONS, SYSTEMS, wheels
from helpers.network import forward
from helpers.optimizers import adam, gradient_descent
from helpers.parameters import glorot, he, layers
from helpers.training import minibatches, one_hot

SIZES, STEPS, BATCH, LEARNING_RATE = [784, 256, 128, 10], 200, 64, 0.1
BATCHES = [32, 512, 4096]
ROUNDS = {"measured": 5, "compiled": 3}
SEVERAL = ["import_s", "first_s", "step_s", "memory_mb"]  # measured in every round; the rest is the same each time
LOOKED_UP = ["tensorflow", "torch", "jax", "pytensor", "keras", "theano", "caffe", "onnx", "onnxruntime",
             "opencv-python-headless"]
# JAX and PyTensor are Python alone; what must fit a machine is what they compile with.
COMPILES = {"jax": "jaxlib", "pytensor": "numba"}
MARKS = {"Windows": "win_amd64", "macOS on Apple": "macosx.*(arm64|universal2)",
         "macOS on Intel": "macosx.*(x86_64|universal2)", "Linux": "manylinux.*x86_64"}
# The class of notebook 09. What a requirement asks about its machine, answered for theirs.
CLASS = "3.14"
WINDOWS = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64",
           "python_version": CLASS, "python_full_version": f"{CLASS}.0", "extra": ""}


def problem(data):
    """The seed network's start, 2,000 images, and the rows of 200 batches: the arguments of `frameworks.run`."""
    rng = np.random.default_rng(8)
    X, Y = data.X_train[:2000].astype(np.float64), one_hot(data.labels_train[:2000], 10)
    theta = he(SIZES, rng)
    return theta, SIZES, X, Y, [rng.integers(0, len(X), BATCH) for _ in range(STEPS)], LEARNING_RATE


def machine():
    """Where the clock ran: the processor's own name, how many cores, and how busy it was before we came."""
    try:
        cpu = re.search("model name\\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))[1]
    except (OSError, TypeError):
        cpu = platform.processor() or platform.machine()
    busy = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {"date": datetime.date.today().isoformat(), "cpu": cpu, "cores": os.cpu_count(), "load": busy,
            "system": f"{platform.system()} {platform.machine()}", "python": platform.python_version()}


def measured():
    """{name: its row} of all that are installed. Every round runs all, one after the other, each in a new Python."""
    task, where = problem(mnist.load()), machine()
    names = [name for name in PROGRAM if available(name)]
    rows = {name: run(name, *task, mode="judged") for name in names}
    apart = gaps(rows, rows["NumPy"]["theta"])
    more = [{name: run(name, *task) for name in names} for _ in range(ROUNDS["measured"])]
    for name, row in rows.items():
        row.pop("theta")
        row |= where | {"gap": apart[name]} | {key: [again[name][key] for again in more] for key in SEVERAL}
    return rows


def compiled():
    """{name: {mode: its times}}: a step compiled less, or more, with nothing that an earlier run has compiled."""
    task, where = problem(mnist.load()), machine()
    runs = {}
    for _ in range(ROUNDS["compiled"]):
        for program, other in MODES:
            name = next(name for name in PROGRAM if PROGRAM[name] == program)
            for mode in ("usual", other) if available(name) else ():
                row = run(name, *task, mode=mode, fresh=True)
                times = runs.setdefault(name, {}).setdefault(mode, {"first_s": [], "step_s": []})
                times["first_s"].append(row["first_s"])
                times["step_s"].append(row["step_s"])
    return {name: where | modes for name, modes in runs.items()}


def fits(file, python, system):
    """Whether a wheel's name says that it is for this Python and this system."""
    tag, abi, where = file.removesuffix(".whl").split("-")[-3:]
    right_python = tag == f"cp{python.replace('.', '')}" and not abi.endswith("t") or "py3" in tag.split(".") or (
        abi == "abi3" and tag.startswith("cp3") and int(tag[3:]) <= int(python.split(".")[1]))
    return right_python and (where == "any" or re.search(MARKS[system], where) is not None)


def release(package):
    """The last release of a package, its date, and where it brings a wheel for, from PyPI's own JSON."""
    from packaging.specifiers import SpecifierSet

    source = f"https://pypi.org/pypi/{package}/json"
    with urllib.request.urlopen(source, timeout=60) as answer:
        page = json.load(answer)
    uploaded = min(file["upload_time"] for file in page["urls"])
    files = [file["filename"] for file in page["urls"] if file["packagetype"] == "bdist_wheel"]
    wanted = SpecifierSet(page["info"]["requires_python"] or "")
    return {"version": page["info"]["version"], "date": uploaded[:10], "read": datetime.date.today().isoformat(),
            "source": source, "requires_python": page["info"]["requires_python"] or "",
            "says": page["info"]["summary"] or (page["info"]["description"] or "").split(". ")[0],
            "wheels": [f"{system} {python}" for system in SYSTEMS for python in PYTHONS
                       if wanted.contains(f"{python}.9") and any(fits(file, python, system) for file in files)]}


def released():
    """{package: its last release}."""
    found = {name: release(name) for name in LOOKED_UP}
    for name, part in COMPILES.items():
        there = release(part)["wheels"]
        found[name]["wheels"] = [where for where in found[name]["wheels"] if where in there]
    return found


def files():
    """{who: how far its Ŷ is from ours}: Caffe's files by OpenCV; by ONNX Runtime our ONNX file, and PyTorch's own."""
    theta, sizes, X, Y, batches, learning_rate = problem(mnist.load())
    theta = ours.train(theta, sizes, X, Y, batches, learning_rate)
    Y_hat, _ = forward(layers(theta, sizes, [relu, relu, softmax]), X)
    readers = {"OpenCV": lambda: caffe.run(caffe.prototxt(sizes), caffe.caffemodel(theta, sizes), X),
               "ONNX Runtime": lambda: onnx.run(onnx.model(theta, sizes), X)}
    if available("PyTorch"):
        readers["ONNX Runtime, PyTorch's file"] = lambda: onnx.run(onnx.exported(theta, sizes), X)
    found = {}
    for name, read in readers.items():
        if available(name.split(",")[0]):
            version = importlib.import_module(PACKAGES[name.split(",")[0]][0]).__version__
            gap = float(np.abs(read() - Y_hat).max())
            found[name] = {"date": datetime.date.today().isoformat(), "version": version, "gap": gap}
    return found


def unpacked(packages):
    """10⁶ bytes of Windows wheels for the class's Python, unpacked, with all that they require, NumPy left out."""
    from packaging.requirements import Requirement

    todo, sizes = [Requirement(name) for name in packages], {"numpy": 0.0}
    while todo:
        wanted = todo.pop()
        name = wanted.name.lower().replace("_", "-")
        if name in sizes:
            continue
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--platform", "win_amd64", "--python-version", CLASS,
                       "--only-binary=:all:", "--no-deps", "-q", "-d", folder, f"{name}{wanted.specifier}"]
            subprocess.run(command, check=True, capture_output=True)
            wheel = zipfile.ZipFile(io.BytesIO(next(Path(folder).glob("*.whl")).read_bytes()))
        sizes[name] = sum(file.file_size for file in wheel.infolist()) / 1e6
        about = next(file for file in wheel.namelist() if file.endswith(".dist-info/METADATA"))
        needs = Parser().parsestr(wheel.read(about).decode("utf-8")).get_all("Requires-Dist") or []
        needs = [Requirement(line) for line in needs]
        todo += [need for need in needs if need.marker is None or need.marker.evaluate(WINDOWS)]
    return sum(sizes.values())


def windows():
    """{name: what it takes on a disk under Windows}, of the candidates that have wheels for the class's Python."""
    record = recorded()
    names = [name for name in CANDIDATES if f"Windows {CLASS}" in wheels(name, record)]
    today = datetime.date.today().isoformat()
    return {name: {"date": today, "python": CLASS, "disk_mb": unpacked(CANDIDATES[name])} for name in names}


def machines(rounds=5):
    """Steps alone and in two processes, on batches of several sizes, each the shortest; how far apart weights end."""
    data, where, best = mnist.load(), machine(), {1: {}, 2: {}}
    rng, X, Y = np.random.default_rng(0), data.X_train, one_hot(data.labels_train, 10, np.float32)
    theta, wire = glorot(SIZES, rng, np.float32), np.inf
    for _ in range(rounds):
        for workers, sizes in (1, [1, *BATCHES, 1024]), (2, [2, *BATCHES]):
            batches = [rng.integers(0, 8192, n) for n in sizes for _ in range(STEPS // 4)]
            done = data_parallel.run(workers, 1, theta, SIZES, X[:8192], Y[:8192], batches, learning_rate=0.01,
                                     every=len(batches))
            steps = done.seconds.reshape(len(sizes), -1)[:, 5:].min(axis=1)  # the first ones compile
            best[workers] |= {n: min(float(s), best[workers].get(n, np.inf)) for n, s in zip(sizes, steps)}
        wire = min(float(done.wire.min()), wire)
    sent = float(np.median(done.sent) / theta.nbytes) if np.isfinite(done.sent).all() else None
    batches, found = minibatches(len(X), 128, np.random.default_rng(3)), {}
    for rule, rate in (gradient_descent, 0.1), (adam, 0.001):
        start = glorot(SIZES, np.random.default_rng(3))
        one, two = (data_parallel.run(workers, 1, start, SIZES, X, Y, batches, optimizer=rule, learning_rate=rate,
                                      every=20) for workers in (1, 2))
        found[rule.__name__] = float(np.abs(one.thetas - two.thetas).max())
    row = {"alone_s": best[1], "together_s": best[2], "wire_s": wire, "sent": sent, "gaps": found}
    return {"two processes": where | row}


def main(*parts):
    """What is not installed or cannot be reached keeps the row it has."""
    for part in parts or [measured, compiled, files, released, windows, machines]:
        part = globals()[part] if isinstance(part, str) else part
        try:
            found = part()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{part.__name__} stays as it is: {error}")
            continue
        record = recorded() if RECORDED.exists() else {}
        record[part.__name__] = found if part is windows else record.get(part.__name__, {}) | found
        RECORDED.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"{part.__name__}:", ", ".join(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
