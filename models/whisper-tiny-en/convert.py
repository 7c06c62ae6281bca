"""Converts Whisper tiny.en from a CTranslate2 file to two ONNX graphs with int8 weights.

Run as: python3 convert.py <folder of model.bin and config.json> <output folder>. Needs onnx and numpy.
"""

import json
import sys
from pathlib import Path

from ctranslate2_file import read_variables
from whisper_graphs import Whisper, build_decoder, build_encoder


def main(input_dir: Path, output_dir: Path) -> None:
    config = json.loads((input_dir / "config.json").read_text())
    heads = tuple((layer, head) for layer, head in config["alignment_heads"])
    whisper = Whisper(read_variables(input_dir / "model.bin"), heads)
    (output_dir / "encoder.onnx").write_bytes(build_encoder(whisper))
    (output_dir / "decoder.onnx").write_bytes(build_decoder(whisper))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
