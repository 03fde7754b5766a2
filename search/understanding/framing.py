"""What people say around a question: *please show me … in the archive*, *for my thesis: …*."""

from __future__ import annotations

import re
from typing import Final

_WHO: Final = r"(?:i|we|you|one|they|someone|somebody|my \w+|our \w+|the \w+)"
_WISHES: Final = (
    rf"{_WHO}(?:['’]d|['’](?:m|re)| am| are| is| would| was)? "
    r"(?:like to (?:see|have|know|find)|look(?:s|ing)? for|search(?:es|ing)? for|ask(?:s|ed|ing)? (?:me )?for|interested in"
    r"|(?:need|want)(?:s|ed)?(?: to (?:see|have|find|know))?|after)"
)
_ASKS: Final = (
    r"(?:(?:could|can|would|will) (?:you|i|we|one|anybody|anyone|somebody) (?:please |kindly )?)?"
    r"(?:tell|show|give|get|bring|find|list|search|look|display|fetch|send)(?: me| us)?(?: up| out)?(?: for)?"
)
_IS_THERE: Final = (
    r"(?:do|does|did) (?:you|we|they|the archive|anybody|anyone|somebody)(?: happen to)? (?:have|hold|keep|offer)"
    r"|(?:is|are) there|(?:what|whatever|which) (?:do|does) (?:we|you|they|the archive) have(?: on| about| for)?"
    r"|what (?:is|there is|is there|exists|do you know)(?: on| about)|have (?:you|we)(?: got)?"
)
_PURPOSE: Final = (
    r"(?:(?:for|in) (?:my|our|his|her|their) (?:\w+ )?"
    r"(?:thesis|dissertation|paper|project|work|study|review|report|master|phd|talk|lecture|model|publication|article|supervisor|boss)[:,]?)"
)
_RECORDS: Final = (
    r"(?:(?:(?:all|any|some|the|every|more|everything|anything|something|whatever)\s)*"
    r"(?:records?|entr(?:y|ies)|documents?|information|info|everything|anything|something|whatever|results?|hits?)"
    r"(?: (?:that (?:is|are|there is)|which (?:is|are)|you have|we have|there is|there are|available))?"
    r" (?:about|on|concerning|regarding|of|for|related to|dealing with|to do with)(?= ))"
)
_HOW_DONE: Final = re.compile(
    r"\s*(?:how|in what way) (?:is|are|was|were) (?:an? |the )?(?P<what>.+?)"
    r" (?:being )?(?:done|performed|carried out|conducted|executed)[\s?.!]*\Z",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"\s*(?:(?:hello|hi|hey|please|pls|kindly|thanks|ok|okay|so|well|now|just|quick question)\b[\s,:!.-]*"
    rf"|(?:{_PURPOSE}|{_WISHES}|{_ASKS}|{_IS_THERE}|{_RECORDS})(?![\w-])[\s,:]*)",
    re.IGNORECASE,
)
_PLACES: Final = (
    r"(?:archive|data ?(?:base|bank)|repository|collection|catalog(?:ue)?|library|system|portal|(?:web)?site|index|store)"
)
_AFTER: Final = re.compile(
    rf"[\s,;.!–-]*(?<![\w-])(?:please|pls|thanks(?: a lot| in advance)?|thank you(?: very much)?|cheers|{_PURPOSE}"
    rf"|(?:that (?:is|are) )?(?:available |stored |listed |found |kept |recorded )?(?:in|on|from|within|of) "
    rf"(?:the|this|your|our|that) (?:(?:whole|entire|battery|data|big-map|research) )*{_PLACES}"
    r"|(?:that (?:is|are) )?on (?:file|record)|(?:that|which)? ?(?:you|we) (?:have|hold|know of)"
    r"|(?:here|somewhere|if any|if there (?:is|are) any))\s*(?=[?.!]*\s*\Z)",
    re.IGNORECASE,
)
_HEADED: Final = re.compile(r"(?<![\w-])[A-Z][a-z]{3,}(?![\w-])")
_PLAIN: Final = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")
_FEWEST_HEADED: Final = 3


_WITH, _WITHOUT = re.compile(r"(?<![\w-])w/(?!o\b)\s*", re.IGNORECASE), re.compile(r"(?<![\w-])w/o(?![\w-])\s*", re.IGNORECASE)
_OF_FORMAT: Final = re.compile(
    r"(?<![\w-])(?P<format>full|pouch|coin|button|prismatic|cylindrical)-(?=(?:cells?|batter(?:y|ies))(?![\w-]))", re.IGNORECASE
)
_ENDS: Final = re.compile(r"(?<!\bCo)(?<!\b(?:Inc|Ltd|etc))(?<!\bCorp)(?<!\bal)[\s.?!]+\Z")
"""Marks at the end, but for the point of an abbreviation."""


def bare(text: str) -> str:
    """The question without what is said around it; as it is where nothing would be left.

    >>> bare("Could you please show me LFP cells above 100 Ah in the archive?")
    'LFP cells above 100 Ah'
    >>> bare("for my thesis: all records about 75 Ah cells, thanks")
    '75 Ah cells'
    >>> bare("Panasonic cells w/o NCA."), bare("in the archive"), bare("EEMB Co.")
    ('Panasonic cells without NCA', 'in the archive', 'EEMB Co.')
    """
    text = _OF_FORMAT.sub(r"\g<format> ", text)
    left = _ENDS.sub("", _WITH.sub("with ", _WITHOUT.sub("without ", text)))
    if how := _HOW_DONE.match(left):
        left = how["what"]
    while (found := _BEFORE.match(left)) and left[found.end() :].strip(" ?.!"):
        left = left[found.end() :]
    while (found := _AFTER.search(left)) and left[: found.start()].strip():
        left = left[: found.start()]
    return left.strip() if left != text else text


def is_headline(text: str) -> bool:
    """Whether each longer word begins with a capital letter, so that the letter tells of none that it is a name.

    >>> is_headline("Batteries Of Mobile Phones in Use"), is_headline("pouch cells from Toyota"), is_headline("Elon Musk")
    (True, False, False)
    """
    return _PLAIN.search(text) is None and len(_HEADED.findall(text)) >= _FEWEST_HEADED
