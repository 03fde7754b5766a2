from __future__ import annotations

from search.query import Expansion, Facet, TextPart
from search.service import Edits
from ui.addresses import Address


def test_taking_out_words_moves_what_was_changed_of_the_parts_after_them() -> None:
    edits = Edits(
        without=(3,),
        reach={0: Expansion.EXACT, 2: Expansion.PARTS},
        senses={1: "urn:a", 2: "urn:b"},
        ranges={0: "1..", 1: "2..", 3: "3.."},
        turned=(0, 1, 2),
    )
    left = Address("red green blue grey", edits, start=20, after="x").without_part(1, TextPart("green"))
    moved = Edits(
        without=(2,),
        reach={0: Expansion.EXACT, 1: Expansion.PARTS},
        senses={1: "urn:b"},
        ranges={0: "1..", 2: "3.."},
        turned=(0, 1),
    )
    assert left == Address("red blue grey", moved)


def test_words_that_are_a_piece_of_others_or_denied_stay_and_the_part_is_left_out() -> None:
    for question, part in (("greenish", TextPart("green")), ("not green", TextPart("green", negated=True)), ("red", TextPart(""))):
        left = Address(question, Edits(without=(0,))).without_part(1, part)
        assert left == Address(question, Edits(without=(0, 1)))


def test_every_change_begins_at_the_first_hit_and_a_page_keeps_all_changes() -> None:
    here = Address("LFP", Edits(chosen=((Facet.YEAR, "2020"),), sort="-urn:k"), explain=True, start=20, after="x")
    for changed in (
        here.with_value(Facet.SOURCE, "a&b"),
        here.without_value(Facet.YEAR, "2020"),
        here.with_reach(0, Expansion.EXACT),
        here.with_sense(0, "urn:s"),
        here.sorted_by(""),
        here.with_range("0", "1..2 Ah"),
        here.with_turned(0),
        here.without_words("LFP"),
    ):
        assert (changed.start, changed.after, changed.explain) == (0, "", True)
    assert here.page(40, "y").edits == here.edits
    assert here.with_value(Facet.SOURCE, "a&b").href == "/?q=LFP&year=2020&source=a%26b&sort=-urn%3Ak&explain=true"


def test_the_usual_reach_is_no_change() -> None:
    here = Address("LFP", Edits(reach={0: Expansion.EXACT}))
    assert here.with_reach(0, Expansion.NARROWER) == Address("LFP")


def test_bounds_take_the_place_of_those_before_them() -> None:
    here = Address("LFP", Edits(chosen=((Facet.QUANTITY, "urn:k"), (Facet.QUANTITY, "urn:other"))))
    once = here.with_range("urn:k", "1..2 Ah")
    assert once.edits.chosen == ((Facet.QUANTITY, "urn:k 1..2 Ah"), (Facet.QUANTITY, "urn:other"))
    assert once.with_range("urn:k 1..2 Ah", "..3 Ah").edits.chosen[0] == (Facet.QUANTITY, "urn:k ..3 Ah")
    assert here.with_range("0", "1..").with_range("0", "2..").edits.ranges == {0: "2.."}


def test_what_is_turned_twice_is_as_it_was() -> None:
    assert Address("LFP").with_turned(1).with_turned(0).with_turned(1) == Address("LFP").with_turned(0)
