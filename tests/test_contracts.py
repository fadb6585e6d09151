"""What every function of the maths refuses, and that its message names the argument and says what came.

Each public function has a call that works, and for every argument the values that must not pass. A function or an
argument without such values fails a test, so a new one cannot be forgotten.
"""

import functools
import importlib
import inspect
import re

import numpy as np
import pytest

from helpers import activations, gradcheck, losses, network, optimizers, parameters, training
from helpers.checks import contracts, diagnosis
from helpers.activations import PRIME, identity, relu, sigmoid, softmax

MATHS = [activations, losses, parameters, network, optimizers, training, gradcheck]
SIZES, BENDS = [2, 4, 3], [sigmoid, identity]
P = 2 * 4 + 4 + 4 * 3 + 3


# The values that must not pass, each with a word of the message that tells what came


def floats(*shapes, finite=False):
    """Instead of an array of floats: these wrong shapes (the first axes wrong in number), and every wrong kind."""
    good = np.ones(shapes[0])
    wrong = [(good.tolist(), "list"), ("text", "text"), (None, "None"), (2.5, "2.5"), (good.astype(int), "int64"),
             (good > 0, "bool"), (good.astype(object), "object"), (good.astype(complex), "complex128"),
             (np.ones((0, *shapes[0][1:])), "(0,")]
    wrong += [(np.ones(shape), str(shape)) for shape in shapes[1:]]
    if finite:
        for bad in (np.nan, np.inf, -np.inf):
            broken = good.copy()
            broken.flat[-1] = bad
            wrong.append((broken, str(bad)))
    return wrong


NUMBERS = [("text", "text"), (None, "None"), ([1.0, 2.0], "list"), (True, "True"), (1j, "1j"), (np.ones(2, bool), "bool"),
           (np.ones(2, object), "object"), (np.ones(2, complex), "complex128"), (np.ones((0, 2)), "(0, 2)"),
           (np.array([0, 3, 255], np.uint8), "uint8"), (np.ones(2, np.int8), "int8")]
RATE = [("0.1", "0.1"), (None, "None"), (True, "True"), ([0.1], "list"), (np.ones(1), "(1,)"), (1j, "1j"), (np.complex128(1), "complex128"),
        (0, "0"), (-0.1, "-0.1"), (float("nan"), "nan"), (float("inf"), "inf"), (np.float32(-1), "-1.0")]
SHARE = [("0.9", "0.9"), (None, "None"), (True, "True"), (np.ones(1), "(1,)"), (-0.1, "-0.1"), (1, "1"), (1.5, "1.5"), (float("nan"), "nan")]
COUNT = [("3", "3"), (None, "None"), (True, "True"), (2.0, "2.0"), (0, "0"), (-1, "-1"), (float("nan"), "nan"), (np.ones(1, int), "(1,)"), ([3], "list")]
COUNTS = [(3, "3"), (None, "None"), ("abc", "abc"), (np.array([2, 3]), "int64"), ([], "[]"), ([2], "[2]"), ([2, 0], "0"), ([2, -3], "-3"),
          ([2, 3.0], "3.0"), ([2, None], "None"), ([True, 2], "True"), ([2, "3"], "3")]
SIZES_OF_P = COUNTS + [([2, 4, 4], "[2, 4, 4]"), ([2, 3], "[2, 3]")]
LABELS = [([0, 1], "list"), (None, "None"), (1, "1"), (np.array([0.0, 1.0]), "float64"), (np.array(["0", "1"]), "<U1"), (np.array([0, 1], object), "object"),
          (np.array([True, False]), "bool"), (np.zeros((2, 1), int), "(2, 1)"), (np.zeros(0, int), "(0,)"), (np.array([0, -1]), "-1")]
