"""Kokoro, Hibari and Piper: networks whose durations become an output of the graph."""

import random
import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from corpus import Utterance, utterance
from phones import phones_of_ipa

KOKORO_TEST_ENGLISH = ["am_michael", "am_fenrir", "af_bella", "bf_emma", "bm_george"]
KOKORO_TEST_MANDARIN = ["zf_xiaoxiao", "zm_yunxi"]


def _session(path: Path, output: str, threads: int = 1) -> onnxruntime.InferenceSession:
    model = onnx.load(path)
    if output not in [o.name for o in model.graph.output]:
        model.graph.output.append(onnx.ValueInfoProto(name=output))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


# The sound of these voices leads their own durations: by how much agrees best with forced alignment (scores/face-audio/align.py).
LEAD_S = {"kokoro": 0.065, "hibari": 0.06, "piper": 0.03}


def _segments(symbols: list[str], durations: np.ndarray, seconds_per_frame: float, lead_s: float) -> list[tuple[float, list[int]]]:
    """A stress mark's time belongs to the phone after it, a tone's, length mark's or blank's to the phone before."""
    starts = np.concatenate([[0.0], np.cumsum(durations)[:-1]]) * seconds_per_frame - lead_s
    found: list[tuple[float, list[int]]] = []
    stressed_from = None
    for symbol, start in zip(symbols, starts):
        sounds = phones_of_ipa(symbol) if symbol else []
        if symbol in "ˈˌ" and symbol:
            stressed_from = start
        elif sounds:
            found.append((max(0.0, float(start if stressed_from is None else stressed_from)), sounds))
            stressed_from = None
    return found


class Kokoro:
    """Mixes two voices for each utterance, so that nearly every one has a speaker of its own."""

    def __init__(self, model: Path, vocabulary: dict[str, int], voices: Path):
        from hibari import Hibari
        from misaki.zh import ZHG2P

        self.session = _session(model, "/encoder/Round_output_0", 2)
        self.vocabulary = vocabulary
        self.styles = {path.stem: np.fromfile(path, np.float32).reshape(-1, 256) for path in sorted(voices.glob("*.bin"))}
        self.read_english = Hibari().phonemize
        self.read_mandarin = ZHG2P()

    def speak(self, text: str, mandarin: bool, voices: list[tuple[str, float]], speed: float) -> Utterance | None:
        reading = self.read_mandarin(text)[0] if mandarin else " ".join(self.read_english(text))
        symbols = [symbol for symbol in reading if symbol in self.vocabulary][:400]
        style = sum(share * self.styles[voice][len(symbols)] for voice, share in voices)[None].astype(np.float32)
        tokens = np.array([[0] + [self.vocabulary[s] for s in symbols] + [0]], np.int64)
        audio, durations = self.session.run(None, {"tokens": tokens, "style": style, "speed": np.array([speed], np.float32)})[:2]
        audio, durations = audio.reshape(-1), np.asarray(durations).reshape(-1)
        segments = _segments(["."] + symbols + ["."], durations, len(audio) / 24_000 / durations.sum(), LEAD_S["kokoro"] / speed**0.5)
        speaker = "kokoro " + "+".join(voice for voice, _ in voices)
        return utterance(speaker, "zh" if mandarin else "en", audio, 24_000, segments, text)

    def train(self, texts: list[str], mandarin: bool, rng: random.Random):
        own = "z" if mandarin else "ab"
        held_out = KOKORO_TEST_ENGLISH + KOKORO_TEST_MANDARIN
        native = [voice for voice in self.styles if voice[0] in own and voice not in held_out]
        anyone = [voice for voice in self.styles if voice not in held_out]
        for index, text in enumerate(texts):
            share = rng.uniform(0.5, 1)
            yield self.speak(text, mandarin, [(native[index % len(native)], share), (rng.choice(anyone), 1 - share)], rng.uniform(0.85, 1.25))

    def test(self, texts: list[str], mandarin: bool):
        voices = KOKORO_TEST_MANDARIN if mandarin else KOKORO_TEST_ENGLISH
        for index, text in enumerate(texts):
            yield self.speak(text, mandarin, [(voices[index % len(voices)], 1.0)], 1.0)


def hibari(texts: list[str], rng: random.Random):
    from hibari import Hibari, dsp

    voice = Hibari()
    session = _session(Path(voice.model_path), "/Round_output_0")
    for text in texts:
        for reading in voice.phonemize(text):
            speed = rng.uniform(0.8, 1.25)
            feed = {"ids": np.array([voice.ids(reading)], np.int64), "speed": np.array([speed], np.float32)}
            *parts, durations = session.run(None, feed)
            audio = dsp.synth(*(part[0] for part in parts[:6]), np.random.default_rng(rng.randrange(1 << 30)))
            durations = np.asarray(durations).reshape(-1)
            symbols = ["."] + [symbol for symbol in reading if symbol in voice.vocab] + ["."]
            segments = _segments(symbols, durations, len(audio) / 24_000 / durations.sum(), LEAD_S["hibari"] / speed**0.5)
            yield utterance("hibari", "en", audio, 24_000, segments, text)


def piper(model: Path, texts: list[str], rng: random.Random):
    import json

    session = _session(model, "/Ceil_output_0", 2)
    config = json.loads(Path(f"{model}.json").read_text())
    rate = config["audio"]["sample_rate"]
    for text in texts:
        reading = subprocess.run(["espeak-ng", "-q", "--ipa", "-v", "en-us", text], capture_output=True, text=True, check=True).stdout
        ids, symbols = [1, 0], [".", ""]
        for symbol in re.sub(r"\s+", " ", reading).strip() + ".":
            if symbol in config["phoneme_id_map"]:
                ids += [*config["phoneme_id_map"][symbol], 0]
                symbols += [symbol, ""]
        ids.append(2)
        symbols.append(".")
        scales = np.array([0.667, rng.uniform(0.85, 1.25), 0.8], np.float32)
        feed = {"input": np.array([ids], np.int64), "input_lengths": np.array([len(ids)], np.int64), "scales": scales}
        audio, durations = session.run(None, feed)[:2]
        segments = _segments(symbols, np.asarray(durations).reshape(-1), 256 / rate, LEAD_S["piper"])
        yield utterance("piper joe", "en", audio.reshape(-1), rate, segments, text)
