"""What is found in the untouched real documents stays what docs/findings-corpus.md says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.units import Units
from shapes.advice import Advisor
from shapes.edits import apply_edits
from shapes.lint import Linter
from shapes.reader import Document, read_document

DRAFTS = "battinfo-records-staging"


@pytest.fixture(scope="module")
def found(shared_data: Path) -> dict[str, Counter[str]]:
    """Folder -> code -> places; every suggestion's edits are carried out on the way."""
    facts = packaged_facts()
    concepts, units = Concepts(facts), Units(facts)
    contexts = Contexts.from_directory(shared_data / "contexts")
    expander, linter = Expander(contexts, concepts, units), Linter(concepts, units)
    advisor = Advisor(linter.words)
    result: dict[str, Counter[str]] = {}
    for file in sorted((shared_data / "jsonld").glob("*/*")):
        document = read_document(file.read_bytes(), file.name)
        if not isinstance(document, Document):
            continue
        reading = expander.expand(document, "https://archive.example/a", contexts.pins_for(file.parent.name))
        assert isinstance(reading, Reading)
        for issue in advisor.advise([*reading.issues, *linter.lint(document, reading)], document, reading):
            result.setdefault(file.parent.name, Counter())[issue.code] += issue.places
            for suggestion in issue.suggestions:
                assert isinstance(read_document(apply_edits(document, suggestion.edits).encode(), ""), Document)
    return result


def rows(repository: Path, heading: str) -> list[list[str]]:
    """Rows of the table under a heading, but for its first two lines."""
    text = (repository / "docs" / "findings-corpus.md").read_text("utf-8").partition(heading)[2].partition("\n## ")[0]
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)[2:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_the_faults_of_the_survey_are_found_as_often_as_documented(found: dict[str, Counter[str]], repository: Path) -> None:
    table = {row[0]: (int(row[3]), int(row[4])) for row in rows(repository, "## Against the survey")}
    counted = {
        code: (
            sum(count[code] for folder, count in found.items() if folder != DRAFTS),
            sum(count[code] for count in found.values()),
        )
        for code in table
    }
    assert counted == table


def test_every_code_of_lint_is_found_as_often_as_documented(found: dict[str, Counter[str]], repository: Path) -> None:
    table = {row[0]: int(row[1]) for row in rows(repository, "## All of lint")}
    codes = set(re.findall(r"``([a-z-]+)``", Linter.__doc__ or ""))
    assert table.keys() == codes
    assert {code: sum(count[code] for count in found.values()) for code in codes} == table
