"""Exercises of notebook 10: counted work, the roof, and a slow trainer to be made at least five times faster."""

import statistics
import time
from functools import partial

import numpy as np

from helpers.exercises.base import Exercise, Mistake, Reply
from helpers.checks import worker

WANTED, TURNS, TRIES = 5, 7, 3
TRUTHS = {"10: 1 times 0.9, two thousand times in float32, is 0": "no"}


def slow_training(W, b, X, Y, learning_rate, batch_size):
    """One epoch of softmax regression.   W (d, K), b (K,), X (n, d), Y (n, K) → the new W and b."""
    W, b = W.copy(), b.copy()
    for start in range(0, len(X), batch_size):
        x, y = X[start : start + batch_size], Y[start : start + batch_size]
        dW, db = np.zeros_like(W), np.zeros_like(b)
        for i in range(len(x)):
            Z = x[i] @ W + b
            E = np.exp(Z - Z.max())
            dZ = E / E.sum() - y[i]
            dW = dW + np.outer(x[i], dZ) / len(x)
            db = db + dZ / len(x)
        W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def my_training(W, b, X, Y, learning_rate, batch_size) -> ("W", "b"):
    W, b = W.copy(), b.copy()
    for start in range(0, len(X), batch_size):
        x, y = X[start : start + batch_size], Y[start : start + batch_size]
        Z = x @ W + b
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        dZ = (E / E.sum(axis=1, keepdims=True) - y) / len(x)
        W -= learning_rate * (x.T @ dZ)
        b -= learning_rate * dZ.sum(axis=0)
    return W, b


class Faster(Exercise):
    """An exercise whose answer must give the same as `truth`, to the last digits of float64, and in a fifth of the time of `slow`."""

    exact = True  # float32 is the one way to be faster that is not allowed

    def __init__(self, slow, speed_case, **settings):
        super().__init__(**settings)
        self.slow, self.speed_case = slow, speed_case

    def reply(self, answer, name=""):
        """Equal first, then fast."""
        reply = super().reply(answer)
        return self.race(answer) if reply.state == "right" else reply

    def race(self, answer):
        """Both in one process, turn by turn, on data that is new in every turn; the median of the ratios counts.

        Other programs may take the processor away from the faster one; so whoever is too slow may try again.
        """
        ratio = 0.0
        for _ in range(TRIES):
            kind, what, *_ = worker.run(lambda: self.turns(answer), [()])[-1]
            if kind != "gave":
                return Reply("wrong", f"The results are right, but with 960 examples your function {'stops with ' if kind == 'raised' else ''}{what}.", kind)
            if what == "different":
                return self.named("different in large", "with 960 examples W or b is another one")
            ratio = max(ratio, what)
            if ratio >= WANTED:
                return Reply("right", f"Right. It is more than {'ten' if ratio > 10 else 'five'} times as fast. {self.then}")
        return self.named("not faster", f"less than {WANTED} times as fast as the slow one", f"Measured just now: {ratio:.2g} times. ")

    def named(self, name, evidence, measured=""):
        """The reply to one of the mistakes, which is recognized by something else than its result in small."""
        mistake = next(m for m in self.mistakes if m.name == name)
        return Reply("wrong", f"Not right yet: {mistake.says}\nThe evidence: {evidence}.\n{measured}{mistake.asks}", name)

    def turns(self, answer):
        """The median over the turns of slow time / time of the answer; "different" where the results are not equal."""
        rng, ratios = np.random.default_rng(0), []
        for turn in range(TURNS):
            case, seconds, results = self.speed_case(rng), {}, {}
            for function in (self.slow, answer) if turn % 2 else (answer, self.slow):
                given = [a.copy() if isinstance(a, np.ndarray) else a for a in case]
                start = time.perf_counter()
                results[function] = function(*given)
                seconds[function] = time.perf_counter() - start
            if not all(alike(*pair, 1e-10) for pair in zip(results[answer], results[self.slow])):
                return "different"
            ratios.append(seconds[self.slow] / seconds[answer])
        return statistics.median(ratios)


def alike(given, truth, rtol):
    """Whether two arrays are equal but for this share of the largest number."""
    if not isinstance(given, np.ndarray) or given.dtype.kind not in "fiu" or given.shape != truth.shape:
        return False
    return bool(np.abs(given - truth).max() <= rtol * np.abs(truth).max())


def my_flops():
    return 2 * 64 * 784 * 256


def my_roof(intensity, peak, bandwidth):
    return min(peak, bandwidth * intensity)


def _training(W, b, X, Y, learning_rate, batch_size, drop=False, total=False, axis=1, stale=False, kind=np.float64, one=False):
    """`my_training` with one thing done differently."""
    W, b, X, Y = (a.astype(kind) for a in (W, b, X, Y))
    first = W.copy(), b.copy()
    for start in range(0, len(X) - len(X) % batch_size if drop else len(X), len(X) if one else batch_size):
        x, y = X[start : start + (len(X) if one else batch_size)], Y[start : start + (len(X) if one else batch_size)]
        Z = x @ first[0] + first[1] if stale else x @ W + b
        E = np.exp(Z - (Z.max() if axis is None else Z.max(axis=1, keepdims=True)))
        dZ = (E / E.sum(axis=axis, keepdims=True) - y) / (1 if total else len(x))
        W, b = W - kind(learning_rate) * (x.T @ dZ), b - kind(learning_rate) * dZ.sum(axis=0)
    return W, b


