"""The seed network in PyTorch: it notes what your Python computes, and walks the notes back."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from helpers.parameters import views


def network(theta, sizes):
    """Linear layers with ReLU between them, in θ's dtype. PyTorch keeps W as (out, in), so each one is transposed."""
    parts = []
    for W, b in views(theta, sizes):
        linear = torch.nn.Linear(*W.shape, dtype=torch.tensor(W).dtype)
        linear.load_state_dict({"weight": torch.tensor(W.T), "bias": torch.tensor(b)})
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def train(theta, sizes, X, Y, batches, learning_rate):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    model, X, Y = network(theta, sizes), torch.tensor(X), torch.tensor(Y)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for batch in batches:
        optimizer.zero_grad()
        cross_entropy(model(X[batch]), Y[batch]).backward()
        optimizer.step()
    return np.concatenate([p.detach().numpy().T.ravel() for p in model.parameters()])
