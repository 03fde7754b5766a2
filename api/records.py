"""How one record is shown."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from harvester.ledger import Entry
from ontology.concepts import Concepts
from records.record import Condition, Quantity, Record


def record_json(record: Record, entry: Entry | None, concepts: Concepts) -> dict[str, Any]:
    """A record as JSON.

    Args:
        record: The record as the reader may see it.
        entry: Its entry in the ledger, or ``None`` when the reader may not read its files.
        concepts: For labels.
    """
    shown: dict[str, Any] = {
        "record": record.id,
        "iri": record.iri,
        "title": record.title,
        "source": record.source,
        "files": entry is not None,
    }
    if entry is None:
        return shown
    return {
        **shown,
        "source_file": record.source_file,
        "graph": record.graph_iri,
        "digest": record.digest,
        "contexts": [{"address": address, "version": version} for address, version in entry.contexts],
        "said": [asdict(one) for one in record.said],
        "entities": [asdict(entity) for entity in record.entities],
        "concepts": [{**asdict(use), "label": concepts.label(use.concept)} for use in record.concepts],
        "quantities": [
            {
                **_labelled(quantity, concepts),
                "conditions": [_labelled(condition, concepts) for condition in quantity.conditions],
            }
            for quantity in record.quantities
        ],
        "findings": [issue.to_json() for issue in entry.issues],
    }


def _labelled(quantity: Quantity | Condition, concepts: Concepts) -> dict[str, Any]:
    return {**asdict(quantity), "labels": [concepts.label(kind) for kind in quantity.kinds]}
