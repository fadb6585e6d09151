"""Our network in Caffe's format: a prototxt says which layers there are, a caffemodel holds their numbers."""

from helpers.frameworks.wire import message
from helpers.parameters import views

HEAD = 'name: "{name}"\ninput: "data"\ninput_shape {{ dim: 1 dim: {d} }}\n'
DENSE = ('layer {{ name: "{name}" type: "InnerProduct" bottom: "{below}" top: "{name}"\n'
         '        inner_product_param {{ num_output: {k} }} }}\n')
PLAIN = 'layer {{ name: "{name}" type: "{type}" bottom: "{below}" top: "{name}" }}\n'


def prototxt(sizes, name="seed"):
    """The network as text: a dense layer, ReLU, a dense layer, …, and softmax at the end."""
    text, below = HEAD.format(name=name, d=sizes[0]), "data"
    for i, k in enumerate(sizes[1:], 1):
        text += DENSE.format(name=f"dense{i}", below=below, k=k)
        below = f"relu{i}" if i < len(sizes) - 1 else "softmax"
        text += PLAIN.format(name=below, type="ReLU" if i < len(sizes) - 1 else "Softmax", below=f"dense{i}")
    return text


def blob(array):
    """Caffe's array: its shape in field 7 (whose field 1 is a dimension), its numbers as float32 in field 5."""
    return message((7, message(*((1, n) for n in array.shape))), (5, array.ravel()))


def caffemodel(theta, sizes, name="seed"):
    """The numbers as bytes. Field 100 is a layer: 1 its name, 2 its type, 7 its arrays. Caffe keeps W as (out, in)."""
    dense = [message((1, f"dense{i}"), (2, "InnerProduct"), (7, blob(W.T)), (7, blob(b)))
             for i, (W, b) in enumerate(views(theta, sizes), 1)]
    return message((1, name), *((100, layer) for layer in dense))


def run(text, numbers, X):
    """Ŷ (n, K) by OpenCV's importer, which outlived Caffe itself until OpenCV 5.   text, bytes, X (n, d)."""
    import cv2
    import numpy as np

    net = cv2.dnn.readNetFromCaffe(np.frombuffer(text.encode(), np.uint8), np.frombuffer(numbers, np.uint8))
    net.setInput(X.astype(np.float32))
    return net.forward()
