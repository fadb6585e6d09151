"""One training in several processes by Keras's distribution API on JAX: python -m helpers.frameworks.data_parallel …

`run` starts the workers on this machine, each a Python of its own, waits for them, and leaves none behind.
"""

import contextlib
import importlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.activations import identity, relu
from helpers.checks.contracts import count, counts, one_of, positive, takes
from helpers.frameworks import keras_bridge as bridge, recorded
from helpers.losses import cross_entropy
from helpers.optimizers import adam, gradient_descent, remember
from helpers.topics.machines import in_parts

RULES = {rule.__name__: rule for rule in (gradient_descent, adam)}
UNUSED = {"tensorflow", "torch", "sklearn", "pandas"}
GRACE = 3  # seconds for the others, after one has stopped


def work(rank, workers, address, task):
    """One of the workers: its part of every batch, and the same step in all of them.   Yields the model after each."""
    keras = bridge.load()
    if workers > 1:
        keras.distribution.initialize(address, workers, rank)
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    model = bridge.build(task["theta"], task["sizes"], [relu, relu, identity], loss=cross_entropy,
                         optimizer=task["optimizer"], learning_rate=task["learning_rate"])
    recall(model, task)
    for batch in task["batches"]:
        mine = np.array_split(batch, workers)[rank]
        model.train_on_batch(task["X"][mine], task["Y"][mine])
        yield model


@dataclass
class Run:
    """What a run left: θ every few steps (s, P), each worker's last θ (w, P), and of every step seconds and bytes sent.

    `codes` are the workers' exit codes, 0 where all is well; `said` is the last line of each that was not.
    `wire` is what sums over P numbers of each worker took alone, in seconds. `checkpoint` continues the training: θ,
    and what the update rule remembers. `where` says what ran, in words.
    """

    thetas: np.ndarray
    last: np.ndarray
    seconds: np.ndarray
    sent: np.ndarray
    wire: np.ndarray
    codes: list
    said: list
    checkpoint: dict
    where: str


def available():
    """Whether Keras on JAX can share a training here: JAX's processes speak through gloo, which Windows lacks."""
    return bridge.installed("keras") and bridge.installed("jax") and hasattr(os, "fork")


@takes(workers=count, devices=count, theta="(P,) finite", sizes=counts, X="(n, d) finite", Y="(n, K) finite",
       optimizer=one_of(*RULES.values()), learning_rate=positive, every=count, deadline=positive)
def run(workers, devices, theta, sizes, X, Y, batches, *, optimizer=gradient_descent, learning_rate, every=1,
        dies=None, checkpoint=None, deadline=300):
    """Train a network of ReLUs from θ (P,) in so many processes, of so many devices each → a Run.

    X (n, d), Y (n, K), batches a list of row numbers. `every` so many steps θ is kept, and is a checkpoint too.
    dies=(rank, step) kills a worker before that step; `checkpoint`, from another Run, is where to continue.
    Of unequal parts Keras on JAX takes the plain mean of their means: each process divides by its own examples.
    Where Keras on JAX is not installed, NumPy stands in for the workers, and `where` says so.
    Raises TimeoutError after `deadline` seconds. Whatever happens, no process is left.
    """
    if not available():
        return stand_in(workers, devices, theta, sizes, X, Y, batches, optimizer, learning_rate, every, dies,
                        checkpoint or {})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        np.save(folder / "X.npy", X)  # a file that the workers read where it lies, so that it is in memory once
        np.save(folder / "Y.npy", Y)
        np.savez(folder / "task.npz", theta=theta, sizes=sizes, batches=np.concatenate(batches),
                 ends=np.cumsum([len(batch) for batch in batches]), learning_rate=learning_rate, every=every,
                 rule=optimizer.__name__, dies=dies or (-1, -1),
                 **{f"from_{name}": value for name, value in (checkpoint or {}).items()})
        codes = together(folder, workers, devices, deadline)
        said = [f"killed by signal {-code}" if code < 0 else last_words(folder / f"said{rank}.txt") if code else ""
                for rank, code in enumerate(codes)]
        if any(codes) and dies is None:
            # Who only lost the other says less than the one who failed.
            raise RuntimeError("The workers stopped: " + min(filter(None, said), key=lambda words: "Gloo" in words))
        kept = {path.stem: np.load(path) for path in folder.glob("kept*.npz")}
        kept = [dict(kept[name]) for name in sorted(kept, key=lambda name: int(name[4:]))]
        last = [np.load(folder / f"last{rank}.npy") for rank in range(workers) if not any(codes)]
        paths = [folder / f"{name}0.npy" for name in ("seconds", "sent", "wire")]
        seconds, sent, wire = (np.load(path) if path.exists() else np.zeros(0) for path in paths)
    several = ["", "es"][workers > 1], ["", "s"][devices > 1]
    words = f"{workers} process{several[0]} of {devices} device{several[1]}, Keras on JAX"
    thetas, checkpoint = np.array([one["theta"] for one in kept]), kept[-1] if kept else None
    return Run(thetas, np.array(last), seconds, sent, wire, codes, said, checkpoint, words)


