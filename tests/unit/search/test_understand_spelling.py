"""Typing errors in words of which nothing else is understood."""

from __future__ import annotations

import pytest

from records.record import Record
from records.rights import ANY, PUBLIC, Rights
from search.query import ConceptPart
from search.service import Readable
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

TEAM = frozenset({ANY, "bma/community:team"})


@pytest.fixture
def asked(ontologies: Asked) -> Asked:
    ontologies.known = None
    return ontologies


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


def knowing(asked: Asked, text: str, rights: Rights) -> Asked:
    index = PlainIndex()
    index.apply([Record("a", "urn:a", "A", "s", "a", "", rights, text=text)])
    asked.known = Readable(index, PUBLIC)
    return asked


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("puch cells", "pouch cells"),
        ("galvanostatic intermitent titration", "galvanostatic intermittent titration"),
        ("nickel cobalt aluminum oxid cathode", "nickel cobalt aluminum oxide cathode"),
        ("NMC cells withot cobalt", "NMC cells without cobalt"),
        ("grafite anode", "graphite anode"),
        ("lithium iron fosfate", "lithium iron phosphate"),
        ("zync electrode", "zinc electrode"),
        ("kobalt", "cobalt"),
        ("separatr of polyethilene", "separator of polyethylene"),
    ],
)
def test_a_typing_error_is_mended(asked: Asked, written: str, meant: str) -> None:
    assert told(asked.parts(written)) == told(asked.parts(meant))


def test_a_mended_part_is_shown_as_it_was_understood_and_the_question_as_it_was_asked(asked: Asked) -> None:
    query = asked.query("puch cells")
    assert query.text == "puch cells"
    assert [part.text for part in query.parts] == ["pouch cells"]


@pytest.mark.parametrize("question", ["PUCH", "bike", "puch7", "xyzzyq"])
def test_what_may_be_no_typing_error_is_left_alone(asked: Asked, question: str) -> None:
    """Capitals may be a name, and of a short word too many others are one letter away."""
    assert told(asked.parts(question)) == [f"“{question}”"]


def test_a_word_that_a_readable_record_has_is_left_alone(asked: Asked) -> None:
    assert knowing(asked, "Found in a Puch of 1960.", Rights(PUBLIC, PUBLIC)).parts("puch")[0].text == "puch"


def test_a_word_that_only_others_may_read_does_not_count(asked: Asked) -> None:
    (part,) = knowing(asked, "Found in a Puch of 1960.", Rights(PUBLIC, TEAM - PUBLIC)).parts("puch cells")
    assert isinstance(part, ConceptPart)


def test_a_word_that_only_texts_have_is_mended_where_the_reader_may_read_one(asked: Asked) -> None:
    index = PlainIndex()
    text = "Curated by the University of Maryland."
    index.apply(
        [
            Record("a", "urn:a", "Data", "s", "a", "", Rights(PUBLIC, PUBLIC), text=text),
            Record(
                "b", "urn:b", "Hidden", "s", "b", "", Rights(frozenset({"team"}), frozenset({"team"})), text="Marylnat Ridgeback"
            ),
        ]
    )
    asked.known = Readable(index, PUBLIC)
    assert [part.text for part in asked.parts("Univeristy of Marylnad")] == ["university", "maryland"]
    assert [part.text for part in asked.parts("Ridgebakc")] == ["Ridgebakc"]
    assert [part.text for part in asked.parts("Oxbridge")] == ["Oxbridge"]


def test_an_everyday_word_is_no_slip_of_one_that_texts_have(asked: Asked) -> None:
    known = knowing(asked, "Balzing cells", Rights(PUBLIC, PUBLIC))
    assert told(known.parts("blazing"))[0] == "“blazing”"
