"""One gradient computed in several ways, what each of them costs, and what the machine can do at most."""

import math
import re
import time

import numpy as np

from helpers.activations import softmax
from helpers.checks.contracts import count, counts, float_type, positive, takes
from helpers.parameters import size, views

LIST_NUMBER = 32  # bytes of a number in a Python list: a pointer of 8, and an object of 24 that it leads to


@takes(sizes=counts, n=count)
def flops(sizes, n):
    """Flop in the matrix products of one gradient: n Σ 6 m k, less 2 m k where no dA is needed.

    A product (n, m) (m, k) takes 2 n m k, multiplications and additions together.
    A layer has three of them, A W, Aᵀ dZ and dZ Wᵀ, the first layer two.
    """
    return n * (6 * sum(m * k for m, k in zip(sizes, sizes[1:])) - 2 * sizes[0] * sizes[1])


@takes(theta="(P,)", sizes=counts, X="(n, d)", Y="(n, K)")
def in_loops(theta, sizes, X, Y):
    """∇L in plain Python: ReLU between the layers, softmax and cross-entropy at the end.

    θ (P,), X (n, d), Y (n, K) → (P,).
    """
    net = [(W.tolist(), b.tolist()) for W, b in views(theta, sizes)]
    grads = [([[0.0] * len(b) for _ in W], [0.0] * len(b)) for W, b in net]
    for x, y in zip(X.tolist(), Y.tolist()):
        A = [x]
        for W, b in net:
            Z, a = list(b), A[-1]
            for j in range(len(W)):
                for k in range(len(b)):
                    Z[k] += a[j] * W[j][k]
            A.append([max(z, 0.0) for z in Z])
        E = [math.exp(z - max(Z)) for z in Z]
        dZ = [(e / sum(E) - t) / len(X) for e, t in zip(E, y)]
        for i in reversed(range(len(net))):
            (W, _), (dW, db), a = net[i], grads[i], A[i]
            dA = [0.0] * len(W)
            for k in range(len(dZ)):
                db[k] += dZ[k]
            for j in range(len(W)):
                for k in range(len(dZ)):
                    dW[j][k] += a[j] * dZ[k]
                    if i:
                        dA[j] += W[j][k] * dZ[k]
            dZ = [d if v > 0 else 0.0 for d, v in zip(dA, a)]
    return np.concatenate([np.ravel(part) for pair in grads for part in pair])


@takes(theta="(P,)", sizes=counts, X="(n, d)", Y="(n, K)")
def one_by_one(theta, sizes, X, Y):
    """∇L with NumPy's vectors, one example after the other.   θ (P,), X (n, d), Y (n, K) → (P,)."""
    net, grad = views(theta, sizes), np.zeros_like(theta)
    grads = views(grad, sizes)
    for x, y in zip(X, Y):
        A = [x]
        for W, b in net:
            Z = A[-1] @ W + b
            A.append(np.maximum(Z, 0))
        dZ = (softmax(Z) - y) / len(X)
        for i in reversed(range(len(net))):
            dW, db = grads[i]
            dW += A[i][:, None] * dZ
            db += dZ
            if i:
                dZ = (net[i][0] @ dZ) * (A[i] > 0)
    return grad


@takes(theta="(P,)", sizes=counts, X="(n, d)", Y="(n, K)")
def batched(theta, sizes, X, Y):
    """∇L with NumPy's matrices, all examples at once.   θ (P,), X (n, d), Y (n, K) → (P,)."""
    net, grad = views(theta, sizes), np.zeros_like(theta)
    grads = views(grad, sizes)
    A = [X]
    for W, b in net:
        Z = A[-1] @ W + b
        A.append(np.maximum(Z, 0))
    dZ = (softmax(Z) - Y) / len(X)
    for i in reversed(range(len(net))):
        dW, db = grads[i]
        dW += A[i].T @ dZ
        db += dZ.sum(axis=0)
        if i:
            dZ = (dZ @ net[i][0].T) * (A[i] > 0)
    return grad


@takes(sizes=counts, n=count, dtype=float_type)
def workspace(sizes, n, dtype=np.float64):
    """Room for `in_place`: A and dA of each layer (n, k), and the gradient (P,) last."""
    rows = [(np.empty((n, k), dtype), np.empty((n, k), dtype)) for k in sizes[1:]]
    return rows, np.empty(size(sizes), dtype)


@takes(theta="(P,)", sizes=counts, X="(n, d)", Y="(n, K)")
def in_place(theta, sizes, X, Y, room):
    """∇L as in `batched`, written into `room` from `workspace(sizes, n, dtype)`.   → (P,)."""
    rows, grad = room
    net, grads, A = views(theta, sizes), views(grad, sizes), [X] + [a for a, _ in rows]
    for (W, b), before, a in zip(net, A, A[1:]):
        np.matmul(before, W, out=a)
        a += b
        if a is not A[-1]:
            np.maximum(a, 0, out=a)
    dZ = A[-1]
    dZ -= dZ.max(axis=1, keepdims=True)
    np.exp(dZ, out=dZ)
    dZ /= dZ.sum(axis=1, keepdims=True)
    dZ -= Y
    dZ /= len(X)
    for i in reversed(range(len(net))):
        np.matmul(A[i].T, dZ, out=grads[i][0])
        np.sum(dZ, axis=0, out=grads[i][1])
        if i:
            dA = rows[i - 1][1]
            np.matmul(dZ, net[i][0].T, out=dA)
            dZ = np.multiply(dA, A[i] > 0, out=dA)
    return grad