def stand_in(workers, devices, theta, sizes, X, Y, batches, optimizer, learning_rate, every, dies, start):
    """The same Run by NumPy, in this process."""
    theta, begin, memory = start.get("theta", theta).copy(), int(start.get("step", 0)), remember(theta)
    memory |= {name: np.copy(start[name]) for name in memory if name in start}
    memory["t"] = int(memory["t"])
    batches = batches[begin : dies[1] - 1 if dies else None]
    steps = in_parts(theta, sizes, [relu, relu, identity], X, Y, batches, workers * devices, optimizer=optimizer,
                     learning_rate=learning_rate, memory=memory, reduce=lambda parts, counts: np.mean(parts, axis=0))
    kept, seconds, before = [], [], time.perf_counter()
    for step, _ in enumerate(steps, start=begin + 1):
        seconds.append(time.perf_counter() - before)
        if step % every == 0:
            kept.append({"theta": theta.copy(), "step": step} | {name: np.copy(memory[name]) for name in memory})
        before = time.perf_counter()
    codes = [(-9 if rank == dies[0] else 1) if dies else 0 for rank in range(workers)]
    last, row = [] if dies else [theta] * workers, recorded()["machines"]["two processes"]
    return Run(np.array([one["theta"] for one in kept]), np.array(last), np.array(seconds),
               np.full(len(seconds), np.nan), np.zeros(0), codes,
               ["no process was started" if code else "" for code in codes], kept[-1] if kept else None,
               "NumPy in one process stands in, because Keras on JAX is not here; recorded with it on "
               f"{row['date']}, {row['cpu']}: two processes and one, {row['gaps'][optimizer.__name__]:.0e} apart")


# Starting, watching and ending


def free_port():
    """A port on loopback that nobody listens at just now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def together(folder, workers, devices, deadline):
    """Start the workers, wait until all have ended, or end them → their exit codes."""
    port, root = free_port(), str(Path(__file__).parents[2])
    flags = f"--xla_force_host_platform_device_count={devices} --xla_cpu_multi_thread_eigen=false"
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
        "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "OPENBLAS_NUM_THREADS": "1",
        "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {flags}",
        "JAX_COORDINATOR_BIND_ADDRESS": f"127.0.0.1:{port}",  # else it listens on every address that the machine has
    }
    running, until = [], time.monotonic() + deadline
    try:
        for rank in range(workers):
            numbers = map(str, (rank, workers, port))
            command = [sys.executable, "-m", "helpers.frameworks.data_parallel", folder, *numbers]
            with open(folder / f"said{rank}.txt", "w") as said:
                running.append(subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=said, stderr=said))
        while any(one.poll() is None for one in running):
            if any(one.poll() for one in running):
                until = min(until, time.monotonic() + GRACE)  # the others wait for an answer that will not come
            if time.monotonic() > until:
                break
            time.sleep(0.02)
        late = all(one.returncode in (None, 0) for one in running) and any(one.poll() is None for one in running)
    finally:
        for one in running:
            one.stdin.close()
            if one.poll() is None:
                one.kill()
            one.wait()
    if late:
        raise TimeoutError(f"The workers were ended after {deadline} seconds: {last_words(folder / 'said0.txt')}")
    return [one.returncode for one in running]


def last_words(path):
    """The last line that names an error in what a process wrote, or else its last line."""
    lines = [line.strip() for line in path.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.split(":")[0].endswith(("Error", "Exception"))]
    return (errors or lines or ["no reason given"])[-1]


# In the worker's own process


class Without:
    """An import hook: Keras looks for packages that no worker needs, and they would take seconds and 300 MB."""

    def find_spec(self, name, path=None, target=None):
        if name in UNUSED:
            raise ModuleNotFoundError(f"{name} is left out in a worker", name=name)


def leave_with_parent():
    """End this process when the one that started it is gone: then nobody holds the other end of stdin."""
    def wait():
        os.read(0, 1)  # not sys.stdin, whose lock Python asks for at its end
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def on_loopback():
    """Let JAX's processes speak through gloo, and at 127.0.0.1 only."""
    importlib.import_module("jax").config.update("jax_cpu_collectives_implementation", "gloo")
    with contextlib.suppress(ImportError, AttributeError):  # gloo would take the address that the machine's name has
        library = importlib.import_module("jax._src.lib")._jax
        make = library.make_gloo_tcp_collectives
        library.make_gloo_tcp_collectives = lambda **settings: make(**settings | {"hostname": "127.0.0.1"})