RNG = [(None, "None"), (0, "0"), (np.random, "numpy.random"), (np.random.RandomState(0), "RandomState"), (np.random.default_rng, "default_rng")]
DTYPE = [(int, "int"), ("int32", "int32"), (np.float16, "float16"), (np.complex128, "complex128"), ("text", "text"), (None, "None"), (bool, "bool")]
AMOUNTS = [([32], "[32]"), (32, "32"), ("n", "n"), ({"n"}, "set"), ({"n": 0}, "0"), ({"n": "32"}, "32"), ({"n": True}, "True"), ({"n": 32, "K": float("nan")}, "nan")]
FUNCTION = [(None, "None"), (3.0, "3.0"), ("sigmoid", "sigmoid"), (np.ones(2), "(2,)")]
BENDINGS = [(None, "None"), (sigmoid, "sigmoid"), ("ab", "ab"), ([sigmoid], "1"), ([sigmoid] * 3, "3"), ([sigmoid, "relu"], "relu"),
            ([np.tanh, identity], "tanh"), ([sigmoid, None], "None"), ([sigmoid, []], "[]"), ([sigmoid, PRIME[sigmoid]], "sigmoid_prime")]


def good_net():
    theta = np.linspace(-1, 1, P)
    return parameters.layers(theta, SIZES, BENDS)


def net_but(i, layer):
    net = good_net()
    net[i] = layer
    return net


def layer_but(**changes):
    W, b, f = good_net()[1]
    given = {"W": W, "b": b, "f": f} | changes
    return given["W"], given["b"], given["f"]


LAYERS = [(None, "None"), ([], "[]"), ("ab", "ab"), (np.ones((2, 3)), "(2, 3)"), ([1, 2], "1"), ([good_net()[0][:2]], "tuple"),
          (net_but(1, list(good_net()[1])), "list")]
LAYERS += [(net_but(1, layer_but(W=W)), came) for W, came in floats((4, 3), (3,), (4, 3, 1), (5, 3))]
LAYERS += [(net_but(1, layer_but(b=b)), came) for b, came in floats((3,), (1, 3), (4,))]
LAYERS += [(net_but(1, layer_but(f=f)), came) for f, came in [(np.tanh, "tanh"), ("relu", "relu"), (None, "None"), ([], "[]"), (PRIME[relu], "relu_prime")]]
LAYERS += [(good_net()[::-1], "(2, 4)")]  # they do not chain


def good_cache():
    return network.forward(good_net(), np.ones((5, 2)))[1]


def good_grads():
    return parameters.views(np.zeros(P), SIZES)


def pairs_but(pairs, i, j, array):
    pairs[i] = tuple(array if at == j else other for at, other in enumerate(pairs[i]))
    return pairs


CACHE = [(None, "None"), ("ab", "ab"), ({}, "{}"), (good_cache()[:1], "1"), (good_cache() * 2, "4"), ([1, 2], "1"), ([(1, 2, 3)] * 2, "(1, 2, 3)"),
         ([list(pair) for pair in good_cache()], "list"), (good_cache()[::-1], "(5, 4)")]
CACHE += [(pairs_but(good_cache(), i, j, wrong), came) for i, j, shapes in
          [(0, 0, [(5, 2), (5,), (5, 3)]), (0, 1, [(5, 4), (5,), (5, 3), (1, 4)]), (1, 0, [(5, 4), (1, 4)]), (1, 1, [(5, 3), (5, 4)])]
          for wrong, came in floats(*shapes)]
GRADS = [(None, "None"), ("ab", "ab"), (np.zeros(P), str((P,))), (good_grads()[:1], "1"), (good_grads() * 2, "4"), ([1, 2], "1"),
         ([list(pair) for pair in good_grads()], "list"), (good_grads()[::-1], "(4, 3)")]
GRADS += [(pairs_but(good_grads(), i, j, wrong), came) for i, j, shapes in
          [(0, 0, [(2, 4), (2,), (4, 2)]), (0, 1, [(4,), (1, 4), (3,)]), (1, 0, [(4, 3), (3, 4)]), (1, 1, [(3,), (1,)])]
          for wrong, came in floats(*shapes)]
