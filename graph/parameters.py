"""Parameters of saved queries: what may be given for them, and the RDF term that a given text becomes.

A value is never written into the query's text. It is checked against its type, made a term, and bound to the variable of its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from graph.store import Term
from ontology.concepts import Concepts
from ontology.iris import is_valid_iri
from ontology.lookup import Lookup
from ontology.model import Kind
from records.errors import BodyError
from records.rdf import Iri, Literal

MAX_VALUE_CHARS: Final = 1_000
"""Longest value of a parameter, in characters."""
MAX_ALLOWED: Final = 100
"""Most allowed values of a parameter."""
MAX_PARAMETERS: Final = 30
"""Most parameters of a query."""
RESERVED: Final = frozenset({"format", "snapshot"})
"""What else stands beside the parameters when a query is run."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_DECIMAL_DIGITS = 18  # what the engine keeps on either side of the point
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_SURE = 0.9  # below it the look-up guesses
_TOLD = 5


class ValueType(StrEnum):
    """What a parameter takes.

    ``iri``: an absolute IRI. ``concept``: a class of the ontologies, by label, CURIE or IRI. The others are literals of XML Schema.
    """

    IRI = "iri"
    CONCEPT = "concept"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "dateTime"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a query whose value is given when it is run.

    Args:
        name: Name of the variable, without ``?``.
        type: What it takes.
        description: For people.
        default: Its value when none is given, as it would be given.
        required: Whether a value must be given. One that is neither given nor has a default stays a free variable.
        allowed: The only values that may be given; empty: any of the type.
    """

    name: str
    type: ValueType
    description: str = ""
    default: str | None = None
    required: bool = False
    allowed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it.

        >>> Parameter("minimum", ValueType.DECIMAL, "At least.", default="1.5").to_json()["default"]
        '1.5'
        """
        return {
            "name": self.name,
            "type": self.type.value,
            "description": self.description,
            "default": self.default,
            "required": self.required,
            "allowed": list(self.allowed),
        }


