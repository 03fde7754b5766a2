"""What people say around a question, taken away before anything is read: *quick question: …*, *I need …*, *… in your archive?*."""

from __future__ import annotations

import re
from typing import Final

from ontology.units import Units
from search.asking.property_names import named_by_unit

_PLACES: Final = (
    r"(?:data ?(?:base|bank|sheets?)?|archive|records?|collection|catalog(?:ue)?|repository|library|documents?|files|system|portal"
    r"|index|inventory|holdings|(?:web)?site|store)"
)
_YOURS: Final = rf"(?:the|this|your|our|that|these) (?:(?:whole|entire|current|open|public|battery|research|present) )*{_PLACES}"
_SOMEBODY: Final = r"(?:you|we|i|one|anyone|anybody|someone|somebody)"
_QUESTION: Final = (
    r"(?:(?:(?:of|in|by|at|under|after|with|from|up to|down to) )?(?:what|which|whom?|how)|whose|where|when|why|if|whether"
    r"|is|are|was|were|do|does|did|has|have|can|could|will|may|count|compare|number|on average)\b"
)
_PURPOSE: Final = (
    r"(?:for|in) (?:my|our|his|her|their|a|the|this) (?:[\w-]+ )?(?:thesis|dissertation|paper|project|work|study|review|report"
    r"|homework|class|course|talk|lecture|model|simulation|publication|article|supervisor|boss|colleague|presentation|table|slides?)"
)
_GREETING: Final = (
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear \w+|excuse me|sorry|please|pls|kindly|thanks|okay|ok)"
    r"(?: (?:there|all|everyone|everybody|folks|team|again))?\b[\s,!.:;–-]+"
)
_HEADING: Final = (
    r"(?:(?:just )?(?:(?:a|one|another|my|the|next|last|quick|short|small|simple|silly|stupid|urgent|follow-up) )*"
    r"(?:question|query|q)\b(?: for you)?\s*[:,.;!–-]+"
    r"|(?:(?:a )?short answer(?: please)?|in (?:one|a few|short) words?|(?:just|give me) (?:a|one) (?:number|word))\s*:)"
)
_WONDERING: Final = (
    r"(?:(?:i(?:['’]m| am) )?(?:just )?(?:curious|out of curiosity)\b[\s,:.–-]*"
    r"|(?:i(?:['’]m| am| was)? )?(?:just )?wonder(?:ing)?[\s,:]+|my \w+ (?:asks|asked|wonders|wants to know)[\s,:]+)"
)
_WHY: Final = (
    rf"(?:{_PURPOSE}\s*[:,]|i(?:['’]m| am) (?:an?|the|new) [\w -]{{2,40}}[,.;:!–-]\s"
    r"|for (?:my|our|a|an|the) [\w-]+(?: [\w-]+)?,?(?= (?:i|we) (?:need|want|require)\b)"
    r"|i(?:['’]m| am) (?:writing|preparing|working|designing|building|modell?ing|simulating|doing) [^?:\d]{1,40}?"
    r"(?:,? and| so),?(?: i)?(?= (?:need|want)\b))"
)
_FROM_YOURS: Final = rf"(?:according to|in|from|based on|going by|judging by|looking at|as per) {_YOURS}\s*[:,]"
_ASKS: Final = (
    rf"(?:(?:(?:do|does|did) )?{_SOMEBODY} (?:happen to )?know,?\s+(?={_QUESTION}|the\b)"
    r"|(?:can|could|may|might) (?:i|we) (?:please )?(?:get|have|see|know|ask(?: you)?)(?: for)?,?"
    r"(?= (?:the|how|what|which|who|when|where)\b)"
    rf"|(?:(?:can|could|would|will) {_SOMEBODY}(?: please| kindly)? )?(?:tell|remind|inform) (?:me|us)(?: please)?[\s,:]+"
    rf"(?={_QUESTION})"
    rf"|(?:any (?:idea|clue)|i (?:forgot|forget|do(?:n['’]t| not) know|need to know|have to know))[\s,:]+(?={_QUESTION}))"
)
_WISHES: Final = (
    r"(?:it would be (?:great|nice|good|helpful|useful) to (?:know|have|get|see)"
    r"|i(?:['’]m| am) trying to (?:find(?: out)?|get|learn|know)"
    r"|(?:(?:i|we)(?: (?:just|only|also))? )?(?:want|need|require)(?: to (?:have|get|see))?(?= (?!to\b|know\b|it\b))"
    r"|(?:i|we)(?:['’]d| would) (?:like|need|want)(?: to (?:have|get|see))?(?= (?!to\b|know\b|it\b))"
    r"|(?:(?:i|we)(?:['’]m|['’]re| am| are) )?(?:looking|searching) for"
    r"|(?:i|we)(?:['’]m|['’]re| am| are) (?:after|interested in)|wanted:)"
)
_BEFORE: Final = re.compile(
    rf"\s*(?:{_GREETING}|{_HEADING}|{_WONDERING}|{_WHY}|{_FROM_YOURS}|{_ASKS}|{_WISHES}"
    r"|(?:in total|all in all|overall|altogether)[\s,:]+(?=how many))\s*",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"[\s,;.!?–-]+(?:again|please|pls|(?:thanks|thank you)(?: a lot| very much| in advance| so much)?|thx|cheers"
    r"|do you know|if you know|by the way|btw)(?P<end>[\s?.!]*)\Z",
    re.IGNORECASE,
)
_IN_IT: Final = re.compile(
    rf"(?P<asked>.+?\s\S+?),? (?:(?:that (?:is|are) )?(?:available|stored|listed|found|kept|recorded|included) )?"
    rf"(?:in|on|from|within) {_YOURS}(?P<end>[\s?.!]*)",
    re.IGNORECASE,
)
_WHERE_IN_IT: Final = re.compile(
    r"(?:where|which (?:file|record|document)s?)\b|(?:is|are|was|were) .*\b(?:mo(?:re|st)|less|least|same|only|all|every|than)\b"
    r"|.*\b(?:is|are|was|were|how many)\Z",
    re.IGNORECASE,
)
"""What cannot do without the place: *where is it in the archive*, *how many cells are in the archive*."""
_IS_IN_IT: Final = re.compile(r"\A(?P<be>is|are) (?!there\b)", re.IGNORECASE)
"""*Is the A123 20AH in the archive* asks whether there is one."""
_UNIT: Final = r"(?P<unit>[VAg%]|[^()\[\]\s\d,;]{2,12})"
_UNIT_APART: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\s*[(\[]\s*(?:in )?{_UNIT}\s*[)\]](?=\s|[?.!,:]|\Z)",
        rf"\s*[,;]\s*{_UNIT}(?=[\s?.!]*\Z)",
        rf",? in {_UNIT},?(?=(?: (?:of|for|does|do|did|has|have|is|are)\b|\s*[:–]\s))",
        *(rf"(?<=\b{cells})\s{_UNIT}(?=[\s?.!]*\Z)" for cells in ("cells", "batteries")),
    )
)
"""A unit in brackets, behind a comma or *cells*, before a colon or a verb; of single letters those that stand for nothing else."""
_PER: Final = re.compile(
    r"\b(?P<one>(?:[a-z]{2,8}[ -])?[a-zµμ]+)(?: per |/)(?:an? |unit )?(?P<other>(?:square |cubic )?[a-z]+[23²³]?)\b", re.IGNORECASE
)
"""*Grams per mole*, *watt-hours per kilogram*."""
_MARKS: Final = re.compile(r"[\s?.!]*\Z")