MEMORY = [(None, "None"), ([], "[]"), ({}, "{}"), ({"t": 0, "m": np.zeros(3)}, "dict"), (np.zeros(3), "(3,)")]
MEMORY += [({"t": 0, "m": m, "v": np.zeros(3)}, came) for m, came in floats((3,), (4,), (1, 3))]
MEMORY += [({"t": 0, "m": np.zeros(3), "v": v}, came) for v, came in floats((3,), (4,), (1, 3))]


# For each function: a call that works, and what must not pass. None: the argument is not looked at.

STEP = {"theta": np.ones(3), "grad": np.ones(3), "learning_rate": 0.1}
WRONG_STEP = {"theta": floats((3,), (1, 3), (3, 1)), "grad": floats((3,), (4,), (1, 3)), "learning_rate": RATE}
TRAIN = {"theta": np.ones(P), "sizes": SIZES, "activations": BENDS, "X": np.ones((5, 2)), "Y": np.ones((5, 3)), "loss": losses.mse,
         "optimizer": optimizers.adam, "learning_rate": 0.1, "epochs": 1, "batch_size": 2, "rng": np.random.default_rng(0),
         "backward": network.backward}
PREDICTIONS = floats((5, 3), (5,), (5, 3, 1))
TARGETS = floats((5, 3), (5,), (3,), (5, 1), (1, 3), (4, 3), finite=True)
SHARES = np.eye(3)[[0, 1, 2, 0, 1]]
NO_SHARES = [(np.ones((5, 3)), "sums to 3 at [0]"), (np.vstack([SHARES[:4], [[0, 0.9, 0]]]), "sums to 0.9 at [4]"), (0 * SHARES, "sums to 0")]

WRONG_TRAIN = {
        "theta": floats((P,), (1, P), finite=True), "sizes": SIZES_OF_P, "activations": BENDINGS,
        "X": floats((5, 2), (2,), (5, 3), (2, 5), (4, 4), finite=True), "Y": floats((5, 3), (5,), (4, 3), (5, 1), (5, 4), finite=True),
        "loss": [(None, "None"), ("mse", "mse"), (losses.mse_grad, "mse_grad"), (sigmoid, "sigmoid"), ([], "[]")],
        "optimizer": [(None, "None"), ("adam", "adam"), (optimizers.remember, "remember"), (optimizers.adam(**STEP, memory=optimizers.remember(np.ones(3))), "None")],
        "learning_rate": RATE, "epochs": COUNT, "batch_size": COUNT, "rng": RNG, "backward": FUNCTION}

