"""Writes the trained network: /usr/bin/python3 export.py <run folder> <model folder>; ONNX opset 16, in single precision."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from log_mel import BANDS
from network import LATE_STEPS, MouthNet
from phones import CLASS_OF_PHONE, IPA_OF_PHONE, PHONES


class Probabilities(nn.Module):
    def __init__(self, net: MouthNet):
        super().__init__()
        self.net = net

    def forward(self, mel: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        logits, *following = self.net(mel, *state)
        return (torch.softmax(logits, 2), *following)


def fold_norms(net: MouthNet) -> None:
    """Batch normalisation between the taps and the widening layer becomes part of that layer."""
    for block in net.blocks:
        gain = block.norm.weight / torch.sqrt(block.norm.running_var + block.norm.eps)
        shift = block.norm.bias - block.norm.running_mean * gain
        block.widen.bias.data += block.widen.weight.data @ shift
        block.widen.weight.data *= gain
        block.norm = nn.Identity()


@torch.no_grad()
def main(run: Path, folder: Path) -> None:
    net = MouthNet()
    net.load_state_dict(torch.load(run / "checkpoint.pt")["net"])
    net.eval()
    mel = torch.randn(1, 20, BANDS)
    before = net(mel, *net.initial_state(1))[0]
    fold_norms(net)
    assert torch.allclose(before, net(mel, *net.initial_state(1))[0], atol=1e-3)
    state = net.initial_state(1)
    names = [f"state{index}" for index in range(len(state))]
    following = [f"next{index}" for index in range(len(state))]
    torch.onnx.export(
        Probabilities(net).eval(), (mel, *state), folder / "mouth-net.onnx", opset_version=16,
        input_names=["mel", *names], output_names=["posteriors", *following], dynamic_axes={"mel": {1: "frames"}, "posteriors": {1: "steps"}},
    )  # fmt: skip
    prior = json.loads((run / "prior.json").read_text())
    gains = json.loads((run / "gains.json").read_text())
    layout = {"phones": [IPA_OF_PHONE[phone] for phone in PHONES], "classes": CLASS_OF_PHONE, "gains": gains, "lateSteps": LATE_STEPS, "prior": prior}
    (folder / "mouth-net.layout").write_text(json.dumps(layout, ensure_ascii=False) + "\n")
    pin(folder)


def pin(folder: Path) -> None:
    """Enters sizes and checksums into the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        file["sha256"], file["sizeBytes"] = hashlib.sha256(content).hexdigest(), len(content)
        print(file["path"], file["sizeBytes"], file["sha256"])
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
