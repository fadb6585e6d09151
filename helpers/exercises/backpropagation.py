"""Exercises of notebook 03: a whole way by hand, σ′, the way back through a layer and through any number of layers."""

import numpy as np

from helpers.activations import PRIME, identity, relu, relu_prime, sigmoid
from helpers.activations import sigmoid_prime as _prime
from helpers.exercises.base import Exercise, Mistake
from helpers.exercises.forward_propagation import Nested
from helpers.figures.graph import network_graph
from helpers.network import forward
from helpers.topics import parts

_rng = np.random.default_rng(3)

TRUTHS = {
    "03: raise w₂₁, and the loss rises or falls": "falls",
    "03: the hidden neuron that should output more, 1 or 2": 1,
    "03: every slope where the prediction is the target": 0,
    "03: dw₁₁ of all three examples, negative, zero or positive": "positive",
    "03: the loss after 2,000 steps, 0.1, 0.01 or 0": 0,
    "03: the share of slopes that the book sets to 1": 1,
}
CELLS = ("z₁", "z₂", "a₁", "a₂", "ŷ", "dv₁", "dv₂", "db₂", "dw₁₁", "dw₁₂", "dw₂₁", "dw₂₂", "db₁₁", "db₁₂")


def my_numbers(x=(2, 3), y=4, W1=(2, -3, 1, 1), b1=(-1, 2), v=(2, 5), b2=-3):
    z1, z2 = x[0] * W1[0] + x[1] * W1[2] + b1[0], x[0] * W1[1] + x[1] * W1[3] + b1[1]
    a1, a2 = max(z1, 0), max(z2, 0)
    y_hat = a1 * v[0] + a2 * v[1] + b2
    dy = y_hat - y
    dz1, dz2 = dy * v[0] * (z1 > 0), dy * v[1] * (z2 > 0)
    forward = [z1, z2, a1, a2, y_hat]
    output, hidden = [a1 * dy, a2 * dy, dy], [x[0] * dz1, x[0] * dz2, x[1] * dz1, x[1] * dz2, dz1, dz2]
    return np.array(forward + output + hidden, float)


def _by_hand(x, y, W1, b1, v, b2, sign=1, slope=lambda z: float(z > 0), through=True, times_x=True, times_a=True):
    """`my_numbers` with one thing done in another way."""
    numbers = my_numbers(x, y, W1, b1, v, b2)
    z, a, dy = numbers[:2], numbers[2:4], sign * (numbers[4] - y)
    dz = dy * np.array(v if through else (1, 1)) * [slope(z[0]), slope(z[1])]
    numbers[5:] = [*(a if times_a else np.ones(2)) * dy, dy, *np.outer(x if times_x else (1, 1), dz).ravel(), *dz]
    return numbers


def _own(rng):
    """Small whole numbers, of which one hidden neuron is silent."""
    while True:
        x, b1 = (tuple(rng.choice([low, low + 1, low + 2], 2).tolist()) for low in (2, -1))
        W1, v = tuple(rng.choice([-3, -2, 2, 3, 4], 4).tolist()), tuple(rng.choice([-4, -3, -2, 2, 3, 4, 5], 2).tolist())
        numbers = (x, int(rng.integers(1, 10)), W1, b1, v, int(rng.integers(-5, 6)))
        z1, z2, _, _, y_hat, *_ = my_numbers(*numbers)
        if (z1 > 1) != (z2 > 1) and min(z1, z2) < 0 and abs(y_hat - numbers[1]) > 1:
            return numbers


def _said(x, y, W1, b1, v, b2):
    w = ", ".join(f"w{place} = {value}" for place, value in zip(("₁₁", "₁₂", "₂₁", "₂₂"), W1))
    return (f"x = {x}, target y = {y}.\n{w};   b₁₁ = {b1[0]}, b₁₂ = {b1[1]};   v₁ = {v[0]}, v₂ = {v[1]};   b₂ = {b2}.\n"
            "Hidden neurons with ReLU, the output without a bend, one example.\n"
            "Which fourteen numbers belong where the question marks are?")


def empty_graph(name=""):
    """The graph with the numbers that belong to a name, and a question mark for each that is asked for."""
    x, y, W1, b1, v, b2 = by_hand.numbers(name)
    layers = [(np.reshape(W1, (2, 2)) * 1.0, np.array(b1, float), relu), (np.reshape(v, (2, 1)) * 1.0, np.array([b2], float), identity)]
    Y_hat, cache = forward(layers, np.array([x], float))
    asked = "Z1", "A1", "A2", "dW2", "db2", "dW1", "db1"
    return network_graph(layers, cache, Y_hat, np.array([[y]], float), shown=(), asked=asked)


def my_ds(dY_hat, u):
    return np.sum(dY_hat * u)


