"""The parts of a question as chips: what each is taken to mean, and links and a form that change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ontology.units import Unit, Units
from records.rights import Audiences
from search.answer import Answer, Reach
from search.query import (
    ConceptPart,
    EitherPart,
    EntityPart,
    Expansion,
    Order,
    OrderBy,
    Part,
    QuantityPart,
    Query,
    TextPart,
    ValuePart,
    YearPart,
)
from search.ranges import part_unit
from search.service import SearchServices, chosen_parts
from search.words import words_of
from ui.addresses import Address

_STEPS: Final[Mapping[Expansion, str]] = {
    Expansion.EXACT: "exactly this",
    Expansion.NARROWER: "and narrower",
    Expansion.SYNONYMS: "and its other names in texts",
    Expansion.PARTS: "and its parts and wholes",
    Expansion.RELATED: "and its siblings",
}

View = Mapping[str, Any]

_MOST_OF_WORD: Final = 2
"""Words of a number with its unit, or of an everyday word."""


def chips(answer: Answer, asked: Query, address: Address, services: SearchServices, audiences: Audiences) -> list[View]:
    """One for each part: those of the question, then those that clicks added."""
    origins = [position for position in range(len(asked.parts)) if position not in address.edits.without]
    chosen = dict(zip(chosen_parts(services, address.edits.chosen, audiences), address.edits.chosen, strict=True))
    shown: list[View] = []
    for position, part in enumerate(answer.query.parts):
        if position < len(origins):
            origin = origins[position]
            reaches = [one for one in answer.reaches if one.part == position]
            changes = _changes(part, asked.parts[origin], origin, reaches, address)
            target = str(origin)
        else:
            facet, target = chosen[part]
            changes = {"without": address.without_value(facet, target).href}
        bounds = _bounds(part, target, services.units) if isinstance(part, QuantityPart) else None
        shown.append({**_chip(part), **changes, "range": bounds})
    if answer.query.order is not None:
        shown.append(_order_chip(answer.query.order, address))
    return shown


def _changes(part: Part, understood: Part, origin: int, reaches: Iterable[Reach], address: Address) -> View:
    """Links that change a part of the question."""
    changes: dict[str, Any] = {
        "without": address.without_part(origin, understood).href,
        "turned": address.with_turned(origin).href,
    }
    if not isinstance(part, ConceptPart):
        return changes
    changes["steps"] = [
        {
            "label": _STEPS[one.expansion],
            "count": one.count,
            "href": address.with_reach(origin, one.expansion).href,
            "current": one.expansion is part.expansion,
        }
        for one in reaches
    ]
    changes["senses"] = [
        {
            "label": sense.label,
            "count": sense.count,
            "href": address.with_sense(origin, sense.iri).href,
            "current": sense.iri in part.concepts,
        }
        for sense in part.senses
    ]
    return changes


def _bounds(part: QuantityPart, target: str, units: Units) -> View:
    """What the form that changes a number holds: the bounds in the unit that is shown."""
    unit = part_unit(part, units)
    return {
        "target": target,
        "least": _number(part.minimum, unit),
        "most": _number(part.maximum, unit),
        "below": part.maximum is not None and not part.maximum_included,
        "unit": unit.name if unit is not None else "",
    }


def _number(bound: float | None, unit: Unit | None) -> str:
    if bound is None:
        return ""
    return f"{bound if unit is None else unit.from_base(bound):.10g}"


def _order_chip(order: Order, address: Address) -> View:
    removed = address.sorted_by("") if address.edits.sort else address.without_words(order.text)
    is_kept = bool(address.saved and not address.edits.sort)  # it is in no words that could be taken out
    shown = {"kind": "order", "asked": "order", "label": order_label(order), "hint": order.text}
    return {**shown, "without": "" if is_kept else removed.href}


def order_label(order: Order) -> str:
    """An order for people."""
    least, greatest = ("least", "greatest") if order.by is OrderBy.QUANTITY else ("oldest", "newest")
    return f"{' / '.join(order.labels[:2])}, {greatest if order.descending else least} first"


def told(query: Query) -> str:
    """The parts of a query in one line."""
    return " · ".join([*map(_short, query.parts), *([order_label(query.order)] if query.order is not None else [])])


def _short(part: Part) -> str:
    """A part in a few words."""
    view = _chip(part)
    return " ".join(filter(None, ("not" if part.negated else "", view["label"], view.get("role", ""))))


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
            hint = "when the product came on the market" if part.released else "by the date of the record"
            view = {"kind": "year", "label": f"released {label}" if part.released else label, "hint": hint}
        case TextPart():
            view = {"kind": "text", "label": part.text, "hint": "not understood as a concept: searched as text"}
        case EitherPart(ways=((TextPart(),),)):
            view = {"kind": "text", "label": part.text, "hint": "must be there: nothing makes up for it"}
        case EitherPart():
            ways = " or ".join(" and ".join(map(_short, way)) for way in part.ways)
            in_words = any(all(isinstance(one, TextPart) for one in way) for way in part.ways)
            hint = f"one of these is enough: {ways}" if in_words else "one of these is enough"
            view = {"kind": "either", "label": part.text if in_words and _has_own_word(part) else ways, "hint": hint}
    return {**view, "asked": _asked(part, view["kind"], view["label"]), "negated": part.negated}


def _has_own_word(part: EitherPart) -> bool:
    """Whether it is a word or number of the question, by its beginning, and no description that is read as other words."""
    words = (one.text.lower() for way in part.ways for one in way if isinstance(one, TextPart))
    return len(part.text.split()) <= _MOST_OF_WORD or any(part.text.lower().startswith(word) for word in words)


def _asked(part: Part, kind: str, label: str) -> str:
    """What stands before the label: the words of the question where they are others, else what sort of part it is."""
    if not isinstance(part, ConceptPart):
        return kind
    told = f"{label} as {part.role_label}" if part.role_label else label
    return kind if "".join(words_of(part.text)) == "".join(words_of(told)) else f"“{part.text}”"


def _few(labels: Sequence[str]) -> str:
    """Two labels, and how many more there are.

    >>> _few(["LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery"])
    'LithiumIronPhosphate / LithiumIronPhosphateElectrode + 1'
    """
    told = list(dict.fromkeys(labels))
    return " / ".join(told[:2]) + (f" + {len(told) - 2}" if len(told) > 2 else "")