CASES = {
    **{f: ({"Z": np.ones((2, 3))}, {"Z": NUMBERS}) for f in [*PRIME, *PRIME.values()]},
    losses.mse: ({"Y_hat": np.ones((5, 3)), "Y": np.ones((5, 3))}, {"Y_hat": PREDICTIONS, "Y": TARGETS}),
    losses.mse_grad: ({"Y_hat": np.ones((5, 3)), "Y": np.ones((5, 3))}, {"Y_hat": PREDICTIONS, "Y": TARGETS}),
    losses.cross_entropy: ({"Z": np.ones((5, 3)), "Y": SHARES}, {"Z": PREDICTIONS, "Y": [*TARGETS, *NO_SHARES]}),
    losses.cross_entropy_grad: ({"Z": np.ones((5, 3)), "Y": SHARES}, {"Z": PREDICTIONS, "Y": [*TARGETS, *NO_SHARES]}),
    parameters.size: ({"sizes": SIZES}, {"sizes": COUNTS}),
    parameters.views: ({"theta": np.ones(P), "sizes": SIZES}, {"theta": floats((P,), (P, 1)), "sizes": SIZES_OF_P}),
    parameters.layers: ({"theta": np.ones(P), "sizes": SIZES, "activations": BENDS},
                        {"theta": floats((P,), (1, P)), "sizes": SIZES_OF_P, "activations": BENDINGS}),
    parameters.zeros: ({"sizes": SIZES, "dtype": float}, {"sizes": COUNTS, "dtype": DTYPE}),
    parameters.glorot: ({"sizes": SIZES, "rng": np.random.default_rng(0), "dtype": "float32"}, {"sizes": COUNTS, "rng": RNG, "dtype": DTYPE}),
    parameters.he: ({"sizes": SIZES, "rng": np.random.default_rng(0), "dtype": np.dtype("float32")}, {"sizes": COUNTS, "rng": RNG, "dtype": DTYPE}),
    network.forward: ({"layers": good_net(), "X": np.ones((5, 2))}, {"layers": LAYERS, "X": floats((5, 2), (2,), (5, 3), (2, 5), finite=True)}),
    network.backward: ({"layers": good_net(), "cache": good_cache(), "dA": np.ones((5, 3)), "grads": good_grads()},
                       {"layers": LAYERS, "cache": CACHE, "dA": floats((5, 3), (3,), (5, 4), (1, 3), (5, 1), (6, 3)), "grads": GRADS}),
    network.chain: ({"dA": np.ones((5, 3)), "slope": np.ones((5, 3, 3))}, {"dA": floats((5, 3), (3,)), "slope": None}),
    network.gradient: ({name: value for name, value in TRAIN.items() if name in ("theta", "sizes", "activations", "X", "Y", "loss")}
                       | {"grad": np.zeros(P), "backward": network.backward},
                       {name: wrong for name, wrong in WRONG_TRAIN.items() if name in ("sizes", "activations", "X", "Y", "loss", "backward")}
                       | {"theta": floats((P,), (1, P)), "grad": [bad for bad in floats((P,), (1, P)) if bad[0] is not None]}),
    optimizers.gradient_descent: (STEP | {"memory": None}, WRONG_STEP | {"memory": None}),
    optimizers.momentum: (STEP | {"memory": optimizers.remember(np.ones(3)), "beta": 0.9}, WRONG_STEP | {"memory": MEMORY, "beta": SHARE}),
    optimizers.adam: (STEP | {"memory": optimizers.remember(np.ones(3)), "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7},
                      WRONG_STEP | {"memory": MEMORY, "beta1": SHARE, "beta2": SHARE, "epsilon": RATE}),
    optimizers.remember: ({"theta": np.ones(3)}, {"theta": floats((3,), (1, 3))}),
    training.one_hot: ({"labels": np.array([0, 1]), "K": 2, "dtype": np.float32}, {"labels": LABELS + [(np.array([0, 7]), "7")], "K": COUNT, "dtype": DTYPE}),
    training.minibatches: ({"n": 5, "batch_size": 2, "rng": np.random.default_rng(0)}, {"n": COUNT, "batch_size": COUNT, "rng": RNG}),
    training.train: (TRAIN, WRONG_TRAIN),
    training.predict: ({"layers": good_net(), "X": np.ones((5, 2))}, {"layers": LAYERS, "X": floats((5, 2), (2,), (5, 3), finite=True)}),
    training.accuracy: ({"predicted": np.array([0, 1]), "labels": np.array([0, 1])},
                        {"predicted": LABELS, "labels": LABELS + [(np.array([0, 1, 1]), "(3,)"), (np.array([0]), "(1,)")]}),
    training.confusion: ({"predicted": np.array([0, 1]), "labels": np.array([0, 1]), "K": 2},
                         {"predicted": LABELS + [(np.array([0, 7]), "7")],
                          "labels": LABELS + [(np.array([7, 0]), "7"), (np.array([0, 1, 1]), "(3,)")], "K": COUNT}),
    gradcheck.numerical_gradient: ({"f": np.sum, "theta": np.ones(3), "epsilon": 1e-6},
                                   {"f": FUNCTION, "theta": floats((3,), (1, 3), finite=True) + [(np.ones(3, np.float32), "float32")], "epsilon": RATE}),
    gradcheck.slope_along: ({"f": np.sum, "theta": np.ones(3), "direction": np.ones(3), "epsilon": 1e-6},
                            {"f": FUNCTION, "theta": floats((3,), (1, 3), finite=True) + [(np.ones(3, np.float32), "float32")],
                             "direction": floats((3,), (4,), (1, 3), finite=True), "epsilon": RATE}),
    gradcheck.relative_error: ({"a": np.ones((2, 3)), "b": np.ones((2, 3))},
                               {"a": NUMBERS + [(np.ones(3), "(3,)"), (1.0, "()")], "b": NUMBERS + [(np.ones((3, 2)), "(3, 2)"), (1.0, "()")]}),
    gradcheck.compare: ({"grad": np.ones(P), "reference": np.ones(P), "sizes": SIZES},
                        {"grad": floats((P,), (P, 1)), "reference": floats((P,), (P - 1,), (P, 1)), "sizes": SIZES_OF_P}),
    gradcheck.diagnose: ({"grad": np.ones(P), "reference": np.ones(P), "sizes": SIZES, "quantities": None},
                         {"grad": floats((P,), (P, 1)), "reference": floats((P,), (P - 1,), (P, 1)), "sizes": SIZES_OF_P, "quantities": AMOUNTS}),
}


def public_functions(module):
    return [f for name, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__ and not name.startswith("_")]


def bad_calls():
    return [pytest.param(f, name, value, came, id=f"{f.__name__}-{name}-{i}-{came}")
            for f, (_, wrong) in CASES.items() for name, values in wrong.items() for i, (value, came) in enumerate(values or [])]


def test_there_are_bad_calls_for_every_argument_of_every_public_function():
    public = {f for module in MATHS for f in public_functions(module)}
    assert {f.__qualname__ for f in public - set(CASES)} == set(), "functions without a bad call"
    assert {f.__qualname__ for f in set(CASES) - public} == set(), "bad calls to functions that do not exist"
    for f, (good, wrong) in CASES.items():
        assert set(good) == set(wrong) == set(inspect.signature(f).parameters), f.__name__
        unchecked = {optimizers.gradient_descent: ["memory"], network.chain: ["slope"]}
        assert [name for name, values in wrong.items() if not values] == unchecked.get(f, [])


def test_the_parts_of_the_maths_are_all_looked_at():
    # Every module that another part of the maths imports is either looked at here, or is the contracts themselves.
    for module in MATHS:
        for name, value in vars(module).items():
            home = getattr(value, "__module__", "") or ""
            if home.startswith("helpers."):
                assert importlib.import_module(home) in [*MATHS, contracts], f"{name} in {module.__name__}"
            elif inspect.ismodule(value) and value.__name__.startswith("helpers."):
                assert value in [*MATHS, contracts, diagnosis], f"{name} in {module.__name__}"


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_a_good_call_passes_by_position_and_by_name(f):
    good, _ = CASES[f]
    f(**good)
    f(**dict(reversed(good.items())))
    if f is not training.train:
        f(*good.values())


@pytest.mark.parametrize("f, name, value, came", bad_calls())
def test_a_bad_call_is_refused_at_once_with_the_name_of_the_argument_and_what_came(f, name, value, came):
    call = CASES[f][0] | {name: value}
    with pytest.raises((TypeError, ValueError)) as caught:
        f(**call)
    message = str(caught.value)
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        f(**dict(reversed(call.items())))
    assert re.search(rf"\b{name}\b", message), message
    assert "got" in message and came in message.split("wanted")[0], message
    assert "wanted" in message
    assert not re.search(r"0x[0-9a-f]{5}", message), "an address in memory differs from run to run"
    assert "\n" not in message


@pytest.mark.parametrize("f", [f for f in CASES if f is not training.train], ids=lambda f: f.__name__)
def test_a_refused_call_changes_nothing(f):
    good, wrong = CASES[f]
    arrays = [a for a in good.values() if isinstance(a, np.ndarray)]
    before = [a.copy() for a in arrays]
    for name, values in wrong.items():
        for value, _ in values or []:
            with pytest.raises((TypeError, ValueError)):
                f(**(good | {name: value}))
    assert all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))