def _layer(n, m, k, f_prime):
    A_in, W, b = _rng.normal(size=(n, m)), _rng.normal(size=(m, k)), _rng.normal(size=k)
    return _rng.normal(size=(n, k)), A_in, A_in @ W + b, W, f_prime


def _from(dZ, A_in, W):
    return A_in.T @ dZ, dZ.sum(axis=0), dZ @ W.T


def _network(sizes, n, bends):
    layers = [(_rng.normal(size=(m, k)), _rng.normal(size=k), f) for m, k, f in zip(sizes, sizes[1:], bends)]
    Y_hat, cache = parts.forward(layers, _rng.normal(size=(n, sizes[0])))
    return layers, cache, _rng.normal(size=Y_hat.shape)


def _back(layers, cache, dA, slope=lambda f, Z: PRIME[f](Z), down=lambda dZ, dA, W: dZ @ W.T, layer=_from):
    """`backward`, with another slope, another way down or another layer."""
    grads = []
    for (W, b, f), (A_in, Z) in zip(layers[::-1], cache[::-1]):
        dZ = dA * slope(f, Z)
        grads.insert(0, layer(dZ, A_in, W)[:2])
        dA = down(dZ, dA, W)
    return grads


def _last_slope_left_out(layers, cache, dA):
    return _back([*layers[:-1], (*layers[-1][:2], identity)], cache, dA)


