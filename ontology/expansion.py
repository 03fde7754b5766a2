"""What a JSON-LD document says: expanded under the contexts that fit it best, nothing lost without an issue that says where."""

from __future__ import annotations

from collections.abc import Mapping

from ontology.active_context import ContextFault
from ontology.concepts import Concepts
from ontology.context_fit import ContextFit
from ontology.contexts import Contexts
from ontology.expansion_findings import MISSING, issue_at
from ontology.readings import Json, Located, Node, Reading
from ontology.refusals import not_json_ld, refused_context
from ontology.suggester import Suggester
from ontology.units import Units
from ontology.walk import Walk
from records.issues import Issue

__all__ = ["MISSING", "Expander", "Located", "Node", "Reading"]


class Expander:
    """Expands documents; remembers what contexts mean and which versions fit, so one instance serves a whole harvest.

    Args:
        contexts: The remote contexts that may be used.
        concepts: Tells classes from properties where something is suggested; without it the first letter of a term does.
        units: Reads units that are written as text; without it such a text is undefined.
    """

    def __init__(self, contexts: Contexts, concepts: Concepts | None = None, units: Units | None = None) -> None:
        self._contexts = contexts
        self._fit = ContextFit(contexts)
        self._suggester = Suggester(concepts, units)

    def expand(self, document: Located, base_iri: str, pins: Mapping[str, str] | None = None) -> Reading | Issue:
        """Expand a document under the versions of its contexts under which it loses least.

        Issues: ``undefined-term``, ``undefined-type``, ``undefined-value``, ``undefined-prefix``, ``empty-type``,
        ``prefix-without-separator``, ``mistaken-namespace``, ``label-as-iri``, ``renamed-term``, ``term-as-iri``, ``unit-as-text``,
        ``invalid-iri``, ``invalid-value``, ``invalid-language``, ``named-graph-merged``, ``too-many-issues``. The document is
        refused with one of ``not-json-ld``, ``context-not-configured``, ``context-cycle``, ``invalid-context``,
        ``too-many-contexts``, ``too-deep``.

        Args:
            document: The document.
            base_iri: Its own IRI, without a fragment; the root node has it unless the document names the node itself.
            pins: Address of a context -> name or number of the version to use, whatever fits.

        Raises:
            OntologyError: A pinned version does not exist, or a context file is damaged.
        """
        if not _is_json_ld(document.value):
            return not_json_ld(document, self._contexts)
        walk = Walk(self._fit, self._suggester, document, base_iri, pins or {})
        try:
            return walk.run()
        except ContextFault as fault:
            return refused_context(document, walk.context_pointer, fault, self._contexts)
        except RecursionError:
            message = "the document is nested too deep to be expanded"
            return issue_at(document, "", "too-deep", message, "flatten the document")


def _is_json_ld(value: Json) -> bool:
    if isinstance(value, dict):
        return any((key.startswith("@") and key[1:].isalpha()) or "://" in key for key in value) or any(
            isinstance(child, dict | list) and _is_json_ld(child) for child in value.values()
        )
    return isinstance(value, list) and any(_is_json_ld(item) for item in value if isinstance(item, dict | list))
