"""Backward passes with one bug each, taken from published code: they run, and most of them learn."""

from helpers.activations import PRIME, relu, softmax
from helpers.contracts import network, takes
from helpers.network import backward, chain

PATIENTS = {}


def patient(name):
    """Enter a backward pass into PATIENTS under a plain name, with the contract of `backward`."""

    def enter(function):
        PATIENTS[name] = takes(layers=network(PRIME), dA="(n, K)")(function)
        return PATIENTS[name]

    return enter


def walk(layers, cache, dA, grads,
         make_dZ=lambda dA, Z, f: chain(dA, PRIME[f](Z)),
         make_dW=lambda A, dZ: A.T @ dZ,
         make_db=lambda dZ: dZ.sum(axis=0),
         make_dA=lambda dZ, W, dW: dZ @ W.T):
    """`backward`, with each of its four lines open to replacement: a patient replaces one."""
    for (W, b, f), (A, Z), (dW, db) in reversed(list(zip(layers, cache, grads))):
        dZ = make_dZ(dA, Z, f)
        dW[...] = make_dW(A, dZ)
        db[...] = make_db(dZ)
        dA = make_dA(dZ, W, dW)


# The error at the output: a constant that is too large or too small reaches every array.


@patient("1/n forgotten")
def n_forgotten(layers, cache, dA, grads):
    """The sum over the batch where the loss is a mean, so a larger batch takes larger steps.

    Seen in a course's network written by hand: github.com/hunkim/DeepLearningZeroToAll/issues/173.
    """
    backward(layers, cache, dA * len(dA), grads)


@patient("1/n taken twice")
def n_taken_twice(layers, cache, dA, grads):
    """Divided by n in the loss's gradient, and once more in dW and db.

    Seen in a tutorial's network: github.com/SkalskiP/ILearnDeepLearning.py/issues/29.
    """
    backward(layers, cache, dA / len(dA), grads)


@patient("factor 2 lost")
def factor_2_lost(layers, cache, dA, grads):
    """The slope of e² is 2e; here it is e, so the gradient is half of what the loss asks for.

    Seen in a C++ library, where "multiplying by 2 doesn't matter": github.com/davisking/dlib/issues/1169.
    """
    backward(layers, cache, dA / 2, grads)


@patient("K times too large")
def K_times_too_large(layers, cache, dA, grads):
    """The loss averages over the K outputs, its gradient adds them up.

    Seen in a machine-learning library since 2017: github.com/scikit-learn/scikit-learn/issues/8349.
    """
    backward(layers, cache, dA * dA.shape[1], grads)


# dZ = dA ⊙ f′(Z)


@patient("softmax without its Jacobian")
def softmax_without_jacobian(layers, cache, dA, grads):
    """The output's activation is skipped on the way back: dZ = dA.

    Seen in networks written by hand: github.com/parasdahal/tinyml/issues/1.
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: dA if f is softmax else dA * PRIME[f](Z))


@patient("softmax's diagonal alone")
def softmax_diagonal_alone(layers, cache, dA, grads):
    """Softmax taken for a sigmoid, a (1 − a): what one output takes from the others is left out.

    Seen in a Java library: github.com/deeplearning4j/libnd4j/issues/440.
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: dA * softmax(Z) * (1 - softmax(Z)) if f is softmax else dA * PRIME[f](Z))


@patient("ReLU's gate always open")
def relu_gate_open(layers, cache, dA, grads):
    """The gate is read off A with ≥ instead of off Z with >, and A is never negative.

    Seen in a book and in an official tutorial: github.com/iamtrask/Grokking-Deep-Learning/issues/9.
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: dA * (relu(Z) >= 0) if f is relu else chain(dA, PRIME[f](Z)))


@patient("slope of A")
def slope_of_A(layers, cache, dA, grads):
    """f′(A) for f′(Z). With ReLU it makes no difference, with sigmoid it does.

    Seen in a Java library that wrote A over Z: github.com/deeplearning4j/deeplearning4j/pull/364.
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: chain(dA, PRIME[f](Z if f is softmax else f(Z))))


@patient("slope left out")
def slope_left_out(layers, cache, dA, grads):
    """dZ = dA in every hidden layer.

    Seen in a much linked explanation: github.com/ujjwalkarn/Machine-Learning-Tutorials/pull/16.
    """
    walk(layers, cache, dA, grads, make_dZ=lambda dA, Z, f: chain(dA, PRIME[f](Z)) if f is softmax else dA)


# dW = Aᵀ dZ and db = Σ dZ


@patient("dW transposed")
def dW_transposed(layers, cache, dA, grads):
    """dW is dZᵀ A wherever W is square and the shapes do not object.

    Seen in a book's code: github.com/iamtrask/Grokking-Deep-Learning/issues/23.
    """
    walk(layers, cache, dA, grads, make_dW=lambda A, dZ: dZ.T @ A if A.shape == dZ.shape else A.T @ dZ)


@patient("biases never updated")
def biases_never_updated(layers, cache, dA, grads):
    """db = 0: the biases stay as they were at the start.

    Seen in the code of a much read worked example: github.com/mattm/simple-neural-network/issues/5.
    """
    walk(layers, cache, dA, grads, make_db=lambda dZ: 0)


@patient("biases averaged")
def biases_averaged(layers, cache, dA, grads):
    """db is the mean over the batch, although the loss's gradient holds the 1/n already.

    Seen in lecture notes: github.com/kvfrans/notes/issues/5.
    """
    walk(layers, cache, dA, grads, make_db=lambda dZ: dZ.mean(axis=0))


@patient("one sum for all biases")
def one_sum_for_all_biases(layers, cache, dA, grads):
    """db adds up over the batch and over the neurons too, so every bias of a layer gets the same number.

    Seen in a university lecture: github.com/rasbt/stat453-deep-learning-ss21/issues/5.
    """
    walk(layers, cache, dA, grads, make_db=lambda dZ: dZ.sum())


# dA = dZ Wᵀ, and what reaches the first layer


@patient("weights updated too early")
def weights_updated_too_early(layers, cache, dA, grads, learning_rate=0.5):
    """W has taken its step already when the blame passes through it.

    Seen in courses and in a book: github.com/VikParuchuri/zero_to_gpt/issues/12.
    """
    walk(layers, cache, dA, grads, make_dA=lambda dZ, W, dW: dZ @ (W - learning_rate * dW).T)


@patient("first layer frozen")
def first_layer_frozen(layers, cache, dA, grads):
    """A loop that ends one layer too soon.

    Seen (there on the way forward) in a textbook: github.com/zackchase/mxnet-the-straight-dope/issues/507.
    """
    backward(layers, cache, dA, grads)
    for array in grads[0]:
        array[...] = 0


@patient("first layer's sign wrong")
def first_layer_sign_wrong(layers, cache, dA, grads):
    """+ in one update and − in the other: the first layer climbs while the rest descends.

    Seen in a book's code: github.com/iamtrask/Grokking-Deep-Learning/issues/65.
    """
    backward(layers, cache, dA, grads)
    for array in grads[0]:
        array *= -1


@patient("gradient not cleared")
def gradient_not_cleared(layers, cache, dA, grads):
    """Each gradient is added to the one before: right the first time, wrong ever after.

    Seen wherever gradients accumulate: github.com/karpathy/micrograd/issues/53.
    """
    before = [(dW.copy(), db.copy()) for dW, db in grads]
    backward(layers, cache, dA, grads)
    for pair, old in zip(grads, before):
        for array, earlier in zip(pair, old):
            array += earlier
