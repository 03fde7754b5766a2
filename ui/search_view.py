"""What the search page shows of an answer: hits, facets, spreads and help, as plain values for the template."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ontology.concepts import Concepts
from search.answer import Answer, FacetValue, Hit, Loosened, Reason, Spread
from search.asking.reply import Reply
from search.bins import Scale
from search.facets import Branch, trees
from search.index import FacetCount
from search.query import Facet, Part, QuantityPart
from search.service import DATES, SearchServices
from search.words import words_of
from ui.addresses import Address
from ui.chip_view import order_label

FEW: Final = 8
"""Values of a facet that are shown at once; the others unfold."""
SORTS: Final = 15
"""Kinds of quantity that hits can be put in order of by a menu."""
SOURCES: Final = 5
"""Places of an answer that are shown."""
_ASKING: Final = "what which how who whose where when why is are do does did has have can compare"
ASKING: Final = frozenset(_ASKING.split())
"""Words that a question begins with."""
PLOT: Final = (320.0, 72.0)
"""Width and height of the bars of a histogram."""
TICK: Final = 52.0
"""Least distance of two numbers that are written below them."""
GIVE: Final = 0.005
"""By how much a number may differ from one that is asked for, relatively (`docs/searching.md`)."""
LEAST_BAR: Final = 2.0
"""Height of the smallest bar: one record among a thousand can still be seen."""

_SECTIONS: Final[Mapping[str, str]] = {
    "format": "Format",
    "material": "Material",
    "component": "Component",
    "method": "Method",
    "kind": "Kind of battery",
    "": "Other concepts",
}
_TITLES: Final[Mapping[Facet, str]] = {
    Facet.MANUFACTURER: "Manufacturer",
    Facet.MODEL: "Model",
    Facet.PERSON: "Person",
    Facet.INSTITUTION: "Institution",
    Facet.INSTRUMENT: "Instrument",
    Facet.COMMUNITY: "Community",
    Facet.YEAR: "Year",
    Facet.COUNTRY: "Country of origin",
    Facet.LICENCE: "Licence",
    Facet.VALIDATION: "Validation",
    Facet.SOURCE: "Source",
}
"""Facets that are lists, in the order of the page."""

BEGINNINGS: Final = ("Format", "Material", "Method", "Manufacturer", "Has a value of", "Community")
"""Facets of the front page, by their titles."""

View = Mapping[str, Any]


def is_worth_showing(reply: Reply) -> bool:
    """Whether the reader wants an answer besides the hits: a question was put, or a value is known."""
    words = words_of(reply.query.text)
    asks = "?" in reply.query.text or (bool(words) and words[0] in ASKING)
    return asks or (reply.answer is not None and bool(reply.answer.unit))


def answered(reply: Reply) -> View:
    """The answer to a question that has one: a sentence, and where it stands."""
    return {
        "text": reply.answer.text if reply.answer is not None else "",
        "understood": reply.understood,
        "sources": [
            {"href": f"/records/{quote(one.record)}#L{one.line}", "label": f"{one.file}, line {one.line}"}
            for one in reply.sources[:SOURCES]
        ],
        "more": max(0, len(reply.sources) - SOURCES),
    }


def hits(found: Iterable[Hit]) -> list[View]:
    """Hits with links to the places of their reasons."""
    return [_hit(hit) for hit in found]


def _hit(hit: Hit) -> View:
    page = f"/records/{quote(hit.record)}"
    in_title = [span for reason in hit.reasons if reason.context == hit.title for span in reason.spans]
    reasons = [hit.ordered_by, *hit.reasons] if hit.ordered_by is not None else hit.reasons
    points = " + ".join(f"{name} {value:g}" for name, value in hit.score_parts.items())
    return {
        "page": page,
        "title": marked(hit.title, in_title),
        "source_file": hit.source_file,
        "reasons": [_reason(reason, page) for reason in reasons],
        "score": f"{hit.score:g} = {points}" if points else f"{hit.score:g}",
    }


def _reason(reason: Reason, page: str) -> View:
    in_text = bool(reason.spans) and f"… {reason.context} …" in reason.text
    return {
        "kind": reason.kind,
        "text": reason.text.removesuffix(f": … {reason.context} …") if in_text else reason.text,
        "marked": marked(reason.context, reason.spans) if in_text else [],
        "href": f"{page}#L{reason.line}" if reason.line else "",
    }


def marked(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is marked.

    >>> marked("INR18650-MJ1", [(9, 12)])
    [('INR18650-', False), ('MJ1', True)]
    """
    pieces, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            pieces += [(text[position:start], False), (text[start:end], True)]
            position = end
    pieces.append((text[position:], False))
    return [(piece, is_marked) for piece, is_marked in pieces if piece]


