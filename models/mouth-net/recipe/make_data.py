"""Speaks the corpus: python3 make_data.py <folder> <source> [--count N]; see ../README.md for the sources and their order."""

import argparse
import json
import random
import time
from pathlib import Path

import corpus
import sentences

SEED = 20261122


def kokoro(arguments):
    from voices_neural import Kokoro

    folder = arguments.kokoro
    return Kokoro(folder / "kokoro-int8.onnx", json.loads((folder / "vocab.json").read_text())["vocab"], folder / "voices")


def espeak():
    from voices_formant import Espeak

    return Espeak()


def utterances_of(arguments, rng):
    """The utterances of a source; each source has texts of its own."""
    import voices_formant as formant
    import voices_recorded as recorded

    count = arguments.count
    english, mandarin = sentences.english(), sentences.mandarin()
    short_english = [text for text in english if len(text.split()) <= 9]
    tests_english, tests_mandarin = sentences.english(test=True), sentences.mandarin(test=True)
    match arguments.source:
        case "kokoro-en":
            yield from kokoro(arguments).train(short_english[arguments.skip : arguments.skip + count], False, rng)
        case "kokoro-zh":
            yield from kokoro(arguments).train(mandarin[arguments.skip : arguments.skip + count], True, rng)
        case "hibari":
            from voices_neural import hibari

            yield from hibari(english[1000 : 1000 + count], rng)
        case "piper":
            from voices_neural import piper

            yield from piper(arguments.piper, english[3000 : 3000 + count], rng)
        case "espeak-en":
            yield from espeak().utterances(english[4000 : 4000 + count], formant.ENGLISH, formant.VARIANTS, rng)
        case "espeak-zh":
            yield from espeak().utterances(mandarin[1000 : 1000 + count], ["cmn"], formant.VARIANTS, rng)
        case "flite":
            yield from recorded.flite(recorded.FLITE, english[6000 : 6000 + count])
        case "festival":
            each = count // 12
            for index, voice in enumerate(recorded.FESTIVAL_ENGLISH):
                yield from recorded.festival(voice, english[8000 + index * each : 8000 + (index + 1) * each], "en", rng.uniform(0.9, 1.2))
            for language, voices in recorded.FESTIVAL_OTHER.items():
                texts = sentences.latin(language)
                for index, voice in enumerate(voices):
                    yield from recorded.festival(voice, texts[index * each : (index + 1) * each], language, 1.0)
        case "test-kokoro-en":
            yield from kokoro(arguments).test(tests_english[:count], False)
        case "test-kokoro-zh":
            yield from kokoro(arguments).test(tests_mandarin[arguments.skip : arguments.skip + count], True)
        case "test-flite":
            yield from recorded.flite(recorded.FLITE_TEST, tests_english[-count:])
        case "test-espeak-en":
            yield from espeak().utterances(tests_english[50 : 50 + count], ["en-us"], formant.TEST_VARIANTS, rng)
        case "test-espeak-zh":
            yield from espeak().utterances(tests_mandarin[50 : 50 + count], ["cmn"], formant.TEST_VARIANTS, rng)
        case other:
            raise SystemExit(f"no source {other}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("source")
    parser.add_argument("--count", type=int, default=40, help="sentences")
    parser.add_argument("--skip", type=int, default=0, help="sentences of Kokoro's to leave out, to make them in parts")
    parser.add_argument("--kokoro", type=Path, help="folder with kokoro-int8.onnx, vocab.json and voices/")
    parser.add_argument("--piper", type=Path, help="the voice's .onnx")
    arguments = parser.parse_args()
    started = time.monotonic()
    found = [spoken for spoken in utterances_of(arguments, random.Random(f"{SEED} {arguments.source} {arguments.skip}")) if spoken is not None]
    corpus.save(arguments.folder / f"{arguments.source}{arguments.skip or ''}.npz", found)
    minutes = sum(len(spoken.samples) for spoken in found) / corpus.RATE / 60
    speakers = len({spoken.speaker for spoken in found})
    print(f"{arguments.source}: {len(found)} utterances, {minutes:.1f} min, {speakers} speakers, in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