@dataclass(frozen=True, slots=True)
class Values:
    """Makes terms of what was given for parameters.

    Args:
        lookup: Concepts by label.
        concepts: Concepts by IRI.

    >>> from ontology.model import Facts
    >>> concepts = Concepts(Facts((), {}, {}, {}))
    >>> values = Values(Lookup(concepts, abbreviations=()), concepts)
    >>> values.term(Parameter("minimum", ValueType.DECIMAL), "1e2")
    Literal(value='100', datatype='http://www.w3.org/2001/XMLSchema#decimal', language='')
    >>> values.term(Parameter("minimum", ValueType.DECIMAL), "1 UNION")
    Traceback (most recent call last):
    records.errors.BodyError: The parameter 'minimum' is a decimal, and '1 UNION' is none. Give a number such as 3.7 or 1e3.
    """

    lookup: Lookup
    concepts: Concepts

    def bindings(self, parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Term]:
        """The terms to bind, by name of the variable.

        Args:
            parameters: Those of the query.
            given: What was given, by name; an empty text counts as not given unless a string is asked for.

        Raises:
            BodyError: A name is not one of a parameter, a value is missing or not of its type, or not among those allowed.
        """
        by_name = {parameter.name: parameter for parameter in parameters}
        unknown = sorted(given.keys() - by_name.keys())
        if unknown:
            allowed = f"It takes {_listed(by_name)}." if by_name else "It takes none."
            raise BodyError(f"The query has no parameter {_short(unknown[0])!r}.", allowed)
        bound: dict[str, Term] = {}
        for name, parameter in by_name.items():
            text = given.get(name, "")
            if text or (name in given and parameter.type is ValueType.STRING):
                bound[name] = self.term(parameter, text)
            elif parameter.default is not None:
                bound[name] = self.term(parameter, parameter.default)
            elif parameter.required:
                about = f" ({parameter.description.rstrip('.')})" if parameter.description else ""
                raise BodyError(f"The parameter '{name}'{about} is needed.", f"Give it a value: {_WANTED[parameter.type]}.")
        return bound

    def term(self, parameter: Parameter, text: str) -> Term:
        """The term of one value.

        Raises:
            BodyError: It is not of the type, or not among those allowed; names the parameter and says what is allowed.
        """
        if len(text) > MAX_VALUE_CHARS:
            raise BodyError(
                f"The value of '{parameter.name}' has {len(text):,} characters; {MAX_VALUE_CHARS:,} are read.",
                "Give a shorter one.",
            )
        term = self._term(parameter, text if parameter.type is ValueType.STRING else text.strip())
        if parameter.allowed and term not in [self._term(parameter, one) for one in parameter.allowed]:
            raise BodyError(
                f"{_short(text)!r} is not allowed for the parameter '{parameter.name}'.", f"Give {_listed(parameter.allowed)}."
            )
        return term

    def sample(self, parameter: Parameter) -> Term:
        """Some term that may stand for the parameter."""
        text = parameter.default if parameter.default is not None else next(iter(parameter.allowed), None)
        return self.term(parameter, text) if text is not None else _SAMPLES.get(parameter.type, Iri("https://example.org/any"))

    def _term(self, parameter: Parameter, text: str) -> Term:
        if parameter.type is ValueType.CONCEPT:
            return self._concept(parameter, text)
        made = _MAKERS[parameter.type](text)
        if made is None:
            article = "an" if parameter.type.value[0] in "aeiou" else "a"
            raise BodyError(
                f"The parameter '{parameter.name}' is {article} {parameter.type.value}, and {_short(text)!r} is none.",
                f"Give {_WANTED[parameter.type]}.",
            )
        return made

    def _concept(self, parameter: Parameter, text: str) -> Iri:
        expanded = self.concepts.expand(text)
        if expanded is not None and self.concepts.get(expanded) is not None:
            return Iri(self.concepts.canonical(expanded))
        if "://" in text and is_valid_iri(text):
            return Iri(self.concepts.canonical(text))
        found = self.lookup.find(text, limit=_TOLD, kinds=frozenset({Kind.CLASS}))
        sure = [one for one in found if one.score > _SURE]
        # The text may be one concept's own label and a nickname of others; what the ontology gave up comes last.
        for few in ([one for one in sure if _same(one.label, text) and not one.deprecated], sure):
            meant = dict.fromkeys(self.concepts.canonical(one.iri) for one in few)
            if len(meant) == 1:
                return Iri(next(iter(meant)))
        candidates = dict.fromkeys(f"{one.label} ({self.concepts.compact(self.concepts.canonical(one.iri))})" for one in found)
        if sure:
            message = f"The parameter '{parameter.name}' is a concept, and {_short(text)!r} can mean several."
            raise BodyError(message, f"Give one of: {', '.join(candidates)}.")
        near = f"Near it: {', '.join(candidates)}." if candidates else f"Give {_WANTED[ValueType.CONCEPT]}."
        raise BodyError(f"The parameter '{parameter.name}' is a concept, and {_short(text)!r} is not known as one.", near)


def parameter_of(text: str) -> Parameter:
    """A parameter as people write it on one line: ``NAME:TYPE``, ``NAME:TYPE=DEFAULT`` or ``NAME:TYPE!`` for one that is needed.

    Raises:
        BodyError: It is none of these.

    >>> parameter_of("minimum:decimal=100").default
    '100'
    >>> parameter_of("cell:iri!").required
    True
    """
    described, equals, default = text.partition("=")
    name, _, kind = described.partition(":")
    try:
        return Parameter(name, ValueType(kind.removesuffix("!")), default=default if equals else None, required=kind.endswith("!"))
    except ValueError as error:
        raise BodyError(
            f"{_short(text)!r} describes no parameter.",
            f"Write NAME:TYPE, NAME:TYPE=DEFAULT or NAME:TYPE!; the types are {_listed(tuple(ValueType))}.",
        ) from error


