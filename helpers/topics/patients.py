"""Backward passes with one bug each, taken from published code. All of them run, and most of them learn.

PATIENTS {plain name: function}, each called as `network.backward` is. A docstring says what is wrong and where it was
reported. `gradient_by` and `trained_by` use any of them, or the right one, in its place.
"""

import numpy as np

from helpers.activations import PRIME, relu, softmax
from helpers.checks.contracts import network, pairs, takes
from helpers.losses import mse
from helpers.network import chain, gradient
from helpers.optimizers import gradient_descent
from helpers.parameters import glorot
from helpers.training import train

PATIENTS = {}
LEARNING_RATE = 1.5


def gradient_by(backward, theta, sizes, activations, X, Y):
    """The gradient of the MSE at θ (P,) as this backward pass computes it.   X (n, d), Y (n, K) → (P,)."""
    grad = np.zeros_like(theta)
    # Twice into the same array, as training does: a fault may only show the second time.
    for _ in range(2):
        gradient(theta, sizes, activations, X, Y, mse, grad, backward)
    return grad


def trained_by(backward, sizes, activations, X, Y, rng, learning_rate=LEARNING_RATE):
    """θ (P,) after 13 epochs of gradient descent on the MSE with this backward pass, 64 examples at a time."""
    theta = glorot(sizes, rng)
    for _ in train(theta, sizes, activations, X, Y, loss=mse, optimizer=gradient_descent, learning_rate=learning_rate,
                   epochs=13, batch_size=64, rng=rng, backward=backward):
        pass
    return theta


def patient(name):
    """Enter a function into PATIENTS under this name, with the contract of `backward`."""

    def enter(function):
        PATIENTS[name] = takes(layers=network(PRIME), cache=pairs(A_in="(n, m)", Z="(n, k)"), dA="(n, K)",
                               grads=pairs(dW="(m, k)", db="(k,)"))(function)
        return PATIENTS[name]

    return enter


def walk(layers, cache, dA, grads,
         make_dZ=lambda dA, Z, f: chain(dA, PRIME[f](Z)),
         make_dW=lambda A_in, dZ: A_in.T @ dZ,
         make_db=lambda dZ: dZ.sum(axis=0),
         make_dA_in=lambda dZ, W, dW: dZ @ W.T):
    """`backward` with each of its four lines open to replacement; with nothing replaced it is right."""
    for (W, b, f), (A_in, Z), (dW, db) in reversed(list(zip(layers, cache, grads))):
        dZ = make_dZ(dA, Z, f)
        dW[...] = make_dW(A_in, dZ)
        db[...] = make_db(dZ)
        dA = make_dA_in(dZ, W, dW)


def at(activation, rule):
    """A make_dZ that follows `rule` where the layer has this activation, and is right elsewhere."""
    return lambda dA, Z, f: rule(dA, Z) if f is activation else chain(dA, PRIME[f](Z))


# ∂L/∂Ŷ: a wrong constant reaches every array.


@patient("1/n forgotten")
def n_forgotten(layers, cache, dA, grads):
    """The gradient adds over the batch where the loss takes the mean: a larger batch, a larger step.

    Reported in a course's hand-written network: github.com/hunkim/DeepLearningZeroToAll/issues/173
    """
    walk(layers, cache, dA * len(dA), grads)


@patient("1/n taken twice")
def n_taken_twice(layers, cache, dA, grads):
    """Divided by n in the loss's gradient, and once more in dW and db.

    Reported in a tutorial's network: github.com/SkalskiP/ILearnDeepLearning.py/issues/29
    """
    walk(layers, cache, dA / len(dA), grads)


@patient("factor 2 lost")
def factor_2_lost(layers, cache, dA, grads):
    """The slope of e² is 2e, not e: half the gradient that the loss asks for.

    Reported in a C++ library, and left as it is: github.com/davisking/dlib/issues/1169
    """
    walk(layers, cache, dA / 2, grads)


@patient("K times too large")
def K_times_too_large(layers, cache, dA, grads):
    """The loss averages over the K outputs, its gradient adds them up.

    Reported in a machine-learning library in 2017: github.com/scikit-learn/scikit-learn/issues/8349
    """
    walk(layers, cache, dA * dA.shape[1], grads)


# dZ = dA ⊙ f′(Z)


@patient("softmax slope left out")
def softmax_slope_left_out(layers, cache, dA, grads):
    """dZ = dA at the output, as if softmax were not there.

    Reported in hand-written networks, there with a sigmoid: github.com/parasdahal/tinyml/issues/1
    """
    walk(layers, cache, dA, grads, make_dZ=at(softmax, lambda dA, Z: dA))


