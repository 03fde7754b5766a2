"""Concepts that a document names in a text: a formula, the name of a material, a size, a method, a keyword.

``"schema:molecularFormula": "LiNi0.6Mn0.2Co0.2O2"`` says NMC622, ``"schema:size": "R18650"`` a case, ``"schema:additionalType":
"gitt"`` a method. Only a whole text that is a name counts, and only where a thing of that kind is expected; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from harvester.nodes import MAX_NAME, Nodes, Properties
from harvester.quantities import MAX_CACHED
from harvester.roles import RoleReader
from ontology import terms
from ontology.concepts import Concepts
from ontology.formulae import Formulae
from ontology.lookup import Lookup
from ontology.model import Kind, LabelKind
from records.rdf import RDF_TYPE, Literal
from records.record import ConceptUse

MAX_TEXTS: Final = 64
"""Texts looked at of one property of a node."""
MENDED_LENGTH: Final = 10
"""Letters of the name of a class in which a typing error is forgiven."""

_NAMES: Final = frozenset({"name", "label", "prefLabel"})
_FORMULAE: Final = frozenset({"molecularFormula", "chemicalFormula"})
_SIZES: Final = frozenset({"size"})
_METHODS: Final = frozenset({"additionalType", "measurementTechnique", "measurementMethod"})
_KEYWORDS: Final = frozenset({"keyword", "keywords", "subject"})
_VALUES: Final = frozenset({"hasStringValue"})
_VALUE: Final = "value"
_MEASURING: Final = frozenset({"CounterElectrode", "ReferenceElectrode", "WorkingElectrode"})
"""Electrodes of a measurement, which documents name in a text: ``"prefLabel": "counterElectrode", "value": "Li metal"``."""
_MEASURED: Final = "variableMeasured"
"""Leads from a data set to what was measured, by its name."""
_READ: Final = _NAMES | _FORMULAE | _SIZES | _METHODS | _KEYWORDS | _VALUES | {_VALUE, "model"}
"""Labels of the properties that are looked at."""

_MATERIALS: Final = frozenset({"ActiveMaterial", "Binder", "ConductiveAdditive", "Additive", "Solvent", "Solute"})
_SHAPED: Final = frozenset({"CurrentCollector", "Separator", "Foil", "WovenMesh", "PerforatedFoil", "Membrane"})
"""Classes of parts whose names tell what they are made of: ``Al foil``."""
_SHAPE: Final = re.compile(
    r"\b(?:foils?|mesh|grid|foam|membranes?|films?|sheets?|fabric|separators?|(?:coating )?particles?|powders?|"
    r"(?:mono|bi|tri|multi)layers?|[\w-]+[- ]coated)\b",
    re.IGNORECASE,
)
"""Words of a name for the shape of a material."""
_DISC: Final = re.compile(
    r"(?P<material>\S.*?)[\s-]+(?:based\s+)?(?P<role>cathode|anode|(?:positive |negative )?electrode)\b(?!\s*(?:and|/|with|for)\b)",
    re.IGNORECASE,
)
"""The name of an electrode that tells its material: ``NMC811 cathode disc (11 mm)``."""
_ROLES: Final = {
    "cathode": terms.POSITIVE_ELECTRODE,
    "positive electrode": terms.POSITIVE_ELECTRODE,
    "anode": terms.NEGATIVE_ELECTRODE,
    "negative electrode": terms.NEGATIVE_ELECTRODE,
}
_MIXTURE: Final = re.compile(r"\s*[/:+]\s*|\s+and\s+")
_ROUND: Final = re.compile(r"(?<!\d)(?P<round>(?<![A-Z])[A-Z]{0,2}R)?(?P<size>\d{5})(?!\d)")
_COIN: Final = re.compile(r"(?<![A-Z])(?:[A-Z]?[A-Z])?R(?P<size>\d{4})(?!\d)")
_BUTTON: Final = re.compile(r"(?<![A-Z])[LPS]R(?:4[1-9]|5\d|6\d|70)(?!\d)")
"""Sizes in the name of a model, as in IEC 60086-2, IEC 60086-3 and IEC 61960-3: INR18650-35E, LIR2032, LR41."""


class _Place(NamedTuple):
    """Where a text stands.

    Args:
        role: Class of the role of its node, ``""`` when it has none.
        classes: Classes of its node.
        is_subject: Whether its node is what the record is about.
        is_flat: Whether the record is about a cell that is not round.
        is_measured: Whether its node is what was measured.
    """

    role: str
    classes: tuple[str, ...]
    is_subject: bool
    is_flat: bool
    is_measured: bool = False


class NameReader:
    """Reads names of concepts; remembers texts, so one instance serves a whole harvest.

    Args:
        concepts: The ontologies.
        lookup: What people write -> concepts.
        roles: Where things stand.
        class_of: Today's class that an IRI stands for, ``""`` when it is none.
    """

    def __init__(self, concepts: Concepts, lookup: Lookup, roles: RoleReader, class_of: Callable[[str], str]) -> None:
        self._concepts = concepts
        self._lookup = lookup
        self._roles = roles
        self._class_of = class_of
        self._kind = lru_cache(maxsize=MAX_CACHED)(lambda predicate: _known(concepts.label(predicate)))
        self._named = lru_cache(maxsize=MAX_CACHED)(self._look_up)
        self._materials = frozenset(iri for iri in roles.roles.classes if concepts.label(iri) in _MATERIALS)
        self._substances = roles.definitions.substances
        self._formulae = Formulae(roles.definitions)
        self._measuring = {concepts.label(iri).lower(): iri for iri in roles.roles.classes if concepts.label(iri) in _MEASURING}
        self._shaped = frozenset(iri for iri in concepts.facts.concepts if concepts.label(iri) in _SHAPED)
        self._cases = concepts.narrower(terms.CASE)
        self._electrodes = concepts.narrower(terms.ELECTRODE)
        self._quantities = concepts.narrower(terms.QUANTITY)
        self._methods = concepts.narrower(terms.CHARACTERISATION_TECHNIQUE) | concepts.narrower(terms.PROCEDURE)
        # Quantities and their numbers are read as such or not at all.
        self._told_by_numbers = self._quantities.union(
            *map(concepts.narrower, (terms.PROPERTY, terms.NUMERICAL_DATA, terms.MEASUREMENT_UNIT))
        )
        # Formats of which the case is not round.
        self._flat = frozenset(
            iri
            for whole in roles.definitions.formats
            if whole.concept not in (terms.CYLINDRICAL_BATTERY, terms.COIN_CELL)
            for one in (whole.concept, *(part for _, part in whole.parts))
            for iri in concepts.narrower(one)
        )
        # Classes that leave open which material or electrode it is.
        self._vague = frozenset((terms.CHEMICAL_SUBSTANCE, terms.SUBSTANCE, terms.MATERIAL)).union(
            roles.roles.classes, *map(concepts.ancestors, (*self._materials, terms.ELECTRODE))
        )

    def read(
        self,
        nodes: Nodes,
        subjects: Iterable[str],
        within: Mapping[str, tuple[str, ...]],
        paths: Mapping[str, tuple[str, ...]],
        uses: Iterable[ConceptUse],
        place_of: Callable[[str], tuple[str, int]],
    ) -> Iterator[ConceptUse]:
        """The concepts that texts of a document name.

        Args:
            nodes: Its nodes.
            subjects: Those that the record is about.
            within: In what each node stands.
            paths: Properties from the root to each node.
            uses: The concepts that it uses by their IRIs.
            place_of: JSON Pointer and line of a node.
        """
        about = frozenset(subjects)
        is_flat = any(use.concept in self._flat for use in uses)
        kinds = {predicate: kind for predicate in set().union(*nodes.values()) if (kind := self._kind(predicate))}
        for node, properties in nodes.items():
            written = [predicate for predicate in properties if predicate in kinds]
            if not written:
                continue
            path, inside, is_subject = paths.get(node, ()), within.get(node, ()), node in about
            role = self._role(path, inside)
            is_measured = bool(path) and self._concepts.label(path[-1]) == _MEASURED
            if not role and not is_subject and not is_measured and all(kinds[predicate] in _NAMES for predicate in written):
                continue  # the label of a quantity, and other names that nothing is expected of
            if measuring := self._measuring_electrode(properties, written, kinds):
                for predicate in (one for one in written if kinds[one] == _VALUE):
                    for text in islice(_texts(properties, predicate), MAX_TEXTS):
                        for concept in self._first(text, self._substances):
                            yield ConceptUse(concept, (*path, predicate), *place_of(node), (*inside, measuring))
            place = _Place(role, self._classes(properties), is_subject, is_flat, is_measured)
            for predicate in written:
                for text in islice(_texts(properties, predicate), MAX_TEXTS):
                    for concept in dict.fromkeys(self._meant(text, kinds[predicate], place, properties)):
                        here = inside if concept not in self._cases or terms.CASE in inside else (*inside, terms.CASE)
                        yield ConceptUse(concept, (*path, predicate), *place_of(node), here)
                    if kinds[predicate] in _NAMES and terms.ELECTRODE in place.classes and self._is_open(place):
                        for concept, added in self._electrode_called(text):
                            yield ConceptUse(concept, (*path, predicate), *place_of(node), (*inside, *added))

    def read_types(
        self,
        undefined: Iterable[tuple[str, str, str]],
        nodes: Nodes,
        within: Mapping[str, tuple[str, ...]],
        paths: Mapping[str, tuple[str, ...]],
        line_of: Callable[[str], int],
    ) -> Iterator[ConceptUse]:
        """The classes that texts in the place of one name, which no context defines: ``"@type": "LCO"``, ``"@type": "Autoclave"``.

        Args:
            undefined: Nodes, each with such a text and its JSON Pointer.
            nodes: As for `read`.
            within: As for `read`.
            paths: As for `read`.
            line_of: Line of a JSON Pointer.
        """
        for node, text, pointer in undefined:
            path, inside = paths.get(node, ()), within.get(node, ())
            place = _Place(self._role(path, inside), self._classes(nodes.get(node, {})), False, False)
            for concept in dict.fromkeys(self._meant(text, "name", place, {})) or self._class_called(text):
                yield ConceptUse(concept, path, pointer, line_of(pointer), inside)

    def _class_called(self, text: str) -> tuple[str, ...]:
        """The class that is spelt so, or so but for one letter in a long word (``GasChromatagraph``)."""
        named = [candidate for candidate in self._lookup.named(text, limit=1) if candidate.matched.kind is not LabelKind.FORMULA]
        if not named and MENDED_LENGTH <= len(text) <= MAX_NAME:
            found = self._lookup.find(text, limit=1, kinds={Kind.CLASS})
            named = [one for one in found if OSA.distance(one.matched.text, text, score_cutoff=1) <= 1]
        return tuple(one.iri for one in named if not one.deprecated and one.iri not in self._told_by_numbers)

    def _classes(self, properties: Properties) -> tuple[str, ...]:
        return tuple([one for one in map(self._class_of, map(str, properties.get(RDF_TYPE, ()))) if one])

    def _role(self, path: tuple[str, ...], within: tuple[str, ...]) -> str:
        """The role of a node by the last step to it; what something is made of has the role of that."""
        if not path:
            return ""
        role = self._roles.role_of(path[-1])
        return role or (within[-1] if within and path[-1] in self._concepts.narrower(terms.HAS_CONSTITUENT) else "")

    def _meant(self, text: str, kind: str, place: _Place, properties: Properties) -> Iterator[str]:
        """What one text names where it stands."""
        if kind in _FORMULAE and (place.is_subject or place.role in self._materials):
            yield from self.formula(text)
        if kind in _VALUES and any(self._kind(str(one)) in _FORMULAE for one in properties.get(RDF_TYPE, ())):
            yield from self.formula(text)
        if kind in _NAMES and self._is_open(place):
            yield from self._mixed(text, self._electrodes if place.role in self._electrodes else self._substances)
        if kind in _SIZES and (place.is_subject or place.role == terms.CASE):
            yield from self._first(text, self._cases) or self._first(f"R{text}", self._cases)
        if kind in _METHODS:
            yield from self._first(text, self._methods)
            yield from self._first(f"{text} test", self._methods)  # a test of the type "cycling" is a cycling test
        if kind in _NAMES and place.is_measured:
            yield from self._first(text, self._quantities)
        if kind in _KEYWORDS and place.is_subject:
            yield from self._first(text, self._methods) or self._first(text, self._substances | self._cases)
        is_model = kind == "model" or (kind == "name" and terms.SCHEMA_MANUFACTURER in properties)
        if is_model and place.is_subject and not place.is_flat:
            yield from self._sizes_in(text)

    def _is_open(self, place: _Place) -> bool:
        """Whether it is a material or an electrode of which no class says which."""
        if not (self._vague | self._shaped).issuperset(place.classes):
            return False
        if place.role:
            is_shaped = bool(place.classes) and place.role in self._shaped and self._shaped.issuperset(place.classes)
            return is_shaped or place.role in self._materials or place.role in self._electrodes
        return place.is_subject and not self._roles.roles.classes.union((terms.CHEMICAL_SUBSTANCE,)).isdisjoint(place.classes)

    def _mixed(self, text: str, among: Collection[str]) -> tuple[str, ...]:
        """What a name says; of a mixture (``CMC/SBR``) each part, when all are known."""
        for said in dict.fromkeys((text, " ".join(_SHAPE.sub(" ", text[:MAX_NAME]).split()))):
            if found := self._first(said, among):
                return found
            parts = [self._first(part, among) for part in _MIXTURE.split(said)[:MAX_TEXTS]]
            if all(parts):
                return tuple(one for part in parts for one in part)
        return ()

    def _measuring_electrode(self, properties: Properties, written: Collection[str], kinds: Mapping[str, str]) -> str:
        """The electrode of a measurement that the name of a node says; ``""`` for other nodes."""
        names = (text for one in written if kinds[one] in _NAMES for text in islice(_texts(properties, one), MAX_TEXTS))
        return next((self._measuring[name.lower()] for name in names if name.lower() in self._measuring), "")

    def _electrode_called(self, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Which electrode a name says it is, its side and its active material, each with in what it stands."""
        called = _DISC.match(text[:MAX_NAME])
        electrode = self._first(called["material"], self._electrodes) if called else ()
        if called is None or not electrode:
            return
        side = _ROLES.get(called["role"].lower(), terms.ELECTRODE)
        yield (side, ())
        yield from ((concept, (side,)) for concept in electrode)
        yield from ((concept, (side, terms.ACTIVE_MATERIAL)) for concept in self._first(called["material"], self._substances))

    def _first(self, text: str, among: Collection[str]) -> tuple[str, ...]:
        """The best concept of which the text is a name, of those that fit."""
        return next(((iri,) for iri in self._named(text) if iri in among), ())

    def _look_up(self, text: str) -> tuple[str, ...]:
        words = text.replace("_", " ").strip()
        if not words or len(words) > MAX_NAME:
            return ()
        return tuple(candidate.iri for candidate in self._lookup.named(words, limit=8) if not candidate.deprecated)

    def _sizes_in(self, text: str) -> Iterator[str]:
        """The round case that the name of a model tells."""
        if _BUTTON.search(text[:MAX_NAME].upper()):
            yield terms.COIN_CASE
        for pattern, case in ((_ROUND, terms.CYLINDRICAL_CASE), (_COIN, terms.COIN_CASE)):
            for match in islice(pattern.finditer(text[:MAX_NAME].upper()), 1):
                known = self._first(f"R{match['size']}", self._concepts.narrower(case))
                # R stands for round (IEC 61960-3), also before a size that the ontologies do not have: NCR20700.
                yield from known or ((case,) if case == terms.CYLINDRICAL_CASE and match["round"] else ())

    # Formulae

    def formula(self, text: str) -> tuple[str, ...]:
        """The substance of a formula: one that is written so, one of this composition, or one of the family."""
        formula = "".join(unicodedata.normalize("NFKC", text).split())
        if found := self._first(formula, self._substances):
            return found
        substance = self._formulae.substance(formula)
        return (substance,) if substance else ()


def _known(label: str) -> str:
    return label if label in _READ else ""


def _texts(properties: Properties, predicate: str) -> Iterator[str]:
    return (value.value for value in properties[predicate] if type(value) is Literal)
