"""flite and festival: voices cut from or trained on recordings of people, the nearest to real speech."""

import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from corpus import utterance
from phones import phones_of_radio, phones_of_sampa

FLITE = ["kal16", "awb", "slt"]
FLITE_TEST = ["rms"]
FESTIVAL_ENGLISH = ["kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts"]
FESTIVAL_OTHER = {
    "it": ["lp_diphone", "pc_diphone", "suo_fi_lj_diphone", "hy_fi_mv_diphone", "upc_ca_ona_hts"],
    "cs": ["czech_ph", "czech_machac", "czech_dita", "czech_krb"],
}


def flite(voices: list[str], texts: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "x.wav"
        for index, text in enumerate(texts):
            voice = voices[index % len(voices)]
            stretch = [1.0, 0.9, 1.15][index % 7 % 3]
            command = ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={stretch}", "-t", text, "-o", str(wave)]
            printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            pairs = re.findall(r"([a-z#]+):([0-9.]+)", printed)
            ends = [float(end) for _, end in pairs]
            if any(phones_of_radio(symbol) is None for symbol, _ in pairs) or ends != sorted(ends):
                continue
            rate, samples = wavfile.read(wave)
            segments = [(start, phones_of_radio(symbol)) for (symbol, _), start in zip(pairs, [0.0, *ends[:-1]])]
            yield utterance(f"flite {voice}", "en", samples / 32768, rate, segments, text)


_SCRIPT = """
(define (speak number text)
  (let ((spoken (utt.synth (eval (list 'Utterance 'Text text)))))
    (utt.save.wave spoken (format nil "%s/%d.wav" folder number))
    (utt.save.segs spoken (format nil "%s/%d.lab" folder number))))
"""


def festival(voice: str, texts: list[str], language: str, stretch: float = 1.0):
    """All texts in one process: a voice takes a second to load."""
    alphabet = phones_of_radio if language == "en" else phones_of_sampa
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [f'(set! folder "{folder}")', _SCRIPT, f"(voice_{voice})", f"(Parameter.set 'Duration_Stretch {stretch})"]
        lines += [f'(speak {index} "{text}")' for index, text in enumerate(texts)]
        (folder / "run.scm").write_text("\n".join(lines))
        subprocess.run(["festival", "-b", str(folder / "run.scm")], capture_output=True, timeout=600)
        for index, text in enumerate(texts):
            labels, wave = folder / f"{index}.lab", folder / f"{index}.wav"
            if not labels.exists() or not wave.exists():
                continue
            rows = [line.split() for line in labels.read_text("latin-1").split("#\n", 1)[1].splitlines() if line.strip()]
            found = [(float(row[0]), alphabet(row[2])) for row in rows]
            unknown = [row[2] for row, (_, sounds) in zip(rows, found) if sounds is None]
            if unknown:
                print(f"{voice}: unknown phones {unknown[:4]}")
                continue
            rate, samples = wavfile.read(wave)
            starts = [0.0, *(end for end, _ in found[:-1])]
            segments = [(start, sounds) for start, (_, sounds) in zip(starts, found)]
            yield utterance(f"festival {voice}", language, np.asarray(samples, float) / 32768, rate, segments, text)
