"""Utterances with exact phone times, and the files that hold many of them."""

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from phones import SILENCE

RATE = 16_000
HOP = 160
LEAD_S, TAIL_S = 0.15, 0.1


@dataclass
class Utterance:
    speaker: str
    language: str
    samples: np.ndarray
    """int16 at 16 kHz."""
    labels: np.ndarray
    """uint8: the phone at the middle of each 10 ms."""
    text: str = ""


def utterance(speaker: str, language: str, samples: np.ndarray, rate: int, segments: list[tuple[float, list[int]]], text: str = "") -> Utterance | None:
    """
    @param samples float, -1..1
    @param segments start in seconds and phones of each; a segment ends where the next starts, the last at the end of the samples
    @returns None for what is too short to learn from
    """
    divisor = gcd(rate, RATE)
    wave = resample_poly(samples, RATE // divisor, rate // divisor) if rate != RATE else np.asarray(samples)
    if len(wave) < RATE // 2 or len(segments) < 5:
        return None
    peak = np.abs(wave).max()
    if peak < 1e-3:
        return None
    lead = int(LEAD_S * RATE)
    padded = np.concatenate([np.zeros(lead), wave * (0.6 / peak), np.zeros(int(TAIL_S * RATE))])
    labels = _bridge_short_silences(_label_track(segments, len(wave) / RATE, len(padded) // HOP), padded)
    return Utterance(speaker, language, (padded * 32767).astype(np.int16), labels, text)


def _label_track(segments: list[tuple[float, list[int]]], duration_s: float, frames: int) -> np.ndarray:
    times, phones = [], []
    ends = [start for start, _ in segments[1:]] + [duration_s]
    for (start, sounds), end in zip(segments, ends):
        sounds = sounds or [SILENCE]
        # The first half of a diphthong is the longer one; an affricate's closure and friction are about even.
        shares = [0.0] if len(sounds) == 1 else [0.0, 0.55] if len(sounds) == 2 else list(np.arange(len(sounds)) / len(sounds))
        for share, sound in zip(shares, sounds):
            times.append(start + share * (end - start))
            phones.append(sound)
    centres = (np.arange(frames) + 0.5) * HOP / RATE - LEAD_S
    at = np.searchsorted(np.array(times), centres, side="right") - 1
    labels = np.where(at >= 0, np.array(phones)[np.clip(at, 0, None)], SILENCE)
    labels[centres > duration_s] = SILENCE
    return labels.astype(np.uint8)


def _bridge_short_silences(labels: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """Word boundaries that a voice lists as blanks but speaks through go to the phones around them."""
    power = np.square(wave[: len(labels) * HOP]).reshape(-1, HOP).mean(axis=1)
    loud = power > np.percentile(power, 95) * 10**-3.2
    edges = np.flatnonzero(np.diff(np.r_[0, (labels == SILENCE).astype(int), 0]))
    for start, end in zip(edges[::2], edges[1::2]):
        if start == 0 or end == len(labels) or (end - start > 12 and not loud[start:end].all()):
            continue
        if loud[start:end].mean() > 0.6 or end - start <= 3:
            middle = (start + end) // 2
            labels[start:middle] = labels[start - 1]
            labels[middle:end] = labels[end]
    return labels


def save(path: Path, utterances: list[Utterance]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        samples=np.concatenate([u.samples for u in utterances]),
        labels=np.concatenate([u.labels for u in utterances]),
        sample_counts=np.array([len(u.samples) for u in utterances]),
        label_counts=np.array([len(u.labels) for u in utterances]),
        speakers=np.array([u.speaker for u in utterances]),
        languages=np.array([u.language for u in utterances]),
        texts=np.array([u.text for u in utterances]),
    )


def load(path: Path) -> list[Utterance]:
    file = np.load(path)
    samples = np.split(file["samples"], np.cumsum(file["sample_counts"])[:-1])
    labels = np.split(file["labels"], np.cumsum(file["label_counts"])[:-1])
    return [Utterance(str(s), str(g), x, y, str(t)) for s, g, x, y, t in zip(file["speakers"], file["languages"], samples, labels, file["texts"])]
