"""What things cost on this machine, ours beside the frameworks: make bench, or python tests/bench.py [part …]

Each part prints a table and puts it under its heading in tests/BENCHMARKS.md. Only ratios within one table mean anything:
all that is compared takes turns in one run, so that a busy moment hits every contender.
"""

import argparse
import contextlib
import datetime
import importlib.metadata
import importlib.util
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
STORED = ROOT / "tests" / "BENCHMARKS.md"
SIZES, ROUNDS = [784, 256, 128, 10], 5
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
NEEDS = {"NumPy, ours": None, "matrix products alone": None, "Keras on JAX": "jax", "Keras on TensorFlow": "tensorflow",
         "Keras on PyTorch": "torch", "PyTorch": "torch", "PyTorch, denormals flushed": "torch", "scikit-learn": "sklearn"}


def ours(data, batch, sizes=SIZES):
    """train() of helpers.training, as notebook 06 calls it."""
    import numpy as np

    from helpers.activations import identity, relu
    from helpers.losses import cross_entropy
    from helpers.optimizers import adam
    from helpers.training import train

    X, Y, labels, theta = data
    activations = [relu] * (len(sizes) - 2) + [identity]
    # One long training: what a rule remembers is there in the next epoch too, as it is for all the others.
    steps = train(theta, sizes, activations, X, Y, loss=cross_entropy, optimizer=adam, learning_rate=0.001,
                  epochs=1000, batch_size=batch, rng=np.random.default_rng(0))

    def epoch():
        for _ in range(-(-len(X) // batch)):
            next(steps)

    return epoch


def floor(data, batch, sizes=SIZES):
    """Only the matrix products of each step, eight for three layers, into arrays that are there already."""
    import numpy as np

    from helpers.parameters import views

    X, Y, labels, theta = data
    weights = [W for W, _ in views(theta, sizes)]
    slopes = [np.zeros_like(W) for W in weights]
    outputs, blames = ([np.zeros((batch, k), np.float32) for k in sizes[1:]] for _ in range(2))

    def epoch():
        for i in range(0, len(X), batch):
            x = X[i : i + batch]
            n = len(x)
            inputs = [x, *(A[:n] for A in outputs)]
            for A, W, Z in zip(inputs, weights, inputs[1:]):
                np.matmul(A, W, out=Z)
            for layer in reversed(range(len(weights))):
                dZ = blames[layer][:n]
                np.matmul(inputs[layer].T, dZ, out=slopes[layer])
                if layer:
                    np.matmul(dZ, weights[layer].T, out=blames[layer - 1][:n])

    return epoch


def keras(data, batch):
    """Model.fit, the fastest that Keras offers."""
    from helpers.frameworks import keras_bridge
    from helpers.activations import identity, relu
    from helpers.losses import cross_entropy
    from helpers.optimizers import adam

    X, Y, labels, theta = data
    model = keras_bridge.build(theta, SIZES, [relu, relu, identity], loss=cross_entropy, optimizer=adam, learning_rate=0.001)
    return lambda: model.fit(X, Y, batch_size=batch, epochs=1, shuffle=True, verbose=0)


def torch(data, batch, flush=False):
    """The loop that PyTorch's tutorials teach, on tensors in memory; with its own switch for denormal numbers, or not."""
    import torch
    from torch import nn

    from helpers.parameters import views

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.set_flush_denormal(flush)
    X, Y, labels, theta = data
    Xt, lt = torch.from_numpy(X), torch.from_numpy(labels)
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    with torch.no_grad():
        for layer, (W, b) in zip(net[::2], views(theta, SIZES)):
            layer.weight.copy_(torch.from_numpy(W.T.copy()))
            layer.bias.copy_(torch.from_numpy(b.copy()))
    optimizer, loss = torch.optim.Adam(net.parameters(), lr=0.001), nn.CrossEntropyLoss()

    def epoch():
        for chosen in torch.randperm(len(Xt)).split(batch):
            optimizer.zero_grad()
            loss(net(Xt[chosen]), lt[chosen]).backward()
            optimizer.step()

    return epoch


def sklearn(data, batch):
    """MLPClassifier.partial_fit, one epoch a call."""
    from sklearn.neural_network import MLPClassifier

    X, Y, labels, theta = data
    net = MLPClassifier((256, 128), batch_size=batch, learning_rate_init=0.001, alpha=0, random_state=0)
    return lambda: net.partial_fit(X, labels, classes=range(10))


MAKE = {"NumPy, ours": ours, "matrix products alone": floor, "PyTorch": torch,
        "PyTorch, denormals flushed": lambda data, batch: torch(data, batch, flush=True), "scikit-learn": sklearn}


def mnist_data(sizes=SIZES):
    """X (n, 784), Y (n, 10), labels (n,), θ: what every contender starts from."""
    import numpy as np

    from helpers.data import mnist
    from helpers.parameters import glorot
    from helpers.training import one_hot

    found = mnist.load()
    theta = glorot(sizes, np.random.default_rng(0), np.float32)
    return found.X_train, one_hot(found.labels_train, 10, np.float32), found.labels_train, theta


def work(name, batch):
    """A contender's process: one epoch for every line that comes in, its seconds for every line that goes out."""
    started = time.perf_counter()
    epoch = MAKE.get(name, keras)(mnist_data(), batch)
    epoch()
    print(time.perf_counter() - started, flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        epoch()
        print(time.perf_counter() - started, flush=True)


def start(name, batch, cores):
    """A contender's process, held to the first `cores` cores, with as many threads in every library that can be told."""
    threads = {f"{library}_NUM_THREADS": str(cores) for library in ("OMP", "OPENBLAS", "MKL")}
    backend = {"KERAS_BACKEND": NEEDS[name]} if name.startswith("Keras") else {}
    pin = (lambda: os.sched_setaffinity(0, CORES[:cores])) if hasattr(os, "sched_setaffinity") else None
    return subprocess.Popen([sys.executable, __file__, "--work", name, str(batch)], text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **threads, **backend},
                            preexec_fn=pin, cwd=ROOT)


def measure(batch, cores, rounds):
    """Seconds of each round for each contender that is installed, taken in turn, and of loading and the first epoch."""
    contenders, seconds, warm = {}, {}, {}
    for name, package in NEEDS.items():
        if package and importlib.util.find_spec(package) is None:
            print(f"{name}: not installed, left out")
            continue
        contenders[name] = start(name, batch, cores)
        warm[name] = float(contenders[name].stdout.readline())  # one after the other: nobody disturbs a start
        seconds[name] = []
    for _ in range(rounds):
        for name, process in contenders.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            seconds[name].append(float(process.stdout.readline()))
    for process in contenders.values():
        process.stdin.close()
        process.wait()
    return seconds, warm


def table(head, rows):
    """A Markdown table, its numbers flush right."""
    return ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1),
            *("| " + " | ".join(map(str, row)) + " |" for row in rows), ""]