class Counted(np.ndarray):
    """An array that keeps the books: what NumPy computes from it is entered in `book`."""

    def __array_finalize__(self, source):
        self.book = getattr(source, "book", None)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
        if out:
            settings["out"] = tuple(np.asarray(o) for o in out)
        plain = [np.asarray(i) if isinstance(i, Counted) else i for i in inputs]
        result = getattr(ufunc, method)(*plain, **settings)
        book = next(i.book for i in [*inputs, *(out or ())] if isinstance(i, Counted))
        book["bytes"] += sum(a.nbytes for a in [*plain, result] if isinstance(a, np.ndarray))
        each = 2 * plain[0].shape[-1] if ufunc is np.matmul else 1
        book["flops"] += each * np.size(plain[0] if method == "reduce" else result)
        if out or not isinstance(result, np.ndarray):
            return out[0] if out else result
        result = result.view(Counted)
        result.book = book
        return result

    def __getitem__(self, key):
        result = super().__getitem__(key)
        if isinstance(result, np.ndarray) and not np.may_share_memory(result, self):  # a copy
            self.book["bytes"] += 2 * result.nbytes
        return result


def counted(given, book):
    """The same arrays, in whatever tuples and lists, as arrays that keep their books in `book`."""
    if isinstance(given, (list, tuple)):
        return type(given)(counted(part, book) for part in given)
    if not isinstance(given, np.ndarray):
        return given
    result = given.copy().view(Counted)
    result.book = book
    return result


def books(function, *arguments):
    """What function(*arguments) costs: {"flops": operations, "bytes": read and written for them}.

    A product (n, m) (m, k) counts 2 n m k, any other operation one for each number.
    Each is taken to read its arrays from memory and to write its result there, once.
    A cache may do better.
    """
    book = {"flops": 0, "bytes": 0}
    function(*(counted(a, book) for a in arguments))
    return book


@takes(sizes=counts, n=count)
def list_bytes(sizes, n):
    """Bytes that `in_loops` reads and writes: 32 for a number in a list, and numbers as they stand in its inner lines.

    Z += a W touches 4 of them (Z twice), dW += a dZ another 4, dA += W dZ 4 more except in the first layer.
    """
    return LIST_NUMBER * 2 * flops(sizes, n)


@takes(turns=count)
def fastest(functions, turns=5):
    """The shortest of `turns` runs of each function: {name: function} → {name: seconds}.

    They take turns, so that a busy moment hits all of them.
    The shortest counts, because noise only adds.
    """
    best = dict.fromkeys(functions, math.inf)
    for _ in range(turns):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


@takes(megabytes=positive, dtype=float_type, turns=count)
def bandwidth(megabytes=100, dtype=np.float64, turns=25):
    """Bytes a second that c = a + b moves: three arrays of `megabytes` together."""
    length = max(1, int(megabytes * 1e6 / 3 / np.dtype(dtype).itemsize))
    a, b, c = (np.ones(length, dtype) for _ in range(3))  # two are read, one is written
    repeats = max(1, int(16 / megabytes))  # a small array is over too soon for the clock

    def add():
        for _ in range(repeats):
            np.add(a, b, out=c)

    add()
    return repeats * 3 * a.nbytes / fastest({"add": add}, turns)["add"]


@takes(m=count, dtype=float_type, turns=count)
def peak(m=384, dtype=np.float64, turns=25):
    """Flop a second in the product of two square matrices (m, m): 2 m³ over the shortest time."""
    A = np.ones((m, m), dtype)
    out = A @ A
    return 2 * m**3 / fastest({"product": lambda: np.matmul(A, A, out=out)}, turns)["product"]


@takes(intensity=positive, peak=positive, bandwidth=positive)
def attainable(intensity, peak, bandwidth):
    """The roof: min(peak, bandwidth · intensity), in flop/s.   bandwidth in byte/s.

    Source: Williams, Waterman and Patterson, Roofline (2009).
    """
    return min(peak, bandwidth * intensity)


def own_times(profile):
    """Seconds spent in each function itself, without what it calls: a cProfile.Profile → {name: seconds}, longest first."""
    import pstats  # only here: it takes as long to import as all of the maths

    found = {}
    for (_, _, name), (_, _, own, _, _) in pstats.Stats(profile).stats.items():
        name = re.sub(r"<(?:built-in )?method '?([\w.]+)'?(?: of '([\w.]+)' objects)?>", lambda m: f"{m[1]} of {m[2]}" if m[2] else m[1], name)
        found[name] = found.get(name, 0) + own
    return dict(sorted(((name, own) for name, own in found.items() if own > 0), key=lambda item: -item[1]))
