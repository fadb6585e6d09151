"""The search for the edit: it finds the line of a mistake that nobody listed, says nothing false, and leaves what is right alone."""

import importlib
import inspect
import itertools
import linecache
import os
import random
import re
import types

import numpy as np
import patients_as_written as patients
import pytest
import wrong_turns

from helpers.activations import PRIME, identity, relu, relu_prime, sigmoid, sigmoid_prime, softmax
from helpers.checks import edits
from helpers.checks.edits import diagnose
from helpers.network import forward
from helpers.topics import parts

RNG = np.random.default_rng(11)
SCOPE = {"np": np, "PRIME": PRIME, "relu": relu, "sigmoid": sigmoid, "softmax": softmax, "sigmoid_prime": sigmoid_prime}
MANY = int(os.environ.get("WFW_RANDOM_PROGRAMS", 12))  # tests/bench_edits.py runs 1,000


def normal(*shape):
    return RNG.normal(size=shape)


def written(source, name="notebook", scope=SCOPE):
    """The last function of a source, as a notebook's cell makes it."""
    file = f"<{name} {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    scope = {**scope, "__name__": name}
    exec(compile(source, file, "exec"), scope)
    return [value for value in scope.values() if isinstance(value, types.FunctionType) and value.__module__ == name][-1]


def layer_case(n, m, k, f_prime):
    return normal(n, k), normal(n, m), normal(n, k), normal(m, k), f_prime


def net(sizes, activations):
    return [(normal(m, k), normal(k), f) for m, k, f in zip(sizes, sizes[1:], activations)]


def backward_case(n, sizes, activations, into=False):
    layers = net(sizes, activations)
    Y, cache = forward(layers, normal(n, sizes[0]))
    case = layers, cache, normal(*Y.shape)
    return (*case, [(normal(*W.shape), normal(*b.shape)) for W, b, _ in layers]) if into else case


def momentum(theta, grad, m, learning_rate, beta):
    m_new = beta * m - learning_rate * grad
    return theta + m_new, m_new


def clip(G, C):
    lengths = np.linalg.norm(G, axis=1)
    return G * np.minimum(1, C / lengths)[:, None]


def bent(theta):
    return float(np.sum(theta**3) + np.sum(theta) ** 2)