def test_a_missing_argument_is_named_by_python_itself():
    for f, (good, _) in CASES.items():
        for name, parameter in inspect.signature(f).parameters.items():
            if parameter.default is parameter.empty:
                with pytest.raises(TypeError, match=f"missing.*'{name}'"):
                    f(**{k: v for k, v in good.items() if k != name})


def test_the_edges_that_pass():
    contracts.fraction("beta", 0)
    contracts.counts("sizes", [1, 1], {})
    contracts.array("(K, K)")("table", np.ones((3, 3)), {})


def test_a_letter_twice_is_a_square():
    for shape in ((2, 3), (3, 2)):
        with pytest.raises(ValueError, match=r"table: got shape .*wanted \(K, K\)"):
            contracts.array("(K, K)")("table", np.ones(shape), {})
    with pytest.raises(ValueError, match="with K = 3"):
        contracts.array("(K, K)")("table", np.ones((2, 2)), {"K": 3})


# The messages that the notebooks show


def test_messages_in_full():
    def message(call):
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
        return str(caught.value)

    assert message(lambda: network.forward(good_net(), np.ones((3, 5)))) == "X: got shape (3, 5), wanted (n, d) finite with d = 2"
    assert message(lambda: losses.mse(np.ones((6, 1)), np.ones(6))) == "Y: got shape (6,), wanted (n, K) finite with n = 6, K = 1"
    assert message(lambda: losses.mse(np.ones((2, 1)), np.array([[1.0], [np.nan]]))) == "Y: got nan at [1, 0], wanted finite numbers"
    assert message(lambda: training.one_hot(np.array([9]), 9)) == "labels: got a label 9, wanted labels below K = 9"
    assert message(lambda: parameters.views(np.ones(8), [2, 2, 1])) == \
        "sizes: got [2, 2, 1], a network of 9 numbers, wanted one of P = 8, the length of theta"
    assert message(lambda: parameters.layers(np.ones(9), [2, 2, 1], [relu])) == "activations: got 1, wanted 2, one a layer"
    assert message(lambda: sigmoid("2")) == "Z: got '2' (str), wanted a number or a NumPy array of floats"


