"""Sentences to speak, from Debian's fortune packages: the last of each language are for testing and never trained on."""

import random
import re
from pathlib import Path

FOLDER = Path("/usr/share/games/fortunes")
ENGLISH = "art computers definitions education food fortunes humorists kids law literature love medicine men-women people pets platitudes politics science sports tao travel wisdom work".split()
TESTS = 200


def english(test: bool = False) -> list[str]:
    """4 to 14 words each."""
    found = []
    for name in ENGLISH:
        for quote in (FOLDER / name).read_text("utf8", "replace").split("\n%\n") if (FOLDER / name).exists() else []:
            quote = re.sub(r"\s+", " ", re.sub(r"--.*", "", quote, flags=re.DOTALL))
            for sentence in re.split(r"(?<=[.!?;:])\s+", quote):
                if re.fullmatch(r"[A-Za-z,.'?!;: -]+", sentence) and not re.search(r"[A-Z]{2}", sentence) and 4 <= len(sentence.split()) <= 14:
                    found.append(sentence.strip())
    return _part(found, test)


def mandarin(test: bool = False) -> list[str]:
    """5 to 18 characters each."""
    text = (FOLDER / "chinese").read_text("utf8", "replace")
    found = [clause for clause in re.split(r"[^\u4e00-\u9fff，]+", re.sub(r"\x1b\[[0-9;]*m", "", text)) if 5 <= len(clause.strip("，")) <= 18]
    return _part([clause.strip("，") + "。" for clause in found], test)


def latin(language: str) -> list[str]:
    """Italian ("it") or Czech ("cs") in ASCII: for diphone voices, whatever they make of it."""
    files = [path for path in sorted((FOLDER / language).iterdir()) if path.suffix == "" and not path.is_symlink()]
    text = " ".join(path.read_text("latin-1") for path in files)
    clauses = re.split(r"[^A-Za-z ]+", re.sub(r"\s+", " ", text))
    return _part([clause.strip() for clause in clauses if 4 <= len(clause.split()) <= 12 and not clause.isupper()], False)


def _part(found: list[str], test: bool) -> list[str]:
    found = sorted(set(found))
    random.Random(7).shuffle(found)
    return found[-TESTS:] if test else found[:-TESTS]
