"""Phone times of the human prompts, by forced alignment that knows nothing of the network under test.

python3 align.py prompts <dataset folder> alignments.json    the prompts of scores/asterisk-prompts.ts
python3 align.py check <test-*.npz>...                       the aligner's own error, on synthetic speech whose times are known

Needs PyPI pocketsphinx 5.1.1 (its English model, trained by CMU on people's speech, and its dictionary), numpy, ffmpeg.
"""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder

RATE = 16_000
FRAME_S = 0.01
IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "EH": "ɛ", "ER": "ɚ", "EY": "eɪ",
    "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ",
    "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip


def align(decoder: Decoder, samples: np.ndarray, text: str) -> list[tuple[str, float, float]] | None:
    """
    @param samples int16 at 16 kHz
    @returns IPA symbol ("" for silence), start and end in seconds; None where a word is unknown or the words do not fit the sound
    """
    words = re.findall(r"[a-z']+", text.lower())
    if re.search(r"[0-9]", text) or not words or any(decoder.lookup_word(word) is None for word in words):
        return None
    raw = np.concatenate([np.zeros(RATE // 10, np.int16), samples, np.zeros(RATE // 10, np.int16)]).tobytes()
    try:
        decoder.set_align_text(" ".join(words))
        _hear(decoder, raw)
        if decoder.hyp() is None:
            return None
        decoder.set_alignment()
        _hear(decoder, raw)
        phones = [phone for word in decoder.get_alignment() for phone in word]
    except RuntimeError:
        return None
    found = [(IPA.get(p.name, ""), p.start * FRAME_S - 0.1, (p.start + p.duration) * FRAME_S - 0.1) for p in phones]
    return [(symbol, max(0.0, start), end) for symbol, start, end in found if end > 0]


def _hear(decoder: Decoder, raw: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(raw, full_utt=True)
    decoder.end_utt()


def prompts(folder: Path, output: Path) -> None:
    transcripts = gzip.open(folder / "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz", "rt", errors="ignore").read()
    decoder = Decoder(samprate=RATE, loglevel="FATAL")
    rows = []
    for line in sorted(transcripts.splitlines()):
        match = re.match(r"^([^;:\s][^:\s]*):\s*(.+)$", line)
        sound = folder / "usr/share/asterisk/sounds/en_US_f_Allison" / f"{match.group(1)}.g722" if match else None
        if not match or not sound.exists() or re.search(r"[\[(<0-9]", match.group(2)) or len(match.group(2).split()) < 3:
            continue
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(sound), "-ar", str(RATE), "-f", "s16le", "-"], capture_output=True, check=True).stdout
        found = align(decoder, np.frombuffer(raw, np.int16), match.group(2))
        if found:
            rows.append({"id": match.group(1), "phones": " ".join(f"{symbol or '_'} {round(end * 1000)}" for symbol, _, end in found)})
    output.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
    print(f"{len(rows)} prompts")


def check(paths: list[Path]) -> None:
    recipe = Path(__file__).parents[2] / "models/mouth-net/recipe"
    sys.path.insert(0, str(recipe))
    import corpus
    from phones import CLASS_NAMES, CLASS_OF_PHONE, phones_of_ipa

    of_class = np.array(CLASS_OF_PHONE)
    decoder = Decoder(samprate=RATE, loglevel="FATAL")
    for path in paths:
        agree, frames, errors, failed = 0, 0, [], 0
        for spoken in corpus.load(path):
            found = align(decoder, spoken.samples, spoken.text)
            if found is None:
                failed += 1
                continue
            track = np.zeros(len(spoken.labels), np.uint8)
            for symbol, start, end in found:
                parts = phones_of_ipa(symbol)
                middle = start + 0.55 * (end - start) if len(parts) > 1 else end
                track[round(start * 100) : round(middle * 100)] = parts[0]
                track[round(middle * 100) : round(end * 100)] = parts[-1]
            known, told = of_class[spoken.labels], of_class[track]
            speech = known != 0
            agree += (known == told)[speech].sum()
            frames += speech.sum()
            errors += _border_errors(known, told, CLASS_NAMES.index("bilabial"))
        errors = np.array(errors)
        print(f"{path.stem}: {failed} not aligned; same class in {100 * agree / frames:.1f} % of {frames} frames; "
              f"bilabials: {len(errors)} borders, median error {np.median(np.abs(errors)) * 10:.0f} ms, bias {np.median(errors) * 10:+.0f} ms, "
              f"{100 * (np.abs(errors) <= 3).mean():.0f} % within 30 ms")  # fmt: skip


def _border_errors(known: np.ndarray, told: np.ndarray, wanted: int) -> list[int]:
    """Frames between each known border of a class's stretches and the nearest told one of the same direction, up to 150 ms."""
    errors = []
    for direction in (1, -1):
        borders = [np.flatnonzero(np.diff((track == wanted).astype(int)) == direction) for track in (known, told)]
        for border in borders[0]:
            if len(borders[1]):
                gap = borders[1][np.abs(borders[1] - border).argmin()] - border
                if abs(gap) <= 15:
                    errors.append(int(gap))
    return errors


if __name__ == "__main__":
    if sys.argv[1] == "prompts":
        prompts(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        check([Path(path) for path in sys.argv[2:]])
