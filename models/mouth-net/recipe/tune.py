"""
How much each class's probability counts when the mouth chooses: /usr/bin/python3 tune.py <data folder> <run folder> writes gains.json.

Training sees silence and open vowels far more often than closed lips, and the mean over classes is what counts. The gains are found on
all test-* sets of the data folder, at most 40 utterances of each, one class after the other. None of these utterances is among those
that scores/face-audio measures on, but some speakers are: Kokoro's English test voices, and the woman of human_dev.py.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

import corpus
from log_mel import log_mel, normalise
from network import LATE_STEPS, MouthNet, class_matrix
from phones import CLASS_NAMES, CLASS_OF_PHONE

STEPS = np.exp(np.array([-0.3, -0.15, 0.15, 0.3]))
ROUNDS = 4


@torch.no_grad()
def class_probabilities(net: MouthNet, utterances: list[corpus.Utterance], prior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[steps, classes] and the right class of each step, all utterances in a row."""
    told, right = [], []
    for spoken in utterances:
        mel = log_mel(spoken.samples.astype(np.float32) / 32768)
        x = torch.from_numpy(normalise(mel[None, : len(mel) // 2 * 2], prior))
        logits = net(x, *net.initial_state(1))[0][0, LATE_STEPS:]
        truth = np.array(CLASS_OF_PHONE)[spoken.labels[1::2][: len(logits)]]
        told.append((torch.softmax(logits, 1) @ class_matrix()).numpy()[: len(truth)])
        right.append(truth)
    return np.concatenate(told), np.concatenate(right)


def macro(told: np.ndarray, right: np.ndarray, gains: np.ndarray) -> float:
    """Mean over the classes, silence among them."""
    said = (told * gains).argmax(1)
    totals = np.bincount(right, minlength=len(gains))
    hits = np.bincount(right[said == right], minlength=len(gains))
    return float((hits[totals > 0] / totals[totals > 0]).mean())


def main(data: Path, run: Path) -> None:
    net = MouthNet()
    net.load_state_dict(torch.load(run / "checkpoint.pt")["net"])
    net.eval()
    prior = np.array(json.loads((run / "prior.json").read_text()))
    sets = {path.stem: class_probabilities(net, corpus.load(path)[:40], prior) for path in sorted(data.glob("test-*.npz"))}
    gains = np.ones(len(CLASS_NAMES))
    score = lambda tried: np.mean([macro(told, right, tried) for told, right in sets.values()])
    before = {name: round(100 * macro(told, right, gains), 1) for name, (told, right) in sets.items()}
    for _ in range(ROUNDS):
        for index in range(len(gains)):
            tried = [gains, *(np.where(np.arange(len(gains)) == index, gains * step, gains) for step in STEPS)]
            gains = max(tried, key=score)
    gains = np.clip(gains / np.exp(np.log(gains).mean()), 0.4, 2.5)
    after = {name: round(100 * macro(told, right, gains), 1) for name, (told, right) in sets.items()}
    (run / "gains.json").write_text(json.dumps([round(float(gain), 3) for gain in gains]))
    print(dict(zip(CLASS_NAMES, gains.round(2))), before, after, sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
