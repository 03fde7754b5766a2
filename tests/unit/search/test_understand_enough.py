"""How many words are enough, other words for them, and full names that nobody has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.record import ConceptUse, Entity, EntityKind, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, EntityPart, TextPart
from search.service import Readable
from search.understanding.everyday import _groups, is_talk, word_part
from search.understanding.stems import forms_of
from search.words import words_of
from tests.unit.search.asked import Asked
from tests.unit.search.plain_index import PlainIndex

TEAM = frozenset({"bma/community:team"})


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


@pytest.fixture
def asked(ontologies: Asked) -> Asked:
    ontologies.known = None
    return ontologies


def a_record(name: str, text: str, *concepts: str, people: tuple[str, ...] = (), readers: frozenset[str] = PUBLIC) -> Record:
    uses = tuple(ConceptUse(iri, (), "", 1) for iri in concepts)
    entities = tuple(Entity(EntityKind.PERSON, person) for person in people)
    return Record(name, f"urn:{name}", name, "s", name, "", Rights(readers, readers), uses, text=text, entities=entities)


def found(asked: Asked, question: str, *records: Record) -> set[str]:
    """What the question finds among these records, as the public."""
    index = PlainIndex()
    index.apply(records)
    asked.known = Readable(index, PUBLIC)
    return {hit.record.id for hit in index.search(asked.query(question), PUBLIC, limit=100).hits}


SOLAR = a_record("solar", "a battery model of a solar car")
CARS = tuple(a_record(f"car{n}", "thermal management of a car") for n in range(6))


def test_only_records_with_nearly_as_many_and_as_rare_words_as_the_best_one_are_found(asked: Asked) -> None:
    assert found(asked, "cells that ended up in a solar racing car", SOLAR, *CARS) == {"solar"}
    assert found(asked, "a racing car", *CARS) == {one.id for one in CARS}


def test_methods_are_found_by_the_symbols_for_them(asked: Asked) -> None:
    curves = a_record("curves", "by incremental capacity analysis"), a_record("others", "differential voltage")
    assert found(asked, "dQ/dV", *curves) == {"curves"}
    assert found(asked, "differential voltage analysis (dV/dQ)", *curves) == {"others"}


def test_a_hyphen_after_the_beginning_of_a_word_may_be_missing(asked: Asked) -> None:
    assert found(asked, "multi-layer", a_record("one", "multilayer example"), *CARS) == {"one"}
    assert found(asked, "multilayer", a_record("one", "multi-layer example"), *CARS) == {"one"}


def test_a_value_that_was_asked_for_is_not_given_up(asked: Asked) -> None:
    ratio = a_record("ratio", "negative-to-positive ratio of the electrodes")
    other = a_record("other", "an exponent of 1.5")
    assert found(asked, "negative-to-positive ratio of 1.5", ratio, other) == set()
    assert found(asked, "0.0", ratio, other) == set()
    assert found(asked, "negative-to-positive ratio of 1.5", a_record("both", "negative-to-positive ratio: 1.5"), other) == {"both"}


def test_words_of_general_english_do_not_outweigh_a_name(asked: Asked) -> None:
    named, general = a_record("named", "zeolite"), a_record("general", "complete bricks, split roughly in two")
    assert found(asked, "roughly complete bricks, zeolite", named, general, *CARS) == {"named"}


def test_what_is_enough_and_how_much_words_weigh_follows_from_readable_records_alone(asked: Asked) -> None:
    secret = [a_record(f"secret{n}", "solar racing car", readers=TEAM) for n in range(9)]
    question = "cells that ended up in a solar racing car"
    found(asked, question, SOLAR, *CARS)
    before = asked.query(question)
    found(asked, question, SOLAR, *CARS, *secret)
    assert asked.query(question) == before
    assert before.enough > 0


def test_where_a_record_has_all_words_all_must_be_there(asked: Asked) -> None:
    assert found(asked, "solar car", SOLAR, *CARS) == {"solar"}
    assert asked.query("solar car").enough == 0


def test_words_of_every_science_are_looked_for_as_words_where_more_is_found_so(asked: Asked) -> None:
    power = a_record("quantity", "nothing else", asked.iri("Power"))
    assert found(asked, "power for mobile robots", a_record("robots", "the power of mobile robots"), power) == {"robots"}


def test_other_forms_and_other_words_are_found(asked: Asked) -> None:
    crushed = a_record("crushed", "the crushing of cells")
    assert found(asked, "squashed", crushed, SOLAR) == {"crushed"}
    assert found(asked, "cells that blow up", a_record("hot", "thermal runaway"), SOLAR) == {"hot"}


def test_a_capital_letter_makes_a_name_of_one_form(asked: Asked) -> None:
    assert found(asked, "Hunting", a_record("hunt", "a hunt")) == set()
    assert found(asked, "hunting", a_record("hunt", "a hunt")) == {"hunt"}


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("batteries", "battery"),
        ("stopped", "stop"),
        ("pierced", "pierce"),
        ("boxes", "box"),
        ("swell", "swelling"),
        ("dried", "dry"),
    ],
)
def test_forms(word: str, form: str) -> None:
    assert form in forms_of(word)
    assert word in {again for one in (form,) for again in forms_of(one)} | {word}


def test_short_words_codes_and_other_scripts_have_one_form() -> None:
    assert forms_of("use") == forms_of("ncr18650") == forms_of("größen") == ()


def test_groups_hold_each_word_once_and_no_word_of_talk() -> None:
    for group in _groups():
        assert len({" ".join(words_of(one)) for one in group}) == len(group) > 1, group
        assert not any(map(is_talk, group)), group
        assert set(group[1:]) <= set(word_part(group[0]).forms), group


def test_a_full_name_that_nobody_has_finds_nothing(asked: Asked) -> None:
    other = a_record("other", "by John Smith and A. Goodenough", people=("John Smith",))
    assert found(asked, "John B. Goodenough", other) == set()
    assert found(asked, "Giulia Rossi's car", *CARS) == set()
    (part,) = asked.parts("John B. Goodenough")
    assert isinstance(part, EntityPart)
    assert part.kind is EntityKind.PERSON


def test_a_name_that_a_text_has_is_found_and_an_institution_is_no_person(asked: Asked) -> None:
    text = a_record("text", "with thanks to John Newman")
    assert found(asked, "John Newman", text) == {"text"}
    assert found(asked, "J. John Newman", replace(text, text="Newman J")) == {"text"}
    assert found(asked, "Imperial College", a_record("imperial", "made at imperial")) == {"imperial"}


def test_a_plain_word_is_left_alone_by_names(asked: Asked) -> None:
    assert not any(isinstance(part, EntityPart) for part in asked.parts("Nail Penetration of cells"))


def test_very_many_words_take_no_longer_than_their_weights(asked: Asked) -> None:
    words = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    found(asked, "x", a_record("half", " ".join(words[:30])))
    assert len(asked.query(" ".join(words)).words) == len(words)


def test_words_of_talk_are_not_looked_for(asked: Asked) -> None:
    assert [part.text for part in asked.parts("cells that somebody quickly put into forklifts") if isinstance(part, TextPart)] == [
        "forklifts"
    ]
    assert not any(isinstance(part, ConceptPart) for part in asked.parts("forklifts"))