# `takes` itself


def test_a_contract_keeps_the_name_the_docstring_and_the_source_of_its_function():
    for f in CASES:
        assert f.__wrapped__.__name__ == f.__name__ and f.__doc__
        assert inspect.getsource(f).startswith(f"def {f.__name__}(")


def test_every_argument_of_the_maths_is_of_the_notation():
    for f in CASES:
        assert set(inspect.signature(f).parameters) - set(contracts.NOTATION) <= {"slope", "a", "b"}, f.__name__


def test_what_runs_inside_a_checked_call_is_not_checked_again():
    @contracts.takes(Z=contracts.numbers)
    def twice(Z):
        return sigmoid("2") if isinstance(Z, float) else Z

    with pytest.raises(TypeError, match="ufunc"):  # NumPy's own error: the check of sigmoid did not run
        twice(2.0)
    with pytest.raises(TypeError, match="Z: got"):  # and it runs again after a call that failed
        sigmoid("2")


def test_a_training_checks_its_call_at_once_and_leaves_the_loop_over_it_checked():
    steps = training.train(**TRAIN)
    next(steps)
    with pytest.raises(TypeError, match="Z: got"):
        sigmoid("2")
    with pytest.raises(ValueError, match="epochs: got 0"):
        training.train(**TRAIN | {"epochs": 0})


def test_a_contract_that_needs_another_one_before_it_is_refused_without_it():
    for wrong in ({"loss": contracts.loss_of(losses.GRAD, losses.APPLIES), "activations": contracts.each_of(*PRIME)},
                  {"cache": contracts.pairs(A_in="(n, m)", Z="(n, k)"), "layers": contracts.network(PRIME)},
                  {"activations": contracts.each_of(*PRIME)}):
        with pytest.raises(TypeError, match="needs that of"):
            contracts.takes(**wrong)(lambda layers, cache, activations, loss, Z: None)