def recall(model, task):
    """Put a checkpoint into the model: its weights, and what the optimizer remembers where that was kept."""
    if "from_theta" in task:
        bridge.write(model, task["from_theta"], task["sizes"])
        model.optimizer.build(model.trainable_variables)
        for i, variable in enumerate(model.optimizer.variables):
            if f"from_memory{i}" in task:
                variable.assign(task[f"from_memory{i}"])


def keep(model, step, folder):
    """Write a checkpoint, whole or not at all."""
    memory = {f"memory{i}": np.asarray(variable.value) for i, variable in enumerate(model.optimizer.variables)}
    np.savez(folder / "half.npz", theta=bridge.read(model), step=step, **memory)
    os.replace(folder / "half.npz", folder / f"kept{step}.npz")


def written():
    """Bytes that this process has written so far, to files and to others, as Linux counts them; nan elsewhere."""
    try:
        return float(re.search(r"wchar: (\d+)", Path("/proc/self/io").read_text())[1])
    except (OSError, TypeError):
        return np.nan


def all_reduce_seconds(size, dtype, times=60):
    """Seconds that each of several sums of `size` numbers over all processes takes by itself.   (times,)"""
    jax = importlib.import_module("jax")
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("workers",))
    apart, everywhere = (jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*axes))
                         for axes in [("workers",), ()])
    vectors = jax.make_array_from_process_local_data(apart, np.ones((jax.local_device_count(), size), dtype))
    add, seconds = jax.jit(lambda vectors: vectors.sum(axis=0), out_shardings=everywhere), []
    for _ in range(times + 3):
        start = time.perf_counter()
        add(vectors).block_until_ready()
        seconds.append(time.perf_counter() - start)
    return np.array(seconds[3:])


def main(folder, rank, workers, port):
    """Train as the task in the folder says, and leave there what `run` reads."""
    leave_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who interrupts the notebook ends the workers by its own hand
    sys.meta_path.insert(0, Without())
    folder, rank, workers = Path(folder), int(rank), int(workers)
    if workers > 1:
        on_loopback()
    task = dict(np.load(folder / "task.npz"))
    task |= {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in "XY"}
    begin, every, dies = int(task.get("from_step", 0)), int(task["every"]), task["dies"].tolist()
    task |= {"sizes": task["sizes"].tolist(), "optimizer": RULES[str(task["rule"])],
             "learning_rate": float(task["learning_rate"]),
             "batches": np.split(task["batches"], task["ends"][:-1])[begin:]}
    seconds, sent, steps, end = [], [], work(rank, workers, f"127.0.0.1:{port}", task), begin + len(task["batches"])
    for step in range(begin + 1, end + 1):
        if dies == [rank, step]:
            os.kill(os.getpid(), signal.SIGKILL)
        before, start = written(), time.perf_counter()
        model = next(steps)
        seconds.append(time.perf_counter() - start)
        sent.append(written() - before)
        if rank == 0 and step % every == 0:
            keep(model, step, folder)
    np.save(folder / f"seconds{rank}.npy", seconds)
    np.save(folder / f"sent{rank}.npy", sent)
    np.save(folder / f"last{rank}.npy", bridge.read(model))
    if workers > 1:
        np.save(folder / f"wire{rank}.npy", all_reduce_seconds(model.count_params(), task["theta"].dtype))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)  # at once: JAX's own way out waits for the others, and they may be dead
