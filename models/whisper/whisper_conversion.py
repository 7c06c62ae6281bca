"""Converts a Whisper model from CTranslate2 files to two ONNX graphs with int8 weights. Needs onnx and numpy."""

import json
from pathlib import Path

from ctranslate2_file import read_variables
from whisper_graphs import Whisper, build_decoder, build_encoder


def convert(input_dir: Path, output_dir: Path) -> None:
    """Writes encoder.onnx and decoder.onnx; reads config.json and model.bin, or its parts model.bin.part1, model.bin.part2, …"""
    config = json.loads((input_dir / "config.json").read_text())
    heads = tuple((layer, head) for layer, head in config["alignment_heads"])
    whisper = Whisper(read_variables(_read_model(input_dir)), heads)
    (output_dir / "encoder.onnx").write_bytes(build_encoder(whisper))
    (output_dir / "decoder.onnx").write_bytes(build_decoder(whisper))


def _read_model(input_dir: Path) -> bytes:
    whole = input_dir / "model.bin"
    if whole.exists():
        return whole.read_bytes()
    parts = sorted(input_dir.glob("model.bin.part*"), key=lambda path: int(path.name.removeprefix("model.bin.part")))
    return b"".join(path.read_bytes() for path in parts)
