"""Adds the phone durations, which the graph computes anyway, to the outputs of a VITS voice as Piper exports it.

/Ceil_output_0 is float32 [1, 1, L]: frames of 256 samples per input id.
Run as: python3 expose-durations.py <input folder> <output folder>
"""

import sys
from pathlib import Path

import onnx

DURATIONS = "/Ceil_output_0"


def main(input_dir: Path, output_dir: Path) -> None:
    model = onnx.load(input_dir / "en_US-joe-medium.onnx")
    output = onnx.ValueInfoProto()
    output.name = DURATIONS
    model.graph.output.append(output)
    (output_dir / "voice.onnx").write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