def sections(answer: Answer, address: Address, concepts: Concepts) -> list[View]:
    """The facet of concepts by section: those without counted narrower ones that not all hits have, and all of them as a tree."""
    counted = [FacetCount(one.value, one.count) for one in answer.facets.get(Facet.CONCEPT.value, ())]
    all_counted = {one.value for one in counted}
    narrowest = {iri for iri in all_counted if all_counted.isdisjoint(concepts.narrower(iri) - {iri})}
    return [
        {
            "title": _SECTIONS[name],
            "rows": [_row(Facet.CONCEPT, one, answer, address) for one in leaves[:FEW]],
            "tree": [_branch(branch, answer, address) for branch in branches],
            "size": len(leaves),
        }
        for name, branches in trees(counted, concepts).items()
        if (leaves := sorted(_among(branches, narrowest, answer.total), key=lambda one: (-one.count, one.label)))
    ]


def _among(branches: Sequence[Branch], wanted: Collection[str], total: int) -> list[Branch]:
    found = [branch for branch in branches if branch.value in wanted and branch.count < total]
    return found + [inner for branch in branches for inner in _among(branch.children, wanted, total)]


def _branch(branch: Branch, answer: Answer, address: Address) -> View:
    return {
        **_row(Facet.CONCEPT, branch, answer, address),
        "children": [_branch(child, answer, address) for child in branch.children],
    }


def _row(facet: Facet, value: Branch | FacetValue, answer: Answer, address: Address) -> View:
    """A value with its count; one that all hits have leads nowhere."""
    narrows = value.count < answer.total
    return {
        "label": value.label,
        "count": value.count,
        "href": address.with_value(facet, value.value).href if narrows else "",
    }


def lists(answer: Answer, address: Address, services: SearchServices) -> list[View]:
    """The other facets: concepts in their roles, kinds of quantity, names, values; what all hits have is left out."""
    facets = {facet: answer.facets.get(facet.value, ()) for facet in Facet}
    facets[Facet.ROLE] = tuple(one for one in facets[Facet.ROLE] if _tells_role(one.value, services))
    titles = {Facet.ROLE: "Concept in its role", Facet.QUANTITY: "Has a value of"} | dict(_TITLES)
    return [
        {
            "title": title,
            "rows": [_row(facet, one, answer, address) for one in values[:FEW]],
            "more": [_row(facet, one, answer, address) for one in values[FEW:]],
        }
        for facet, title in titles.items()
        if (values := [one for one in facets[facet] if one.count < answer.total])
    ]


def _tells_role(value: str, services: SearchServices) -> bool:
    """Whether a concept stands in a role that its own name does not tell: not a case as case."""
    role, _, iri = value.partition(" ")
    return role in services.roles.classes and iri not in services.concepts.narrower(role)


def sorts(answer: Answer, address: Address, services: SearchServices) -> list[View]:
    """Orders that the hits can be put in: values with the name of the order, the current one marked."""
    current = address.edits.sort
    kinds = list(answer.facets.get(Facet.QUANTITY.value, ()))[:SORTS]
    if current and current.removeprefix("-") not in {*DATES, *(one.value for one in kinds)}:
        iri = current.removeprefix("-")
        kinds = [FacetValue(iri, services.concepts.label(iri), 0), *kinds]
    order = answer.query.order
    orders = [("", order_label(order) if order is not None and not current else "best first")]
    orders += [("-date", "Date, newest first"), ("date", "Date, oldest first")]
    orders += [("-released", "Date of release, newest first"), ("released", "Date of release, oldest first")]
    for one in kinds:
        orders += [(one.value, f"{one.label}, least first"), (f"-{one.value}", f"{one.label}, greatest first")]
    return [{"value": value, "label": label, "current": value == current} for value, label in orders]


