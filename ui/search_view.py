"""What the search page shows of an answer: chips, hits, facets, spreads and help, as plain values for the template."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ontology import terms
from ontology.concepts import Concepts
from ontology.units import Units
from search.answer import Answer, FacetValue, Hit, Reach, Reason, Spread
from search.asking.reply import Reply
from search.facets import Branch, trees
from search.index import FacetCount
from search.query import ConceptPart, EntityPart, Expansion, Facet, Order, Part, QuantityPart, Query, TextPart, ValuePart, YearPart
from search.service import SearchServices
from search.words import words_of
from ui.addresses import Address

FEW: Final = 8
"""Values of a facet that are shown at once; the others unfold."""
SORTS: Final = 15
"""Kinds of quantity that hits can be put in order of by a menu."""
SOURCES: Final = 5
"""Places of an answer that are shown."""
_ASKING: Final = "what which how who whose where when why is are do does did has have can compare"
ASKING: Final = frozenset(_ASKING.split())
"""Words that a question begins with."""
PLOT: Final = (320.0, 64.0)
"""Width and height of a histogram."""

_STEPS: Final[Mapping[Expansion, str]] = {
    Expansion.EXACT: "exactly this",
    Expansion.NARROWER: "and narrower",
    Expansion.SYNONYMS: "and its other names in texts",
    Expansion.PARTS: "and its parts and wholes",
    Expansion.RELATED: "and its siblings",
}
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
    Facet.LICENCE: "Licence",
    Facet.VALIDATION: "Validation",
    Facet.SOURCE: "Source",
}
"""Facets that are lists, in the order of the page."""

View = Mapping[str, Any]


def chips(answer: Answer, asked: Query, address: Address) -> list[View]:
    """One for each part: those of the question, then those that clicks added."""
    origins = [position for position in range(len(asked.parts)) if position not in address.edits.without]
    shown: list[View] = []
    for position, part in enumerate(answer.query.parts):
        if position < len(origins):
            origin = origins[position]
            removed = address.without_part(origin, part)
            menu = _menu(part, origin, [one for one in answer.reaches if one.part == position], address)
        else:
            facet, value = address.edits.chosen[position - len(origins)]
            removed, menu = address.without_value(facet, value), {}
        shown.append({**_chip(part), **menu, "without": removed.href})
    if answer.query.order is not None:
        shown.append(_order_chip(answer.query.order, address))
    return shown


def _order_chip(order: Order, address: Address) -> View:
    removed = address.sorted_by("") if address.edits.sort else address.without_words(order.text)
    return {"kind": "order", "label": _order_label(order), "hint": order.text, "without": removed.href}


def _order_label(order: Order) -> str:
    return f"{' / '.join(order.labels[:2])}, {'greatest' if order.descending else 'least'} first"


def _chip(part: Part) -> View:
    match part:
        case ConceptPart():
            role = f"as {part.role_label}" if part.role_label else ""
            label = _few(part.labels)
            hint = f"{len(part.expanded)} concepts match: " + ", ".join(dict.fromkeys(part.labels))
            view = {"kind": "concept", "label": label, "role": role, "hint": hint}
        case QuantityPart():
            role = f"of {part.role_label}" if part.role_label else ""
            conditions = "".join(f", at {' '.join([*one.labels[:1], one.asked]).strip()}" for one in part.conditions)
            label = f"{' / '.join(part.labels[:2])} {part.asked}".strip() + conditions
            hint = part.rule or "numbers are compared in one unit, whatever unit a record uses"
            view = {"kind": "quantity", "label": label or part.text, "role": role, "hint": hint, "rule": part.rule}
        case EntityPart():
            hint = "a name that records have, also where it is only mentioned" if part.mentioned else "a name that records have"
            label = f"{part.label}, or mentioned" if part.mentioned else part.label
            view = {"kind": part.kind.value if part.kind else "name", "label": label, "hint": hint}
        case ValuePart():
            view = {"kind": part.facet.value, "label": part.text, "hint": part.value}
        case YearPart():
            first, last = part.first, part.last
            label = str(first) if first == last else f"{first if first is not None else '…'} to {last if last is not None else '…'}"
            view = {"kind": "year", "label": label, "hint": "by the date of the record"}
        case TextPart():
            view = {"kind": "text", "label": part.text, "hint": "not understood as a concept: searched as text"}
    return {**view, "negated": part.negated}


def _few(labels: Sequence[str]) -> str:
    """Two labels, and how many more there are.

    >>> _few(["LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery"])
    'LithiumIronPhosphate / LithiumIronPhosphateElectrode + 1'
    """
    told = list(dict.fromkeys(labels))
    return " / ".join(told[:2]) + (f" + {len(told) - 2}" if len(told) > 2 else "")


def _menu(part: Part, position: int, reaches: Iterable[Reach], address: Address) -> View:
    if not isinstance(part, ConceptPart):
        return {}
    steps = [
        {
            "label": _STEPS[one.expansion],
            "count": one.count,
            "href": address.with_reach(position, one.expansion).href,
            "current": one.expansion is part.expansion,
        }
        for one in reaches
    ]
    senses = [
        {
            "label": sense.label,
            "count": sense.count,
            "href": address.with_sense(position, sense.iri).href,
            "current": sense.iri in part.concepts,
        }
        for sense in part.senses
    ]
    return {"steps": steps, "senses": senses}


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
    """The facet of concepts by section: those without counted narrower ones first, and all of them as a tree."""
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
        if (leaves := sorted(_among(branches, narrowest), key=lambda one: (-one.count, one.label)))
    ]


def _among(branches: Sequence[Branch], wanted: Collection[str]) -> list[Branch]:
    found = [branch for branch in branches if branch.value in wanted]
    return found + [inner for branch in branches for inner in _among(branch.children, wanted)]


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
    """The other facets: concepts in their roles, kinds of quantity, names, values."""
    shown = {
        Facet.ROLE: [
            one for one in answer.facets.get(Facet.ROLE.value, ()) if one.value.partition(" ")[0] in services.roles.classes
        ],
        Facet.QUANTITY: _measured(answer, services.units, services.concepts),
    }
    titles = {Facet.ROLE: "Concept in its role", Facet.QUANTITY: "Has a value of"} | dict(_TITLES)
    return [
        {
            "title": title,
            "rows": [_row(facet, one, answer, address) for one in values[:FEW]],
            "more": [_row(facet, one, answer, address) for one in values[FEW:]],
        }
        for facet, title in titles.items()
        if (values := shown.get(facet, answer.facets.get(facet.value, ())))
    ]


def _tells_role(value: str, services: SearchServices) -> bool:
    """Whether a concept stands in a role that its own name does not tell: not a case as case."""
    role, _, iri = value.partition(" ")
    return role in services.roles.classes and iri not in services.concepts.narrower(role)


def _measured(answer: Answer, units: Units, concepts: Concepts) -> list[FacetValue]:
    """Kinds of quantity that say what is measured: those of a known dimension that is not all that their narrower ones say."""
    found = [one for one in answer.facets.get(Facet.QUANTITY.value, ()) if units.dimension_of_kind(one.value) is not None]
    counts = {one.value: one.count for one in found}
    above = terms.PHYSICAL_QUANTITY

    def says_more(one: FacetValue) -> bool:
        below = concepts.narrower(one.value) - {one.value}
        return above in concepts.ancestors(one.value) and all(counts.get(iri, 0) < one.count for iri in below)

    return [one for one in found if says_more(one)]


def sorts(answer: Answer, address: Address, services: SearchServices) -> list[View]:
    """Orders that the hits can be put in: values with the name of the order, the current one marked."""
    current = address.edits.sort
    kinds = _measured(answer, services.units, services.concepts)[:SORTS]
    if current and current.removeprefix("-") not in {one.value for one in kinds}:
        iri = current.removeprefix("-")
        kinds = [FacetValue(iri, services.concepts.label(iri), 0), *kinds]
    order = answer.query.order
    orders = [("", _order_label(order) if order is not None and not current else "best first")]
    for one in kinds:
        orders += [(one.value, f"{one.label}, least first"), (f"-{one.value}", f"{one.label}, greatest first")]
    return [{"value": value, "label": label, "current": value == current} for value, label in orders]


def plot(spread: Spread) -> View:
    """A histogram as bars within `PLOT`, those marked that lie within the bounds."""
    width, height = PLOT
    most, step = max(spread.counts), width / len(spread.counts)
    low = spread.edges[0] if spread.minimum is None else spread.minimum
    high = spread.edges[-1] if spread.maximum is None else spread.maximum
    bars = [
        {
            "x": round(number * step + 0.5, 2),
            "y": round(height - height * count / most, 2),
            "width": round(step - 1, 2),
            "height": round(height * count / most, 2),
            "inside": spread.edges[number + 1] >= low and spread.edges[number] <= high,
            "title": f"{spread.edges[number]:.4g} to {spread.edges[number + 1]:.4g} {spread.unit}: {count}".replace(" :", ":"),
        }
        for number, count in enumerate(spread.counts)
        if count
    ]
    first, last = (f"{edge:.4g} {spread.unit}".strip() for edge in (spread.edges[0], spread.edges[-1]))
    records = "1 record" if spread.records == 1 else f"{spread.records:,} records"
    return {
        "label": spread.label,
        "bars": bars,
        "width": width,
        "height": height,
        "first": first,
        "last": last,
        "told": f"{spread.label} of {records}: {first} to {last}",
    }


def help_without(answer: Answer, asked: Query, address: Address) -> list[View]:
    """Where nothing was found: what each part takes away, with a link that takes it out."""
    links = [chip["without"] for chip in chips(answer, asked, address)]
    return [{"text": one.text, "count": one.count, "nearest": one.nearest, "href": links[one.part]} for one in answer.loosened]
