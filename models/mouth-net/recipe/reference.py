"""Writes what log_mel.py gives for a made-up sound, for the test of the implementation that listens live: reference.py <file>."""

import json
import sys
from pathlib import Path

import numpy as np

from log_mel import BANDS, log_mel, normalise


def sound() -> np.ndarray:
    """0.8 s at 16 kHz: silence, a rising tone, a hiss from a linear congruence; each repeatable anywhere."""
    n = np.arange(12_800)
    tone = 0.3 * np.sin(2 * np.pi * (200 * n / 16_000 + 2000 * (n / 16_000) ** 2))
    hiss, value = np.zeros(len(n)), 1
    for index in n:
        value = (value * 1_103_515_245 + 12_345) % 2**31
        hiss[index] = 0.02 * (value / 2**30 - 1)
    return np.where(n < 1600, 0, np.where(n < 8000, tone, tone * 0.1 + hiss)).astype(np.float32)


def main(path: Path) -> None:
    prior = np.linspace(-5, -9, BANDS)
    frames = normalise(log_mel(sound())[None], prior)[0]
    shown = {index: [round(float(value), 4) for value in frames[index]] for index in (0, 9, 10, 11, 30, 49, 50, 79)}
    path.write_text(json.dumps({"prior": prior.round(6).tolist(), "frames": shown}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
