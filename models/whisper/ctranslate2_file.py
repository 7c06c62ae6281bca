"""Reads the weights of a CTranslate2 model file (binary version 6).

Layout, little endian: uint32 version, string specification, uint32 revision, uint32 count, then per variable
a string name, uint8 rank, uint32 dimensions, uint8 type, uint32 byte count and the bytes; last the aliases,
pairs of strings. A string is a uint16 length that counts its terminating zero, then the bytes.
"""

import struct

import numpy as np

TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._offset = 0

    def number(self, code: str) -> int:
        (value,) = struct.unpack_from("<" + code, self._data, self._offset)
        self._offset += struct.calcsize(code)
        return value

    def bytes(self, size: int) -> memoryview:
        taken = self._data[self._offset : self._offset + size]
        self._offset += size
        return taken

    def string(self) -> str:
        return bytes(self.bytes(self.number("H"))).rstrip(b"\0").decode()


def read_variables(data: bytes) -> dict[str, np.ndarray]:
    """All variables by name, aliases included, in the type they are stored in."""
    reader = _Reader(data)
    version = reader.number("I")
    if version != 6:
        raise ValueError(f"CTranslate2 version {version}, expected 6")
    reader.string()
    reader.number("I")
    variables: dict[str, np.ndarray] = {}
    for _ in range(reader.number("I")):
        name = reader.string()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        dtype = TYPES[reader.number("B")]
        size_bytes = reader.number("I")
        variables[name] = np.frombuffer(reader.bytes(size_bytes), dtype).reshape(shape)
    for _ in range(reader.number("I")):
        alias, target = reader.string(), reader.string()
        if target in variables:
            variables[alias] = variables[target]
    return variables
