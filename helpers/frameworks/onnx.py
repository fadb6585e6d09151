"""Our network in ONNX, the format that took the place of each framework's own."""

from helpers.frameworks.wire import message
from helpers.parameters import views

FLOAT, OPSET, IR = 1, 17, 8  # float32; the version of the operators; the version of the format


def tensor(name, array):
    """Field 1 a dimension, 2 the type, 8 the name, 9 the numbers."""
    return message(*((1, n) for n in array.shape), (2, FLOAT), (8, name), (9, array.ravel()))


def node(kind, inputs, output):
    """One operation: field 1 an input, 2 the output, 4 what it does."""
    return message(*((1, name) for name in inputs), (2, output), (4, kind))


def value(name, k):
    """An input or output (n, k): n is left open, by a name instead of a number."""
    shape = message((1, message((2, "n"))), (1, message((1, k))))
    return message((1, name), (2, message((1, message((1, FLOAT), (2, shape))))))


def model(theta, sizes, name="seed"):
    """The bytes of an .onnx file: a product, a sum and a ReLU for each layer, softmax last."""
    nodes, arrays, below = [], [], "X"
    for i, (W, b) in enumerate(views(theta, sizes), 1):
        kind, output = ("Relu", f"A{i}") if i < len(sizes) - 1 else ("Softmax", "Y_hat")
        arrays += [tensor(f"W{i}", W), tensor(f"b{i}", b)]
        nodes += [node("MatMul", [below, f"W{i}"], f"P{i}"),
                  node("Add", [f"P{i}", f"b{i}"], f"Z{i}"), node(kind, [f"Z{i}"], output)]
        below = output
    graph = message(*((1, n) for n in nodes), (2, name), *((5, a) for a in arrays),
                    (11, value("X", sizes[0])), (12, value("Y_hat", sizes[-1])))
    return message((1, IR), (7, graph), (8, message((2, OPSET))))


def exported(theta, sizes):
    """The bytes of the file that PyTorch's own exporter writes for the same network, softmax last."""
    import io
    import warnings

    import torch

    from helpers.frameworks.torch import network

    model = torch.nn.Sequential(network(theta.astype("float32"), sizes), torch.nn.Softmax(dim=1))
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this is the older of its two exporters: the newer needs a package more
        torch.onnx.export(model, (torch.zeros(1, sizes[0]),), file, dynamo=False, input_names=["X"],
                          output_names=["Y_hat"], dynamic_axes={"X": {0: "n"}, "Y_hat": {0: "n"}})
    return file.getvalue()


def run(numbers, X):
    """Ŷ (n, K) by ONNX Runtime.   bytes, X (n, d)."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(numbers, providers=["CPUExecutionProvider"])
    return session.run(None, {"X": X.astype(np.float32)})[0]
