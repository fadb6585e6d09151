"""Is the gradient right? Nudge every number in θ, watch the loss, and compare."""

import numpy as np

from helpers.checks import diagnosis
from helpers.checks.contracts import guard, numbers
from helpers.parameters import views

SICK = 1e-7  # in notebook 08 a right gradient shows about 1e-8, the mildest patient about 1e-2


def numerical_gradient(f, theta, epsilon=1e-6):
    """∂f/∂θⱼ ≈ (f(θ + ε eⱼ) − f(θ − ε eⱼ)) / 2ε for every j.   f of θ → a number; theta (P,) float64 → (P,)."""
    # np.eye(1, P, j)[0] is eⱼ; all of them at once are P² numbers.
    return np.array([slope_along(f, theta, np.eye(1, len(theta), j)[0], epsilon) for j in range(len(theta))])


def slope_along(f, theta, direction, epsilon=1e-6):
    """∇f · v ≈ (f(θ + ε v) − f(θ − ε v)) / 2ε: two evaluations, however large θ is.   theta, direction v (P,)."""
    if theta.dtype != np.float64:
        raise TypeError(f"theta: got {theta.dtype}, wanted float64: in fewer digits the rounding drowns the difference")
    return (f(theta + epsilon * direction) - f(theta - epsilon * direction)) / (2 * epsilon)


def relative_error(a, b):
    """‖a − b‖ / (‖a‖ + ‖b‖): 0 where equal, 1 where opposite or one of them is 0.   Two arrays of one shape → a number."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"a and b: got shapes {a.shape} and {b.shape}, wanted the same shape twice")
    scale = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / scale) if scale else 0.0


def compare(grad, reference, sizes):
    """The relative error of each dW and db, so that a fault shows where it sits.   Two (P,) → {"dW1": …, "db1": …}."""
    errors = {}
    for i, (ours, theirs) in enumerate(zip(views(grad, sizes), views(reference, sizes)), start=1):
        errors[f"dW{i}"], errors[f"db{i}"] = (relative_error(a, b) for a, b in zip(ours, theirs))
    return errors


def diagnose(grad, reference, sizes, quantities=None):
    """For each dW and db its ratio to the reference, entry by entry, and what is wrong with it in a sentence.

    Two (P,) → {"dW1": (ratio, words), …}; quantities such as {"the number of examples": 32} are where a factor may come from.
    """
    found = {}
    for i, pair in enumerate(zip(views(grad, sizes), views(reference, sizes)), start=1):
        for name, ours, theirs in zip((f"dW{i}", f"db{i}"), *pair):
            ratio = np.divide(ours, theirs, out=np.full_like(ours, np.nan), where=theirs != 0)
            right = relative_error(ours, theirs) <= SICK
            verdict = None if right else diagnosis.diagnose([(ours, theirs)], [quantities or {}])
            found[name] = ratio, "right" if right else verdict[1] if verdict else "equal to six digits, no more"
    return found


guard(__name__, theta="(P,) finite", a=numbers, b=numbers)
