"""Protocol Buffers, as far as two file formats need them: fields that hold a number, or bytes with their length."""

import numpy as np


def varint(n):
    """A whole number ≥ 0 in pieces of seven bits, the lowest first; the eighth bit: more follow."""
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes([*out, n])


def message(*fields):
    """The bytes of (number, value) pairs.   A value: whole number, text, bytes, array (float32)."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
            continue
        if isinstance(value, np.ndarray):
            value = value.astype("<f4").tobytes()
        elif isinstance(value, str):
            value = value.encode()
        out += varint(number << 3 | 2) + varint(len(value)) + value
    return out