def first_epochs(rounds):
    """Epoch after epoch of one training, median of the rounds: does a step cost the same when it has run for long?"""
    times = []
    for _ in range(rounds):
        process = start("NumPy, ours", 32, 1)
        process.stdout.readline()  # loading and epoch 1, warm only at its end: epoch 2 stands for it
        times.append([])
        for _ in range(3):
            process.stdin.write("go\n")
            process.stdin.flush()
            times[-1].append(float(process.stdout.readline()))
        process.stdin.close()
        process.wait()
    rows = [(f"epoch {i + 2}", f"{statistics.median(column):.2f}",
             f"{statistics.median(t[i] / t[0] for t in times):.2f}") for i, column in enumerate(zip(*times))]
    yield from table(("batch 32, 1 core", f"seconds, median of {rounds}", "this / epoch 2"), rows)


def epochs(rounds):
    """One epoch of 784-256-128-10 with cross-entropy and Adam, from the same θ, in batches of the same size."""
    for cores in sorted({1, len(CORES)}):
        for batch in (32, 128):
            seconds, warm = measure(batch, cores, rounds)
            mine, low = seconds["NumPy, ours"], seconds["matrix products alone"]
            rows = [(name, f"{statistics.median(s):.2f}", f"{min(s):.2f} to {max(s):.2f}",
                     f"{statistics.median(a / b for a, b in zip(mine, s)):.2f}",
                     f"{statistics.median(a / b for a, b in zip(s, low)):.2f}", f"{warm[name]:.1f}")
                    for name, s in sorted(seconds.items(), key=lambda item: statistics.median(item[1]))]
            yield from table((f"batch {batch}, {cores} core{'s' * (cores > 1)}", f"seconds, median of {rounds}", "from to",
                              "ours / this", "this / products", "load and first epoch, s"), rows)