CASES = {
    parts.step: [(normal(5), normal(5), a) for a in (0.1, 1.5, 0.003)],
    parts.mse: [(normal(n, K), normal(n, K)) for n, K in [(5, 2), (4, 3), (7, 4)]],
    parts.mse_grad: [(normal(n, K), normal(n, K)) for n, K in [(5, 2), (4, 3), (7, 4)]],
    parts.layer: [(normal(n, m), normal(m, k), normal(k), f) for n, m, k,
        f in [(4, 3, 5, relu), (3, 2, 2, sigmoid), (5, 4, 3, softmax)]],
    parts.forward: [(net(s, a), normal(n, s[0])) for n, s,
        a in [(4, [3, 4, 2], [relu, sigmoid]), (5, [2, 3], [sigmoid]), (3, [3, 3, 4, 2], [relu, relu, softmax])]],
    parts.sigmoid_prime: [(normal(4, 3),), (3 * normal(2, 5),), (normal(3),)],
    parts.layer_backward: [layer_case(7, 4, 2, sigmoid_prime), layer_case(5, 3, 4, relu_prime),
        layer_case(3, 3, 3, sigmoid_prime)],
    parts.backward: [backward_case(4, [3, 4, 3, 2], [relu, sigmoid, identity]),
        backward_case(5, [2, 3, 4], [sigmoid, relu]), backward_case(3, [3, 3, 3], [sigmoid] * 2)],
    parts.numerical_gradient: [(bent, normal(n)) for n in (3, 5, 4)],
    parts.cross_entropy_grad: [(3 * normal(n, K), np.eye(K)[RNG.integers(0, K, n)]) for n,
        K in [(5, 3), (4, 2), (6, 4)]],
    momentum: [(normal(4), normal(4), normal(4), 0.1, beta) for beta in (0.9, 0.5, 0.2)],
    clip: [(normal(n, P) * RNG.uniform(0.1, 4, (n, 1)), C) for n, P, C in [(6, 5, 2.0), (9, 3, 1.0), (8, 7, 3.0)]],
}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time of its own alone counts, so that a busy machine changes no result."""
    monkeypatch.setattr(edits, "time", types.SimpleNamespace(thread_time=edits.time.thread_time, monotonic=lambda: 0.0))


def marked(source):
    return [i for i, line in enumerate(source.splitlines(), start=1) if "# here" in line]


# One mistake


KINDS = [
    (parts.mse, "sum or mean",
        "def my_mse(Y_hat, Y):\n    n = len(Y)\n    return np.mean((Y - Y_hat) ** 2) / 2  # here\n",
            "averages over all"),
    (parts.mse, "a count",
        "def my_mse(Y_hat, Y):\n    n = Y.size  # here\n    return ((Y - Y_hat) ** 2).sum() / (2 * n)\n", "counts 10"),
    (parts.mse, "brackets",
        "def my_mse(Y_hat, Y):\n    n = len(Y)\n    total = ((Y - Y_hat) ** 2).sum()\n    return total / 2 * n  # here\n", "Python reads"),
    (parts.mse, "square after sum",
        "def my_mse(Y_hat, Y):\n    return (Y - Y_hat).sum() ** 2 / (2 * len(Y))  # here\n", "raises"),
    (parts.mse, "root taken",
        "def my_mse(Y_hat, Y):\n    L = ((Y - Y_hat) ** 2).sum() / (2 * len(Y))\n    return np.sqrt(L)  # here\n",
            "`np.sqrt` is called"),
    (parts.mse_grad, "sign", "def my_mse_grad(Y_hat, Y):\n    error = Y - Y_hat  # here\n    return error / len(Y)\n",
        "takes `Y_hat`"),
    (parts.mse_grad, "factor missing", "def my_mse_grad(Y_hat, Y):\n    return Y_hat - Y  # here\n",
        "5 times what is needed"),
    (parts.step, "uphill",
        "def my_step(theta, grad, learning_rate):\n    return theta + learning_rate * grad  # here\n",
            "adds `learning_rate * grad`"),
    (parts.layer, "bias after the bend",
        "def my_layer(A_in, W, b, f):\n    Z = A_in @ W + b\n    return Z, f(A_in @ W) + b  # here\n",
            "f(A_in @ W) + b"),
    (parts.layer, "bias forgotten", "def my_layer(A_in, W, b, f):\n    Z = A_in @ W  # here\n    return Z, f(Z)\n",
        "without a term"),
    (parts.layer, "results exchanged",
        "def my_layer(A_in, W, b, f):\n    Z = A_in @ W + b\n    return f(Z), Z  # here\n", "in the order"),
    (parts.sigmoid_prime, "Z for A", "def my_sigmoid_prime(Z):\n    A = sigmoid(Z)\n    return A * (1 - Z)  # here\n",
        "`Z` is used"),
    (parts.layer_backward, "db a mean",
        "def my_layer_backward(dA, A_in, Z, W, f_prime):\n    dZ = dA * f_prime(Z)\n    dW = A_in.T @ dZ\n    db = dZ.mean(axis=0)  # here\n"
     "    return dW, db, dZ @ W.T\n", "averages over"),
    (parts.layer_backward, "one sum for all",
        "def my_layer_backward(dA, A_in, Z, W, f_prime):\n    dZ = dA * f_prime(Z)\n    dW = A_in.T @ dZ\n    db = dZ.sum()  # here\n"
     "    return dW, db, dZ @ W.T\n", "over all"),
    (parts.layer_backward, "slope forgotten on the way down",
        "def my_layer_backward(dA, A_in, Z, W, f_prime):\n    dZ = dA * f_prime(Z)\n    dW = A_in.T @ dZ\n"
     "    db = dZ.sum(axis=0)\n    return dW, db, dA @ W.T  # here\n", "`dA` is used, a table"),
    (parts.layer_backward, "transposed",
        "def my_layer_backward(dA, A_in, Z, W, f_prime):\n    dZ = dA * f_prime(Z)\n    dW = dZ.T @ A_in  # here\n    db = dZ.sum(axis=0)\n"
     "    return dW, db, dZ @ W.T\n", "matrix product"),
    (parts.forward, "return in the loop",
        "def my_forward(layers, X):\n    A, cache = X, []\n    for W, b, f in layers:\n        Z = A @ W + b\n        cache.append((A, Z))\n"
     "        A = f(Z)\n        return A, cache  # here\n", "every turn of the loop"),
    (parts.forward, "order of two lines",
        "def my_forward(layers, X):\n    A, cache = X, []\n    for W, b, f in layers:\n        Z = A @ W + b\n        A = f(Z)  # here\n"
     "        cache.append((A, Z))\n    return A, cache\n", "comes before"),
    (parts.forward, "off by one",
        "def my_forward(layers, X):\n    A, cache = X, []\n    for i in range(len(layers) - 1):  # here\n        W, b, f = layers[i]\n        Z = A @ W + b\n"
     "        cache.append((A, Z))\n        A = f(Z)\n    return A, cache\n", "len(layers) - 1"),
    (parts.backward, "wrong end",
        "def my_backward(layers, cache, dA):\n    grads = []\n    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):\n        dZ = dA * PRIME[f](Z)\n"
     "        grads.append((A_in.T @ dZ, dZ.sum(axis=0)))  # here\n        dA = dZ @ W.T\n    return grads\n",
         "in this order"),
    (parts.backward, "thrown away",
        "def my_layer_backward(dA, A_in, Z, W, f_prime):\n    dZ = dA * f_prime(Z)\n    return A_in.T @ dZ, dZ.sum(axis=0), dZ @ W.T\n\n\n"
     "def my_backward(layers, cache, dA):\n    grads = []\n    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):\n"
     "        dW, db, _ = my_layer_backward(dA, A_in, Z, W, PRIME[f])\n        grads.insert(0, (dW, db))\n    return grads\n", "named `dW, db, _`"),
    (parts.numerical_gradient, "half the way",
        "def my_numerical_gradient(f, theta, epsilon=1e-6):\n    grad = np.zeros_like(theta)\n    for j in range(len(theta)):\n"
     "        e = np.zeros_like(theta)\n        e[j] = epsilon\n        grad[j] = (f(theta + e) - f(theta - e)) / epsilon  # here\n    return grad\n", "2 times what is needed"),
    (parts.cross_entropy_grad, "softmax of the whole table",
        "def my_softmax(Z):\n    E = np.exp(Z - Z.max())\n    return E / E.sum()  # here\n\n\n"
     "def my_cross_entropy_grad(Z, Y):\n    return (my_softmax(Z) - Y) / len(Z)\n", "adds up over all"),
    (momentum, "sign of the gradient",
        "def my_momentum(theta, grad, m, learning_rate, beta):\n    m_new = beta * m + learning_rate * grad  # here\n    return theta + m_new, m_new\n", "adds"),
    (momentum, "1 − β",
        "def my_momentum(theta, grad, m, learning_rate, beta):\n    m_new = beta * m - (1 - beta) * learning_rate * grad  # here\n    return theta + m_new, m_new\n",
     "multiplies by `1 - beta`"),
    (clip, "max for min",
        "def my_clip(G, C):\n    lengths = np.linalg.norm(G, axis=1)\n    return G * np.maximum(1, C / lengths)[:, None]  # here\n", "np.maximum"),
]


@pytest.mark.parametrize("reference, name, source, words", KINDS, ids=[kind[1] for kind in KINDS])
def test_a_mistake_is_found_in_its_line_and_said_in_words(reference, name, source, words):
    found = diagnose(written(source), reference, CASES[reference])
    assert found["state"] == "located" and words in found["text"], found["text"]
    assert "^" in found["text"] and found["text"].rstrip().endswith("?")
    text = source.splitlines()
    start = next(i for i, line in enumerate(text) if line.startswith("def ")
        and (not marked(source) or i < marked(source)[0] and not any(
        later.startswith("def ") for later in text[i + 1 : marked(source)[0]])))
    assert not marked(source) or found["lines"][0] + start in marked(source)


@pytest.mark.parametrize("name", patients.PATIENTS)
def test_the_seventeen_patients_are_found_in_a_readers_own_backward(name):
    program = patients.PATIENTS[name]
    into = "grads" in inspect.signature(program).parameters
    shapes = [(4, [3, 4, 3, 2], [relu, sigmoid, softmax]), (5, [2, 3, 4], [sigmoid, softmax]),
        (3, [3, 3, 3], [relu, relu])]
    found = diagnose(program, patients.into if into else patients.healthy,
        [backward_case(*shape, into) for shape in shapes], seconds=4)
    assert found["state"] == "located" and found["lines"][0] in marked(inspect.getsource(program)), found["text"]


def test_a_lambda_is_read_as_well():
    found = diagnose(lambda theta, grad, learning_rate: theta + learning_rate * grad, parts.step, CASES[parts.step])
    assert found["state"] == "located" and "theta + learning_rate * grad" in found["text"]


def test_where_the_lines_are_another_way_the_reference_explains_the_numbers():
    found = diagnose(written("def my_sigmoid_prime(Z):\n    return Z * (1 - Z)\n"), parts.sigmoid_prime,
        CASES[parts.sigmoid_prime])
    assert found["state"] == "explained" and "goes on with `Z`" in found["text"]
    assert "sigmoid(Z)" not in found["text"], "that would be the answer"


def test_a_program_without_a_source_is_explained_by_its_numbers():
    scope = {"np": np}
    exec("def my_mse(Y_hat, Y):\n    return np.mean((Y - Y_hat) ** 2)", scope)
    found = diagnose(scope["my_mse"], parts.mse, CASES[parts.mse])
    assert found["state"] in ("explained", "unknown")


def test_shapes_that_do_not_fit_are_said_with_what_the_axes_mean():
    found = diagnose(written("def my_layer_backward(dA, A_in, Z, W, f_prime):\n    dZ = dA * f_prime(Z)\n    dW = A_in @ dZ\n    return dW, dZ.sum(axis=0), dZ @ W.T\n"),
                     parts.layer_backward, CASES[parts.layer_backward][:2])
    assert "two shapes do not fit: `A_in` is a table of 7 × 4 (examples × inputs)" in found["text"] and found["lines"] == [3]


def test_an_endless_loop_among_the_edits_does_no_harm():
    source = "def my_step(theta, grad, learning_rate):\n    i, new = 0, theta.copy()\n    while i < len(theta):\n        new[i] = theta[i] + learning_rate * grad[i]  # here\n        i += 1\n    return new\n"
    assert diagnose(written(source), parts.step, CASES[parts.step])["lines"] == marked(source)


def test_nothing_is_told_that_the_search_did_not_verify():
    found = diagnose(written("def my_step(theta, grad, learning_rate):\n    return np.sort(theta) * np.cumsum(grad) + learning_rate\n"), parts.step, CASES[parts.step])
    assert found["state"] == "unknown" and not found["text"]


# What no list names any more


@pytest.mark.parametrize("where, name, source, kind", wrong_turns.HELD,
    ids=[f"{row[0]}: {row[1]}" for row in wrong_turns.HELD])
def test_a_wrong_turn_that_is_no_longer_listed_is_found_in_its_line(where, name, source, kind):
    module, exercise = where.split(".")
    module = importlib.import_module(f"helpers.exercises.{module}")
    *before, last = re.split(r"(?m)^(?=lambda)", source) if "lambda" in source else (source, "")
    text = source if not last else "".join(before) + f"held = {last}"
    if re.fullmatch(r"_\w+\n?", source.splitlines()[-1] + "\n"):
        text = "\n".join(source.splitlines()[:-1])
    answer = written(text, "held", vars(module))
    exercise = getattr(module, exercise)
    found = diagnose(answer, exercise.truth, exercise.cases, tied=exercise.tied)
    assert (found["state"], found["kind"]) == ("located", kind), found["text"]
    assert "^" in found["text"]
    assert found["text"].rstrip().endswith("?")


# Two mistakes


BASE = [
    (parts.layer_backward, ["def my_layer_backward(dA, A_in, Z, W, f_prime):", "    dZ = dA * f_prime(Z)",
        "    dW = A_in.T @ dZ", "    db = dZ.sum(axis=0)", "    dA_in = dZ @ W.T",
                            "    return dW, db, dA_in"],
     {2: ["    dZ = dA", "    dZ = dA * f_prime(A_in @ W)", "    dZ = -dA * f_prime(Z)"],
         3: ["    dW = A_in.T @ dZ / len(dA)", "    dW = A_in.T @ dA"],
      4: ["    db = dZ.mean(axis=0)", "    db = dZ.sum(axis=1)", "    db = dZ.sum()"], 5: ["    dA_in = dA @ W.T"],
          6: ["    return db, dW, dA_in"]}),
    (momentum, ["def my_momentum(theta, grad, m, learning_rate, beta):", "    change = learning_rate * grad",
        "    m_new = beta * m - change", "    theta_new = theta + m_new",
                "    return theta_new, m_new"],
     {2: ["    change = grad", "    change = (1 - beta) * learning_rate * grad"],
         3: ["    m_new = beta * m + change", "    m_new = m - change"],
      4: ["    theta_new = theta - m_new", "    theta_new = theta + m"], 5: ["    return m_new, theta_new"]}),
    (parts.mse_grad, ["def my_mse_grad(Y_hat, Y):", "    n = len(Y)", "    error = Y_hat - Y", "    grad = error / n",
        "    return grad"],
     {2: ["    n = Y.shape[1]", "    n = Y.size"], 3: ["    error = Y - Y_hat", "    error = (Y_hat - Y) ** 2"],
         4: ["    grad = 2 * error / n", "    grad = error * n"]}),
    (parts.layer, ["def my_layer(A_in, W, b, f):", "    product = A_in @ W", "    Z = product + b", "    A = f(Z)",
        "    return Z, A"],
     {3: ["    Z = product", "    Z = product - b"], 4: ["    A = f(product)", "    A = Z"], 5: ["    return A, Z"]}),
]
PAIRS = [(reference, {i: one, j: two}, lines) for reference, lines, wrong in BASE for i,
    j in itertools.combinations(wrong, 2) for one in wrong[i] for two in wrong[j]]


def pair(reference, changes, lines):
    """The reply to a program with two mistakes, and whether it names one of them in its line."""
    source = "\n".join(changes.get(i, line) for i, line in enumerate(lines, start=1)) + "\n"
    found = diagnose(written(source), reference, CASES[reference])
    return found, bool(found and found["state"] == "located" and found["lines"][0] in changes)


def test_of_two_mistakes_at_once_one_is_found_in_seven_of_ten():
    assert len(PAIRS) >= 60
    right = [pair(*one)[1] for one in PAIRS[:: max(1, len(PAIRS) // max(12, min(MANY, len(PAIRS))))]]
    assert sum(right) >= 0.7 * len(right), f"{sum(right)} of {len(right)}"


# What is right, and what is random


FORMS = {
    parts.layer_backward: ("dW, db, dA_in", {
        "dZ": ["dA * f_prime(Z)", "np.multiply(f_prime(Z), dA)", "np.array([a * f_prime(z) for a, z in zip(dA, Z)])",
            "-(-dA) * f_prime(Z)", "np.einsum('ij,ij->ij', dA, f_prime(Z))"],
        "dW": ["A_in.T @ dZ", "np.dot(A_in.T, dZ)", "(dZ.T @ A_in).T", "np.einsum('ni,nk->ik', A_in, dZ)",
            "sum(np.outer(a, d) for a, d in zip(A_in, dZ))", "np.tensordot(A_in, dZ, axes=(0, 0))"],
        "db": ["dZ.sum(axis=0)", "np.sum(dZ, 0)", "np.ones(len(dZ)) @ dZ",
            "np.array([column.sum() for column in dZ.T])", "dZ.mean(axis=0) * len(dZ)", "sum(dZ)"],
        "dA_in": ["dZ @ W.T", "(W @ dZ.T).T", "np.array([W @ d for d in dZ])", "np.einsum('nk,mk->nm', dZ, W)",
            "np.inner(dZ, W)", "dZ.dot(W.transpose())"],
    }),
    parts.mse: ("L", {
        "E": ["Y - Y_hat", "Y_hat - Y", "np.subtract(Y, Y_hat)", "-(Y - Y_hat)"],
        "S": ["(E ** 2).sum()", "np.sum(E * E)", "np.square(E).sum()", "np.vdot(E, E)", "np.linalg.norm(E) ** 2",
            "np.einsum('ij,ij', E, E)", "sum(e @ e for e in E)", "np.trace(E.T @ E)", "E.ravel() @ E.ravel()"],
        "L": ["S / (2 * len(Y))", "S / 2 / len(Y)", "0.5 * S / Y.shape[0]", "S * 0.5 / len(Y_hat)",
            "np.divide(S, 2 * len(E))"],
    }),
    momentum: ("t, v", {
        "s": ["learning_rate * grad", "grad * learning_rate", "np.multiply(grad, learning_rate)",
            "np.array([learning_rate * g for g in grad])"],
        "v": ["beta * m - s", "m * beta - s", "-s + beta * m", "-(s - beta * m)", "m - (1 - beta) * m - s",
            "np.add(beta * m, -s)"],
        "t": ["theta + v", "v + theta", "theta - (-v)", "np.add(theta, v)",
            "np.array([a + b for a, b in zip(theta, v)])"],
    }),
    parts.cross_entropy_grad: ("g", {
        "e": ["np.exp(Z - Z.max())", "np.exp(Z - Z.max(axis=1, keepdims=True))", "np.exp(Z)",
            "np.array([[np.exp(z) for z in row] for row in Z])"],
        "p": ["e / e.sum(axis=1, keepdims=True)", "(e.T / e.sum(axis=1)).T", "e / np.sum(e, 1)[:, None]",
            "np.array([row / row.sum() for row in e])", "np.exp(np.log(e) - np.log(e.sum(1, keepdims=True)))",
                "softmax(Z)"],
        "g": ["(p - Y) / len(Y)", "p / len(Y) - Y / len(Y)", "np.where(Y == 1, p - 1, p) / len(Y)",
            "-(Y - p) / Y.shape[0]"],
    }),
}


def right_forms():
    """(reference, a right program) in every combination of these forms, spread over the references."""
    for reference, (results, lines) in FORMS.items():
        combinations = list(itertools.product(*lines.values()))
        random.Random(2).shuffle(combinations)
        for form in combinations[:700]:
            body = "".join(f"    {name} = {value}\n" for name, value in zip(lines, form))
            yield reference, written(f"def my_answer({', '.join(inspect.signature(reference).parameters)}):\n{body}    return {results}\n")


def test_what_is_right_in_another_form_is_never_searched(monkeypatch):
    monkeypatch.setattr(edits.Search, "singles", lambda *arguments: pytest.fail("searched"))
    every = list(right_forms())
    assert len(every) >= 1000
    for reference, program in every[:: max(1, len(every) // MANY)]:
        assert diagnose(program, reference, CASES[reference]) is None


def expression(names, depth, chance):
    """A random expression over these names."""
    if depth == 0 or chance.random() < 0.15:
        return chance.choice([*names, "2", "0.5", f"len({names[0]})"])
    kind = chance.random()
    one, two = (expression(names, depth - 1, chance) for _ in range(2))
    if kind < 0.65:
        return f"({one} {chance.choice('+-*/@+-*')} {two})"
    return f"{chance.choice(['np.exp', 'np.abs', 'sigmoid', 'relu', 'np.square', '-', 'np.sum', 'np.mean'])}({one})"


def random_programs(many, seed):
    """(reference, program) of right length: each runs, and gives results of the right shapes that are wrong."""
    chance = random.Random(seed)
    while many:
        reference = chance.choice([parts.step, parts.mse, parts.mse_grad, parts.sigmoid_prime, parts.layer_backward,
            momentum, clip, parts.cross_entropy_grad])
        names = list(inspect.signature(reference).parameters)
        arrays = [name for name in names if name != "f_prime"]
        results = 3 if reference is parts.layer_backward else 2 if reference is momentum else 1
        source = f"def my_answer({', '.join(names)}):\n    v = {expression(arrays, 2, chance)}\n    return {', '.join(expression([*arrays, 'v'], 2, chance) for _ in range(results))}\n"
        with np.errstate(all="ignore"):
            program = written(source)
            results = [edits.run(program, case) for case in CASES[reference]]
            truths = [edits.run(reference, case) for case in CASES[reference]]
        if all(map(edits.finite, results)) and [edits.shapes(r) for r in results] == [edits.shapes(t)
            for t in truths] and not all(map(edits.same, results, truths)):
            many -= 1
            yield reference, program


def other(value):
    """An input with one example more, where it is a table."""
    if not isinstance(value, np.ndarray) or value.ndim < 2:
        return value
    return np.vstack([value, value[:1] * (1 if np.isin(value, (0, 1)).all() else 0.7)])  # what is one-hot stays so


def false_name(found, reference, program):
    """Whether a program that was put right is not right, or an imitation no imitation, for inputs that the search has not seen."""
    if not found or not found["source"]:
        return False
    scope = dict(program.__globals__) | {k: v for k,
        v in reference.__globals__.items() if found["state"] == "explained" or k not in program.__globals__}
    exec(found["source"], scope)
    made = scope[found["source"].split("(")[0].split()[-1]]
    for case in CASES[reference]:
        case = tuple(map(other, case)) if reference not in (parts.layer_backward,) else (*map(other, case[:3]),
            *case[3:])
        with np.errstate(all="ignore"):
            wanted = edits.run(reference if found["state"] == "located" else program, case)
            if edits.finite(wanted) and not edits.same(edits.run(made, case), wanted):
                return True
    return False


def test_no_random_program_gets_a_false_name():
    for reference, program in random_programs(MANY, 1):
        found = diagnose(program, reference, CASES[reference], seconds=0.5)
        assert not false_name(found, reference, program), found["text"]
