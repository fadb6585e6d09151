"""One training in several frameworks: each in a Python of its own, or, where it is not installed, its recorded row."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from helpers.frameworks.keras import installed

# What a program names itself, the package it imports, what pip is asked for (PyTorch: its build for the processor alone).
PACKAGE = {"NumPy": "numpy", "TensorFlow": "tensorflow", "PyTorch": "torch", "JAX": "jax", "PyTensor": "pytensor"}
INSTALL = {"NumPy": "numpy", "TensorFlow": "tensorflow", "JAX": "jax", "PyTensor": "pytensor",
           "PyTorch": "torch --index-url https://download.pytorch.org/whl/cpu",
           "OpenCV": '"opencv-python-headless>=4.10,<5"', "ONNX Runtime": "onnxruntime"}
IMPORTED = {"OpenCV": "cv2", "ONNX Runtime": "onnxruntime", **PACKAGE}
RECORDED = Path(__file__).with_name("recorded.json")
# The same three mistakes for all, and the numbers a helpful message names: what came, what was wanted; sizes or axes.
MISTAKES = {"images not flattened": [("28", "784"), ("3", "2")], "labels not one-hot": [("1", "10")],
            "one label missing": [("63", "64")]}


def recorded():
    """What `python -m helpers.frameworks.record` found: {"measured": {name: row}, "files": {…}, "released": {…}}."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))


def available(name):
    """Whether this framework can be run here."""
    return installed(IMPORTED[name]) and (name != "TensorFlow" or installed("keras"))


def how_to_install(name):
    """The line for a terminal."""
    return f"python -m pip install {INSTALL[name]}"


def run(name, theta, sizes, X, Y, batches, alpha):
    """Train θ (P,) in this framework, in a new Python → a row of measurements; "theta" (P,) is where it ends."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "problem.npz", theta=theta, sizes=sizes, X=X, Y=Y, batches=np.array(batches),
                 alpha=alpha)
        # One thread each, so that the frameworks and not their threads are compared; TensorFlow without its greetings.
        calm = dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"], "1")
        calm |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0",
                 "CUDA_VISIBLE_DEVICES": "-1",
                 "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-m", "helpers.frameworks.measure", PACKAGE[name], folder]
        done = subprocess.run(command, env=os.environ | calm, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} stopped: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        row = json.loads((Path(folder) / "row.json").read_text(encoding="utf-8"))
        return row | {"disk_mb": megabytes(PACKAGE[name]), "theta": np.load(Path(folder) / "theta.npy")}


def run_all(*problem):
    """{name: row} of all that are installed, one after the other, so that none slows down another."""
    return {name: run(name, *problem) for name in PACKAGE if available(name)}


def gaps(rows, theta):
    """The largest |θ − theirs| of each row: {name: gap}."""
    return {name: float(np.abs(row["theta"] - theta).max()) for name, row in rows.items()}


def megabytes(package):
    """What a package and all that it requires take on the disk, NumPy left out, in 10⁶ bytes."""
    # The package may come under another name, as tensorflow does from tensorflow-cpu.
    todo = importlib.metadata.packages_distributions().get(package, [package])[:1]
    seen, total = {"numpy"} - {package}, 0.0
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # needed on another system, not here
        files = [Path(file.locate()) for file in distribution.files or []]
        total += sum(path.stat().st_size for path in files if path.is_file())
        needs = [line for line in distribution.requires or [] if "extra ==" not in line]
        todo += ["".join(c if c.isalnum() or c in "-_." else " " for c in line).split()[0] for line in needs]
    return total / 1e6
