"""Why a record was found, told to people: one sentence for every part of the question, with its place in the document."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ontology import terms
from ontology.concepts import Concepts
from ontology.units import Units
from records.record import ConceptUse, EntityKind, Quantity, Record
from search.answer import Reason
from search.facets import facet_label
from search.matching import Match, explain, ordering_date, ordering_quantity
from search.quantity_text import condition_texts, spread_text, value_text
from search.query import ConceptPart, EitherPart, Facet, Order, OrderBy, Part, QuantityPart, Query, ValuePart, YearPart

MAX_CONDITIONS = 6
"""Most conditions told in the sentence of one reason."""

_AS_WHAT = {
    EntityKind.MANUFACTURER: "its manufacturer",
    EntityKind.SUPPLIER: "a supplier",
    EntityKind.MODEL: "its model",
    EntityKind.PERSON: "a person it names",
    EntityKind.INSTITUTION: "an institution it names",
    EntityKind.INSTRUMENT: "an instrument it names",
    EntityKind.IDENTIFIER: "an identifier it has",
}


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells reasons in the words of the ontologies."""

    concepts: Concepts
    units: Units

    def reasons(self, query: Query, record: Record) -> tuple[Reason, ...]:
        """One reason for every part that matches, in the order of the parts."""
        return tuple(self._reason(match.way or query.parts[match.part], match, record) for match in explain(query, record))

    def ordered_by(self, order: Order, record: Record) -> Reason | None:
        """The quantity or date that decides the record's place; ``None`` when it has none."""
        date = ordering_date(order, record)
        if date:
            told = Reason(-1, f"{order.labels[0]} {date[:10]}", "value", date[:10], asked=order.text)
            return _placed(told, "date", record) if order.by is OrderBy.DATE else told
        quantity = ordering_quantity(order, record)
        if quantity is None:
            return None
        part = QuantityPart(order.text, order.kinds, order.labels, None, None, False, False, order.unit, order.dimension)
        return self._of_quantity(part, -1, quantity, record.source_file)

    def _reason(self, part: Part, match: Match, record: Record) -> Reason:
        if match.concept is not None and isinstance(part, ConceptPart):
            return self._of_concept(part, match.part, match.concept, record.source_file)
        if match.quantity is not None and isinstance(part, QuantityPart):
            return self._of_quantity(part, match.part, match.quantity, record.source_file)
        if match.entity is not None:
            found = match.entity
            return Reason(
                match.part,
                f"“{found.name}” is {_AS_WHAT[found.kind]}{_line(found.line)}",
                "entity",
                found.name,
                asked=part.text,
                iri=found.iri,
                source_file=record.source_file,
                pointer=found.pointer,
                line=found.line,
            )
        if match.word:
            where = f"“{match.word}” in the {match.field}"
            text = where if match.field == "title" else f"{where}: … {match.context} …"
            return Reason(match.part, text, "text", match.word, asked=part.text, context=match.context, spans=match.spans)
        told = Reason(match.part, self._of_value(part, match.value), "value", match.value, asked=part.text)
        is_country = isinstance(part, ValuePart) and part.facet is Facet.COUNTRY
        return _placed(told, "country", record) if is_country else told

    def _of_concept(self, part: ConceptPart, position: int, use: ConceptUse, source_file: str) -> Reason:
        label = self.concepts.label(use.concept)
        path = tuple(self.concepts.label(step) for step in use.role)
        broader = self._broader(use.concept, part.concepts)
        near = "" if use.concept in part.concepts else f" ({'narrower than' if broader else 'near'} {part.labels[0]})"
        implied_by = self.concepts.label(use.implied_by) if use.implied_by else ""
        is_measured = use.implied_by in self.concepts.narrower(terms.PHYSICAL_QUANTITY)
        by = f" by {'its' if is_measured else 'definition of'} {implied_by}" if implied_by else ""
        via = f" via {' / '.join(path)}" if path else ""
        role = f" as {part.role_label}" if part.role else ""
        return Reason(
            position,
            f"{label}{near}{role}{by}{via}{_line(use.line)}",
            "concept",
            label,
            asked=part.text,
            iri=use.concept,
            path=path,
            broader=broader,
            implied_by=implied_by,
            source_file=source_file,
            pointer=use.pointer,
            line=use.line,
        )

    def _broader(self, found: str, asked: Iterable[str]) -> tuple[str, ...]:
        """Labels of one shortest chain from a narrower concept up to the one that was asked for."""
        wanted = set(asked)
        if found in wanted:
            return ()
        below = {found: ""}
        queue = deque([found])
        while queue:
            here = queue.popleft()
            if here in wanted:
                chain = []
                while here:
                    chain.append(self.concepts.label(here))
                    here = below[here]
                return tuple(reversed(chain))
            for parent in self.concepts.parents(here):
                if parent not in below:
                    below[parent] = here
                    queue.append(parent)
        return ()

    def _of_quantity(self, part: QuantityPart, position: int, quantity: Quantity, source_file: str) -> Reason:
        kind = self._kind(part, quantity)
        label = self.concepts.label(kind) if kind else "a number"
        written = self.units.find(quantity.unit, kind or None)
        asked = self.units.find(part.unit) if part.unit else None
        unit = written.name if written is not None and written.dimension != "1" else ""
        shown = value_text(quantity, self.units)
        converted = asked.from_base(quantity.base_value) if asked is not None and quantity.base_value is not None else None
        if asked is not None and written is not None and converted is not None and asked.name != written.name:
            shown += f" = {converted:.6g} {asked.name}"
        within = f" within {part.asked}" if "–" in part.asked else f" {part.asked}" if part.asked else ""
        conditions = condition_texts(quantity, self.concepts, self.units)
        under = f", at {', '.join(conditions[:MAX_CONDITIONS])}" if conditions else ""
        role = f" of {part.role_label}" if part.role else ""
        return Reason(
            position,
            f"{label}{role} {shown}{within}{under}{_line(quantity.line)}",
            "quantity",
            label,
            asked=part.text,
            iri=kind,
            value=quantity.value,
            unit=unit,
            converted=None if converted is None else float(f"{converted:.10g}"),
            converted_unit=asked.name if asked is not None and converted is not None else "",
            spread=spread_text(quantity, self.units),
            conditions=conditions,
            source_file=source_file,
            pointer=quantity.pointer,
            line=quantity.line,
        )

    def _kind(self, part: QuantityPart, quantity: Quantity) -> str:
        """The class that says most: one that was asked for, else one that has a dimension, else the first."""
        asked = (kind for kind in quantity.kinds if kind in part.kinds)
        measured = (kind for kind in quantity.kinds if self.units.dimension_of_kind(kind) is not None)
        return next(asked, None) or next(measured, None) or next(iter(quantity.kinds), "")

    def _of_value(self, part: Part, value: str) -> str:
        if isinstance(part, EitherPart):
            return f"has nothing of what “{part.text}” denies"
        if not isinstance(part, ValuePart):
            return f"released {value}" if isinstance(part, YearPart) and part.released else f"dated {value}"
        label = facet_label(part.facet, value, self.concepts)
        told = {
            Facet.SOURCE: f"from {label}",
            Facet.COUNTRY: f"made in {label}",
            Facet.LICENCE: f"licence {label}",
            Facet.COMMUNITY: f"in the community {label}",
            Facet.VALIDATION: f"checked: {label}",
        }
        return told[part.facet]


def _placed(reason: Reason, kind: str, record: Record) -> Reason:
    """The reason with the place where the record says it of itself."""
    said = next((one for one in record.said if one.kind == kind), None)
    if said is None:
        return reason
    text = f"{reason.text}{_line(said.line)}"
    return replace(reason, text=text, source_file=record.source_file, pointer=said.pointer, line=said.line)


def _line(line: int) -> str:
    return f" (line {line})" if line else ""
