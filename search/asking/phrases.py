"""How questions are worded: the patterns by which `search.asking.forms` tells their forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

NUMBERS: Final = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}  # noqa: SIM905

_BIGGER: Final = "heavier lighter thicker thinner wider narrower taller longer shorter"
_MORE: Final = "bigger larger greater higher more better smaller lower less fewer"
_BIGGEST: Final = "heaviest lightest thickest thinnest widest narrowest tallest longest-lasting longest-lived longest shortest"
_MOST: Final = "highest largest greatest biggest most maximum maximal max top best lowest smallest least fewest minimum minimal min"

ADJECTIVES: Final[Mapping[str, tuple[str, bool]]] = {
    "heavier": ("weight", True),
    "lighter": ("weight", False),
    "thicker": ("thickness", True),
    "thinner": ("thickness", False),
    "wider": ("width", True),
    "narrower": ("width", False),
    "taller": ("height", True),
    "longer": ("length", True),
    "shorter": ("length", False),
    "heaviest": ("weight", True),
    "lightest": ("weight", False),
    "thickest": ("thickness", True),
    "thinnest": ("thickness", False),
    "widest": ("width", True),
    "narrowest": ("width", False),
    "tallest": ("height", True),
    "longest": ("length", True),
    "shortest": ("length", False),
    "longest-lasting": ("cycle life", True),
    "longest-lived": ("cycle life", True),
}
"""Adjectives that name a property by themselves, and whether more of it is meant."""
LESS: Final = frozenset("lowest smallest least fewest minimum minimal min shortest less fewer lower smaller bottom".split())  # noqa: SIM905
"""Words after which less of a property is meant."""
LIMITS: Final = frozenset(("maximum", "maximal", "max", "minimum", "minimal", "min"))
"""Superlatives that are also part of the names of properties, and bounds."""

STATISTICS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("average", "mean", "on average", "in average"), "mean"),
    **dict.fromkeys(("median", "typical", "in the median"), "median"),
    **dict.fromkeys(("range", "ranges", "spread", "distribution", "minimum and maximum", "min and max"), "range"),
}
"""What a word asks to reckon."""


def _any(words: str) -> str:
    return "|".join(words.split())


def _pattern(*pieces: str) -> re.Pattern[str]:
    return re.compile("".join(pieces), re.IGNORECASE)


_MAKER: Final = r"(?:manufacturers?|makers?|compan(?:y|ies)|brands?|producers?|vendors?)"
_MADE: Final = r"(?:(?:make|produce|manufacture|build|sell)s?|made|produced|manufactured|built|sold)"

LEAD: Final = _pattern(
    r"(?:(?:hi|hello|hey|please|so|ok|okay|well|and)\b[ ,!.]*",
    r"|(?:can|could|would|will) you (?:please )?(?=tell|show|give|list|find|name|compare|say|explain|describe)",
    r"|i(?:'d| would)? (?:want|like|need|wish) to (?:know|find out|see|find) (?:about )?|i(?:'m| am) looking for ",
    r"|(?:do you know|tell me|say|let me know|find out)(?: please)?[ ,:]+(?=what|which|who|how|where|when|if|whether|the|⟦)",
    r"|(?:show|give|get|find)(?: me| us)?[ ,:]+(?=what|which|who|how|the (?:\w+ )?\w+ (?:of|for) (?:the )?⟦|⟦)",
    r"|(?:if|whether) )",
)
"""Greetings and what only says that something is asked."""
END: Final = re.compile(r"[\s?!.,;:]+\Z")

KNOWN_OF: Final = _pattern(
    r"(?:what (?:do you know|is known) (?:about|of)|tell me(?: all| everything| more)? about|describe",
    r"|information (?:on|about)",
    r"|what is|what's)(?: the)? (?P<name>.+)",
)
KNOWN: Final = _pattern(
    r"(?:what (?:else )?(?:do you|is|do we|can you) (?:know|known|tell me|say|have)(?: about| of| on)?",
    r"|tell me(?: all| everything| more)? about|what is|what's|who is|describe|information (?:on|about)",
    r"|details (?:of|on|about|for)|everything (?:about|on)|show(?: me)?|about|properties of|data (?:on|for|of|about)",
    r"|give me (?:all|everything|information|details)(?: about| on| of)?",
    r"|what (?:data|information|properties) (?:is|are|do you have|exists?)(?: there| known| available)?(?: about| for| of| on))?",
    r" ?(?:the )?⟦0⟧(?: (?:cell|battery|like))?|(?:does|do) (?:the )?⟦0⟧ exist",
)
"""All that is known of a thing is wanted."""
CHECK: Final = _pattern(r"(?:is|are|was|were|does|do|did|has|have|can|could|will)\b")
"""Yes or no is wanted."""
EXISTS: Final = _pattern(
    r"(?:(?:is|are) there|do (?:you|we) (?:have|know(?: of)?)|(?:does|do|is|are|has|have)(?= (?:any|some|a|an)\b)|any(?= )) ?",
    r"(?:(?:any|some|a|an|such)(?: such)?\b)?",
)
THERE: Final = _pattern(r"(?:is|are) there|do (?:you|we)|any")
ONLY_IT: Final = _pattern(r"\s*(?:(?:the|a|an|any)\s+)*⟦0⟧(?: (?:cell|battery))?")

HOW_MANY: Final = _pattern(
    r"(?:what(?: is|'s) )?(?:how many|(?:the )?(?:total |overall )?(?:number|count) of|count)(?: all)?(?: the| of the)?\b",
    r"(?: (?:different|distinct))?",
)
HOW_MANY_RECORDS: Final = _pattern(r"how many (?:records|documents|entries|sources|data ?sets?)\b")
HOW_MANY_MAKERS: Final = _pattern(
    rf"(?:how many|(?:the )?number of|count(?: the)?)(?: different| distinct)? {_MAKER}\b",
    r"(?: (?:are there|make|produce|manufacture|offer|sell|have|of|for))?",
)
MAKERS: Final = _pattern(rf"(?:who|(?:which|what) {_MAKER})(?: (?:all|else))? (?:{_MADE}|offers?|supplies|has|have)\b")
WHO_MADE: Final = _pattern(
    rf"\b(?:who|which \w+|what \w+) (?:is the |was the )?(?:has |is |was )?(?:{_MADE}|manufacturer|maker|producer)\b(?: of| by)?",
    r"|\b(?:made|produced|manufactured|built) by (?:whom|who|which \w+)\b|\bby whom\b",
)
"""The maker of a thing is wanted."""

DIFFERENCE: Final = _pattern(rf"\b(?:difference|differs?|gap)\b|\bhow much (?:{_any(_BIGGER)}|{_any(_MORE)})\b")
SAME: Final = _pattern(r"\b(?:the )?same\b|\bequal(?:ly)?\b|\bidentical\b")
COMPARE: Final = _pattern(r"\b(?:compare|comparison|compared?|versus|vs)\b\.?")
COMPARED: Final = _pattern(rf"\b(?P<word>{_any(_BIGGER)}|{_any(_MORE)})\b(?: (?:a|the))?")
BEYOND: Final = _pattern(
    rf"\b(?:(?:with|of|that|which|have|has|are|is|weighs?) )*(?:a )?(?P<word>{_any(_BIGGER)}|{_any(_MORE)})\b",
    r" ?(?P<property>[^⟦]{0,60}?) ?\bthan (?:that of )?(?:the )?⟦0⟧(?:'s)?(?: (?:cell|battery))?",
)
"""*heavier than the A123 20AH*, *with a higher capacity than the A123 20AH*."""

SUPERLATIVE: Final = _pattern(
    rf"(?<!at )(?<!\w)(?:the )?(?:(?P<number>\d{{1,3}}|{'|'.join(NUMBERS)}) )?",
    rf"(?P<word>{_any(_BIGGEST)}|{_any(_MOST)})\b(?: (?P<top>\d{{1,3}})\b)?",
)
WEIGHED: Final = _pattern(r"\bweighs?\s*\Z")
TOP_BY: Final = _pattern(
    r"(?:(?:what|which) (?:are|is) )?(?:the |list |show |give me )*",
    r"(?P<word>top|best|highest|largest|heaviest|lowest|smallest|lightest|bottom|first) ?(?P<number>\d{1,3}|[a-z]+)? ?",
    r"(?P<set>.+?),? (?:sorted |ranked |ordered )?(?:by|in terms of|with respect to)(?: the)? (?P<property>.+)",
)
"""*top 5 LFP cells by capacity*."""
STATISTIC: Final = _pattern(
    r"\b(?:the )?(?P<word>minimum and maximum|min and max|on average|in average|in the median|average|mean|median|typical",
    r"|ranges?|spread|distribution)\b(?: (?:value|values))?(?: of)?",
)
ASKING: Final = _pattern(
    r"(?:(?:what|which)(?:'s| is| are| was| were)?|how (?:big|large|high|long) (?:is|are)|give|show|tell me|list)?\b ?(?:the )?"
)
OF: Final = _pattern(r" (?:of|for|among|across|in|do|does) (?:(?:all|every|each|any|a|an|the|our|your) )*")
OF_IT: Final = _pattern(r" (?:of|does) (?=the\b|a\b|\w+(?:est|most|least)\b)")
HOW: Final = _pattern(
    r"how (?P<word>heavy|light|thick|thin|wide|tall|high|long|big|large) (?:is|are|was|were) (?:(?:all|a|an|the) )*(?P<set>.+)"
)
HOW_MUCH: Final = _pattern(r"(?:how much|what) (?:do|does) (?:(?:all|a|an|the) )*(?P<set>.+?) (?P<word>weighs?)")
