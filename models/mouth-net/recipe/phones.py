"""The phones that the network tells apart, how the voices' alphabets map to them, and the mouth classes they belong to."""

import unicodedata

# The order of the network's outputs.
PHONES = (
    "sil p b m f v th dh t d n l k g ng h s z sh zh r er iy ih y ey eh ae aa ah ao oh uw uh w yu ax".split()
    + ["xi", "sx"]  # Mandarin x, j, q; and sh, zh, ch, r
)
# Phones that look alike, after the classes by which lips are judged in scores/face/viseme-classes.json.
MOUTH_CLASSES = {
    "silence": "sil",
    "bilabial": "p b m",
    "labiodental": "f v",
    "close rounded": "uw uh w yu",
    "open rounded": "ao oh",
    "protruded": "sh zh r er",
    "sibilant": "s z",
    "spread": "iy ih y xi",
    "mid": "ey eh ah ax",
    "open": "aa ae",
    "free": "th dh t d n l k g ng h sx",
}
CLASS_NAMES = list(MOUTH_CLASSES)
CLASS_OF_PHONE = [next(n for n, phones in enumerate(MOUTH_CLASSES.values()) if phone in phones.split()) for phone in PHONES]
INDEX = {phone: index for index, phone in enumerate(PHONES)}
SILENCE = INDEX["sil"]

_IPA = {
    "p": "p", "b": "b β", "m": "m ɱ", "f": "f ɸ", "v": "v ʋ", "th": "θ", "dh": "ð", "t": "t ɾ ʔ ʈ", "d": "d ɖ r", "n": "n ɳ", "l": "l ɫ ɭ ʎ",
    "k": "k q c", "g": "ɡ g ɟ", "ng": "ŋ", "h": "h x ɦ ɣ χ ħ", "s": "s ʦ", "z": "z ʣ", "sh": "ʃ", "zh": "ʒ", "xi": "ɕ ʑ", "sx": "ʂ ʐ ɻ", "r": "ɹ ʁ",
    "er": "ɚ ɜ ɝ", "iy": "i", "ih": "ɪ ɨ ᵻ", "y": "j ɲ", "ey": "e", "eh": "ɛ", "ae": "æ", "aa": "a ɑ ɒ", "ah": "ʌ ɐ",
    "ao": "ɔ", "oh": "o", "uw": "u ʉ ɯ", "uh": "ʊ", "w": "w ʍ", "yu": "y ɥ ø œ", "ax": "ə ɘ ᵊ ɤ",
}
# How the face writes them.
IPA_OF_PHONE = {phone: letters.split()[0] for phone, letters in _IPA.items()} | {"sil": "", "aa": "ɑ"}
IPA_LETTERS = {letter: phone for phone, letters in _IPA.items() for letter in letters.split()}
# One letter for two phones: the ligatures of IPA and the capitals of Kokoro's alphabet.
_LIGATURES = {"ʤ": "dʒ", "ʧ": "tʃ", "ʦ": "ts", "ʨ": "tɕ", "ʥ": "dʑ", "ꭧ": "tʂ", "A": "eɪ", "I": "aɪ", "W": "aʊ", "O": "oʊ", "Q": "əʊ", "Y": "ɔɪ", "T": "ɾ"}
_MODIFIERS = set("ˈˌːʰʲ̩̯̃0123456789→↗↓↘ˑ'")


def phones_of_ipa(symbol: str) -> list[int]:
    """An IPA symbol, diphthong or affricate as phones; tones and stress marks give none, an unknown letter silence."""
    if symbol.strip(" .,;:!?—…\"()“”") == "":
        return [SILENCE]
    letters = "".join(_LIGATURES.get(letter, letter) for letter in symbol)
    letters = [c for c in unicodedata.normalize("NFD", letters) if not unicodedata.combining(c) and c not in _MODIFIERS]
    return [INDEX[IPA_LETTERS[letter]] for letter in letters if letter in IPA_LETTERS]


_RADIO = {
    "aa": "aa", "ae": "ae", "ah": "ah", "ao": "ao", "aw": "aa uh", "ax": "ax", "axr": "er", "ay": "aa ih", "b": "b", "ch": "t sh", "d": "d",
    "dh": "dh", "dx": "d", "eh": "eh", "er": "er", "ey": "ey ih", "f": "f", "g": "g", "hh": "h", "hv": "h", "ih": "ih", "iy": "iy", "jh": "d zh",
    "k": "k", "l": "l", "m": "m", "n": "n", "ng": "ng", "nx": "n", "ow": "oh uh", "oy": "ao ih", "p": "p", "r": "r", "s": "s", "sh": "sh",
    "t": "t", "th": "th", "uh": "uh", "uw": "uw", "v": "v", "w": "w", "y": "y", "z": "z", "zh": "zh", "el": "l", "em": "m", "en": "n",
    "pau": "sil", "h#": "sil", "brth": "sil", "ssil": "sil", "sil": "sil",
}
# SAMPA as the Italian, Czech, Finnish, Russian and Catalan voices write it.
_SAMPA = {
    "#": "sil", "##": "sil", "pau": "sil", "_": "sil", "a": "aa", "e": "ey", "E": "eh", "i": "iy", "o": "oh", "O": "ao", "u": "uw", "y": "yu",
    "2": "yu", "{": "ae", "ae": "ae", "oe": "yu", "@": "ax", "ax": "ax", "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "g": "g", "f": "f", "v": "v",
    "s": "s", "z": "z", "S": "sh", "Z": "zh", "ts": "t s", "dz": "d z", "tS": "t sh", "dZ": "d zh", "m": "m", "n": "n", "N": "ng", "J": "y",
    "L": "l", "l": "l", "r": "d", "j": "y", "w": "w", "h": "h", "x": "h", "c": "t s", "ch": "h", "d~": "d", "t~": "t", "n~": "n", "s~": "sh",
    "c~": "t sh", "z~": "zh", "r~": "zh", "D": "dh", "B": "b", "G": "g", "rr": "d", "jj": "y", "ng": "ng", "nf": "m", "n*": "ng", "T": "th",
}


def phones_of_radio(symbol: str) -> list[int] | None:
    """A phone of the American "radio" set, as flite and festival write it; None for an unknown one."""
    return _lookup(_RADIO, symbol)


def phones_of_sampa(symbol: str) -> list[int] | None:
    """A phone of festival's other European voices; None for an unknown one."""
    base = symbol.rstrip("1:")
    return _lookup(_SAMPA, base if base else symbol)


def _lookup(table: dict[str, str], symbol: str) -> list[int] | None:
    return [INDEX[phone] for phone in table[symbol].split()] if symbol in table else None