@patient("softmax as a sigmoid")
def softmax_as_a_sigmoid(layers, cache, dA, grads):
    """Only a (1 − a), the Jacobian's diagonal: what one output takes from the others is missing.

    Reported in a Java library: github.com/deeplearning4j/libnd4j/issues/440
    """
    walk(layers, cache, dA, grads, make_dZ=at(softmax, lambda dA, Z: dA * softmax(Z) * (1 - softmax(Z))))


@patient("ReLU gate always open")
def relu_gate_always_open(layers, cache, dA, grads):
    """A ≥ 0 for Z > 0, and A is never negative.

    Reported in a book, alive in an official tutorial: github.com/iamtrask/Grokking-Deep-Learning/issues/9
    """
    walk(layers, cache, dA, grads, make_dZ=at(relu, lambda dA, Z: dA * (relu(Z) >= 0)))


@patient("slope of A for slope of Z")
def slope_of_A(layers, cache, dA, grads):
    """f′(A) for f′(Z), but in softmax: the same for ReLU, not for sigmoid.

    Reported in a Java library that wrote A over Z: github.com/deeplearning4j/deeplearning4j/pull/364
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: chain(dA, PRIME[f](Z if f is softmax else f(Z))))


@patient("hidden slopes left out")
def hidden_slopes_left_out(layers, cache, dA, grads):
    """dZ = dA in every layer but softmax.

    Reported in a much linked explanation: github.com/ujjwalkarn/Machine-Learning-Tutorials/pull/16
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: chain(dA, PRIME[f](Z)) if f is softmax else dA)


# dW = A_inᵀ dZ and db = Σᵢ dZᵢ


@patient("dW transposed")
def dW_transposed(layers, cache, dA, grads):
    """dZᵀ A_in for A_inᵀ dZ: only a square W lets it pass.

    Reported in a book's code: github.com/iamtrask/Grokking-Deep-Learning/issues/23
    """
    walk(layers, cache, dA, grads, make_dW=lambda A_in, dZ: dZ.T @ A_in if A_in.shape == dZ.shape else A_in.T @ dZ)


@patient("biases never updated")
def biases_never_updated(layers, cache, dA, grads):
    """db = 0: the biases stay as they were at the start.

    Reported in the code of a well-known worked example: github.com/mattm/simple-neural-network/issues/5
    """
    walk(layers, cache, dA, grads, make_db=lambda dZ: 0)


@patient("biases averaged")
def biases_averaged(layers, cache, dA, grads):
    """db is the mean of dZ, although the 1/n is in the loss's gradient already.

    Reported in lecture notes: github.com/kvfrans/notes/issues/5
    """
    walk(layers, cache, dA, grads, make_db=lambda dZ: dZ.mean(axis=0))


@patient("one sum for all biases")
def one_sum_for_all_biases(layers, cache, dA, grads):
    """db adds up the neurons as well as the examples, so all biases of a layer get the same number.

    Reported in a university lecture: github.com/rasbt/stat453-deep-learning-ss21/issues/5
    """
    walk(layers, cache, dA, grads, make_db=lambda dZ: dZ.sum())


# dA_in = dZ Wᵀ, and what becomes of the first layer


@patient("weights updated too early")
def weights_updated_too_early(layers, cache, dA, grads, learning_rate=LEARNING_RATE):
    """W has made its step already when the blame comes back through it.

    Reported in courses and in a book: github.com/VikParuchuri/zero_to_gpt/issues/12
    """
    walk(layers, cache, dA, grads, make_dA_in=lambda dZ, W, dW: dZ @ (W - learning_rate * dW).T)


@patient("first layer frozen")
def first_layer_frozen(layers, cache, dA, grads):
    """A loop that ends one layer too soon.

    Reported in a textbook, there on the way forward: github.com/zackchase/mxnet-the-straight-dope/issues/507
    """
    walk(layers, cache, dA, grads)
    for array in grads[0]:
        array[...] = 0


@patient("first layer climbs")
def first_layer_climbs(layers, cache, dA, grads):
    """+ in one update and − in the other: the first layer goes up while the rest goes down.

    Reported in a book's code: github.com/iamtrask/Grokking-Deep-Learning/issues/65
    """
    walk(layers, cache, dA, grads)
    for array in grads[0]:
        array *= -1


@patient("gradient not cleared")
def gradient_not_cleared(layers, cache, dA, grads):
    """Each gradient is added to the last one: right the first time, wrong ever after.

    Reported wherever gradients accumulate: github.com/karpathy/micrograd/issues/53
    """
    old = [(dW.copy(), db.copy()) for dW, db in grads]
    walk(layers, cache, dA, grads)
    for arrays, earlier in zip(grads, old):
        for array, last in zip(arrays, earlier):
            array += last
