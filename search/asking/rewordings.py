"""Questions in other words: without greetings, and with the name of a property for what people say by verbs and adjectives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final


def _pattern(*pieces: str) -> re.Pattern[str]:
    return re.compile("".join(pieces), re.IGNORECASE)


_COULD_YOU: Final = r"(?:can|could|would|will) (?:you|someone|somebody|anyone|anybody) (?:please |kindly )?"
_LEAD: Final = _pattern(
    r"(?:(?:hi|hello|hey|please|so|ok|okay|well|and)\b[ ,!.]*",
    rf"|{_COULD_YOU}(?=tell|show|give|list|find|name|compare|say|explain|describe)",
    rf"|(?:{_COULD_YOU})?(?:look up|check|find out|work out|calculate|determine|state|report|tell)",
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
_SORT: Final = r"(?:lower|upper|min(?:imum)?|max(?:imum)?|rated|nominal|typical|standard|continuous|pulse|peak)"
_PER_UNITS: Final[Sequence[tuple[str, str, str]]] = (
    (r"mAh(?: ?/ ?| per )g(?:ram(?:me)?)?", "specific capacity", "mAh/g"),
    (r"Ah(?: ?/ ?| per )(?:kg|kilo(?:gram(?:me)?)?)", "specific capacity", "Ah/kg"),
    (r"mAh(?: ?/ ?| per )(?:cm2|cm²|cm\^2|square centimet(?:re|er))", "areal capacity", "mAh/cm²"),
    (r"Wh(?: ?/ ?| per )(?:kg|kilo(?:gram(?:me)?)?)", "specific energy", "Wh/kg"),
    (r"Wh(?: ?/ ?| per )(?:l|lit(?:re|er))", "energy density", "Wh/L"),
    (r"mg(?: ?/ ?| per )(?:cm2|cm²|cm\^2|square centimet(?:re|er))", "mass loading", "mg/cm²"),
)
"""Units that only one property has, and how they are written."""
_GIVES: Final = (
    r"(?:offer|have|store|deliver|hold|give|provide|contain|reach|achieve|pack|supply|carry|possess|yield|show|get|allow)"
)
_APART: Final = r"(?:(?:lie|are|is|lies)(?: there)? between|separates?|divides?|(?:sets?|puts?) apart)"
_QUALITIES: Final = {
    "dense": "density",
    "viscous": "viscosity",
    "porous": "porosity",
    "tortuous": "tortuosity",
    "conductive": "conductivity",
    "concentrated": "concentration",
}
"""Adjectives -> the property that they are about."""
_REWORDED: Final[Sequence[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]] = (
    (_pattern(r"\bavg\b\.?|\bave\."), "average"),
    (_pattern(r"\bnom\b\.?(?= (?:volt|capac|energ))"), "nominal"),
    (_pattern(r"\bmax\b\.?(?= [a-z])"), "maximum"),
    (_pattern(r"(?<!\d)(?<!\d )\bmin\b\.?(?= (?:temp|volt|capac|charg|disch|stor|oper|value|current|and max))"), "minimum"),
    (
        _pattern(r"\A(?:the )?(?:#|number) ?of (?P<what>[\w -]+?) (?=(?:does|do|is|are|has|have|can) (?:the )?⟦)"),
        r"how many \g<what> ",
    ),
    (_pattern(r"\A(?P<set>[^?]+?)[\s,:;–-]+how many(?: (?:are there|exist|do you have|of them))?\Z"), r"how many \g<set>"),
    (
        _pattern(
            r"\A[^?⟦\d]*(?P<it>⟦0⟧)[^?⟦\d]*[.;!] ",
            r"(?=(?:what|which|how|who|is|does|can|has|at|in)\b[^⟦]*\b(?:its?|this cell)\b)",
        ),
        r"\g<it>: ",
    ),
    (
        _pattern(r"\A(?:the )?(?P<set>(?:\w+est|most|least) [^⟦?]+?)'s (?P<property>[\w ]+)\Z"),
        r"\g<property> of the \g<set>",
    ),
    (
        _pattern(r"\A(?P<maker>[\w&-]+)'s (?P<most>\w+est|most|least) (?P<what>[^⟦?]+?)'s (?P<property>[\w ]+)\Z"),
        r"\g<property> of the \g<most> \g<maker> \g<what>",
    ),
    (_pattern(r"\A(?:what|how much) (?:do|does) (?P<set>the (?:\w+est|most|least) [^⟦?]+?) weigh\Z"), r"weight of \g<set>"),
    (_pattern(r"\A(?:#|n[or]\.|num(?:ber)?\.?) ?of\b"), "number of"),
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
    (
        _pattern(r"(?P<half>\b(?:capacity|voltage|potential)\b.*) (?:vs\.?|versus|against) (?:Li|Na)(?:\+? ?/ ?(?:Li|Na)\+?)?\Z"),
        r"\g<half>",
    ),
    (
        _pattern(r"\Abetween (?:what|which) (?:values|limits|bounds) (?:do|does) (?:the )?(?P<what>.+?) (?:lie|range|vary|fall)\Z"),
        r"range of \g<what>",
    ),
    (
        _pattern(
            r"\A(?:(?:from )?what to what|over (?:what|which) range|how (?:widely|far|much)) (?:do|does) (?:the )?(?P<what>.+?)",
            r" (?:range|vary|spread)\Z",
        ),
        r"range of \g<what>",
    ),
    (_pattern(r"\bhow long (?:to|it takes to) (?:re)?charge\b"), "charging time of"),
    (_pattern(r"\bhow long does (?:the )?(?:re)?charging (?:of )?(?P<what>.+?) take\b"), r"what is the charging time of \g<what>"),
    (_pattern(r"\bas (?P<how>heavy|thick|wide|tall|long|high|big|large) as (?=(?:the |an? )?⟦)"), r"the same \g<how> as "),
    (_pattern(r"\breach(?:es)? (?=[\d.,]+ cycles\b)"), "last "),
    (
        _pattern(r"\b(?P<much>more|less|most|least) (?P<what>porous|viscous|tortuous|conductive|concentrated|dense)\b(?=.*⟦|\Z)"),
        lambda said: f"{said['much']} {_QUALITIES[said['what'].lower()]}",
    ),
    (
        _pattern(
            r"\A(?:is|are) (?P<what>[^⟦]+?) (?:ever )?(?:used|found|contained|present) in (?:any|some|an?) (?P<set>[^⟦]+)",
        ),
        r"is there any \g<set> with \g<what>",
    ),
    (
        _pattern(
            r"\b(?P<what>(?:(?!(?:the|of|is|an?|what|which)\b)\w+ ){0,2}\w+) \((?P<sort>",
            rf"{_SORT}(?:[ ,]+{_SORT})*)\)",
        ),
        r"\g<sort> \g<what>",
    ),
    (_pattern(r"\b(?:the|an?|my|our|this|that) (?:[\w-]+ )?(?:cell|battery|accumulator) (?=⟦)"), "the "),
    (_pattern(r"\bhow (?:far|much|wide) apart\b"), "difference of"),
    (
        _pattern(rf"\bhow many (?!(?:cells|batteries|records|models)\b)(?P<unit>[^\s⟦]+) (?:do |does )?{_APART} (?=(?:the )?⟦0⟧)"),
        r"in \g<unit>, what is the difference between ",
    ),
    (_pattern(rf"\b(?:what|which|how much) (?P<what>\w[\w ]*?) {_APART} (?=(?:the )?⟦0⟧)"), r"difference in \g<what> between "),
    (_pattern(r"\bdifference in (?P<unit>\S+) between (?P<both>(?!.* in ).*⟦0⟧.+)"), r"difference between \g<both> in \g<unit>"),
    (
        _pattern(
            r"(?:\b(?:of|between|among) (?:the|these|those) (?:two|three)(?: (?:cells|batteries|models))?,? )?",
            r"\bwhich (?:one )?(?:of|among) (?:the|these|those) (?:two|three)(?: (?:cells|batteries|models|ones))?(?=[ ,])",
        ),
        "which one",
    ),
    (_pattern(r"\b(?:typical|average|usual|mean) \((?P<word>mean|average)\)"), r"\g<word>"),
    (_pattern(r"\b(?:typical|usual|average) \(median\)"), "median"),
    *(
        (
            _pattern(
                rf"\bhow many {unit} (?:do|does|can|could|will|would) (?!.*\b(?:more|less|fewer|than)\b)(?P<what>.+?)",
                rf"(?: {_GIVES})?(?P<theory>,? (?:in theory|theoretically))?\Z",
            ),
            lambda said, name=name, written=written: (
                f"what is the {'theoretical ' if said['theory'] else ''}{name} of {said['what']} in {written}"
            ),
        )
        for unit, name, written in _PER_UNITS
    ),
    (
        _pattern(r"\b(?:active )?(?:material )?mass per (?:unit )?(?:area|cm2|cm²|square centimet(?:re|er))(?=\s|\Z)"),
        "mass loading",
    ),
    (
        _pattern(
            r"(?P<be> (?:is|was|are|were))? (?:put|filled|injected|poured|dispensed|pipetted) (?:in|into)(?= (?:the |an? )?\S)"
        ),
        lambda said: f"{said['be'] or ''} in",
    ),
    (
        _pattern(
            r"\b(?P<what>instrument|device|cycler|potentiostat)s? (?:(?:was|were) used (?:to|for) )?",
            r"(?:measured?|measuring|recorded?|recording|tested|test|testing|took|take|cycled|cycling) (?=(?:the )?⟦0⟧)",
        ),
        r"\g<what> of ",
    ),
    (_pattern(r"\A(?:the )?names? of (?=(?:all|the|every)\b)(?!.*\b(?:makers?|manufacturers?)\b)"), "list "),
    (_pattern(r"\b(?:all the time|at all times|without a break)\b"), "continuously"),
    (_pattern(r"\b(?<!country of )(?:the )?origin of (?=(?:the )?⟦)"), "the country of origin of "),
    (
        _pattern(r"\Awhere (?:does|do|did) (?P<what>(?:the )?⟦0⟧(?: (?:cell|battery))?) (?:come|originate|stem)(?: from)?\Z"),
        r"country of \g<what>",
    ),
    (_pattern(r"\b(?:bring|put|tip)s?(?: [\w.,]+)? (?:up)?(?:on ?to|on|at)? ?(?:the )?scales\b"), "weigh"),
    *(
        (_pattern(rf"\bhow {adjective} (?:is|are|was|were)\b"), f"what is the {meant} of")
        for adjective, meant in _QUALITIES.items()
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
_WHETHER: Final = _pattern(
    rf"\A(?:if|whether) (?P<what>{_IT}|there|you|we) (?P<verb>is|are|was|has|have|can|does|weighs|contains|uses|know)\b"
)
_ASKING_VERBS: Final = frozenset(("is", "are", "was", "can", "does"))
_IS: Final = _pattern(r"\b(?P<word>what|who|where|when|which|how)'?s\b")
_END: Final = re.compile(r"(?:[\s?!.,;:]+|[\s,]+(?:please|thanks|thank you))+\Z", re.IGNORECASE)


def cleaned(text: str) -> str:
    """The question without greetings and the signs at its end, in the words that its forms are told by.

    >>> cleaned("Hello, can you tell me how heavy is it?"), cleaned("What's the mass, please?")
    ('how heavy is it', 'What is the mass')
    """
    asked = _IS.sub(r"\g<word> is", _END.sub("", " ".join(text.replace("’", "'").split())))
    while True:
        asked = _WHETHER.sub(_as_question, asked, count=1)
        lead = _LEAD.match(asked)
        if lead is None or not asked[lead.end() :].strip():
            return _reworded(asked)
        asked = asked[lead.end() :].lstrip()


def _as_question(said: re.Match[str]) -> str:
    """*Whether the ⟦0⟧ is round* as *is the ⟦0⟧ round*."""
    if said["verb"].lower() in _ASKING_VERBS:
        return f"{said['verb']} {said['what']}"
    return f"does {said['what']} {'have' if said['verb'].lower() == 'has' else said['verb'].removesuffix('s')}"


def _reworded(asked: str) -> str:
    for pattern, meant in _REWORDED:
        asked = pattern.sub(meant, asked)
    return asked