def test_a_trusted_function_is_the_same_one_without_its_checks_and_nothing_else_is_taken_off():
    @functools.wraps(relu)
    def counted(Z):
        return relu(Z)

    assert contracts.unchecked(relu) is relu.__wrapped__
    assert contracts.unchecked(counted) is counted
    assert contracts.unchecked(np.tanh) is np.tanh


def test_a_long_value_is_cut_short_in_a_message():
    assert contracts.describe("x" * 1000) == "'" + "x" * 36 + "... (str)"
    assert contracts.describe(np.ones((2, 3))) == "an array of float64 with shape (2, 3)"
    assert contracts.describe(np.tanh) == "tanh (ufunc)" and contracts.describe(relu) == "relu (function)"


def test_what_a_network_computes_need_not_be_finite():
    theta, nan = np.full(P, np.nan), np.full((5, 3), np.nan)
    with np.errstate(invalid="ignore"):
        A, cache = network.forward(parameters.layers(theta, SIZES, BENDS), np.ones((5, 2)))
        network.backward(good_net(), cache, nan, good_grads())
        assert np.isnan(A).all() and np.isnan(losses.mse(nan, np.ones((5, 3)))) and np.isnan(sigmoid(nan)).all()
        optimizers.adam(theta, theta.copy(), 0.1, optimizers.remember(theta))


def test_the_row_that_is_furthest_from_shares_is_named():
    contracts.shares("Y", np.array([[0.25, 0.75], [1.0, 0.0]]))
    contracts.shares("Y", np.array([[0.1, 0.2, 0.7]] * 3, np.float32))
    for rows, words in (([[0.5, 0.5], [0.8, 0.8], [0.5, 0.0]], r"1.6 at \[1\], wanted rows that sum to 1"),
                        ([[1.0, 0.0], [0.995, 0.0]], r"0.995 at \[1\]")):
        with pytest.raises(ValueError, match="Y: got a row that sums to " + words):
            contracts.shares("Y", np.array(rows))


@pytest.mark.parametrize("good", [0, 0.0, 1e-300, 3, np.float32(2), np.int64(1)])
def test_an_amount_is_finite_and_not_negative(good):
    contracts.amount("noise", good)
    for bad in (True, "1", None, 1j, np.ones(1)):
        with pytest.raises(TypeError, match="noise: got .*, wanted a finite number from 0"):
            contracts.amount("noise", bad)
    for bad in (-1e-300, -1, np.inf, -np.inf, np.nan):
        with pytest.raises(ValueError, match=f"noise: got {bad}, wanted a finite number from 0"):
            contracts.amount("noise", bad)


def test_what_a_loss_brings_the_last_layer_must_not_have():
    @contracts.takes(sizes=contracts.counts, activations=contracts.each_of(*PRIME), loss=contracts.loss_of(losses.GRAD, losses.APPLIES))
    def learn(activations, loss, sizes=[2, 3, 4]):
        return "learned"

    for last, loss in ((softmax, losses.mse), (identity, losses.cross_entropy), (identity, losses.mse)):
        assert learn([sigmoid, last], loss, [2, 3, 4]) == learn([softmax, last], loss=loss, sizes=[1, 1, 1]) == "learned"
    with pytest.raises(ValueError, match="activations: got softmax in the last layer, wanted identity there, because cross_entropy takes Z and applies softmax itself"):
        learn([sigmoid, softmax], losses.cross_entropy, (2, 3, 4))


def test_the_last_layer_is_not_what_comes_after_it():
    check, net = contracts.network(PRIME, without=softmax), good_net()
    check("layers", net, {})
    check("layers", [(*net[0][:2], softmax), net[1]], {})
    contracts.network(PRIME)("layers", [net[0], (*net[1][:2], softmax)], {})
    with pytest.raises(ValueError, match=r"activation of layers\[1\]: got softmax in the last layer, wanted identity there, because what comes after it applies softmax"):
        check("layers", [net[0], (*net[1][:2], softmax)], {})
