"""How a name is spelt: the same key for what differs only in case, accents, spaces, number, or British and American spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_NOT_WORD = re.compile(r"[\W_]+")
_GREEK = str.maketrans(
    {
        "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "κ": "kappa",
        "λ": "lambda", "\N{MICRO SIGN}": "micro", "\N{GREEK SMALL LETTER MU}": "micro", "ν": "nu", "π": "pi", "ρ": "rho",
        "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Δ": "Delta", "Γ": "Gamma", "Σ": "Sigma",
        "Φ": "Phi", "\N{GREEK CAPITAL LETTER OMEGA}": "Ohm", "\N{OHM SIGN}": "Ohm", "ø": "o", "ł": "l", "ß": "ss", "°": "degree",
    }
)  # fmt: skip
_IRREGULAR = {
    "gases": "gas", "analyses": "analysis", "matrices": "matrix", "indices": "index", "halves": "half", "axes": "axis",
}  # fmt: skip
_SPELLINGS = (
    (r"is(?=e|ing|ation|abl)", "iz"),
    (r"ys(?=e|ing)", "yz"),
    (r"(?<=alumin)i(?=um)", ""),
    (r"sulph", "sulf"),
    (r"tre$", "ter"),
    (r"bre$", "ber"),
    (r"our", "or"),
    (r"[ao]e", "e"),
    (r"ogue$", "og"),
    (r"(?<=ag)e(?=ing)", ""),
    (r"ll(?=ed|ing)", "l"),
    (r"mme$", "m"),
    (r"grey", "gray"),
    (r"disc$", "disk"),
    (r"mould", "mold"),
)  # What it does to other words does no harm: labels and questions go the same way.


def fold(text: str) -> str:
    """Without accents, sub- and superscripts and Greek letters; case is kept."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_GREEK))
    return "".join([char for char in decomposed if not unicodedata.combining(char)]).translate(_GREEK)


def squash(folded: str) -> str:
    """A folded text without case, and without what is no letter or digit."""
    return _NOT_WORD.sub("", folded).casefold()


def words_of(text: str) -> list[str]:
    """The words of a text, which may be written together as in ``BatteryCell``."""
    return [word.casefold() for word in _WORD.findall(fold(text))]


def stems_of(text: str) -> list[str]:
    """Its words in the singular and American spelling."""
    return [_stem(word) for word in _WORD.findall(fold(text))]


def normal(text: str) -> tuple[str, str, int]:
    """A text squashed, the same in the singular and American spelling, and how many words it has."""
    folded = fold(text)
    words = _WORD.findall(folded)
    return squash(folded), "".join([_stem(word) for word in words]), len(words)


def starts_with_words(label: str, text: str) -> bool:
    """Whether a label begins with all words of a text."""
    words = stems_of(text)
    return stems_of(label)[: len(words)] == words


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return _american(_singular(word.casefold()))


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses", "zes")) else word[:-1]


@lru_cache(maxsize=1)
def _spelling() -> Callable[[str], str]:
    pattern = re.compile("|".join(f"({british})" for british, _ in _SPELLINGS))

    def american(match: re.Match[str]) -> str:
        return _SPELLINGS[(match.lastindex or 1) - 1][1]

    return lambda word: pattern.sub(american, word)


def _american(word: str) -> str:
    return _spelling()(word) if len(word) > 3 else word
