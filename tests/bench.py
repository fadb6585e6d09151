"""How long one epoch takes, ours beside the frameworks: python tests/bench.py, or make bench

Every contender is a process of its own that trains 784-256-128-10 with cross-entropy and Adam on the same images from the
same θ in batches of the same size, with the same number of threads. They take turns, so that a busy moment hits all.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time

SIZES, ROUNDS, THREADS = [784, 256, 128, 10], 5, os.cpu_count() or 1
NEEDS = {"NumPy, ours": None, "matrix products alone": None, "Keras on JAX": "jax", "Keras on TensorFlow": "tensorflow",
         "Keras on PyTorch": "torch", "PyTorch": "torch", "scikit-learn": "sklearn"}


def ours(data, batch):
    """train() of helpers.training, as notebook 06 calls it."""
    import numpy as np

    from helpers.activations import identity, relu
    from helpers.losses import cross_entropy
    from helpers.optimizers import adam
    from helpers.training import train

    X, Y, labels, theta = data
    rng = np.random.default_rng(0)

    def epoch():
        for _ in train(theta, SIZES, [relu, relu, identity], X, Y, loss=cross_entropy, optimizer=adam, learning_rate=0.001,
                       epochs=1, batch_size=batch, rng=rng):
            pass

    return epoch


def floor(data, batch):
    """Only the eight matrix products of each step, into arrays that are there already."""
    import numpy as np

    from helpers.parameters import views

    X, Y, labels, theta = data
    (W1, _), (W2, _), (W3, _) = views(theta, SIZES)
    A1, A2, Z3 = (np.zeros((batch, k), np.float32) for k in SIZES[1:])
    dA1, dA2, dZ3 = np.zeros_like(A1), np.zeros_like(A2), np.zeros_like(Z3)
    dW1, dW2, dW3 = np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(W3)

    def epoch():
        for i in range(0, len(X), batch):
            x = X[i : i + batch]
            n = len(x)
            np.matmul(x, W1, out=A1[:n])
            np.matmul(A1[:n], W2, out=A2[:n])
            np.matmul(A2[:n], W3, out=Z3[:n])
            np.matmul(A2[:n].T, dZ3[:n], out=dW3)
            np.matmul(dZ3[:n], W3.T, out=dA2[:n])
            np.matmul(A1[:n].T, dA2[:n], out=dW2)
            np.matmul(dA2[:n], W2.T, out=dA1[:n])
            np.matmul(x.T, dA1[:n], out=dW1)

    return epoch


def keras(data, batch):
    """Model.fit, the fastest that Keras offers."""
    from helpers import keras_bridge
    from helpers.activations import identity, relu
    from helpers.losses import cross_entropy
    from helpers.optimizers import adam

    X, Y, labels, theta = data
    model = keras_bridge.build(theta, SIZES, [relu, relu, identity], loss=cross_entropy, optimizer=adam, learning_rate=0.001)
    return lambda: model.fit(X, Y, batch_size=batch, epochs=1, shuffle=True, verbose=0)


def torch(data, batch):
    """The loop that PyTorch's tutorials teach, on tensors in memory."""
    import torch
    from torch import nn

    from helpers.parameters import views

    torch.set_num_threads(THREADS)
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


MAKE = {"NumPy, ours": ours, "matrix products alone": floor, "PyTorch": torch, "scikit-learn": sklearn}


def work(name, batch):
    """A contender's process: one epoch for every line that comes in, its seconds for every line that goes out."""
    import numpy as np

    from helpers import mnist
    from helpers.parameters import glorot
    from helpers.training import one_hot

    started = time.perf_counter()
    found = mnist.load()
    theta = glorot(SIZES, np.random.default_rng(0), np.float32)
    data = found.X_train, one_hot(found.labels_train, 10, np.float32), found.labels_train, theta
    epoch = MAKE.get(name, keras)(data, batch)
    epoch()
    print(time.perf_counter() - started, found.name, sep="\t", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        epoch()
        print(time.perf_counter() - started, flush=True)


def measure(batch, rounds):
    """Seconds of each round for each contender that is installed, taken in turn."""
    contenders, seconds, warm = {}, {}, {}
    for name, package in NEEDS.items():
        if package and importlib.util.find_spec(package) is None:
            print(f"{name}: not installed, left out")
            continue
        threads = {f"{library}_NUM_THREADS": str(THREADS) for library in ("OMP", "OPENBLAS", "MKL")}
        backend = {"KERAS_BACKEND": package} if name.startswith("Keras") else {}
        contenders[name] = subprocess.Popen([sys.executable, __file__, "--work", name, str(batch)], text=True, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **threads, **backend})
        warm[name] = float(contenders[name].stdout.readline().split("\t")[0])  # one after the other: nobody disturbs a start
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


def table(batch, rounds):
    """The rows of a Markdown table: medians, and ratios taken round by round."""
    seconds, warm = measure(batch, rounds)
    mine, low = seconds["NumPy, ours"], seconds["matrix products alone"]
    lines = [f"| batch {batch} | seconds an epoch, median of {rounds} | from to | ours takes | of the products' time | load and first epoch, s |",
             "| --- | --- | --- | --- | --- | --- |"]
    for name, all_seconds in sorted(seconds.items(), key=lambda item: statistics.median(item[1])):
        ratio = statistics.median(m / s for m, s in zip(mine, all_seconds))
        above = statistics.median(s / f for s, f in zip(all_seconds, low))
        lines.append(f"| {name} | {statistics.median(all_seconds):.2f} | {min(all_seconds):.2f} to {max(all_seconds):.2f} | {ratio:.2f} of its time | {above:.2f} × | {warm[name]:.1f} |")
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", nargs=2)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--batches", type=int, nargs="*", default=[32, 128])
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work[0], int(arguments.work[1]))
    else:
        for size in arguments.batches:
            print("\n".join(table(size, arguments.rounds)), end="\n\n", flush=True)
