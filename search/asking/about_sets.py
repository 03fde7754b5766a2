"""Questions about records that are described, not named: how many, which, is there one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ontology.units import Unit
from records.record import EntityKind
from search.asking.checking import against, denies
from search.asking.conditions import cut_conditions
from search.asking.counting import ALL, AS_PART, count_of_set, different, is_only_part, matched
from search.asking.described import MAX_SOURCES, DescribedSet, described_set, is_in_words, records_meant, why_none
from search.asking.extremes import extreme, first_in_order
from search.asking.form import Ask, Form
from search.asking.listing import latest, makers_of_set, names_in_set
from search.asking.phrases import ADJECTIVES, DO_ALL, LESS, LIMIT, LIMITS, OF_ALTERNATIVES, SUBSTANCES, SUPERLATIVE, WHAT_IS
from search.asking.properties import MaterialAsked, Property, QuantityAsked
from search.asking.reply import Answer, Reply, Source
from search.asking.services import Asking, evidence
from search.asking.sets_beside import compare_sets, share_of_set
from search.asking.statistic import statistic_of
from search.asking.telling import counted, listed, near_text, part_text
from search.asking.thing import Thing, label_of
from search.asking.things import Things
from search.asking.values import agreeing, best_reading, shown
from search.asking.wanted import cut_unit, property_at_end
from search.names import fold_name
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, TextPart
from search.understanding.countries import names_country
from search.understanding.kinds import is_quantity
from search.understanding.record_kinds import is_record_kind
from search.understanding.vocabulary import SOFT

_ANY: Final = re.compile(r"(?:are |is )?there|(?:you|we)(?: have| know(?: of)?| hold)?|exist|available", re.IGNORECASE)
"""What is left of *which chemistries are there*."""
_CURRENT: Final = re.compile(r"(?:dis)?charg(?:e|ing) current", re.IGNORECASE)
"""The highest one is the limit, and not what is usual."""
_LISTED: Final = re.compile(
    r"\b(?:which|what|list|show|find|name|all|any|with|without|having|ha[sv]e?|no|giv\w+|stat\w+|contain\w*|report\w*|includ\w+|measur\w+"
    r"|known?|where|for which|whose|records?|data ?sets?|documents?|parameters?)\b",
    re.IGNORECASE,
)
"""Words of those who want the records that have a quantity, and not the quantity itself."""
_USES: Final = re.compile(
    r"\b(?:use|uses|contain|contains|have|has|include|includes) (?:(?:an?|any|the|some) )?(?P<what>[^,;]+?)[\s?.!]*\Z",
    re.IGNORECASE,
)
_FROM_MAKER: Final = re.compile(
    r"\b(?:cells?|batter(?:y|ies)) (?:(?:made|produced|manufactured|built|sold) )?(?:by|from)"
    r" (?P<name>[A-Z][\w&-]{2,})[\s?.!]*\Z"
)
"""*Do you have cells from Tesla*."""
_REGIONS: Final = frozenset(
    """
    africa america argentina asia australia austria belgium brazil bulgaria chile croatia czechia denmark europe finland greece
    holland iran ireland israel italy mexico morocco netherlands philippines portugal romania russia scandinavia serbia slovakia
    slovenia spain thailand turkey ukraine
    """.split()  # noqa: SIM905 - a list of words reads better than quoted ones
)
"""Places besides the countries that records name: that a record does not say whence it comes denies nothing."""
_RESTRICTED: Final = re.compile(
    rf"(?:{'|'.join(ADJECTIVES)}|above|below|under|over|more|less|at|made|between|not|without)\b", re.IGNORECASE
)
"""*Which separators are thinner than 20 µm* asks for separators, and not for those of a set."""


def answer_of_set(asking: Asking, form: Form, things: Things) -> Reply:
    """Answer a question about a set of records.

    Args:
        asking: The question and its reader.
        form: What is wanted.
        things: Tells what is near a name that is not known.
    """
    if form.ask is Ask.SHARE:
        return share_of_set(asking, form)
    if form.ask is Ask.SETS:
        return compare_sets(asking, form)
    rest, unit = cut_unit(asking, form.rest)
    if form.ask is Ask.LIST:
        measured = property_at_end(asking, rest)
        if measured is not None and not measured[0]:
            return asking.unknown(f"Asked for “{measured[1]}”, and not of what.")
        form = replace(form, ask=Ask.STATISTIC, property=measured[1]) if measured else form
        is_unclear = not measured and (unit is not None or WHAT_IS.match(form.rest))
        form = replace(form, ask=Ask.UNCLEAR) if is_unclear else form
        rest = measured[0] if measured else rest
    if form.ask is Ask.SUPERLATIVE and not form.of_it and (at_end := property_at_end(asking, rest)):
        form = _with_of_it(asking, form, rest.removesuffix(at_end[1]).strip(), at_end[1])
        rest = form.rest
    if form.ask is Ask.SUPERLATIVE and form.descending and _CURRENT.fullmatch(form.property):
        form = replace(form, property=f"maximum {form.property}")
    asked = asking.services.properties.find(form.property) if form.property else None
    is_which = _RESTRICTED.match(form.rest) or f" {form.property} has {form.rest}" in asking.question
    if isinstance(asked, MaterialAsked) and form.ask is Ask.STATISTIC and is_which:
        ask = Ask.UNCLEAR if SUBSTANCES.search(asking.question) else Ask.LIST
        form, asked = replace(form, ask=ask, rest=f"{form.property} {form.rest}", property=""), None
    rest, conditions = cut_conditions(rest, asking.services.vocabulary.units) if form.ask is Ask.STATISTIC else (rest, ())
    described = described_set(asking, rest, is_measured=True) if asked else described_set(asking, form.rest)
    if described.not_understood and not _is_none_of_any_kind(asking, form, described):
        is_of_nobody = _is_of_nobody(asking, form, described, things)
        return _titled_so(asking, form, described) or _not_understood(asking, described, things, is_of_nobody=is_of_nobody)
    is_reckoned = form.ask in (Ask.SUPERLATIVE, Ask.STATISTIC) and asked is not None
    if is_reckoned and described.query.order is not None:
        return asking.unknown(f"Asked for {form.property}, and for another order: {described.told}.", described.query)
    is_of_all = ALL.search(rest) or (_ANY.fullmatch(rest) and not isinstance(asked, QuantityAsked))
    if form.ask is Ask.STATISTIC and rest and not described.query.parts and not described.only_cells and not is_of_all:
        return asking.unknown(f"Asked for {form.property}, and not understood of what: “{rest}”.", described.query)
    if not isinstance(asked, QuantityAsked):
        return _of_records(asking, form, described, asked, unit)
    if why := _why_of_no_value(asking, described):
        return asking.unknown(f"Asked for {form.property} of {described.told}, {why}.", described.query)
    if form.ask is Ask.SUPERLATIVE:
        return _most(asking, form, described, asked, unit, things)
    found = statistic_of(asking, described, form.statistic, asked, unit, conditions)
    is_one = found.answer is not None and not isinstance(found.answer.value, tuple)
    of_most = None if is_one or form.statistic else _most_of_limit(asking, form, described, asked, unit, things)
    return of_most if of_most is not None and of_most.answer is not None else found


def _most(asking: Asking, form: Form, described: DescribedSet, asked: QuantityAsked, unit: Unit | None, things: Things) -> Reply:
    """The records with most of a quantity; of cylinders, whose length is called their height, the longest too."""
    if _is_for_more(asking, described, asked):
        return asking.unknown(f"Asked for the most of {asked.label}, and for more: {described.told}.", described.query)
    found = extreme(asking, described, form, asked, unit)
    if found.answer is None and (limit := LIMIT.match(form.property)):
        return answer_of_set(asking, replace(form, property=form.property[limit.end() :]), things)
    height = asking.services.properties.find("height") if found.answer is None and asked.label == "length" else None
    return extreme(asking, described, form, height, unit) if isinstance(height, QuantityAsked) else found


def _is_for_more(asking: Asking, described: DescribedSet, asked: QuantityAsked) -> bool:
    """Whether another quantity is named that the records need not only have: *with a cycle life*."""
    others = [part for part in described.query.parts if _is_open(asking, part) and isinstance(part, ConceptPart)]
    return not _LISTED.search(asking.question) and any(asked.kinds.isdisjoint(part.concepts) for part in others)


def _with_of_it(asking: Asking, form: Form, before: str, said: str) -> Form:
    """The capacity of the lightest Kokam cell, of *lightest Kokam cell capacity*."""
    noun, _, bare = said.partition(" ")
    find = asking.services.properties.find
    if noun.lower() in ("cell", "battery") and isinstance(find(bare), QuantityAsked):
        before, said = f"{before} {noun}".strip(), bare
    if not before:
        return form
    return replace(form, rest=before, of_it="" if find(said) == find(form.property) else said)


def _why_of_no_value(asking: Asking, described: DescribedSet) -> str:
    """Why what is described has no values of its own: the records of a person have values that are not theirs."""
    parts = described.query.parts
    if any(_is_only_in_titles(asking, part) for part in parts):
        return "which no record says but in its title"
    is_somebody = parts and all(isinstance(part, EntityPart) and part.kind is EntityKind.PERSON for part in parts)
    return "who has none" if is_somebody else ""


def _is_only_in_titles(asking: Asking, part: Part) -> bool:
    """Whether words of titles alone say what no record has as a concept: no cell of *Advanced Electronics* is an electron."""
    if not isinstance(part, ConceptPart) or part.roles or not part.words or part.negated:
        return False
    properties = asking.services.properties
    is_of_cells = not (properties.formats | properties.cells).isdisjoint(part.concepts)
    return not is_of_cells and not asking.records(asking.query((replace(part, words=()),)), 1)[0]


def _is_none_of_any_kind(asking: Asking, form: Form, described: DescribedSet) -> bool:
    """Whether nothing at all is of what datasets (or tests, or protocols) are asked for: then there is none of that kind either."""
    kind = described.query.first
    if kind is None or described.not_understood != (kind.text,) or not described.query.parts:
        return False
    is_counted = form.ask in (Ask.CHECK, Ask.COUNT, Ask.LIST)
    return is_counted and not records_meant(asking, replace(described, only_cells=False, subject=frozenset()), 1)[0]


def _is_of_nobody(asking: Asking, form: Form, described: DescribedSet, things: Things) -> bool:
    """Whether it is asked if there are cells from a maker, who has a name like none that a readable record has: there are none."""
    maker = _FROM_MAKER.search(asking.question)
    if maker is None or described.not_understood != (maker["name"],) or form.ask is not Ask.CHECK or not described.only_cells:
        return False
    is_place = names_country(maker["name"]) or maker["name"].lower() in _REGIONS
    return not is_place and not things.makers_like(maker["name"])


def _most_of_limit(
    asking: Asking, form: Form, described: DescribedSet, asked: QuantityAsked, unit: Unit | None, things: Things
) -> Reply | None:
    """The highest of a limit of a set, *maximum discharge current of EVE cells*; else of what it limits, *maximum capacity*."""
    limit = LIMIT.match(form.property)
    if limit is None:
        return None
    most = replace(form, ask=Ask.SUPERLATIVE, descending=limit["word"].lower() not in LESS)
    found = extreme(asking, described, most, asked, unit)
    return (
        found if found.answer is not None else answer_of_set(asking, replace(most, property=form.property[limit.end() :]), things)
    )


def _of_records(asking: Asking, form: Form, described: DescribedSet, asked: Property | None, unit: Unit | None) -> Reply:
    """What is no matter of a quantity: how many, which, whose, is there one, are all so."""
    match form.ask:
        case Ask.COUNT:
            return count_of_set(asking, form, described, is_different=form.statistic == "different")
        case Ask.CHECK:
            return _exists(asking, described)
        case Ask.EVERY:
            return _every(asking, described)
        case Ask.MAKERS | Ask.MAKER_COUNT:
            return makers_of_set(asking, described, is_count=form.ask is Ask.MAKER_COUNT, is_most=form.property == "most")
        case Ask.LATEST:
            return latest(asking, described, is_newest=form.descending, wanted=form.property)
        case Ask.STATISTIC if asked is not None and not form.statistic and not OF_ALTERNATIVES.search(asking.question):
            return names_in_set(asking, described, asked)
        case _ if described.query.order is not None:
            return first_in_order(asking, described, described.query.order, unit)
        case Ask.LIST if all(found["word"].lower() in LIMITS for found in SUPERLATIVE.finditer(form.rest)):
            return _list(asking, form, described)
        case _:
            return asking.unknown(f"Not understood what is asked of: {described.told}.", described.query)


def answer_beyond(asking: Asking, form: Form, thing: Thing, things: Things) -> Reply:
    """Answer which records have more (or less) of a property than a thing.

    Args:
        asking: The question and its reader.
        form: What is wanted; its rest describes the records.
        thing: What they are compared with.
        things: Tells what is near a name that is not known.
    """
    asked = asking.services.properties.find(form.property)
    described = described_set(asking, form.rest)
    if described.not_understood:
        return _not_understood(asking, described, things)
    found = (
        [best_reading(record, asked, (), asking.services.properties) for record in thing.records]
        if isinstance(asked, QuantityAsked)
        else []
    )
    groups = agreeing(one for one in found if one is not None)
    base = groups[0][0].base if groups else None
    if not isinstance(asked, QuantityAsked) or base is None:
        return asking.unknown(
            f"Asked to compare with {thing.label}. No record that you may read gives its “{form.property}”.",
            asking.query(thing.parts),
        )
    sign = ">" if form.descending else "<"
    value = shown(groups[0][0], None, asking.services.vocabulary.units)
    part = replace(
        asked.part(),
        minimum=base if form.descending else None,
        maximum=None if form.descending else base,
        minimum_included=False,
        maximum_included=False,
        unit=value.unit,
        dimension=groups[0][0].quantity.dimension,
        asked=f"{sign} {value.text}",
    )
    others = (one for one in described.query.parts if one.text.lower() not in SOFT)
    query = replace(described.query, parts=(*others, part))
    told = f"{described.told}, {asked.label} {sign} {value.text} ({thing.label})"
    return _list(asking, form, replace(described, query=query, told=told))


def _titled_so(asking: Asking, form: Form, described: DescribedSet) -> Reply | None:
    """How many records, or which, have words in their titles that say what they are: *how many table schemas*.

    What else is said of them must hold: *table schemas under MIT licence*.
    """
    is_plain = not described.only_cells and not described.query.order and not any(part.negated for part in described.query.parts)
    if form.ask not in (Ask.COUNT, Ask.LIST, Ask.CHECK) or form.statistic or not is_plain:
        return None
    if form.ask is Ask.LIST and " of " in form.rest and not _LISTED.search(form.rest):  # *version of the converter*
        return None
    kinds = [part for part in described.query.parts if is_record_kind(part)]
    found = _with_in_title(asking, described, ())
    found = found if found is not None or not kinds else _with_in_title(asking, described, kinds)
    if found is None or found.answer is None or form.ask is not Ask.CHECK:
        return found
    return replace(found, answer=Answer("yes", "", f"Yes: {found.answer.text}"))


def _with_in_title(asking: Asking, described: DescribedSet, kinds: Sequence[Part]) -> Reply | None:
    """The records that have all words but those for these kinds in their titles: *parameter sets that use PyBaMM*."""
    read = [part for part in described.query.parts if part not in kinds]
    words = [part.text for part in read if isinstance(part, TextPart | ConceptPart | QuantityPart)]
    others = [*kinds, *(part for part in read if not isinstance(part, TextPart | ConceptPart | QuantityPart))]
    wanted = _words(" ".join(words))
    eithers = [part for part in others if isinstance(part, EitherPart) and is_in_words(part)]
    is_name = any(word.isalpha() and len(word) > 1 for word in wanted)
    if len(wanted) + len(kinds) + len(eithers) < 2 or not (is_name or eithers):
        return None
    query = asking.query([*others, *map(TextPart, sorted(wanted))])
    total, found = asking.records(query)
    records = [
        record
        for record in found
        if wanted <= (title := _words(record.title)) and all(any(map(title.issuperset, _ways(part))) for part in eithers)
    ]
    if not records or total > len(found):
        return None
    titled = " ".join([*words, *(part.text for part in eithers)])
    told = listed([f"“{titled}” in the title", *(part_text(part) for part in others if part not in eithers)])
    names = f": {listed([label_of(record) for record in records])}."
    return Reply(
        f"Asked for records with {told}.",
        Answer(
            len(records), "", f"{counted(len(records))} that you may read {'has' if len(records) == 1 else 'have'} {told}{names}"
        ),
        tuple(Source(record.id, record.source_file) for record in records[:MAX_SOURCES]),
        query,
    )


def _ways(part: EitherPart) -> list[set[str]]:
    """The words of each alternative: *NEDC or WLTP*."""
    return [_words(" ".join(one.text for one in way)) for way in part.ways]


def _words(text: str) -> set[str]:
    """The words of a text, those of several in the singular."""
    return {word.removesuffix("s") for word in fold_name(text).split()}


def _not_understood(asking: Asking, described: DescribedSet, things: Things, *, is_of_nobody: bool = False) -> Reply:
    words = " ".join(described.not_understood)
    if is_of_nobody:
        text = f"No: no record that you may read names “{words}”."
        return Reply(f"Asked whether there are cells from {words}.", Answer("no", "", text), (), described.query)
    likely = things.titled(words) or None
    near = (likely.label,) if likely else things.near(words)
    understood = [part_text(part) for part in described.query.parts if not isinstance(part, TextPart)]
    known = f" Understood: {listed(understood)}." if understood else ""
    return asking.unknown(f"Nothing is known here of “{words}”.{known}{near_text(near)}", described.query)


def _list(asking: Asking, form: Form, described: DescribedSet) -> Reply:
    if not described.query.parts and described.query.order is None and not described.only_cells:
        return asking.unknown("Asked for a list, and nothing was understood that says of what.", described.query)
    is_measured = any(_is_open(asking, part) for part in described.query.parts)
    if is_measured and not _LISTED.search(form.rest):
        return asking.unknown(f"Asked about: {described.told}. Not understood what is asked of them.", described.query)
    total, records = records_meant(asking, described, MAX_SOURCES)
    if not total and (why := why_none(asking, described)):
        return asking.unknown(f"Asked for: {described.told}.{why}", described.query)
    if not total and is_measured:
        return asking.unknown(f"Asked for: {described.told}. No record that you may read gives such a value.", described.query)
    if is_only_part(asking, described, records):
        return asking.unknown(f"Asked for: {described.told}.{AS_PART.format(counted(total))}", described.query)
    names = f": {listed([label_of(record) for record in records])}." if records else "."
    text = f"{matched(total)} ({described.told}){names}"
    return Reply(
        f"Asked which records have: {described.told}.",
        Answer(total, "", text + different(total, records)),
        evidence(described.query, records),
        described.query,
    )


def _is_open(asking: Asking, part: Part) -> bool:
    """Whether a part asks for a quantity and says nothing of its value."""
    if isinstance(part, ConceptPart):
        return all(is_quantity(asking.services.vocabulary, iri) for iri in part.concepts) and bool(part.concepts)
    return isinstance(part, QuantityPart) and part.minimum is part.maximum is None


def _every(asking: Asking, described: DescribedSet) -> Reply:
    """Whether all of a set are so: *are LTO cells rechargeable*. *No* needs one that says otherwise."""
    understood = f"Asked whether all are so: {described.told}."
    *of, last = described.query.parts or (None,)
    is_split = len(of) == 1 or (len(of) > 1 and _is_said_last(asking, last))
    if not is_split or not all(isinstance(part, ConceptPart | EntityPart) and not part.negated for part in of):
        return asking.unknown(f"{understood} Not understood of what it is asked.", described.query)
    subject = replace(described, query=replace(described.query, parts=tuple(part for part in of if part)))
    every, members = records_meant(asking, subject, MAX_SOURCES)
    so, shown_by = records_meant(asking, described, MAX_SOURCES)
    if not every:
        return asking.unknown(f"{understood} No record that you may read is in the set.", described.query)
    if so < every:
        others = [one for one in members if last and denies(asking, last, one)]
        if not others or (so and not DO_ALL.search(asking.question)):  # *are LFP cells prismatic* need not ask for all
            return asking.unknown(f"{understood} {so} of {counted(every)} that you may read say so.", described.query)
        named = listed([label_of(one) for one in others], 3)
        text = f"No: {len(others)} of {counted(every)} that you may read say otherwise, such as {named}."
        told = tuple(against(asking, described.query.parts[-1:], one) for one in others[:MAX_SOURCES])
        return Reply(understood, Answer("no", "", text), told, described.query)
    said = f"all {counted(every)} that you may read say so" if every > 1 else "the one record that you may read says so"
    text = f"Yes: {said} ({described.told})."
    return Reply(understood, Answer("yes", "", text), evidence(described.query, shown_by), described.query)


def _is_said_last(asking: Asking, part: Part | None) -> bool:
    """Whether the question ends with what it asks of a set: a bound, or what the set uses or contains."""
    if isinstance(part, QuantityPart):
        return not (part.minimum is part.maximum is None)
    verb = _USES.search(asking.question)
    return part is not None and verb is not None and fold_name(verb["what"]) == fold_name(part.text)


def _exists(asking: Asking, described: DescribedSet) -> Reply:
    if not described.query.parts and not described.only_cells:
        return asking.unknown("Asked whether there is one, and nothing was understood that says of what.", described.query)
    total, records = records_meant(asking, described, MAX_SOURCES)
    if not total and (why := why_none(asking, described)):
        return asking.unknown(f"Asked whether there is: {described.told}.{why}", described.query)
    names = f", such as {listed([label_of(record) for record in records], 3)}" if records else ""
    text = f"{'Yes' if total else 'No'}: {matched(total)} ({described.told}){names}."
    return Reply(
        f"Asked whether a record has: {described.told}.",
        Answer("yes" if total else "no", "", text),
        evidence(described.query, records),
        described.query,
    )
