"""Wrong turns that no list names any more, because the search finds their line: (exercise, what it is, the answer,
the kind of edit)."""

HELD = [
    ("the_mse_loss.mse", "half the mean of all entries",
     'lambda Y_hat, Y: ((Y - Y_hat) ** 2).mean() / 2',
     "reduction"),
    ("the_mse_loss.mse", "not squared", 'lambda Y_hat, Y: np.abs(Y - Y_hat).sum() / (2 * len(Y))', "function"),
    ("the_mse_loss.mse", "errors cancel", 'lambda Y_hat, Y: (Y - Y_hat).sum() ** 2 / (2 * len(Y))', "order"),
    ("the_mse_loss.mse", "root taken",
     'lambda Y_hat, Y: np.sqrt(((Y - Y_hat) ** 2).sum() / (2 * len(Y)))',
     "call too many"),
    ("the_mse_loss.mse", "times n", 'lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / 2 * len(Y)', "brackets"),
    ("the_mse_loss.mse", "a loss for each example",
     'lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum(axis=1) / 2',
     "not reduced"),
    ("the_mse_loss.mse_grad", "error turned round", 'lambda Y_hat, Y: (Y - Y_hat) / len(Y)', "exchanged"),
    ("the_mse_loss.mse_grad", "divided by all entries", 'lambda Y_hat, Y: (Y_hat - Y) / Y.size', "count"),
    ("the_mse_loss.mse_grad", "brackets forgotten", 'lambda Y_hat, Y: Y_hat - Y / len(Y)', "brackets"),
    ("the_mse_loss.mse_grad", "added up", 'lambda Y_hat, Y: np.sum(Y_hat - Y) / len(Y)', "reduced"),
    ("the_mse_loss.mse_grad", "the square kept", 'lambda Y_hat, Y: (Y_hat - Y) ** 2 / len(Y)', "power too many"),
    ("the_mse_loss.same_step", "2 forgotten", 'lambda learning_rate, n: learning_rate / n', "factor missing"),
    ("the_mse_loss.same_step", "n forgotten", 'lambda learning_rate, n: learning_rate / 2', "factor missing"),
    ("the_mse_loss.same_step", "n² for n", 'lambda learning_rate, n: learning_rate / (2 * n * n)', "factor too many"),
    ("backpropagation.sigmoid_prime", "sigmoid twice", 'lambda Z: _prime(sigmoid(Z))', "call too many"),
    ("backpropagation.sigmoid_prime", "1 + for 1 −", 'lambda Z: (A := sigmoid(Z)) * (1 + A)', "operator"),
    ("backpropagation.sigmoid_prime", "factor forgotten", 'lambda Z: 1 - sigmoid(Z)', "factor missing"),
    ("backpropagation.sigmoid_prime", "wrong sign", 'lambda Z: -_prime(Z)', "minus too many"),
    ("backpropagation.layer_backward", "biases averaged",
     'lambda dA, A_in, Z, W, f_prime: (A_in.T @ (dZ := dA * f_prime(Z)), dZ.mean(axis=0), dZ @ W.T)',
     "reduction"),
    ("backpropagation.layer_backward", "biases not added up",
     'lambda dA, A_in, Z, W, f_prime: (A_in.T @ (dZ := dA * f_prime(Z)), dZ, dZ @ W.T)',
     "not reduced"),
    ("backpropagation.layer_backward", "biases added into one",
     'lambda dA, A_in, Z, W, f_prime: (A_in.T @ (dZ := dA * f_prime(Z)), dZ.sum(), dZ @ W.T)',
     "axis"),
    ("backpropagation.layer_backward", "wrong sign",
     'lambda dA, A_in, Z, W, f_prime: _from(-dA * f_prime(Z), A_in, W)',
     "minus too many"),
    ("backpropagation.layer_backward", "dW transposed",
     'lambda dA, A_in, Z, W, f_prime: ((dZ := dA * f_prime(Z)).T @ A_in, dZ.sum(axis=0), dZ @ W.T)',
     "product"),
    ("backpropagation.layer_backward", "biases keep their row",
     'lambda dA, A_in, Z, W, f_prime: (A_in.T @ (dZ := dA * f_prime(Z)), dZ.sum(axis=0, keepdims=True), dZ @ W.T)',
     "axis"),
    ("backpropagation.layer_backward", "summed over neurons",
     'lambda dA, A_in, Z, W, f_prime: (A_in.T @ (dZ := dA * f_prime(Z)), dZ.sum(axis=1), dZ @ W.T)',
     "axis"),
    ("backpropagation.backward", "last layer first",
     'lambda layers, cache, dA: parts.backward(layers, cache, dA)[::-1]',
     "direction"),
    ("backpropagation.backward", "biases averaged",
     'lambda layers, cache, dA: _back(layers, cache, dA, layer=lambda dZ, A_in, W: (A_in.T @ dZ, dZ.mean(axis=0)))',
     "reduction"),
    ("backpropagation.backward", "one layer only",
     'lambda layers, cache, dA: parts.backward(layers, cache, dA)[-1:]',
     "index too many"),
    ("backpropagation.backward", "wrong sign",
     'lambda layers, cache, dA: _back(layers, cache, -dA)',
     "minus too many"),
    ("backpropagation.scale", "averaged", 'lambda dY_hat, u: np.mean(dY_hat * u)', "reduction"),
    ("backpropagation.scale", "averaged over examples",
     'lambda dY_hat, u: np.sum(dY_hat * u) / len(u)',
     "factor too many"),
    ("backpropagation.scale", "one for each output", 'lambda dY_hat, u: np.sum(dY_hat * u, axis=0)', "axis"),
    ("backpropagation.scale", "wrong sign", 'lambda dY_hat, u: -np.sum(dY_hat * u)', "minus too many"),
    (
        "checking_gradients.numerical_gradient",
        "half the way",
        'def _half_the_way(f, theta, epsilon=1e-6):\n'
        '    return 2 * central(f, theta, epsilon)\n'
        '\n'
        '_half_the_way\n',
        "factor too many",
    ),
    (
        "checking_gradients.numerical_gradient",
        "never divided",
        'def _way_forgotten(f, theta, epsilon=1e-6):\n'
        '    return 2 * epsilon * central(f, theta, epsilon)\n'
        '\n'
        '_way_forgotten\n',
        "factor too many",
    ),
    (
        "checking_gradients.numerical_gradient",
        "down first",
        'def _down_first(f, theta, epsilon=1e-6):\n'
        '    return -central(f, theta, epsilon)\n'
        '\n'
        '_down_first\n',
        "minus too many",
    ),
    (
        "checking_gradients.first_wrong",
        "from the input",
        'def _from_the_input(grads, measured):\n'
        '    wrong = [i for i, pairs in enumerate(zip(grads, measured), start=1) '
        'if any(relative_error(a, b) > 1e-4 for a, b in zip(*pairs))]\n'
        '    return wrong[0] if wrong else 0\n'
        '\n'
        '_from_the_input\n',
        "direction",
    ),
    ("checking_gradients.first_wrong", "counted from 0",
     "def held(grads, measured):\n    for number in range(len(grads), 0, -1):\n"
     "        if any(relative_error(a, b) > 1e-4 for a, b in zip(grads[number - 1], measured[number - 1])):\n"
     "            return number - 1\n    return 0\n",
     "term too many"),
    ("choosing_a_framework.weights", "not transposed", 'lambda arrays: np.concatenate([np.ravel(a) for a in arrays])',
        "not turned"),
    (
        "choosing_a_framework.weights",
        "b before W",
        'def _swapped(arrays):\n'
        '    return [array for i in range(0, len(arrays), 2) for array in (arrays[i + 1], arrays[i].T)]\n'
        '\n'
        'lambda arrays: _flat(_swapped(arrays))\n',
        "results",
    ),
    ("choosing_a_framework.weights", "last layer first",
     'lambda arrays: _flat([a for i in range(len(arrays) - 2, -1, -2) for a in (arrays[i].T, arrays[i + 1])])',
     "direction"),
    ("choosing_a_framework.choice", "ruled out the wrong ones",
     'lambda S, w, allowed: np.where(allowed, -1.0, S @ w / w.sum())',
     "arguments"),
    ("forward_propagation.neuron", "bias forgotten", 'lambda x, w, b: max(_dot(x, w), 0.0)', "term missing"),
    ("forward_propagation.neuron", "a bend for every product",
     'lambda x, w, b: max(sum(max(x_j * w_j, 0.0) for x_j, w_j in zip(x, w)) + b, 0.0)',
     "call too many"),
    ("forward_propagation.neuron", "weights added to inputs",
     'lambda x, w, b: max(sum(x_j + w_j for x_j, w_j in zip(x, w)) + b, 0.0)',
     "operator"),
    ("forward_propagation.neuron", "min for max", 'lambda x, w, b: min(_dot(x, w) + b, 0.0)', "function"),
    ("forward_propagation.layer", "no bend", 'lambda A_in, W, b, f: (A_in @ W + b, A_in @ W + b)', "call missing"),
    ("forward_propagation.layer", "A before Z", 'lambda A_in, W, b, f: (f(Z := A_in @ W + b), Z)', "direction"),
    ("forward_propagation.layer", "result transposed",
     'lambda A_in, W, b, f: ((Z := A_in @ W + b).T, f(Z).T)',
     "not turned"),
    ("forward_propagation.forward", "output kept for input",
     "def held(layers, X):\n    A, cache = X, []\n    for W, b, f in layers:\n        Z = A @ W + b\n"
     "        A = f(Z)\n        cache.append((A, Z))\n    return A, cache\n",
     "lines"),
    ("forward_propagation.forward", "cache the wrong way round",
     'lambda layers, X: _walk(layers, X, keep=lambda A_in, Z, A: (Z, A_in))',
     "results"),
    ("forward_propagation.forward", "every layer a sigmoid",
     "def held(layers, X):\n    A, cache = X, []\n    for W, b, f in layers:\n        Z = A @ W + b\n"
     "        cache.append((A, Z))\n        A = sigmoid(Z)\n    return A, cache\n",
     "function"),
    ("forward_propagation.forward", "cache backwards",
     'lambda layers, X: ((walked := _walk(layers, X))[0], walked[1][::-1])',
     "direction"),
    ("forward_propagation.forward", "one layer only", 'lambda layers, X: _walk(layers[:1], X)', "index too many"),
    ("gradient_descent.step", "uphill", 'lambda theta, grad, learning_rate: theta + learning_rate * grad', "operator"),
    ("gradient_descent.step", "α forgotten", 'lambda theta, grad, learning_rate: theta - grad', "factor missing"),
    ("gradient_descent.step", "length forgotten",
     'lambda theta, grad, learning_rate: theta - learning_rate * grad / np.linalg.norm(grad)',
     "factor too many"),
    ("gradient_descent.step", "sign alone",
     'lambda theta, grad, learning_rate: theta - learning_rate * np.sign(grad)',
     "call too many"),
    ("gradient_descent.step", "θ shrunk",
     'lambda theta, grad, learning_rate: (1 - learning_rate) * theta - learning_rate * grad',
     "factor too many"),
    ("gradient_descent.step", "exchanged",
     'lambda theta, grad, learning_rate: grad - learning_rate * theta',
     "swapped"),
    (
        "gradient_descent.train",
        "uphill",
        'def _uphill(layers, X, Y, loss_grad, learning_rate, batches):\n'
        '    return parts.train(layers, X, Y, loss_grad, -learning_rate, batches)\n'
        '\n'
        '_uphill\n',
        "minus too many",
    ),
    (
        "gradient_descent.train",
        "one batch",
        'def _one_batch(layers, X, Y, loss_grad, learning_rate, batches):\n'
        '    return parts.train(layers, X, Y, loss_grad, learning_rate, batches[:1])\n'
        '\n'
        '_one_batch\n',
        "index too many",
    ),
    ("gradient_descent.momentum_step", "uphill",
     'lambda theta, grad, m, learning_rate, beta: (theta + (v := beta * m + learning_rate * grad), v)',
     "operator"),
    ("gradient_descent.momentum_step", "memory subtracted",
     'lambda theta, grad, m, learning_rate, beta: (theta - (v := beta * m - learning_rate * grad), v)',
     "operator"),
    ("gradient_descent.momentum_step", "gradient weighted by 1 − β",
     'lambda theta, grad, m, learning_rate, beta: (theta + (v := beta * m - (1 - beta) * learning_rate * grad), v)',
     "factor too many"),
    ("gradient_descent.momentum_step", "β forgotten",
     'lambda theta, grad, m, learning_rate, beta: (theta + (v := m - learning_rate * grad), v)',
     "factor missing"),
    (
        "interpretability.slope",
        "another class",
        'def _next_class(x, W1, b1, W2, b2, k):\n'
        '    return my_gradient(x, W1, b1, W2, b2, (k + 1) % W2.shape[1])\n'
        '\n'
        '_next_class\n',
        "term too many",
    ),
    (
        "interpretability.slope",
        "row of W2",
        'def _row_of_W2(x, W1, b1, W2, b2, k):\n'
        '    return (W2[k] * (x @ W1 + b1 > 0)) @ W1.T\n'
        '\n'
        '_row_of_W2\n',
        "index",
    ),
    (
        "interpretability.slope",
        "W1 not transposed",
        'def _W1_not_turned(x, W1, b1, W2, b2, k):\n'
        '    return (W2[:, k] * (x @ W1 + b1 > 0)) @ W1\n'
        '\n'
        '_W1_not_turned\n',
        "product",
    ),
    (
        "interpretability.slope",
        "absolute value",
        'def _its_size(x, W1, b1, W2, b2, k):\n'
        '    return np.abs(my_gradient(x, W1, b1, W2, b2, k))\n'
        '\n'
        '_its_size\n',
        "call too many",
    ),
    (
        "interpretability.slope",
        "times the input",
        'def _times_input(x, W1, b1, W2, b2, k):\n'
        '    return x * my_gradient(x, W1, b1, W2, b2, k)\n'
        '\n'
        '_times_input\n',
        "factor too many",
    ),
    (
        "interpretability.integrated",
        "sum for mean",
        'def _sum_of_steps(gradient, x, baseline, steps):\n'
        '    return steps * my_attributions(gradient, x, baseline, steps)\n'
        '\n'
        '_sum_of_steps\n',
        "factor too many",
    ),
    (
        "interpretability.integrated",
        "left ends",
        'def _left_ends(gradient, x, baseline, steps):\n'
        '    return (x - baseline) * sum(gradient(baseline + s / steps * (x - baseline)) for s in range(steps)) / steps\n'
        '\n'
        '_left_ends\n',
        "term missing",
    ),
    (
        "interpretability.integrated",
        "absolute value",
        'def _sizes_averaged(gradient, x, baseline, steps):\n'
        '    return my_attributions(lambda at: np.abs(gradient(at)), x, baseline, steps)\n'
        '\n'
        '_sizes_averaged\n',
        "call too many",
    ),
    (
        "interpretability.integrated",
        "from the picture to the baseline",
        'def _turned_round(gradient, x, baseline, steps):\n'
        '    return -my_attributions(gradient, x, baseline, steps)\n'
        '\n'
        '_turned_round\n',
        "minus too many",
    ),
    ("mnist_from_scratch.cross_entropy_grad", "one softmax for all",
     'lambda Z, Y: (softmax(Z.ravel()).reshape(Z.shape) - Y) / len(Y)',
     "call too many"),
    ("mnist_from_scratch.cross_entropy_grad", "sigmoid for softmax",
     'lambda Z, Y: (sigmoid(Z) - Y) / len(Y)',
     "function"),
    ("mnist_from_scratch.cross_entropy_grad", "mean over classes too",
     'lambda Z, Y: (softmax(Z) - Y) / Z.size',
     "count"),
    ("mnist_from_scratch.cross_entropy_grad", "wrong sign", 'lambda Z, Y: (Y - softmax(Z)) / len(Y)', "exchanged"),
    ("mnist_from_scratch.cross_entropy_grad", "the true class only",
     'lambda Z, Y: Y * (softmax(Z) - Y) / len(Y)',
     "factor too many"),
    (
        "mnist_from_scratch.class_accuracy",
        "precision",
        'def _precision(table):\n'
        '    return np.diag(table) / table.sum(axis=0)\n'
        '\n'
        '_precision\n',
        "axis",
    ),
    (
        "mnist_from_scratch.class_accuracy",
        "share of all",
        'def _of_all(table):\n'
        '    return np.diag(table) / table.sum()\n'
        '\n'
        '_of_all\n',
        "axis",
    ),
    (
        "mnist_from_scratch.class_accuracy",
        "counts",
        'def _only_counts(table):\n'
        '    return 1.0 * np.diag(table)\n'
        '\n'
        '_only_counts\n',
        "factor missing",
    ),
    (
        "mnist_from_scratch.class_accuracy",
        "error rate",
        'def _errors(table):\n'
        '    return 1 - my_class_accuracy(table)\n'
        '\n'
        '_errors\n',
        "complement",
    ),
    ("mnist_from_scratch.minibatches", "one too few",
     'lambda order, batch_size: [order[i : i + batch_size - 1] for i in range(0, len(order), batch_size)]',
     "term too many"),
    ("performance.roof", "the higher one", 'lambda i, p, b: max(p, b * i)', "function"),
    ("performance.roof", "divided", 'lambda i, p, b: min(p, b / i)', "operator"),
    ("privacy.recovery", "not divided", 'lambda dW, db: dW[:, np.flatnonzero(db)[0]]', "factor missing"),
    ("privacy.recovery", "multiplied",
     'lambda dW, db: dW[:, np.flatnonzero(db)[0]] * db[np.flatnonzero(db)[0]]',
     "operator"),
    ("privacy.recovery", "upside down",
     'lambda dW, db: db[np.flatnonzero(db)[0]] / dW[:, np.flatnonzero(db)[0]]',
     "exchanged"),
    ("privacy.clip", "sum for mean", 'lambda G, C: my_clip(G, C) * len(G)', "factor too many"),
    ("privacy.clip", "lengths down the columns",
     'lambda G, C: (G * np.minimum(1, C / np.linalg.norm(G, axis=0))).mean(axis=0)',
     "axis"),
    ("privacy.clip", "squared lengths",
     'lambda G, C: (G * np.minimum(1, C / np.square(G).sum(axis=1))[:, None]).mean(axis=0)',
     "call missing"),
    ("privacy.noise", "B forgotten", 'lambda sigma, C, B: sigma * C', "factor missing"),
    ("privacy.noise", "C forgotten", 'lambda sigma, C, B: sigma / B', "factor missing"),
    ("privacy.noise", "root of B", 'lambda sigma, C, B: sigma * C / np.sqrt(B)', "call too many"),
    ("privacy.noise", "the wrong way round", 'lambda sigma, C, B: sigma * C * B', "operator"),
    ("the_same_network_in_keras.rate", "the ½ forgotten",
     'lambda learning_rate, K: learning_rate * K',
     "factor missing"),
    ("the_same_network_in_keras.rate", "K forgotten", 'lambda learning_rate, K: learning_rate / 2', "factor missing"),
    ("the_same_network_in_keras.rate", "divided twice",
     'lambda learning_rate, K: learning_rate / (2 * K)',
     "brackets"),
    ("the_same_network_in_keras.rate", "nothing changed", 'lambda learning_rate, K: learning_rate', "factor missing"),
    ("the_same_network_in_keras.weights", "W transposed",
     'lambda theta, sizes: [a.T for pair in views(theta, sizes) for a in pair]',
     "turned"),
    ("the_same_network_in_keras.weights", "biases as rows",
     'lambda theta, sizes: [np.atleast_2d(a) for pair in views(theta, sizes) for a in pair]',
     "call too many"),
    ("the_same_network_in_keras.gradient", "sign",
     'lambda start, one, two, learning_rate, beta: (two - one - beta * (one - start)) / learning_rate',
     "exchanged"),
    ("the_same_network_in_keras.gradient", "α forgotten",
     'lambda start, one, two, learning_rate, beta: beta * (one - start) - (two - one)',
     "factor missing"),
    ("the_same_network_in_keras.gradient", "the echo added",
     'lambda start, one, two, learning_rate, beta: (-beta * (one - start) - (two - one)) / learning_rate',
     "minus too many"),
    ("the_same_network_in_keras.gradient", "β forgotten",
     'lambda start, one, two, learning_rate, beta: ((one - start) - (two - one)) / learning_rate',
     "factor missing"),
]
