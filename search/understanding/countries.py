"""Where something was made: ``made in the USA``, ``Vietnamese-made cells``. Records write countries by their names."""

from __future__ import annotations

import re
from typing import Final

from records.record import EntityKind
from search.query import EitherPart, EntityPart, Facet, Part, Query, ValuePart
from search.understanding.question import Question
from search.understanding.vocabulary import Known

_COUNTRIES: Final = (
    (("United States", "USA"), r"U\.?S\.?A\.?|United\s+States(?:\s+of\s+America)?|America|the\s+States", r"US|U\.S\.|American"),
    (("United Kingdom", "UK", "Great Britain"), r"U\.?K\.?|United\s+Kingdom|(?:Great\s+)?Britain|England", r"UK|British|English"),
    (("South Korea", "Korea"), r"(?:South\s+|Republic\s+of\s+)?Korea", r"(?:South\s+)?Korean?"),
    (("China", "PRC"), r"China|PRC|People['’]s\s+Republic\s+of\s+China", r"China|Chinese"),
    (("Germany", "Deutschland"), r"Germany|Deutschland", r"German"),
    (("Switzerland",), r"Switzerland|Schweiz", r"Swiss"),
    (("Vietnam", "Viet Nam"), r"Viet\s?nam", r"Viet\s?nam(?:ese)?"),
    (("Japan",), r"Japan", r"Japan(?:ese)?"),
    (("France",), r"France", r"French"),
    (("Taiwan",), r"Taiwan", r"Taiwan(?:ese)?"),
    (("Norway", "Norge"), r"Norway|Norge", r"Norwegian"),
    (("Sweden",), r"Sweden", r"Swedish"),
    (("Poland",), r"Poland", r"Polish"),
    (("Hungary",), r"Hungary", r"Hungarian"),
    (("India",), r"India", r"Indian"),
    (("Canada",), r"Canada", r"Canadian"),
    (("Singapore",), r"Singapore", r"Singaporean"),
    (("Malaysia",), r"Malaysia", r"Malaysian"),
    (("Indonesia",), r"Indonesia", r"Indonesian"),
)
"""How records write a country, how people do, and what they call what comes from there."""
OF_COUNTRIES: Final = "|".join(from_there for _, _, from_there in _COUNTRIES)
"""A pattern for what comes from a country: ``Swiss``."""
_MADE_IN: Final = (
    r"(?<![\w-])(?:made|manufactured|produced|built|assembled|originate|originating|origin(?:ally)?|comes?|coming)\s+(?:in|from)"
)
_MAKERS: Final = r"(?:makers?|manufacturers?|producers?|brands?|compan(?:y|ies)|vendors?|suppliers?|cell\s?makers?|giants?)"
_OF_ORIGIN: Final = r"(?:countr(?:y|ies)\s+of\s+)?(?:origin|manufacture|production|assembly)"
_SAID: Final = tuple(
    (
        names,
        re.compile(
            rf"{_MADE_IN}\s+(?:the\s+)?(?:{country})(?![\w-])"
            rf"|(?<![\w-])(?:{from_there})\s+(?=(?:\w+\s+)?{_MAKERS}(?!\w))"
            rf"|(?<![\w-])(?:{from_there})[\s-](?:made|built|manufactured|produced|assembled)(?!\w)"
            rf"|(?<![\w-]){_OF_ORIGIN}\s*(?:is\b|in\b|from\b|[:=])?\s*(?:the\s+)?(?:{country})(?![\w-])"
            rf"|(?<![\w-])(?:of\s+)?(?:{from_there}|{country})\s+origin(?![\w-])",
            re.IGNORECASE,
        ),
        re.compile(rf"(?<![\w-])from\s+(?:the\s+)?(?:{country})(?![\w-])(?!\s+[A-Z])"),
    )
    for names, country, from_there in _COUNTRIES
)
"""How records write a country, what says that something was made there, and what may say it: ``cells from China``."""


_NAME: Final = re.compile("|".join(country for _, country, _ in _COUNTRIES), re.IGNORECASE)


def names_country(word: str) -> bool:
    """Whether it is the name of a country.

    >>> names_country("Germany"), names_country("German")
    (True, False)
    """
    return _NAME.fullmatch(word) is not None


def read_countries(question: Question, known: Known) -> None:
    """Put a part for the country in which something was made, by the name of it that readable records have.

    >>> from search.understanding.vocabulary import NothingKnown
    >>> question = Question("cells made in the USA", ())
    >>> read_countries(question, NothingKnown())
    >>> question.placed[0].part
    ValuePart(text='made in the USA', facet=<Facet.COUNTRY: 'country'>, value='United States', negated=False)
    """
    for names, sure, perhaps in _SAID:
        for pattern in (sure, perhaps):
            for match in pattern.finditer(question.text):
                said = [ValuePart(match.group(), Facet.COUNTRY, name) for name in names]
                counts = known.count([Query("", (part,)) for part in said])
                found = next((part for part, count in zip(said, counts, strict=True) if count), None)
                if question.is_free(*match.span()) and (found or pattern is sure):
                    question.put(*match.span(), found or said[0])


def without_untold_countries(query: Query, known: Known) -> Query:
    """The query without the country beside makers of whom no readable record tells one: *the Chinese makers CATL and EVE*."""
    makers = tuple(part for part in query.parts if isinstance(part, EntityPart) and part.kind is EntityKind.MANUFACTURER)
    countries = [part for part in query.parts if country_of(part)]
    if not countries or not makers or any(part.negated for part in makers):
        return query
    told = tuple((ValuePart(name, Facet.COUNTRY, name),) for names, _, _ in _COUNTRIES for name in names)
    if known.count((Query("", (*makers, EitherPart("", told))),))[0]:
        return query
    return query.with_parts(part for part in query.parts if part not in countries)


def country_of(part: Part) -> str:
    """The country in which something shall be made, as records write it, where that is what the part says; else ``""``."""
    return part.value if isinstance(part, ValuePart) and part.facet is Facet.COUNTRY and not part.negated else ""
