"""Words of general English beside what is named, and words that name what no readable record has."""

from __future__ import annotations

import pytest

from records.record import ConceptUse, Entity, EntityKind, Record
from records.rights import PUBLIC, Rights
from search.query import Query, TextPart
from search.service import Readable
from search.understanding.everyday import is_general, is_talk, word_part
from search.understanding.stems import bases, forms_of, stem
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

TEAM = frozenset({"bma/community:team"})
PAPERS = "any maker against which a factor of form is regarded regardless of vendor, and whoever offers roughly the most"
"""What the long text of a cell's papers has somewhere."""


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


@pytest.fixture
def asked(ontologies: Asked) -> Asked:
    ontologies.known = None
    return ontologies


def a_record(
    asked: Asked, name: str, *concepts: str, text: str = "", readers: frozenset[str] = PUBLIC, maker: str = "Acme"
) -> Record:
    uses = tuple(ConceptUse(asked.iri(label), (), "", 1) for label in concepts)
    made = (Entity(EntityKind.MANUFACTURER, maker),)
    return Record(name, f"urn:{name}", name, "s", name, "", Rights(readers, readers), uses, text=text, entities=made)


def found(asked: Asked, question: str, *records: Record) -> set[str]:
    """What the question finds among these records, as the public."""
    index = PlainIndex()
    index.apply(records)
    asked.known = Readable(index, PUBLIC)
    return {hit.record.id for hit in index.search(asked.query(question), PUBLIC, limit=100).hits}


@pytest.mark.parametrize(
    "question",
    [
        "pouch cells, regardless of vendor",
        "a complete list of whatever pouch cells the archive happens to hold",
        "whoever offers pouch cells",
        "pouch cells whichever maker",
    ],
)
def test_what_is_named_is_found_whatever_else_is_said_of_nothing(asked: Asked, question: str) -> None:
    pouches = [a_record(asked, f"pouch{n}", "PouchCell") for n in range(3)]
    odd = a_record(asked, "odd", "PouchCell", text=PAPERS)
    other = a_record(asked, "other", "CoinCell", text=PAPERS)
    assert found(asked, question, *pouches, odd, other) == {"pouch0", "pouch1", "pouch2", "odd"}


def test_a_general_word_that_texts_have_beside_another_one_stays(asked: Asked) -> None:
    assembly = a_record(asked, "line", "CoinCell", text="A line for coin cell assembly by a robot.")
    records = (assembly, a_record(asked, "other", "CoinCell"))
    assert found(asked, "coin cell assembly", *records) == {"line"}
    assert found(asked, "coin cell bargain", *records) == {"line", "other"}


def test_general_words_alone_are_no_answer_to_a_question_with_others(asked: Asked) -> None:
    paper = a_record(asked, "paper", "CoinCell", text="An analysis of noise.")
    assert found(asked, "techno-economic analysis", paper) == set()
    assert found(asked, "noise analysis", paper) == {"paper"}


def test_general_words_are_looked_for_where_nothing_else_is_named(asked: Asked) -> None:
    told = a_record(asked, "told", text="a remarkable achievement")
    assert found(asked, "remarkable achievement", told, a_record(asked, "other")) == {"told"}


def test_a_test_that_says_general_words_of_itself_goes_before_others_of_its_method(asked: Asked) -> None:
    calm = a_record(asked, "calm", "CyclingTest", "Procedure", text="gentle cycling test")
    harsh = a_record(asked, "harsh", "CyclingTest", "Procedure", text="harsh cycling test")
    assert found(asked, "gentle cycling test", calm, harsh) == {"calm"}
    assert found(asked, "gentle pouch cells", a_record(asked, "pouch", "PouchCell"), calm) == {"pouch"}


def test_beside_what_must_not_be_a_general_word_asks_for_nothing(asked: Asked) -> None:
    records = (a_record(asked, "ours"), a_record(asked, "theirs", maker="Kokam"))
    assert found(asked, "cells made by someone other than Kokam", *records) == {"ours"}


def test_who_must_not_pass_over_a_word_gets_every_word(asked: Asked) -> None:
    from search.understanding.understand import understand

    index = PlainIndex()
    index.apply([a_record(asked, "pouch", "PouchCell")])

    def words(*, every_word: bool) -> list[str]:
        query: Query = understand(
            "pouch cells of a vendor",
            lookup=asked.lookup,
            concepts=asked.concepts,
            units=asked.units,
            known=Readable(index, PUBLIC),
            every_word=every_word,
        )
        return [part.text for part in query.parts if isinstance(part, TextPart)]

    assert words(every_word=True) == ["vendor"]
    assert words(every_word=False) == []


