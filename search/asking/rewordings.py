"""Questions in other words: without greetings, and with the name of a property for what people say by verbs and adjectives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final


def _pattern(*pieces: str) -> re.Pattern[str]:
    return re.compile("".join(pieces), re.IGNORECASE)


_LEAD: Final = _pattern(
    r"(?:(?:hi|hello|hey|please|so|ok|okay|well|and)\b[ ,!.]*",
    r"|(?:can|could|would|will) you (?:please )?(?=tell|show|give|list|find|name|compare|say|explain|describe)",
    r"|(?:(?:can|could|would|will) you (?:please )?)?(?:look up|check|find out|work out|calculate|determine|state|report|tell)",
    r"(?: for)?(?: me| us)?[ ,:]+(?=what|which|who|how|where|when|if|whether|the (?!makers?|manufacturers?)|⟦)",
    r"|i(?:'d| would)? (?:want|like|need|wish) to (?:know|find out|see|find) (?:about )?|i(?:'m| am) looking for ",
    r"|(?:do you know|tell me|say|let me know|find out)(?: please)?[ ,:]+(?=what|which|who|how|where|when|if|whether|the|⟦)",
    r"|(?:show|give|get|find|name|state|quote|provide|print|display)(?: me| us)?[ ,:]+",
    r"(?=what|which|who|how|the (?:\w+ )?\w+ (?:of|for) (?:the )?⟦|⟦)",
    r"|(?:if|whether) |(?:at|under|with|from|in) (?=(?:what|which) (?!year|date|file|record|document|source)))",
)
"""Greetings and what only says that something is asked."""
_LASTING: Final = r"(?:lasts?|lives?|survives?|endures?|keeps going|holds? out)"
_IT: Final = r"(?:the )?⟦\d+⟧"
_MAY: Final = r"(?:must|may|should|can|shall|could)"
_PER: Final = r"(?:per|to)(?: unit)?(?: of)?(?: the)?"
_REWORDED: Final[Sequence[tuple[re.Pattern[str], str]]] = (
    (_pattern(r"\b(?:out(?:lasts?|lives?)|survives? longer than)\b"), "has more cycle life than"),
    (_pattern(rf"\b{_LASTING} (?:for )?longer\b|\blonger(?:[- ]lasting|[- ]lived)\b"), "has more cycle life"),
    (_pattern(rf"\blonger\b(?=.*\b{_LASTING}\b)"), "more cycle life"),
    (_pattern(r"\b(?P<much>more|less|most|least|much) (?:electric(?:al)? )?charge\b(?! current| voltage)"), r"\g<much> capacity"),
    (_pattern(r"\bconducts? (?:the )?(?P<much>best|better|worst|worse|most|least|more|less)\b"), r"has the \g<much> conductivity"),
    (_pattern(r"\b(?:after|for) how many cycles\b"), "how many cycles"),
    (
        _pattern(rf"\bhow (?:many times|often) (?P<it>{_MAY} .+? be) (?:re|dis)?(?:charged|cycled)\b"),
        r"how many cycles \g<it> used",
    ),
    (_pattern(r"\bhow much (?P<what>[^⟦]+?) in (?:per ?cent|%)(?=\s|\Z)"), r"by what percent \g<what>"),
    (
        _pattern(r"\bhow many (?P<unit>[^\s⟦]+) (?P<more>more|fewer|less)\b(?= (?:is|are|do|does|can|will)\b)"),
        r"how many \g<more> \g<unit>",
    ),
    (
        _pattern(
            r"\b(?:what|how (?:long|many|much)) (?P<does>do|does|can|will) (?P<it>.+?) (?P<last>last|survive|reach),? in cycles\Z"
        ),
        r"how many cycles \g<does> \g<it> \g<last>",
    ),
    (_pattern(r"\b(?:all the time|at all times|without a break)\b"), "continuously"),
    (_pattern(r"\b(?<!country of )(?:the )?origin of (?=(?:the )?⟦)"), "the country of origin of "),
    (
        _pattern(r"\Awhere (?:does|do|did) (?P<what>(?:the )?⟦0⟧(?: (?:cell|battery))?) (?:come|originate|stem)(?: from)?\Z"),
        r"country of \g<what>",
    ),
    (_pattern(r"\b(?:bring|put|tip)s?(?: [\w.,]+)? (?:up)?(?:on ?to|on|at)? ?(?:the )?scales\b"), "weigh"),
    *(
        (_pattern(rf"\bhow {adjective} (?:is|are|was|were)\b"), f"what is the {meant} of")
        for adjective, meant in (
            ("dense", "density"),
            ("viscous", "viscosity"),
            ("porous", "porosity"),
            ("tortuous", "tortuosity"),
            ("conductive", "conductivity"),
            ("concentrated", "concentration"),
        )
    ),
    (_pattern(r"\bhow long does it take to (?:re)?charge\b"), "what is the charging time of"),
    (_pattern(r"\bhow long does (?P<what>.+?) take to (?:re)?charge\b"), r"what is the charging time of \g<what>"),
    (_pattern(r"\bhow (?:large|big|high|great|low|good) (?:is|are)(?= (?:the|its) (?!⟦))"), "what is"),
    *(
        (_pattern(rf"\bhow (?:{words}) (?:is|are) the (?P<part>[\w -]{{3,40}}?) (?:of|in|inside) (?=(?:the |an? )?⟦)"), meant)
        for words, meant in (
            ("heavy|light", r"what is the mass of the \g<part> of "),
            ("thick|thin", r"what is the thickness of the \g<part> of "),
            ("wide", r"what is the width of the \g<part> of "),
            ("tall", r"what is the height of the \g<part> of "),
        )
    ),
    (
        _pattern(r"\Ahow (?:do|does|did) (?P<sets>.+?) compare (?:in(?: terms of)?|by|regarding)(?: the| their)? (?P<property>.+)"),
        r"compare the \g<property> of \g<sets>",
    ),
    (_pattern(rf"\benergy {_PER} (?:weight|mass|kilograms?|kg)\b"), "specific energy"),
    (_pattern(rf"\benergy {_PER} (?:volume|lit(?:re|er)s?|l)\b|\benergy[- ]dens(?:e|est)\b"), "energy density"),
    (_pattern(rf"\bcapacity {_PER} (?:weight|mass|grams?|g|kilograms?|kg)\b"), "specific capacity"),
    (_pattern(rf"\bcapacity {_PER} (?:area|cm2|cm²|square centimet(?:re|er)s?)\b"), "areal capacity"),
    *(
        (
            _pattern(
                rf"\b{_MAY}(?P<who> (?:i|you|it|we|one|{_IT}))? (?:not|never)(?: be)?",
                rf"(?P<done> (?!{words}|⟦)\w+)?(?P<it> {_IT})? (?:{words})\b",
            ),
            rf"\g<who>\g<it> {bound}\g<done>",
        )
        for words, bound in (("below|under|less than", "minimum"), ("exceed|above|over|beyond|more than", "maximum"))
    ),
    (_pattern(r"\b(?:coldest|coolest)(?= (?:temperature|it))"), "lowest"),
    (_pattern(r"\b(?:hottest|warmest)(?= (?:temperature|it))"), "highest"),
)
"""What people say by verbs, and the same with the name of a property."""
_IS: Final = _pattern(r"\b(?P<word>what|who|where|when|which|how)'s\b")
_END: Final = re.compile(r"(?:[\s?!.,;:]+|[\s,]+(?:please|thanks|thank you))+\Z", re.IGNORECASE)


def cleaned(text: str) -> str:
    """The question without greetings and the signs at its end, in the words that its forms are told by.

    >>> cleaned("Hello, can you tell me how heavy is it?"), cleaned("What's the mass, please?")
    ('how heavy is it', 'What is the mass')
    """
    asked = _IS.sub(r"\g<word> is", _END.sub("", " ".join(text.replace("’", "'").split())))
    while True:
        lead = _LEAD.match(asked)
        if lead is None or not asked[lead.end() :].strip():
            return _reworded(asked)
        asked = asked[lead.end() :].lstrip()


def _reworded(asked: str) -> str:
    for pattern, meant in _REWORDED:
        asked = pattern.sub(meant, asked)
    return asked
