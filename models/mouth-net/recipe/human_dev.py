"""
The human prompts that scores/face-audio leaves out: /usr/bin/python3 human_dev.py <data folder> <dataset folder> writes test-human-dev.npz.

Watched in training and read by tune.py; never trained on. The dataset folder is that of scores/asterisk-prompts.ts; needs ffmpeg.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import corpus
from phones import SILENCE, phones_of_ipa

ALIGNMENTS = Path(__file__).parents[3] / "scores/face-audio/alignments.json"
# As in scores/face-audio/human-speech.ts.
EVERY_SEEN = 5
FRAMES_PER_S = 100


def labels_of(aligned: str, frames: int) -> np.ndarray:
    """@param aligned IPA symbol, or _ for silence, and end in milliseconds in turn"""
    labels = np.full(frames, SILENCE, np.uint8)
    words, start = aligned.split(" "), 0.0
    for symbol, end_ms in zip(words[::2], words[1::2]):
        end = int(end_ms) / 1000
        parts = [SILENCE] if symbol == "_" else phones_of_ipa(symbol)
        middle = start + 0.55 * (end - start) if len(parts) > 1 else end
        labels[round(start * FRAMES_PER_S) : round(middle * FRAMES_PER_S)] = parts[0]
        labels[round(middle * FRAMES_PER_S) : round(end * FRAMES_PER_S)] = parts[-1]
        start = end
    return labels


def main(data: Path, dataset: Path) -> None:
    found = []
    for row in json.loads(ALIGNMENTS.read_text())[::EVERY_SEEN]:
        sound = dataset / "usr/share/asterisk/sounds/en_US_f_Allison" / f"{row['id']}.g722"
        command = ["ffmpeg", "-v", "error", "-i", str(sound), "-ar", str(corpus.RATE), "-f", "s16le", "-"]
        samples = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.int16)
        frames = len(samples) // corpus.HOP
        found.append(corpus.Utterance("allison", "en", samples[: frames * corpus.HOP], labels_of(row["phones"], frames), row["id"]))
    corpus.save(data / "test-human-dev.npz", found)
    print(f"{len(found)} prompts")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