@pytest.mark.parametrize(
    "question",
    [
        "argyrodite separator",
        "separator made of lignin",
        "separators manufactured by Toyota",
        "PBIcell separator",
        "separator of PTFEP",
        "Li7La3Zr2O12 separator",
    ],
)
def test_a_name_that_nothing_has_is_no_detail_that_may_be_missing(asked: Asked, question: str) -> None:
    separator = a_record(asked, "separator", "Separator")
    assert found(asked, question, separator) == set()
    assert found(asked, "separator, nicely packaged", separator) == {"separator"}
    assert found(asked, "thinn separator", separator) == {"separator"}, "a slip of the pen names nothing"


def test_a_name_counts_only_as_far_as_the_reader_may_read(asked: Asked) -> None:
    separator = a_record(asked, "separator", "Separator")
    secret = a_record(asked, "secret", "Separator", text="argyrodite", readers=TEAM)
    assert found(asked, "argyrodite separator", separator, secret) == found(asked, "argyrodite separator", separator) == set()


def test_the_beginning_of_another_word_is_no_answer_to_several_words(asked: Asked) -> None:
    assert found(asked, "wind turbine", a_record(asked, "cell", text="within a window")) == set()


def test_one_phenomenon_or_quantity_that_nothing_has_is_looked_for_in_texts(asked: Asked) -> None:
    told = a_record(asked, "told", text="the particle radius of graphite; growth of dendrites")
    assert found(asked, "particle radius", told, a_record(asked, "other")) == {"told"}
    assert found(asked, "supercapacitor", a_record(asked, "told", text="unlike a supercapacitor")) == set()


@pytest.mark.parametrize(
    "word", ["vendors", "regardless", "roughly", "splitting", "archive", "bricks", "whichever", "moved", "densest"]
)
def test_general_words(word: str) -> None:
    assert is_general(word) or is_talk(word)


@pytest.mark.parametrize(
    "word",
    ["separator", "electrode", "lithium", "charging", "capacity", "car", "aircraft", "fire", "cold", "impact", "Toyota", "lignin"],
)
def test_what_names_something_is_no_general_word(word: str) -> None:
    assert not is_general(word)
    assert not is_talk(word)


def test_forms_are_words() -> None:
    assert forms_of("universities") == ("university",)
    assert set(forms_of("racing")) == {"race", "races", "raced"}
    assert "fly" not in word_part("airplane").forms, "a form of another word for it is no other word"
    assert "carry" in bases("carried")
    assert stem("gases") == stem("gas")


def test_a_name_of_talk_is_found_where_a_text_has_it(asked: Asked) -> None:
    index = PlainIndex(asked.concepts.ancestors)
    open_to_all = Rights(PUBLIC, PUBLIC)
    texts = {"1": "part of the Battery Data Commons, a battery cell", "2": "a battery of common data"}
    index.apply([Record(f"a/{name}", f"urn:{name}", name, "a", name, "", open_to_all, text=text) for name, text in texts.items()])
    asked.known = Readable(index, PUBLIC)
    try:
        assert told(asked.parts("battery data commons")) == ["“battery data commons”"]
        assert told(asked.parts("good battery cells")) != ["“good battery cells”"]
        assert told(asked.parts("a battery cell")) != ["“a battery cell”"]
    finally:
        index.close()


def test_words_that_are_left_out_are_told(asked: Asked) -> None:
    index = PlainIndex()
    index.apply([a_record(asked, "pouch", "PouchCell")])
    asked.known = Readable(index, PUBLIC)
    assert asked.query("pouch cells for whatever special purpose").left_out == ("purpose",)
    assert asked.query("pouch cells").left_out == ()


def test_what_stands_in_quotation_marks_must_be_there(asked: Asked) -> None:
    pouch = a_record(asked, "pouch", "PouchCell")
    sold = a_record(asked, "sold", "PouchCell", text="sold for a special purpose by a vendor")
    assert found(asked, "pouch cells for any purpose", pouch, sold) == {"pouch", "sold"}
    assert found(asked, 'pouch cells for any "purpose"', pouch, sold) == {"sold"}
    assert found(asked, "pouch cells “special purpose”", pouch, sold) == {"sold"}
    assert found(asked, 'pouch cells "purpose special"', pouch, sold) == set()
    assert found(asked, 'pouch cells not "special purpose"', pouch, sold) == {"pouch"}
    assert found(asked, '"pouch cells"', pouch, sold) == set()  # no title or text says so
