"""What happens to speech before a microphone hears it: another rate and pitch, rooms, noise, channels."""

import subprocess

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from corpus import HOP, RATE

CODECS = {
    "g722": ["-c:a", "g722", "-f", "g722"],
    "opus": ["-c:a", "libopus", "-b:a", "14k", "-f", "ogg"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "24k", "-f", "mp3"],
}


def through_codec(samples: np.ndarray, codec: str) -> np.ndarray:
    """@param samples int16 at 16 kHz"""
    plain = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"]
    encoded = subprocess.run(["ffmpeg", "-v", "error", *plain, "-i", "-", *CODECS[codec], "-"], input=samples.tobytes(), capture_output=True, check=True).stdout
    container = CODECS[codec][-1]
    decoded = subprocess.run(["ffmpeg", "-v", "error", "-f", container, "-i", "-", *plain, "-"], input=encoded, capture_output=True, check=True).stdout
    wave = np.frombuffer(decoded, np.int16)
    wave = wave[_delay(samples, wave) :]
    return np.pad(wave, (0, max(0, len(samples) - len(wave))))[: len(samples)].copy()


def _delay(before: np.ndarray, after: np.ndarray) -> int:
    """By how many samples the codec is late, from the cross-correlation of the first 20 s."""
    a, b = before[: 20 * RATE].astype(float), after[: 20 * RATE].astype(float)
    lag = int(fftconvolve(b, a[::-1]).argmax()) - (len(a) - 1)
    return max(0, min(lag, 2400))


def speed(wave: np.ndarray, labels: np.ndarray, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Faster and higher, or slower and lower, as a tape would play it."""
    count = int(len(wave) / factor)
    frames = count // HOP
    played = np.interp(np.arange(count) * factor, np.arange(len(wave)), wave)
    at = np.minimum(((np.arange(frames) + 0.5) * factor).astype(int), len(labels) - 1)
    return played[: frames * HOP], labels[at]


def room(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An exponentially decaying tail (60 dB in 0.1 to 0.7 s) behind the direct sound."""
    decay_s = rng.uniform(0.1, 0.7)
    time = np.arange(int(decay_s * 0.6 * RATE)) / RATE
    tail = rng.standard_normal(len(time)) * np.exp(-6.9 * time / decay_s)
    tail *= 10 ** rng.uniform(-1.0, 0.15) / np.sqrt(np.square(tail).sum())
    tail[: int(rng.uniform(0.001, 0.006) * RATE)] = 0
    tail[0] = 1
    return fftconvolve(wave, tail)[: len(wave)]


def noise(count: int, rng: np.random.Generator, others: np.ndarray) -> np.ndarray:
    """White, coloured or babble, of power 1."""
    kind = rng.random()
    if kind < 0.25:
        starts = rng.integers(0, len(others) - count, 4)
        sound = sum(others[start : start + count].astype(float) for start in starts)
    else:
        spectrum = np.fft.rfft(rng.standard_normal(count))
        sound = np.fft.irfft(spectrum / np.maximum(1, np.arange(len(spectrum))) ** rng.uniform(0, 1), count)
    return sound / (np.sqrt(np.square(sound).mean()) + 1e-9)


def channel(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Telephone band, low-pass or high-pass, overdrive."""
    kind = rng.random()
    if kind < 0.12:
        wave = sosfilt(butter(4, [300, 3400], "bandpass", fs=RATE, output="sos"), wave)
    elif kind < 0.3:
        wave = sosfilt(butter(4, rng.uniform(3500, 7500), "lowpass", fs=RATE, output="sos"), wave)
    elif kind < 0.45:
        wave = sosfilt(butter(2, rng.uniform(80, 350), "highpass", fs=RATE, output="sos"), wave)
    if rng.random() < 0.1:
        wave = np.tanh(wave * rng.uniform(1, 4))
    return wave


def degrade(wave: np.ndarray, rng: np.random.Generator, others: np.ndarray) -> np.ndarray:
    power = np.square(wave).mean()
    if rng.random() < 0.4:
        wave = room(wave, rng)
    if rng.random() < 0.5:
        wave = channel(wave, rng)
    if rng.random() < 0.8:
        wave = wave + noise(len(wave), rng, others) * np.sqrt(power * 10 ** -rng.uniform(0.8, 4.5))
    return wave * 10 ** rng.uniform(-1.3, 0.1)