def plot(spread: Spread, chip: View, address: Address) -> View:
    """A histogram as bars within `PLOT`, those marked that lie within the bounds; each that holds a record is a link to its own."""
    width, height = PLOT
    most, places = max(spread.counts), _places(spread, width)
    low = spread.edges[0] if spread.minimum is None else spread.minimum
    high = spread.edges[-1] if spread.maximum is None else spread.maximum
    target, unit, last = chip["range"]["target"], spread.unit, len(spread.counts) - 1

    def bar(number: int, count: int) -> View:
        first, end = spread.edges[number : number + 2]
        tall = max(LEAST_BAR, height * count / most) if count else 0.0
        below = "" if number == last else "<"
        bounds = f"{first:.15g}..{below}{end:.15g} {unit}".strip()
        return {
            "x": round(places[number], 2),
            "y": round(height - tall, 2),
            "width": round(places[number + 1] - places[number], 2),
            "height": round(tall, 2),
            "inside": max(first, low) < min(end, high) or first <= low == high <= end,
            "title": f"{first:.10g} to {'below ' if below else ''}{end:.10g} {unit}".strip() + f": {count}",
            "first": f"{first:.15g}",
            "last": f"{end:.15g}",
            "below": below,
            "href": address.with_range(target, bounds).href if count else "",
        }

    records = "1 record" if spread.records == 1 else f"{spread.records:,} records"
    reach = f"{spread.edges[0]:.10g} to {spread.edges[-1]:.10g} {unit}".strip()
    return {
        **chip["range"],
        "label": spread.label,
        "bars": [bar(number, count) for number, count in enumerate(spread.counts)],
        "width": width,
        "height": height,
        "ticks": _ticks(spread, places),
        "caption": f"{spread.label} of {records}" + (f" in {unit}" if unit else "") + (", in powers of ten" * _is_log(spread)),
        "told": f"{spread.label} of {records}: {reach}",
    }


def _is_log(spread: Spread) -> bool:
    return spread.scale is Scale.LOG


def _places(spread: Spread, width: float) -> list[float]:
    """Where each bound of the bins stands."""
    edges = [math.log10(edge) for edge in spread.edges] if _is_log(spread) else spread.edges
    if edges[0] == edges[-1]:
        return [0.0, width]
    return [width * (edge / 2 - edges[0] / 2) / (edges[-1] / 2 - edges[0] / 2) for edge in edges]


def _ticks(spread: Spread, places: Sequence[float]) -> list[View]:
    """Bounds that are written below the bars: the ends, and between them as many as there is room for."""
    width, last = places[-1], len(places) - 1
    told = [0]
    for number in range(1, last):
        is_welcome = not _is_log(spread) or math.log10(spread.edges[number]).is_integer()
        if is_welcome and places[number] - places[told[-1]] >= TICK and width - places[number] >= TICK:
            told.append(number)
    anchors = {0: "start", last: "end"}
    return [{"x": round(places[n], 2), "text": f"{spread.edges[n]:.6g}", "anchor": anchors.get(n, "middle")} for n in (*told, last)]


def help_without(answer: Answer, shown: Sequence[View], address: Address) -> list[View]:
    """Where nothing was found: what each part takes away, with a link that takes it out; of a number, the nearest as links."""
    return [
        {
            "text": one.text,
            "count": one.count,
            "href": _without(one, answer.query.parts[one.part], address) or shown[one.part]["without"],
            "nearest": _nearest(one, shown[one.part]["range"], address),
        }
        for one in answer.loosened
    ]


def _without(one: Loosened, part: Part, address: Address) -> str:
    """Where only conditions of a number are left out, the link that does so."""
    conditions = part.conditions if isinstance(part, QuantityPart) else ()
    texts = dict.fromkeys(conditions[number].text for number in one.conditions)
    return address.without_conditions(texts).href if texts else ""


def _nearest(one: Loosened, bounds: View | None, address: Address) -> Sequence[View]:
    """The nearest values, each with a link that asks for it, give or take what a number in a question may differ."""
    if bounds is None:
        return ()
    found = []
    for text in one.nearest:
        number, _, unit = text.partition(" ")
        low, high = sorted((float(number) * (1 - GIVE), float(number) * (1 + GIVE)))
        found.append({"text": text, "href": address.with_range(bounds["target"], f"{low:.10g}..{high:.10g} {unit}".strip()).href})
    return found


def begun(answer: Answer, address: Address, services: SearchServices) -> list[View]:
    """Where a reader can begin: what there is, by what is looked for most often."""
    found = sections(answer, address, services.concepts) + lists(answer, address, services)
    by_title = {one["title"]: one for one in found}
    return [by_title[title] for title in BEGINNINGS if title in by_title]
