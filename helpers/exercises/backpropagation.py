"""Exercises of notebook 03: a silent neuron, the way back through a layer, and a slope that is a sum."""

import numpy as np

from helpers.activations import sigmoid, sigmoid_prime
from helpers.exercises.base import Exercise, Mistake

_rng = np.random.default_rng(3)


def my_gradient():
    return 0.0


def my_layer_backward(dA, A, Z, W) -> ("dW", "db", "dA of the layer below"):
    dZ = dA * sigmoid_prime(Z)
    return A.T @ dZ, dZ.sum(axis=0), dZ @ W.T


def my_ds(dY_hat, u):
    return np.sum(dY_hat * u)


def _layer(n, m, k):
    A, W, b = _rng.normal(size=(n, m)), _rng.normal(size=(m, k)), _rng.normal(size=k)
    return _rng.normal(size=(n, k)), A, A @ W + b, W


def _from(dZ, A, W):
    return A.T @ dZ, dZ.sum(axis=0), dZ @ W.T


silent_neuron = Exercise(
    my_gradient,
    each=True,
    hints=["What is ReLU's slope below zero?", "dZ = dA ⊙ f′(Z). What is dW = Aᵀ dZ then?"],
    then="A neuron that is silent for every example gets no blame and never changes: people call it dead.",
    mistakes=[
        Mistake("slope 1", lambda: 1.0, "1 is ReLU's slope on the other side.", "Does the output of this neuron change when z goes from −2 to −1.9?"),
        Mistake("slope −1", lambda: -1.0, "nothing in ReLU slopes downwards.", "Does the output of this neuron change when z goes from −2 to −1.9?"),
    ],
)
layer_backward = Exercise(
    my_layer_backward,
    cases=[_layer(5, 3, 4), _layer(6, 2, 7), _layer(7, 4, 2)],
    quantities=lambda dA, A, Z, W: {"the number of examples": len(dA)},
    hints=["First dZ = dA * sigmoid_prime(Z).", "dW has the shape of W: which product of A and dZ has it?",
           "db is dZ added up over the examples, axis 0.", "dA of the layer below has the shape of A."],
    then="These four lines are the whole of backpropagation; the rest is a loop over layers.",
    mistakes=[
        Mistake("slope left out", lambda dA, A, Z, W: _from(dA, A, W),
                "the activation's slope is missing: dA is used as if it were dZ.", "What lies between Z and A on the way forward?"),
        Mistake("slope of A for slope of Z", lambda dA, A, Z, W: _from(dA * sigmoid_prime(sigmoid(Z)), A, W),
                "the slope is taken at the activation instead of at Z.", "At which number was f evaluated on the way forward?"),
        Mistake("value for slope", lambda dA, A, Z, W: _from(dA * sigmoid(Z), A, W),
                "you multiply by f(Z), the value, instead of by its slope.", "How steep is a sigmoid where its value is almost 1?"),
        Mistake("biases averaged", lambda dA, A, Z, W: (A.T @ (dZ := dA * sigmoid_prime(Z)), dZ.mean(axis=0), dZ @ W.T),
                "db is an average over the examples.", "Where is the 1/n already?"),
        Mistake("1/n twice", lambda dA, A, Z, W: (A.T @ (dZ := dA * sigmoid_prime(Z)) / len(dA), dZ.mean(axis=0), dZ @ W.T),
                "dW and db are divided by the number of examples once more.", "Where is the 1/n already?"),
        Mistake("slope forgotten on the way down", lambda dA, A, Z, W: (*_from(dA * sigmoid_prime(Z), A, W)[:2], dA @ W.T),
                "dW and db are right, but the blame for the layer below has not passed through f.", "Does the way down start at dA or at dZ?"),
        Mistake("wrong sign", lambda dA, A, Z, W: _from(-dA * sigmoid_prime(Z), A, W),
                "everything has the wrong sign.", "A gradient points uphill. Who turns around: it, or the update?"),
        Mistake("dW transposed", lambda dA, A, Z, W: ((dZ := dA * sigmoid_prime(Z)).T @ A, dZ.sum(axis=0), dZ @ W.T),
                "dW is transposed.", "Which shape must a gradient have?"),
        Mistake("biases keep their row", lambda dA, A, Z, W: (A.T @ (dZ := dA * sigmoid_prime(Z)), dZ.sum(axis=0, keepdims=True), dZ @ W.T),
                "db is a table of one row.", "What shape has b?"),
        Mistake("summed over neurons", lambda dA, A, Z, W: (A.T @ (dZ := dA * sigmoid_prime(Z)), dZ.sum(axis=1), dZ @ W.T),
                "db is added up along the wrong axis.", "Should db have one number for each example or for each neuron?"),
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
        Mistake("averaged", lambda dY_hat, u: np.mean(dY_hat * u),
                "this is the average over all paths.", "Do parallel paths share the blame, or does each bring its own?"),
        Mistake("averaged over examples", lambda dY_hat, u: np.sum(dY_hat * u) / len(u),
                "this is divided by the number of examples once more.", "Where is the 1/n already?"),
        Mistake("local slope forgotten", lambda dY_hat, u: np.sum(dY_hat),
                "the local slope is missing.", "How much does ŷ = s u change when s does?"),
        Mistake("one for each output", lambda dY_hat, u: np.sum(dY_hat * u, axis=0),
                "you have one number for each output.", "How many s are there?"),
        Mistake("wrong sign", lambda dY_hat, u: -np.sum(dY_hat * u), "the sign is wrong.", "If u and dŷ are positive, does a larger s raise the loss?"),
    ],
)