by_hand = Exercise(
    my_numbers,
    own=_own,
    asks=_said,
    names=CELLS,
    hints=["Forward first: z₁ = x₁ w₁₁ + x₂ w₂₁ + b₁₁ (both weights lead to neuron 1), and a₁ = max(z₁, 0).", "The way back starts with dŷ = ŷ − y, which is db₂ already; dv₁ = a₁ · dŷ.",
           "da₁ = v₁ · dŷ. ReLU's slope is 1 where z > 0, else 0: that times da₁ is dz₁, and so is db₁₁.", "dw₂₁ = x₂ · dz₁: what came in, times the slope of its neuron."],
    then="One trip there and one back, and all nine slopes are known. A neuron whose ReLU is silent gets no blame.",
    mistakes=[
        Mistake("error turned round", lambda *n: _by_hand(*n, sign=-1), "every slope has the wrong sign.", "Is dŷ the prediction minus the target, or the other way round?"),
        Mistake("slope of ReLU forgotten", lambda *n: _by_hand(*n, slope=lambda z: 1.0), "blame has passed through a neuron that is silent.",
                "How much does a change where z is below 0?"),
        Mistake("value for slope", lambda *n: _by_hand(*n, slope=lambda z: max(z, 0)), "you multiply by ReLU's value instead of by its slope.",
                "When z goes from 4 to 4.1, how much does ReLU change for each unit of z?"),
        Mistake("weight forgotten", lambda *n: _by_hand(*n, through=False), "da is dŷ itself: the weight to the output is left out.", "By how much does ŷ change when a₁ rises by 1?"),
        Mistake("input forgotten", lambda *n: _by_hand(*n, times_x=False), "the slopes of the first weights lack what came in.", "By how much does z₁ change when w₂₁ rises by 1?"),
        Mistake("a forgotten", lambda *n: _by_hand(*n, times_a=False), "the slopes of v₁ and v₂ lack what came in.", "By how much does ŷ change when v₁ rises by 1?"),
    ],
)
sigmoid_prime = Exercise(
    parts.sigmoid_prime,
    cases=[(_rng.normal(size=(3, 4)),), (3 * _rng.normal(size=(5, 2)),), (_rng.normal(size=6),)],
    hints=["First the value at Z: A = sigmoid(Z).", "Then A times what is left of it up to 1."],
    then="It is largest at z = 0, where it is ¼.",
    part=True,
    mistakes=[
        Mistake("Z taken for A", lambda Z: Z * (1 - Z), "you use Z where σ(Z) belongs.", "Is a in a (1 − a) the number before or after the sigmoid?"),
        Mistake("value for slope", lambda Z: sigmoid(Z), "this is σ itself, not its slope.", "How steep is σ where its value is almost 1?"),
        Mistake("tanh's slope", lambda Z: 1 - sigmoid(Z) ** 2, "1 − a² is the slope of another curve, tanh.", "What came out of the two lines above for σ?"),
    ],
)
layer_backward = Exercise(
    parts.layer_backward,
    cases=[_layer(5, 3, 4, _prime), _layer(6, 2, 7, relu_prime), _layer(7, 4, 2, _prime), _layer(4, 3, 3, _prime)],
    quantities=lambda dA, A_in, Z, W, f_prime: {"the number of examples": len(dA)},
    names=("dW", "db", "dA_in"),
    hints=["First dZ = dA * f_prime(Z).", "dW has the shape of W: which product of A_in and dZ has it?",
           "db is dZ added up over the examples, axis 0.", "dA_in has the shape of A_in: which product of dZ and W has it?"],
    then="These four lines are the whole of backpropagation; the rest is a loop over layers.",
    part=True,
    mistakes=[
        Mistake("slope left out", lambda dA, A_in, Z, W, f_prime: _from(dA, A_in, W),
                "the activation's slope is missing: dA is used as if it were dZ.", "What lies between Z and A on the way forward?"),
        Mistake("slope of A for slope of Z", lambda dA, A_in, Z, W, f_prime: _from(dA * f_prime(sigmoid(Z)), A_in, W),
                "the slope is taken at σ(Z) instead of at Z.", "At which number was f evaluated on the way forward?"),
        Mistake("always the sigmoid", lambda dA, A_in, Z, W, f_prime: _from(dA * _prime(Z), A_in, W),
                "your layer always uses the slope of the sigmoid.", "Which argument brings the slope of this layer's activation?"),
        Mistake("value for slope", lambda dA, A_in, Z, W, f_prime: _from(dA * sigmoid(Z), A_in, W),
                "you multiply by the value of the sigmoid instead of by a slope.", "How steep is a sigmoid where its value is almost 1?"),
        Mistake("1/n twice", lambda dA, A_in, Z, W, f_prime: (A_in.T @ (dZ := dA * f_prime(Z)) / len(dA), dZ.mean(axis=0), dZ @ W.T),
                "dW and db are divided by the number of examples once more.", "Where is the 1/n already?"),
        Mistake("slope forgotten on the way down", lambda dA, A_in, Z, W, f_prime: (*_from(dA * f_prime(Z), A_in, W)[:2], dA @ W.T),
                "dW and db are right, but the blame for the layer below has not passed through f.", "Does the way down start at dA or at dZ?"),
    ],
)
backward = Nested(
    parts.backward,
    cases=[_network([2, 4, 3], 5, [sigmoid, identity]), _network([3, 2], 4, [relu]), _network([3, 4, 5, 2], 6, [relu, sigmoid, sigmoid])],
    names=lambda i, j=None: f"layer {i + 1}" if j is None else f"{('dW', 'db')[j]} of layer {i + 1}",
    hints=["Begin with the last layer. What belongs together is a layer (W, b, f) and its pair (A_in, Z) of the cache.",
           "zip puts the two lists side by side; reversed(list(…)) goes through them from the end.",
           "my_layer_backward(dA, A_in, Z, W, PRIME[f]) gives dW, db and dA_in. What enters a layer is what leaves the one below: its dA_in is the next dA.",
           "grads.insert(0, (dW, db)) puts each pair before the ones that you have."],
    then="You have written backpropagation, for any number of layers. Notebook 04 finds out whether it is right, without us.",
    part=True,
    mistakes=[
        Mistake("slope forgotten on the way down", lambda layers, cache, dA: _back(layers, cache, dA, down=lambda dZ, dA, W: dA @ W.T),
                "what goes down to the layer below has not passed through f.", "Does the way down start at dA or at dZ?"),
        Mistake("always the sigmoid", lambda layers, cache, dA: _back(layers, cache, dA, slope=lambda f, Z: _prime(Z)),
                "every layer uses the slope of the sigmoid.", "Which slope belongs to the f of a layer?"),
        Mistake("slope left out", lambda layers, cache, dA: _back(layers, cache, dA, slope=lambda f, Z: 1.0),
                "no slope of an activation comes in.", "What lies between Z and A on the way forward?"),
        Mistake("last activation skipped", lambda layers, cache, dA: _last_slope_left_out(layers, cache, dA),
                "the slope of the last layer's activation is left out.", "Has the last layer an f, too?"),
    ],
)
scale = Exercise(
    my_ds,
    cases=[(_rng.normal(size=(n, K)), _rng.normal(size=(n, K))) for n, K in [(4, 3), (5, 2), (3, 6)]],
    quantities=lambda dY_hat, u: {"the number of examples": len(u), "the number of entries": u.size},
    hints=["Every entry of ŷ depends on s: how strongly?", "Many paths lead from s to the loss, and where paths meet, blame adds up."],
    then="One number that acts in many places collects its blame from all of them, like a bias.",
    mistakes=[
        Mistake("not added up", lambda dY_hat, u: dY_hat * u,
                "this is the blame that arrives on each single path.", "s is one number. What happens to blame where paths meet?"),
        Mistake("local slope forgotten", lambda dY_hat, u: np.sum(dY_hat),
                "the local slope is missing.", "How much does ŷ = s u change when s does?"),
    ],
)