def without_chatter(text: str) -> str:
    """The question by itself; as it is where nothing would be left.

    >>> without_chatter("Hi all, quick question: could you tell me how heavy the LG M50 is, please?")
    'how heavy the LG M50 is?'
    >>> without_chatter("I need the mean mass of LFP cells in your archive"), without_chatter("Is the LG M50 in the archive?")
    ('the mean mass of LFP cells', 'Is there the LG M50?')
    """
    left = text
    while (found := _BEFORE.match(left)) and left[found.end() :].strip(" ?.!"):
        left = left[found.end() :]
    while (found := _AFTER.search(left)) and left[: found.start()].strip():
        left = left[: found.start()] + found["end"]
    placed = _IN_IT.fullmatch(left)
    if placed is None or _WHERE_IN_IT.match(placed["asked"]):
        return left
    return _IS_IN_IT.sub(r"\g<be> there ", placed["asked"]) + placed["end"]


def with_unit_last(text: str, units: Units) -> str:
    """The question with *in* and the unit at its end, where the unit stands apart.

    >>> from ontology.model import Facts
    >>> known = Units(Facts((), {}, {}, {}))
    >>> with_unit_last("median capacity (Ah) of Kokam cells?", known), with_unit_last("LG E78 mass, kg", known)
    ('median capacity of Kokam cells in Ah', 'LG E78 mass in kg')
    """
    for found in (found for pattern in _UNIT_APART for found in pattern.finditer(text)):
        if units.find(found["unit"]) is not None:
            rest = text[: found.start()] + text[found.end() :]
            return _MARKS.sub(f" in {found['unit']}", rest, count=1)
    return text


def with_unit_signs(text: str, units: Units) -> str:
    """The question with units of two as they are written in short: ``g/mol`` for *grams per mole*."""
    return _PER.sub(lambda said: _sign(said, units), text)


def _sign(said: re.Match[str], units: Units) -> str:
    """The unit of the last of these words, or of both: *in grams per mole*, *amp hours per kilogram*."""
    before, space, last = said["one"].rpartition(" ")
    for kept, one in ((before + space, last), ("", said["one"])):
        unit = units.find(f"{one} per {said['other']}")
        if unit is not None and named_by_unit(unit):
            return f"{kept}{unit.name}"
    return said.group()
