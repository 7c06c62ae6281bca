"""espeak-ng: formant voices of many shapes, phone events by sample, through its C library."""

import ctypes
import random

import numpy as np

from corpus import utterance
from phones import phones_of_ipa

ENGLISH = ["en-us", "en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland"]
VARIANTS = "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 Alex Andy Annie Mike Lee edward linda steph adam klatt klatt2 klatt4 michael".split()
TEST_VARIANTS = "f5 Alicia paul belinda victor".split()
_SYNCHRONOUS, _PHONEME_EVENTS, _IPA = 2, 1, 2
_EVENT_END, _EVENT_PHONEME = 0, 7
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1


class _Identity(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int), ("sample", ctypes.c_int), ("user_data", ctypes.c_void_p), ("id", _Identity),
    ]  # fmt: skip


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    def __init__(self):
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self._library.espeak_Initialize(_SYNCHRONOUS, 200, None, _PHONEME_EVENTS | _IPA)
        self._waves: list[np.ndarray] = []
        self._events: list[tuple[int, str]] = []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave, count, events) -> int:
        if count > 0:
            self._waves.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_PHONEME:
                self._events.append((events[index].sample, bytes(events[index].id.string).split(b"\0")[0].decode("utf8", "ignore")))
            index += 1
        return 0

    def speak(self, text: str, voice: str, rate: int, pitch: int, pitch_range: int):
        self._waves.clear()
        self._events.clear()
        self._library.espeak_SetVoiceByName(voice.encode())
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        if not self._waves:
            return None
        segments = [(max(0.0, sample / self.rate - 0.01), phones_of_ipa(symbol)) for sample, symbol in self._events]
        language = "zh" if voice.startswith("cmn") else "en"
        return utterance(f"espeak {voice}", language, np.concatenate(self._waves) / 32768, self.rate, segments, text)

    def utterances(self, texts: list[str], languages: list[str], variants: list[str], rng: random.Random):
        for text in texts:
            voice = f"{rng.choice(languages)}+{rng.choice(variants)}"
            yield self.speak(text, voice, rng.randint(130, 210), rng.randint(25, 75), rng.randint(30, 70))
