"""A query as JSON and back, complete: what was understood can be edited, kept and asked again.

``{"text": ..., "parts": [...], "order": null}``; each part has its ``type`` and the fields of its class in `search.query`. What
comes from outside is checked field by field: a fault names its place as a JSON Pointer (RFC 6901) and says how to mend it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from records.errors import BodyError, LimitError
from records.record import EntityKind
from search.query import (
    VALUE_FACETS,
    ConceptPart,
    EitherPart,
    EntityPart,
    Expansion,
    Facet,
    Order,
    OrderBy,
    Part,
    QuantityPart,
    Query,
    Sense,
    SinglePart,
    TextPart,
    ValuePart,
    YearPart,
)

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

MAX_PARTS: Final = 32
"""Most parts of a query."""
MAX_CONDITIONS: Final = 8
"""Most conditions of one quantity; a condition has none of its own."""
MAX_WAYS: Final = 8
"""Most alternatives of one part, and most parts of one alternative."""
MAX_IRIS: Final = 20_000
"""Most IRIs in one list: a query may name all that is narrower than a very broad concept."""
MAX_WORDS: Final = 200
"""Most labels, words, names and senses in one list."""
MAX_FORMS: Final = 100
"""Most forms of one word."""
MAX_POINTS: Final = 10_000
"""Greatest weight of a word, and most that words must come to."""
MAX_TEXT: Final = 4_000
"""Longest text, in characters."""

_QUANTITY_FIELDS: Final = (
    *("type", "text", "negated", "kinds", "classes", "condition", "minimum", "maximum", "minimum_included", "maximum_included"),
    *("unit", "dimension", "role", "conditions", "rule", "named"),
)
_Choice = TypeVar("_Choice", bound=StrEnum)


def query_to_json(query: Query) -> dict[str, Json]:
    """The query with every field of every part, ``expanded`` where it is not empty; `query_from_json` reads it.

    >>> query_to_json(Query("LFP", ()))
    {'text': 'LFP', 'parts': [], 'order': None, 'first': None, 'enough': 0, 'left_out': []}
    """
    order = None if query.order is None else _order_to_json(query.order)
    first = None if query.first is None else _concept_to_json(query.first)
    parts: list[Json] = [part_to_json(part) for part in query.parts]
    left_out: list[Json] = [*query.left_out]
    rest: dict[str, Json] = {"first": first, "enough": query.enough, "left_out": left_out}
    return {"text": query.text, "parts": parts, "order": order, **rest}


def part_to_json(part: Part) -> dict[str, Json]:
    """One part with every field."""
    match part:
        case ConceptPart():
            return _concept_to_json(part)
        case QuantityPart():
            return _quantity_to_json(part)
        case EntityPart():
            kind = None if part.kind is None else part.kind.value
            names: list[Json] = list(part.names)
            mentioned: list[Json] = list(part.mentioned)
            told: dict[str, Json] = {"kind": kind, "names": names, "label": part.label, "iri": part.iri, "mentioned": mentioned}
            return {"type": "entity", "text": part.text, "negated": part.negated, **told}
        case ValuePart():
            return {"type": "value", "text": part.text, "negated": part.negated, "facet": part.facet.value, "value": part.value}
        case YearPart():
            years: dict[str, Json] = {"first": part.first, "last": part.last, "released": part.released}
            return {"type": "year", "text": part.text, "negated": part.negated, **years}
        case TextPart():
            forms: list[Json] = list(part.forms)
            return {"type": "text", "text": part.text, "negated": part.negated, "forms": forms, "weight": part.weight}
        case EitherPart():
            ways: list[Json] = [[part_to_json(one) for one in way] for way in part.ways]
            return {"type": "either", "text": part.text, "negated": part.negated, "ways": ways}


def query_from_json(value: object) -> Query:
    """Read a query from JSON.

    Args:
        value: What `query_to_json` gives; fields with a default may be left out, and no others may be there. What concepts and
            roles are left without `search.expansion.completed` gives.

    Raises:
        BodyError: It is no query; says where and what is expected.
        LimitError: It has more parts, or longer lists or texts, than are read.
    """
    fields = _Fields.of(value, "", ("text", "parts", "order", "first", "enough", "left_out"))
    parts = tuple(_part(part, f"/parts/{number}") for number, part in enumerate(fields.items("parts", MAX_PARTS)))
    order, first = fields.given("order"), fields.given("first")
    return Query(
        fields.text("text"),
        parts,
        None if order is None else _order(order),
        None if first is None else _concept(first, "/first"),
        _small(fields.whole("enough", 0), "/enough"),
        fields.texts("left_out"),
    )


def _concept_to_json(part: ConceptPart) -> dict[str, Json]:
    return {
        "type": "concept",
        "text": part.text,
        "negated": part.negated,
        "concepts": [{"iri": iri, "label": label} for iri, label in zip(part.concepts, part.labels, strict=True)],
        "expansion": part.expansion.value,
        **_expanded(part.expanded),
        "words": list(part.words),
        "score": part.score,
        "role": _role_to_json(part),
        "senses": [{"iri": sense.iri, "label": sense.label, "count": sense.count} for sense in part.senses],
    }


def _quantity_to_json(part: QuantityPart) -> dict[str, Json]:
    return {
        "type": "quantity",
        "text": part.text,
        "negated": part.negated,
        "kinds": list(part.labels),
        "classes": _sorted(part.kinds),
        "condition": part.asked,
        "minimum": part.minimum,
        "maximum": part.maximum,
        "minimum_included": part.minimum_included,
        "maximum_included": part.maximum_included,
        "unit": part.unit,
        "dimension": part.dimension,
        "role": _role_to_json(part),
        "conditions": [part_to_json(condition) for condition in part.conditions],
        "rule": part.rule,
        "named": _sorted(part.named),
    }


def _sorted(iris: Collection[str]) -> list[Json]:
    return [*sorted(iris)]


def _role_to_json(part: ConceptPart | QuantityPart | Order) -> Json:
    return {"iri": part.role, "label": part.role_label, **_expanded(part.roles)} if part.role or part.roles else None


def _expanded(iris: Collection[str]) -> dict[str, Json]:
    """Nothing where it follows from the rest (`search.expansion.brief`)."""
    return {"expanded": _sorted(iris)} if iris else {}


def _order_to_json(order: Order) -> dict[str, Json]:
    return {
        "text": order.text,
        "kinds": list(order.labels),
        "classes": _sorted(order.kinds),
        "dimension": order.dimension,
        "unit": order.unit,
        "descending": order.descending,
        "own": order.own,
        "by": order.by.value,
        **({"role": _role_to_json(order)} if order.role else {}),
    }


# Reading


class _Fields:
    """The fields of one JSON object, each read with its type and limits; ``place`` is the JSON Pointer of the object."""

    def __init__(self, fields: Mapping[str, object], place: str) -> None:
        self._fields = fields
        self.place = place

    @classmethod
    def of(cls, value: object, place: str, names: Sequence[str]) -> _Fields:
        if not isinstance(value, dict):
            raise _fault(place, "is no object", f"Write an object with {_listed(names)}.")
        unknown = next((name for name in value if name not in names), None)
        if unknown is not None:
            raise _fault(place, f"has the unknown field {str(unknown)[:100]!r}", f"Its fields are {_listed(names)}.")
        return cls(value, place)

    def given(self, name: str) -> object:
        return self._fields.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._fields.get(name, default)
        return _checked_text(value, f"{self.place}/{name}")

    def flag(self, name: str) -> bool:
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise _fault(f"{self.place}/{name}", "is neither true nor false", "Write true or false.")
        return value

    def number(self, name: str) -> float | None:
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise _fault(f"{self.place}/{name}", "is no number", "Write a finite number, or null for none.")
        return float(value)

    def whole(self, name: str, default: int | None = None) -> int | None:
        value = self._fields.get(name, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
            raise _fault(f"{self.place}/{name}", "is no whole number of 0 or more", "Write one, or leave it out.")
        return value

    def choice(self, name: str, choices: Collection[_Choice], default: _Choice) -> _Choice:
        value = self._fields.get(name, default.value)
        for choice in choices:
            if choice.value == value:
                return choice
        named = _listed([choice.value for choice in choices])
        raise _fault(f"{self.place}/{name}", "is none of the values it can have", f"Write {named}.")

    def items(self, name: str, most: int) -> list[object]:
        value = self._fields.get(name, [])
        place = f"{self.place}/{name}"
        if not isinstance(value, list):
            raise _fault(place, "is no list", "Write a list.")
        if len(value) > most:
            raise LimitError(f"The list at {place} of the query has {len(value)} items.", f"Write {most} at most.")
        return value

    def texts(self, name: str, most: int = MAX_WORDS) -> tuple[str, ...]:
        return tuple(_checked_text(item, f"{self.place}/{name}/{number}") for number, item in enumerate(self.items(name, most)))


def _part(value: object, place: str) -> Part:
    is_either = isinstance(value, dict) and value.get("type") == "either"
    return _either(value, place) if is_either else _single(value, place)


def _either(value: object, place: str) -> EitherPart:
    fields = _Fields.of(value, place, ("type", "text", "negated", "ways"))
    ways = []
    for number, way in enumerate(fields.items("ways", MAX_WAYS)):
        here = _Fields({"way": way}, f"{place}/ways/{number}")
        ways.append(tuple(_single(one, f"{here.place}/{at}") for at, one in enumerate(here.items("way", MAX_WAYS))))
    return EitherPart(fields.text("text"), tuple(ways), fields.flag("negated"))


def _single(value: object, place: str) -> SinglePart:
    sort = value.get("type") if isinstance(value, dict) else None
    match sort:
        case "concept":
            return _concept(value, place)
        case "quantity":
            return _quantity(value, place, conditions=MAX_CONDITIONS)
        case "entity":
            return _entity(value, place)
        case "value":
            fields = _Fields.of(value, place, ("type", "text", "negated", "facet", "value"))
            facet = fields.choice("facet", sorted(VALUE_FACETS), Facet.SOURCE)
            return ValuePart(fields.text("text"), facet, fields.text("value"), fields.flag("negated"))
        case "year":
            fields = _Fields.of(value, place, ("type", "text", "negated", "first", "last", "released"))
            first, last = fields.whole("first"), fields.whole("last")
            return YearPart(fields.text("text"), first, last, fields.flag("negated"), fields.flag("released"))
        case "text":
            fields = _Fields.of(value, place, ("type", "text", "negated", "forms", "weight"))
            weight = _small(fields.whole("weight", 1), f"{place}/weight")
            return TextPart(fields.text("text"), fields.flag("negated"), fields.texts("forms", MAX_FORMS), weight)
        case _:
            raise _fault(
                f"{place}/type",
                "is no type of a part",
                "Write “concept”, “quantity”, “entity”, “value”, “year”, “text”, “either”.",
            )


def _concept(value: object, place: str) -> ConceptPart:
    names = ("type", "text", "negated", "concepts", "expansion", "expanded", "words", "score", "role", "senses")
    fields = _Fields.of(value, place, names)
    meant = [
        _Fields.of(one, f"{place}/concepts/{number}", ("iri", "label"))
        for number, one in enumerate(fields.items("concepts", MAX_WORDS))
    ]
    concepts = tuple(one.text("iri") for one in meant)
    score = fields.number("score")
    role, role_label, roles = _role(fields)
    return ConceptPart(
        text=fields.text("text"),
        concepts=concepts,
        labels=tuple(one.text("label", "") for one in meant),
        expanded=frozenset(fields.texts("expanded", MAX_IRIS)),
        score=1.0 if score is None else score,
        words=fields.texts("words"),
        role=role,
        role_label=role_label,
        roles=roles,
        expansion=fields.choice("expansion", list(Expansion), Expansion.NARROWER),
        senses=_senses(fields),
        negated=fields.flag("negated"),
    )


def _senses(fields: _Fields) -> tuple[Sense, ...]:
    found = [
        _Fields.of(one, f"{fields.place}/senses/{number}", ("iri", "label", "count"))
        for number, one in enumerate(fields.items("senses", MAX_WORDS))
    ]
    return tuple(Sense(one.text("iri"), one.text("label", ""), one.whole("count", 0) or 0) for one in found)


def _quantity(value: object, place: str, conditions: int) -> QuantityPart:
    fields = _Fields.of(value, place, _QUANTITY_FIELDS)
    under = fields.items("conditions", conditions)
    role, role_label, roles = _role(fields)
    return QuantityPart(
        text=fields.text("text"),
        kinds=frozenset(fields.texts("classes", MAX_IRIS)),
        labels=fields.texts("kinds"),
        minimum=fields.number("minimum"),
        maximum=fields.number("maximum"),
        minimum_included=fields.flag("minimum_included"),
        maximum_included=fields.flag("maximum_included"),
        unit=fields.text("unit", ""),
        dimension=fields.text("dimension", ""),
        asked=fields.text("condition", ""),
        role=role,
        role_label=role_label,
        roles=roles,
        conditions=tuple(_quantity(one, f"{place}/conditions/{number}", 0) for number, one in enumerate(under)),
        rule=fields.text("rule", ""),
        named=frozenset(fields.texts("named", MAX_IRIS)),
        negated=fields.flag("negated"),
    )


def _entity(value: object, place: str) -> EntityPart:
    fields = _Fields.of(value, place, ("type", "text", "negated", "kind", "names", "label", "iri", "mentioned"))
    kind = None if fields.given("kind") is None else fields.choice("kind", list(EntityKind), EntityKind.MANUFACTURER)
    return EntityPart(
        fields.text("text"),
        kind,
        fields.texts("names"),
        fields.text("label", ""),
        fields.text("iri", ""),
        fields.flag("negated"),
        fields.texts("mentioned"),
    )


def _role(fields: _Fields) -> tuple[str, str, frozenset[str]]:
    value = fields.given("role")
    if value is None:
        return "", "", frozenset()
    role = _Fields.of(value, f"{fields.place}/role", ("iri", "label", "expanded"))
    return role.text("iri"), role.text("label", ""), frozenset(role.texts("expanded", MAX_IRIS))


def _order(value: object) -> Order:
    fields = _Fields.of(value, "/order", ("text", "kinds", "classes", "dimension", "unit", "descending", "own", "by", "role"))
    return Order(
        fields.text("text"),
        frozenset(fields.texts("classes", MAX_IRIS)),
        fields.texts("kinds"),
        fields.text("dimension", ""),
        fields.text("unit", ""),
        fields.flag("descending"),
        fields.flag("own"),
        fields.choice("by", list(OrderBy), OrderBy.QUANTITY),
        *_role(fields),
    )


def _checked_text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _fault(place, "is missing" if value is None else "is no text", "Write a text.")
    if len(value) > MAX_TEXT:
        raise LimitError(f"The text at {place} of the query has {len(value)} characters.", f"Write {MAX_TEXT} at most.")
    return value


def _small(number: int | None, place: str) -> int:
    """A number of points, whose sums are exact in every index."""
    if (number or 0) > MAX_POINTS:
        raise LimitError(f"The number at {place} of the query is {number}.", f"Write {MAX_POINTS} at most.")
    return number or 0


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _fault(place: str, what: str, remedy: str) -> BodyError:
    return BodyError(f"The query {what}." if not place else f"In the query, {place} {what}.", remedy, field=f"query{place}")
