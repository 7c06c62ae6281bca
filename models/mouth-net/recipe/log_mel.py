"""The network's input: log mel spectra, and the causal normalisation that takes away level, room and channel."""

import numpy as np

RATE = 16_000
HOP = 160
WINDOW = 400
FOURIER = 512
BANDS = 64
TOP_HZ = RATE / 2
FLOOR = 1e-7

# Running mean per band: a prior worth half a second, forgetting over three seconds, fed only by frames near the loudest so far.
PRIOR_FRAMES = 50
MEMORY_FRAMES = 300
SPEECH_RANGE = 5.0
"""In natural logarithms of power: 22 dB."""
PEAK_DECAY = 0.005
"""Per frame, in the same unit: the remembered level falls by about 2 dB a second."""
FIRST_PEAK = -12.0
SCALE = 3.0


def _to_mel(hz):
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1000) / 1000) * 27 / np.log(6.4))


def _to_hertz(mel):
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def filter_bank(warp: float = 1.0) -> np.ndarray:
    """
    [257, 64] triangles of equal area on Slaney's mel scale (Auditory Toolbox, 1998). warp > 1 reads formants from higher up, as of a
    shorter vocal tract; it bends back to the top of the band (Lee & Rose, "Speaker normalization", 1996).
    """
    edges = _to_hertz(np.linspace(0, _to_mel(np.array(TOP_HZ)), BANDS + 2))
    knee = 5500.0
    edges = np.where(edges < knee, edges * warp, knee * warp + (edges - knee) * (TOP_HZ - knee * warp) / (TOP_HZ - knee))
    bins = np.arange(FOURIER // 2 + 1)[:, None] * RATE / FOURIER
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    weights = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    return (np.clip(weights, 0, None) * 2 / (high - low)).astype(np.float32)


def hann() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def log_mel(samples: np.ndarray, bank: np.ndarray | None = None) -> np.ndarray:
    """@param samples float, -1..1, [n]; @returns [n // 160, 64]; frame k ends with sample 160 (k + 1) - 1, silence before the start"""
    bank = filter_bank() if bank is None else bank
    padded = np.concatenate([np.zeros(WINDOW - HOP, np.float32), samples.astype(np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(samples) // HOP]
    power = np.abs(np.fft.rfft(frames * hann(), FOURIER)) ** 2
    return np.log(power @ bank + FLOOR).astype(np.float32)


class Normaliser:
    """State of one stream, or of a batch of streams."""

    def __init__(self, prior: np.ndarray, streams: int = 1):
        self.mean = np.repeat(prior[None].astype(np.float64), streams, 0)
        self.count = np.full(streams, float(PRIOR_FRAMES))
        self.peak = np.full(streams, FIRST_PEAK)

    def step(self, frame: np.ndarray) -> np.ndarray:
        """@param frame [streams, 64]"""
        level = frame.mean(1)
        self.peak = np.maximum(self.peak - PEAK_DECAY, level)
        speech = level > self.peak - SPEECH_RANGE
        self.count = np.minimum(self.count + speech, MEMORY_FRAMES)
        self.mean += np.where(speech, 1 / self.count, 0)[:, None] * (frame - self.mean)
        return (frame - self.mean) / SCALE


def normalise(frames: np.ndarray, prior: np.ndarray, again: np.ndarray | None = None) -> np.ndarray:
    """
    @param frames [streams, time, 64]
    @param again streams that start as if they had already been heard once
    """
    state = Normaliser(prior, len(frames))
    if again is not None:
        for index in np.flatnonzero(again):
            level = frames[index].mean(1)
            speech = level > level.max() - SPEECH_RANGE
            state.mean[index] = frames[index][speech].mean(0)
            state.count[index] = MEMORY_FRAMES / 2
            state.peak[index] = level.max() - 0.5
    return np.stack([state.step(frames[:, t]) for t in range(frames.shape[1])], 1).astype(np.float32)
