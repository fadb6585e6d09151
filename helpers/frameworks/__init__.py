"""One training in several frameworks: each in a Python of its own, or, where it is not installed, its recorded row."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from helpers.keras_bridge import installed

# What a program names itself, the package it imports, the line that installs it (PyTorch: its build for the processor alone).
PACKAGE = {"NumPy": "numpy", "TensorFlow": "tensorflow", "PyTorch": "torch", "JAX": "jax", "PyTensor": "pytensor"}
INSTALL = {"NumPy": "numpy", "TensorFlow": "tensorflow", "PyTorch": "torch --index-url https://download.pytorch.org/whl/cpu", "JAX": "jax",
           "PyTensor": "pytensor", "OpenCV": '"opencv-python-headless>=4.10,<5"', "ONNX Runtime": "onnxruntime"}
IMPORTED = {"OpenCV": "cv2", "ONNX Runtime": "onnxruntime", **PACKAGE}
RECORDED = Path(__file__).with_name("recorded.json")
# The same three mistakes for all, and the numbers that a helpful message names: what came and what was wanted, as sizes or as axes.
MISTAKES = {"images not flattened": [("28", "784"), ("3", "2")], "labels not one-hot": [("1", "10")], "one label missing": [("63", "64")]}


def recorded():
    """What `python -m helpers.frameworks.record` measured and looked up: {"measured": {name: row}, "released": {package: row}, …}."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))


def available(name):
    """Whether this framework can be run here."""
    return installed(IMPORTED[name]) and (name != "TensorFlow" or installed("keras"))


def how_to_install(name):
    """The line for a terminal."""
    return f"python -m pip install {INSTALL[name]}"


def run(name, theta, sizes, X, Y, batches, alpha):
    """Train θ (P,) in this framework, in a new Python → a row of measurements, with the weights it ends with as "theta" (P,)."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "problem.npz", theta=theta, sizes=sizes, X=X, Y=Y, batches=np.array(batches), alpha=alpha)
        # One thread each, so that the frameworks and not their threads are compared; TensorFlow without its greetings.
        calm = {key: "1" for key in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")}
        calm |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1",
                 "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])}
        done = subprocess.run([sys.executable, "-m", "helpers.frameworks.measure", PACKAGE[name], folder], env=os.environ | calm,
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} stopped: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        row = json.loads((Path(folder) / "row.json").read_text(encoding="utf-8"))
        return row | {"theta": np.load(Path(folder) / "theta.npy")}


def run_all(*problem):
    """{name: row} of all that are installed, one after the other, so that none slows down another."""
    return {name: run(name, *problem) for name in PACKAGE if available(name)}


def gaps(rows, theta):
    """The largest |θ − theirs| of each row: {name: gap}."""
    return {name: float(np.abs(row["theta"] - theta).max()) for name, row in rows.items()}


def megabytes(package):
    """What a package and all that it requires take on the disk, NumPy left out, in 10⁶ bytes."""
    # The package may come under another name, as tensorflow does from tensorflow-cpu.
    todo, seen, total = list(importlib.metadata.packages_distributions().get(package, [package]))[:1], {"numpy"} - {package}, 0
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on another system, not here
        total += sum(path.stat().st_size for file in distribution.files or [] if (path := Path(file.locate())).is_file())
        needs = [line for line in distribution.requires or [] if "extra ==" not in line]
        todo += ["".join(c if c.isalnum() or c in "-_." else " " for c in line).split()[0] for line in needs]
    return total / 1e6