def update(rounds):
    """The cost of Adam's step alone, beside the time in which the same bytes can be copied: the limit of the memory.

    Then pass by pass, in two threads, in the frameworks' one compiled pass, and how near an epoch would come to its matrix
    products if Adam cost no more than those, than the limit, or nothing.
    """
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from helpers.checks.contracts import unchecked
    from helpers.optimizers import adam, remember
    from helpers.parameters import glorot

    theta = glorot(SIZES, np.random.default_rng(0), np.float32)
    grad, memory, step = np.full_like(theta, 1e-3), remember(theta), unchecked(adam)
    halves = [(part, slope, 1e-3, remember(part)) for part, slope in zip(np.array_split(theta, 2), np.array_split(grad, 2))]
    # Read θ, m, v and ∇L once, write θ, m and v once: 7 P numbers. A copy of 3.5 P reads and writes as many.
    source = np.ones(7 * len(theta) // 2, np.float32)
    target = np.empty_like(source)
    m, v, change = memory["m"], memory["v"], np.ones_like(theta)

    def time_of(function, times=200):
        started = time.perf_counter()
        for _ in range(times):
            function()
        return (time.perf_counter() - started) / times

    pin = getattr(os, "sched_setaffinity", lambda *_: None)
    pin(0, CORES[:1])  # JAX takes twice as long where its own thread wanders from core to core
    other = ThreadPoolExecutor(1, initializer=pin, initargs=(0, CORES[-1:]))

    def in_two_threads():
        waiting = other.submit(step, *halves[0])
        step(*halves[1])
        waiting.result()

    whole = {f"the limit: {28 * len(theta) / 1e6:.1f} MB read or written once": lambda: np.copyto(target, source),
             "ours, in ten passes over the arrays": lambda: step(theta, grad, 1e-3, memory),
             "ours, half of θ in a second thread": in_two_threads, **compiled(theta, grad)}
    passes = {"m *= β₁, v *= β₂, change *= step": lambda: np.multiply(change, 0.9999, out=change),
              "m += ∇L, v += ∇L²": lambda: np.add(m, grad, out=m),
              "∇L · ∇L": lambda: np.multiply(grad, grad, out=change),
              "√v": lambda: np.sqrt(v, out=change),
              "change += ε": lambda: np.add(change, 1e-7, out=change),
              "m / change": lambda: np.divide(m, change, out=change),
              "θ −= change": lambda: np.subtract(theta, change, out=theta)}
    took = {name: [] for name in (*whole, *passes)}
    for _ in range(2 * rounds):
        for name, function in (whole | passes).items():
            took[name].append(time_of(function))
    copy, mine, _, *theirs = (statistics.median(took[name]) for name in whole)
    limit = next(iter(whole))
    yield from table(("one step of Adam", "µs", "of the limit"), [
        (name, f"{1e6 * statistics.median(took[name]):.0f}",
         f"{statistics.median(a / b for a, b in zip(took[name], took[limit])):.1f}") for name in whole])
    ufuncs = ["multiply", "add", "multiply", "sqrt", "add", "divide", "subtract"]
    yield from table(("one pass", "µs", "instructions that NumPy has for it here"), [
        (name, f"{1e6 * statistics.median(took[name]):.0f}", instructions(ufunc)) for name, ufunc in zip(passes, ufuncs)])

    n, rows = 12800, []
    X, Y, labels, _ = (array[:n] for array in mnist_data())
    for batch in 32, 128:
        epoch, products, steps = ours((X, Y, labels, theta), batch), floor((X, Y, labels, theta), batch), n // batch
        epoch(), products()
        turns = [(time_of(epoch, 1), time_of(products, 1)) for _ in range(4 * rounds)]
        rows.append([f"batch {batch}"] + [f"{statistics.median((whole - spared * steps) / alone for whole, alone in turns):.2f}"
                                          for spared in (0, *(mine - their for their in theirs), mine - copy, mine)])
    pin(0, CORES)
    yield from table(("an epoch, in times of its products", "as it is", *(f"with Adam in {name.split(',')[0]}" for name in list(whole)[3:]),
                      "with Adam at the limit", "without Adam"), rows)


def compiled(theta, grad):
    """{name: one step of Adam in one core and one compiled pass} for JAX and PyTorch, where they are installed."""
    steps = {}
    if importlib.util.find_spec("jax"):
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        import jax
        import jax.numpy as jnp

        def step(theta, grad, m, v):
            m, v = 0.9 * m + grad, 0.999 * v + grad * grad
            return theta - 1e-3 * m / (jnp.sqrt(v) + 1e-7), grad, m, v

        fused, state = jax.jit(step, donate_argnums=(0, 1, 2, 3)), [jnp.array(a) for a in (theta, grad, theta * 0, theta * 0)]

        def in_jax():
            state[:] = fused(*state)
            state[0].block_until_ready()

        steps["JAX, in one compiled pass"] = in_jax
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        parameter = torch.nn.Parameter(torch.tensor(theta))
        parameter.grad = torch.tensor(grad)
        steps["PyTorch, in one compiled pass"] = torch.optim.Adam([parameter], fused=True).step
    return steps


def instructions(ufunc):
    """Which of its versions NumPy runs for float32 on this processor: X86_V2 works on 4 numbers at a time, X86_V3 on 8, X86_V4 on 16."""
    from numpy.lib import introspect

    found = introspect.opt_func_info(func_name=f"^{ufunc}$", signature="float32").get(ufunc, {})
    return next((version["current"] for version in found.values()), "not said")


def growth(rounds):
    """How the time grows, and the exponent p of time = overhead + c · sizeᵖ; the overhead is that of a network of one unit.

    For the weights once more with the matrix products alone, in turn: what bends that line is no part of ours.
    """
    import numpy as np

    X, Y, labels, _ = mnist_data()

    def seconds(make, sizes, n, batch):
        from helpers.parameters import glorot

        theta = glorot(sizes, np.random.default_rng(0), np.float32)
        epoch = make((X[:n], Y[:n], labels[:n], theta), batch, sizes)
        started = time.perf_counter()
        epoch()
        return time.perf_counter() - started

    def weights(sizes):
        return sum((m + 1) * k for m, k in zip(sizes, sizes[1:]))

    n = min(len(X), 12000)
    width = [([784, k, k, 10], n, 128) for k in (128, 256, 512, 1024, 2048)]
    depth = [([784] + [256] * k + [10], n, 128) for k in (2, 4, 8, 16, 32)]
    # What is taken off: the network of one unit; by depth the first layer, as each further one adds the same.
    thin, first = ([784, 1, 1, 10], n, 128), ([784, 256, 10], n, 128)
    series = {
        "examples n": (ours, [(SIZES, i, 128) for i in (3750, 7500, 15000, 30000, 60000) if i <= len(X)], lambda s, i, b: i, None),
        "weights, by width": (ours, width, lambda s, i, b: weights(s), thin),
        "the same, products alone": (floor, width, lambda s, i, b: weights(s), thin),
        "weights, by depth": (ours, depth, lambda s, i, b: weights(s) - weights(first[0]), first),
        "the same, products alone ": (floor, depth, lambda s, i, b: weights(s) - weights(first[0]), first),
        "batch": (ours, [(SIZES, n, b) for b in (8, 16, 32, 64, 128, 256, 512)], lambda s, i, b: b, None),
    }
    taken = {name: [] for name in series}
    for _ in range(rounds):
        for name, (make, cases, _, base) in series.items():
            over = seconds(make, *base) if base else 0.0
            taken[name].append([seconds(make, *case) for case in cases] + [over])
    rows = []
    for name, (_, cases, size, _) in series.items():
        *took, over = np.median(taken[name], axis=0)
        sizes = np.array([size(*case) for case in cases], float)
        exponent = f"{np.polyfit(np.log(sizes), np.log(took - over), 1)[0]:.2f}" if name != "batch" else ""
        rows.append((name.strip(), " ".join(f"{s:,.0f}" for s in sizes), " ".join(f"{t:.2f}" for t in took), exponent))
    yield from table(("what grows", "sizes", "seconds", "exponent"), rows)


MEMORY = """
import resource, sys, time
sys.path.insert(0, "tests")
import bench
started = time.perf_counter()
data = bench.mnist_data()
loaded = time.perf_counter() - started
bench.ours(data, 32)()
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, loaded)
"""
IMPORT = "import time, numpy; t = time.perf_counter(); import helpers.{}; print(time.perf_counter() - t)"
MODULES = ["activations", "losses", "parameters", "network", "optimizers", "training", "gradcheck", "mnist"]


def process(rounds):
    """What a process costs: its memory, loading MNIST, importing a helper on top of NumPy."""
    def run(code):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
        return [float(word) for word in done.stdout.split()]

    peak, load = (statistics.median(column) for column in zip(*(run(MEMORY) for _ in range(rounds))))
    rows = [("memory at its peak, one epoch on MNIST", f"{peak:.0f} MB"), ("loading MNIST", f"{load:.2f} s")]
    for module in MODULES:
        spent = statistics.median(run(IMPORT.format(module))[0] for _ in range(rounds))
        rows.append((f"import helpers.{module}", f"{1e3 * spent:.0f} ms"))
    yield from table(("process", f"median of {rounds}"), rows)


def peak(process, every=0.2):
    """Wait for a process → the most that it and all that it started held at one time, in 10⁶ bytes; what they share counts once."""
    import psutil

    most, first = 0, psutil.Process(process.pid)
    while process.poll() is None:
        held = 0
        with contextlib.suppress(psutil.Error):
            for one in (first, *first.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    about = one.memory_full_info()
                    held += getattr(about, "pss", about.uss)
        most = max(most, held)
        time.sleep(every)
    return most / 1e6


def notebooks(rounds):
    """Each notebook as nbconvert executes it, and one without a cell, which shows what nbconvert and the kernel take; run once."""
    import nbformat

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "no cell at all.ipynb"
        nbformat.write(nbformat.v4.new_notebook(), empty)
        for path in (empty, *sorted((ROOT / "notebooks").glob("*.ipynb"))):
            started = time.perf_counter()
            run = subprocess.Popen([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", f"--output-dir={folder}",
                                    "--ExecutePreprocessor.kernel_name=python3", "--log-level=ERROR", str(path)], cwd=ROOT)
            held = peak(run)
            if run.returncode:
                raise SystemExit(f"{path.name} stopped")
            rows.append((path.stem, f"{time.perf_counter() - started:.1f}", f"{held:.0f}"))
    yield from table(("notebook", "seconds", "memory at its peak, MB"), rows)


def tests(rounds):
    """The README's test command from beginning to end, run once."""
    started = time.perf_counter()
    done = subprocess.run(["make", "test", "PYTEST=-q"], capture_output=True, text=True, cwd=ROOT)
    said = next((line for line in reversed(done.stdout.splitlines()) if " in " in line and "passed" in line), "no tests ran")
    yield from table(("make test", "seconds"), [(re.sub(r" in [\d.]+s.*|=+ ?", "", said), f"{time.perf_counter() - started:.0f}")])


def command(script):
    """A part that is a program of its own and prints its tables."""
    def run(rounds):
        """See the program's first lines."""
        done = subprocess.run([sys.executable, str(ROOT / "tests" / script)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        if done.returncode:
            raise SystemExit(f"{script} stopped")
        yield from done.stdout.splitlines()

    return run


PARTS = {"One epoch": epochs, "Epoch after epoch": first_epochs, "Adam and the memory": update, "Growth": growth, "Process": process, "Notebooks": notebooks,
         "Explorers": command("bench_explorers.py"), "Checks": command("bench_exercises.py"),
         "In a browser": command("browser.py"), "Tests": tests, "A class": command("hub.py")}


def machine():
    """The machine and the versions, in one line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    versions = [f"{name} {importlib.metadata.version(name)}" for name in
                ("numpy", "jax", "keras", "tensorflow-cpu", "torch", "scikit-learn")
                if importlib.util.find_spec({"tensorflow-cpu": "tensorflow", "scikit-learn": "sklearn"}.get(name, name))]
    return (f"{datetime.date.today()}: {model[1] if model else platform.processor()}, {len(CORES)} cores, "
            f"Python {platform.python_version()}, {', '.join(versions)}.")


def keep(title, lines):
    """Put a part under its heading in tests/BENCHMARKS.md, in the place of what stood there."""
    text = STORED.read_text(encoding="utf-8") if STORED.exists() else "# What things cost\n\nMade by `make bench`.\n"
    parts = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S))
    parts[title] = "\n" + "\n".join([machine(), "", *lines]).strip() + "\n\n"
    front = text.split("\n## ")[0].strip() + "\n\n"
    STORED.write_text(front + "".join(f"## {name}\n{parts[name]}" for name in PARTS if name in parts), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="; ".join(PARTS))
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work[0], int(arguments.work[1]))
    else:
        for title in arguments.parts or PARTS:
            lines = []
            for line in PARTS[title](arguments.rounds):
                print(line, flush=True)
                lines.append(line)
            keep(title, lines)
