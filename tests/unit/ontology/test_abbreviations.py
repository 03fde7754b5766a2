"""The table of abbreviations: complete, and every IRI is what the label beside it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ontology.abbreviations import load_abbreviations
from ontology.facts import packaged_facts
from ontology.loader import load_ontologies
from ontology.model import LabelKind
from records.errors import OntologyError

HEADER = "text\tkind\tiri\tlabel\tsource\n"
SOURCE = re.compile(
    r"doi:10\.\d{4,}/\S+|IEC 6\d{4}(-\d+)?|IUPAC .+|NIST SP 811 .+"
    r"|common name|label of the ontology|initials of the label|common part of the labels"
)


def test_every_iri_has_the_label_beside_it_in_the_ontologies_or_their_contexts(shared_data: Path) -> None:
    concepts = load_ontologies(shared_data / "ontologies")[0].concepts
    context = json.loads((shared_data / "contexts" / "domain-battery-0.20.2.json").read_text("utf-8"))["@context"]
    parts = context if isinstance(context, list) else [context]
    defined = {(term, iri) for part in parts if isinstance(part, dict) for term, iri in part.items() if isinstance(iri, str)}
    wrong = [
        row
        for row in load_abbreviations()
        if not (
            any(label.text == row.label and label.kind is LabelKind.PREF for label in concepts[row.iri].labels)
            if row.iri in concepts
            else (row.label, row.iri) in defined
        )
    ]
    assert wrong == []


def test_the_packaged_fact_table_knows_every_target() -> None:
    facts = packaged_facts()
    known = facts.concepts.keys() | {iri for iri, _ in facts.terms.values()}
    assert [row for row in load_abbreviations() if row.iri not in known] == []


def test_every_line_says_where_it_is_from_and_none_is_there_twice() -> None:
    rows = load_abbreviations()
    assert [row for row in rows if not SOURCE.fullmatch(row.source)] == []
    assert len({(row.text, row.iri) for row in rows}) == len(rows)


def test_targets_that_the_ontology_gave_up_come_after_the_others_unless_the_text_names_them() -> None:
    """``LFP`` is a material first; an ``LFP battery`` is a battery, though the ontology gave this class up."""
    facts = packaged_facts()
    given_up: dict[str, bool] = {}
    for row in load_abbreviations():
        concept = facts.concepts.get(row.iri)
        deprecated = concept is not None and concept.deprecated
        if row.text.endswith(" battery"):
            continue
        assert deprecated >= given_up.get(row.text, False), row
        given_up[row.text] = deprecated


@pytest.mark.parametrize(
    "line", ["LFP\tabbreviation\thttps://e.org/x\tX\n", "LFP\tprefLabel\thttps://e.org/x\tX\tdoi:10.1/1\n", "\tformula\tx\tX\ty\n"]
)
def test_a_line_that_is_not_complete_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(HEADER + line, encoding="utf-8")
    with pytest.raises(OntologyError, match=r"Line 2 of table\.tsv"):
        load_abbreviations(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_table_that_cannot_be_read_is_an_ontology_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "table.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OntologyError, match=r"table\.tsv"):
        load_abbreviations(path)