def _full_size(W, b, X, Y, learning_rate, batch_size):
    """The last batch divided by the size of a full one."""
    full = len(X) - len(X) % batch_size
    W, b = _training(W, b, X[:full], Y[:full], learning_rate, batch_size)
    rest = len(X) - full
    return _training(W, b, X[full:], Y[full:], learning_rate * rest / batch_size, batch_size) if rest else (W, b)


def _remembered(*case):
    """What a memory gives that tells the data apart by its shape."""
    return my_training(*next(c for c in _CASES if c[2].shape == case[2].shape))


def _only_small(*case):
    return case[:2] if len(case[2]) > 100 else my_training(*case)


def _case(rng, n=11, d=4, K=3, learning_rate=0.5, batch_size=4):
    return rng.normal(size=(d, K)), rng.normal(size=K), rng.normal(size=(n, d)), np.eye(K)[rng.integers(0, K, n)], learning_rate, batch_size


_rng = np.random.default_rng(9)
_CASES = [_case(_rng), _case(_rng), _case(_rng, 7, 5, 4, 0.2, 3)]
_CASES.append((_CASES[0][0], _CASES[0][1], 2000 * _CASES[0][2], *_CASES[0][3:]))  # e to such a power is infinite

work = Exercise(
    my_flops,
    hints=["How many numbers does the result have, and what does each of them cost?",
           "Each of the 64 · 256 numbers is a sum of 784 products.", "2 · 64 · 784 · 256."],
    then="25.7 million, about 40 % of the whole gradient.",
    mistakes=(
        Mistake("products alone", lambda: 64 * 784 * 256, "the multiplications are there.", "And who adds the products up?"),
        Mistake("one example", lambda: 2 * 784 * 256, "this is the work for one example.", "How many are in the batch?"),
        Mistake("the way back too", lambda: 4 * 64 * 784 * 256, "this counts the way back as well.", "Which product is asked for?"),
        Mistake("numbers counted", lambda: 64 * 784 + 784 * 256, "these are the numbers that go in.", "What is done with each of them, and how often?"),
    ),
)
roof = Exercise(
    my_roof,
    cases=[(0.1, 50e9, 20e9), (10.0, 50e9, 20e9), (2.5, 50e9, 20e9), (4.0, 9e9, 1e9)],
    hints=["Two limits: how fast numbers arrive, and how fast they are worked on.",
           "Numbers that arrive at bandwidth byte/s bring work for bandwidth · intensity flop/s.", "The lower of the two is the roof: min."],
    then="Where both are equal, at peak / bandwidth, the roof has its ridge: left of it move less, right of it compute faster.",
    mistakes=(
        Mistake("no peak", lambda i, p, b: b * i, "the bandwidth alone limits you.", "What happens when the numbers arrive faster than they can be worked on?"),
        Mistake("peak alone", lambda i, p, b: p, "this is the peak, whatever is computed.", "What if the numbers do not arrive fast enough?"),
        Mistake("added", lambda i, p, b: p + b * i, "the two limits are added.", "Can a road be faster than its narrowest place?"),
    ),
)
faster = Faster(
    slow_training,
    lambda rng: _case(rng, 960, 64, 10, 0.1, 64),
    truth=my_training,
    cases=_CASES,
    hints=["Which loop runs once for every example? The loop over the batches must stay: each needs the weights of the one before.",
           "All examples of a batch at once: Z = x @ W + b has a row for each of them.",
           "The sum of the outer products is one product: x.T @ dZ. And db is dZ.sum(axis=0).",
           "Softmax goes along a row: axis=1, keepdims=True. Divide by len(x), which is smaller in the last batch."],
    then="Nothing was approximated: the same sums, in an order that the machine likes better.",
    mistakes=(
        Mistake("a batch forgotten", partial(_training, drop=True), "the last, smaller batch is left out.", "What becomes of the examples that do not fill a batch?"),
        Mistake("sum instead of mean", partial(_training, total=True), "the steps are as many times too long as the batch has examples.", "Where did the slow one divide by len(x)?"),
        Mistake("wrong axis", partial(_training, axis=0), "softmax runs down the columns, over the examples.", "What must sum to 1: a row or a column?"),
        Mistake("softmax of the table", partial(_training, axis=None), "softmax divides by one sum for the whole batch.", "How many sums did the slow one make for a batch?"),
        Mistake("stale weights", partial(_training, stale=True), "every batch uses the weights of the start.", "What has changed between the first batch and the second?"),
        Mistake("one large batch", partial(_training, one=True), "all examples went into one batch.", "That is fast, and takes one step. How many steps did the slow one take?"),
        Mistake("full size for the rest", _full_size, "the last batch is divided by the size of a full one.", "How many examples are in it?"),
        Mistake("answer remembered", _remembered, "data that is new gets the answer of data that came before.", "Does your memory look at the numbers, or at their shape?"),
        Mistake("float32", partial(_training, kind=np.float32), "this is right to about seven digits, and float64 has sixteen.", "Where do your numbers become float32?"),
        Mistake("not faster", slow_training, "the results are equal, the time is not short enough.", "Which line runs once for every example?"),
        Mistake("different in large", _only_small, "right in small, but with more examples the results differ.", "What does your function do with large data?"),
    ),
)
