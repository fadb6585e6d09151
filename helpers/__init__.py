"""Weight for Weight: neural networks from scratch, in NumPy functions that are the formulas.

The notation, the same in formula, code, test and picture:

    X  (n, d)        examples, one a row                 Y  (n, K)   targets (one-hot for classes)
    W  (m, k)        weights, as in a Keras Dense        Ŷ  Y_hat    predictions, the last A
    b  (k,)          biases                              L           the loss, one number
    Z = A W + b      (n, k), what enters an activation   α           learning_rate
    A = f(Z)         (n, k), what leaves it; A₀ = X      f′          f_prime(Z): it takes Z, never A
    dA, dZ, dW, db   ∂L/∂ the thing, in its shape        θ, ∇L       theta, grad (P,): every W and b in a row

Each name has one home, so nothing is re-exported here: `from helpers.losses import mse`.
"""
