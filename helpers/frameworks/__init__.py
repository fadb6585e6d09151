"""One training in several frameworks: each in a Python of its own, or, where it is not installed, its recorded row."""

import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from helpers.frameworks.keras_bridge import installed

# The program of each row, helpers/frameworks/<program>.py, and what it imports first; of Keras, also what it runs on.
PROGRAM = {"NumPy": "numpy", "TensorFlow": "tensorflow", "PyTorch": "torch", "JAX": "jax", "PyTensor": "pytensor",
           "Keras on JAX": "keras", "Keras on TensorFlow": "keras", "Keras on PyTorch": "keras"}
PACKAGES = {"NumPy": ["numpy"], "TensorFlow": ["tensorflow"], "PyTorch": ["torch"], "JAX": ["jax"],
            "PyTensor": ["pytensor"], "Keras on JAX": ["keras", "jax"], "Keras on TensorFlow": ["keras", "tensorflow"],
            "Keras on PyTorch": ["keras", "torch"], "OpenCV": ["cv2"], "ONNX Runtime": ["onnxruntime"]}
# What pip is asked for (PyTorch: its build for the processor alone).
TORCH = "torch --index-url https://download.pytorch.org/whl/cpu"
INSTALL = {"NumPy": "numpy", "TensorFlow": "tensorflow", "PyTorch": TORCH, "JAX": "jax", "PyTensor": "pytensor",
           "Keras on JAX": "keras jax", "Keras on TensorFlow": "tensorflow",
           "Keras on PyTorch": f"keras && python -m pip install {TORCH}",
           "OpenCV": '"opencv-python-headless>=4.10,<5"', "ONNX Runtime": "onnxruntime"}
LIVE = ["NumPy", "TensorFlow", "PyTorch", "JAX", "PyTensor", "Keras on JAX"]  # Keras's other two take as long again
RECORDED = Path(__file__).with_name("recorded.json")
# The same three mistakes for all, and the numbers a helpful message names: what came, what was wanted; sizes or axes.
MISTAKES = {"images not flattened": [("28", "784"), ("3", "2")], "labels not one-hot": [("1", "10")],
            "one label missing": [("63", "64")]}
# One thread each, so that the frameworks and not their threads are compared; TensorFlow without its greetings.
THREADS = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "TF_NUM_INTRAOP_THREADS",
           "TF_NUM_INTEROP_THREADS"]
CALM = dict.fromkeys(THREADS, "1") | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0",
                                      "CUDA_VISIBLE_DEVICES": "-1", "PYTHONWARNINGS": "ignore"}


def recorded():
    """What `python -m helpers.frameworks.record` found: measured rows, files, releases, Windows, each with its date."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))


def available(name):
    """Whether this framework can be run here."""
    return all(installed(package) for package in PACKAGES[name])


def how_to_install(name):
    """The line for a terminal."""
    return f"python -m pip install {INSTALL[name]}"


def run(name, theta, sizes, X, Y, batches, learning_rate, mode="usual", fresh=False):
    """Train θ (P,) in this framework, in a new Python → a row of measurements; "theta" (P,) is where it ends.

    mode "judged": with what it says about mistakes, and how its help is. "plain", "compiled": times alone, of the step
    in `measure.MODES`. fresh: nothing that an earlier run has compiled is used.
    """
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "problem.npz", theta=theta, sizes=sizes, X=X, Y=Y, batches=np.array(batches),
                 learning_rate=learning_rate)
        root = str(Path(__file__).parents[2])
        calm = CALM | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
                       "KERAS_BACKEND": PACKAGES[name][-1] if name.startswith("Keras") else "tensorflow"}
        if fresh:
            calm |= {"PYTENSOR_FLAGS": f"base_compiledir={folder}", "NUMBA_CACHE_DIR": folder,
                     "TORCHINDUCTOR_CACHE_DIR": folder}
        command = [sys.executable, "-m", "helpers.frameworks.measure", PROGRAM[name], PACKAGES[name][0], mode, folder]
        done = subprocess.run(command, env=os.environ | calm, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} stopped: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        row = json.loads((Path(folder) / "row.json").read_text(encoding="utf-8"))
        ends = Path(folder) / "theta.npy"
        return row | {"disk_mb": megabytes(*PACKAGES[name])} | ({"theta": np.load(ends)} if ends.exists() else {})


def run_all(*problem):
    """{name: row} of those of LIVE that are installed, one after the other, so that none slows down another."""
    return {name: run(name, *problem) for name in LIVE if available(name)}


def gaps(rows, theta):
    """The largest |θ − theirs| of each row: {name: gap}."""
    return {name: float(np.abs(row["theta"] - theta).max()) for name, row in rows.items()}


def middle(value):
    """The median of what was measured several times; what was measured once is itself."""
    return statistics.median(value) if isinstance(value, list) else value


def megabytes(*packages):
    """What packages and all that they require take on the disk, NumPy left out, in 10⁶ bytes."""
    # A package may come under another name, as tensorflow does from tensorflow-cpu.
    names = importlib.metadata.packages_distributions()
    todo = [names.get(package, [package])[0] for package in packages]
    seen, total = {"numpy"} - set(packages), 0.0
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