def check_parameters(parameters: Sequence[Parameter], values: Values) -> None:
    """Refuse parameters that could never be given.

    Args:
        parameters: Those of a new query.
        values: For defaults and allowed values.

    Raises:
        BodyError: A name is none or is there twice; a default or allowed value is not of its type.
    """
    if len(parameters) > MAX_PARAMETERS:
        raise BodyError(f"The query has {len(parameters)} parameters; {MAX_PARAMETERS} are allowed.", "Save several queries.")
    seen: set[str] = set()
    for parameter in parameters:
        name = parameter.name
        if not _NAME.fullmatch(name) or name in RESERVED:
            raise BodyError(
                f"{_short(name)!r} cannot be the name of a parameter.",
                f"A letter, then letters, digits and _, at most 64; and not {_listed(sorted(RESERVED))}.",
            )
        if name in seen:
            raise BodyError(f"The parameter '{name}' is there twice.", "Describe each once.")
        seen.add(name)
        if parameter.required and parameter.default is not None:
            raise BodyError(f"The parameter '{name}' is required and has a default.", "Leave one of the two out.")
        if len(parameter.allowed) > MAX_ALLOWED:
            raise BodyError(f"The parameter '{name}' allows {len(parameter.allowed)} values.", f"At most {MAX_ALLOWED} are kept.")
        for text in parameter.allowed:
            values.term(parameter, text)
        if parameter.default is not None:
            values.term(parameter, parameter.default)


def _iri(text: str) -> Iri | None:
    return Iri(text) if is_valid_iri(text) else None


def _string(text: str) -> Literal | None:
    return None if any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in text) else Literal(text)


def _integer(text: str) -> Literal | None:
    return Literal(str(int(text)), f"{_XSD}integer") if _INTEGER.fullmatch(text) else None


def _decimal(text: str) -> Literal | None:
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        plain = f"{Decimal(text):f}"
    except InvalidOperation:
        return None
    whole, _, fraction = plain.lstrip("+-").partition(".")
    fits = len(whole.lstrip("0")) <= _DECIMAL_DIGITS and len(fraction.rstrip("0")) <= _DECIMAL_DIGITS
    return Literal(plain, f"{_XSD}decimal") if fits else None


def _boolean(text: str) -> Literal | None:
    value = {"true": "true", "1": "true", "false": "false", "0": "false"}.get(text)
    return Literal(value, f"{_XSD}boolean") if value else None


def _date(text: str) -> Literal | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return Literal(date.fromisoformat(text).isoformat(), f"{_XSD}date")
    except ValueError:
        return None


def _date_time(text: str) -> Literal | None:
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return Literal(text, f"{_XSD}dateTime")


_MAKERS: Final[Mapping[ValueType, Callable[[str], Term | None]]] = {
    ValueType.IRI: _iri,
    ValueType.STRING: _string,
    ValueType.INTEGER: _integer,
    ValueType.DECIMAL: _decimal,
    ValueType.BOOLEAN: _boolean,
    ValueType.DATE: _date,
    ValueType.DATE_TIME: _date_time,
}
_SAMPLES: Final[Mapping[ValueType, Term]] = {
    ValueType.STRING: Literal("any"),
    ValueType.INTEGER: Literal("1", f"{_XSD}integer"),
    ValueType.DECIMAL: Literal("1", f"{_XSD}decimal"),
    ValueType.BOOLEAN: Literal("true", f"{_XSD}boolean"),
    ValueType.DATE: Literal("2026-01-01", f"{_XSD}date"),
    ValueType.DATE_TIME: Literal("2026-01-01T00:00:00Z", f"{_XSD}dateTime"),
}
_WANTED: Final[Mapping[ValueType, str]] = {
    ValueType.IRI: "an absolute IRI such as https://example.org/cell",
    ValueType.CONCEPT: "a label, CURIE or IRI of the ontologies, such as LithiumIonBattery",
    ValueType.STRING: "a text of Unicode characters",
    ValueType.INTEGER: "a whole number of at most 18 digits",
    ValueType.DECIMAL: "a number such as 3.7 or 1e3",
    ValueType.BOOLEAN: "true or false",
    ValueType.DATE: "a date such as 2026-03-01",
    ValueType.DATE_TIME: "a time such as 2026-03-01T12:00:00Z",
}


def _same(label: str, text: str) -> bool:
    return "".join(label.split()).casefold() == "".join(text.split()).casefold()


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    *first, last = names or ["nothing"]
    return f"{', '.join(first)} or {last}" if first else last
