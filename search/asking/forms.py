"""The form of a question: what is wanted of what. Only words and patterns; what they mean is looked up elsewhere.

Names of things are recognised before and stand here as ``⟦0⟧``, ``⟦1⟧``, … (`marked`), so that *the A123 20AH* is one word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from search.asking import phrases
from search.asking.form import THING, Ask, Form
from search.asking.rewordings import cleaned


def form_of(text: str, named: Callable[[str], int], measured: Callable[[str], int] | None = None) -> Form:
    """Take a question apart; things in it are marked.

    Args:
        text: The question.
        named: How many characters at the beginning of a text name a property.
        measured: How many name a quantity, which alone can be most or least; as *named* where it is not given.

    >>> form_of("What is the rated capacity of the ⟦0⟧?", lambda text: 0).rest
    'What is the rated capacity of the ⟦0⟧'
    >>> form_of("lightest prismatic cell", lambda text: 0).property
    'weight'
    """
    asked = cleaned(text)
    things = len(set(THING.findall(asked)))
    if things > 1:
        return _of_several(asked, named)
    return _of_one(asked) if things == 1 else _of_a_set(asked, named, measured or named)


def name_of(text: str) -> str:
    """What may be the title of a thing, in a question for all that is known of it.

    >>> name_of("What do you know about LP30?"), name_of("LP30")
    ('LP30', 'LP30')
    """
    asked = cleaned(text)
    found = phrases.KNOWN_OF.fullmatch(asked)
    return found["name"] if found else asked


def _of_one(asked: str) -> Form:
    if phrases.KNOWN.fullmatch(asked):
        return Form(Ask.KNOWN, "")
    if phrases.HOW_TO.match(asked) or phrases.NEEDED.match(asked):
        return Form(Ask.UNCLEAR, asked)
    counted = phrases.HOW_MANY.match(asked)
    if phrases.HOW_MANY_RECORDS.match(asked) or (counted and phrases.ONLY_IT_THERE.fullmatch(asked, counted.end())):
        return Form(Ask.COUNT, asked)
    if phrases.COUNTRY.search(asked):
        return Form(Ask.VALUE, _joined("country", phrases.SAID_OF_COUNTRIES.sub(" ", phrases.COUNTRY.sub(" ", asked))))
    if phrases.WHERE.match(asked):
        return Form(Ask.PLACE, phrases.PLACED.sub(" ", phrases.WHERE.sub(" ", asked)))
    if phrases.WHEN.search(asked):
        name = "release date" if phrases.RELEASED.search(asked) else "date"
        return Form(Ask.VALUE, _joined(name, phrases.SAID_OF_DATES.sub(" ", phrases.WHEN.sub(" ", asked))))
    if phrases.WHO_RAN.search(asked):
        return Form(Ask.VALUE, phrases.WHO_RAN.sub(" operator ", asked))
    if phrases.WHO_WROTE.search(asked):
        return Form(Ask.VALUE, phrases.WHO_WROTE.sub(" author ", asked))
    if phrases.WHO_MADE.search(asked):
        return Form(Ask.VALUE, phrases.WHO_MADE.sub(" manufacturer ", asked))
    beyond = phrases.BEYOND.search(asked)
    if beyond and not phrases.CHECK.match(asked):
        word = beyond["word"].lower()
        name, descending = phrases.ADJECTIVES.get(word, (beyond["property"].strip(), word not in phrases.LESS))
        return Form(Ask.BEYOND, _joined(asked[: beyond.start()], asked[beyond.end() :]), name, descending)
    there = phrases.EXISTS.match(asked) if phrases.THERE.match(asked) else None
    if there and phrases.ONLY_IT.fullmatch(asked, there.end()):
        return Form(Ask.KNOWN, "")
    return Form(Ask.CHECK if there or phrases.CHECK.match(asked) else Ask.VALUE, asked)


def _of_several(asked: str, named: Callable[[str], int]) -> Form:
    asked = phrases.ONE_OF_A_SORT.sub(lambda said: "the one " if said.group().endswith(" ") else "which one", asked)
    if phrases.DIFFERS.search(asked) and phrases.DIFFERENCE_IN.search(asked) is None:
        rest = phrases.DIFFERENT.sub(" ", phrases.DIFFERENCE.sub(" ", asked))
        return Form(Ask.MORE, rest, "", is_question=True, statistic="different")
    asked = phrases.BY_HOW_MANY.sub(lambda match: f"in {match['unit']}, by how much", asked, count=1)
    asked = phrases.DIFFERENCE_IN.sub(lambda match: f"in {match['unit']}, how much {match['word']}", asked, count=1)
    percent = phrases.PERCENT.search(asked)
    if percent or phrases.RATIO.search(asked):
        found = phrases.COMPARED.search(asked)
        word = found["word"].lower() if found else ""
        name, more = phrases.ADJECTIVES.get(word, ("", word not in phrases.LESS))
        rest = phrases.COMPARED.sub(" ", phrases.PERCENT.sub(" ", phrases.RATIO.sub(" ", asked)))
        return Form(Ask.RATIO, rest, name, more, statistic="percent" if percent else "")
    statistic = phrases.STATISTIC.search(asked)
    if statistic and phrases.STATISTICS[statistic["word"].lower()] in ("mean", "sum"):
        rest = _joined(asked[: statistic.start()], asked[statistic.end() :])
        return Form(Ask.COMBINED, rest, statistic=phrases.STATISTICS[statistic["word"].lower()])
    if phrases.DIFFERENCE.search(asked) or (phrases.BY_HOW_MUCH.search(asked) and phrases.COMPARED.search(asked)):
        asked = phrases.BY_HOW_MUCH.sub(" ", asked)
        found = phrases.COMPARED.search(asked)
        rest = phrases.COMPARED.sub(" ", phrases.DIFFERENCE.sub(" ", asked))
        return Form(Ask.DIFFERENCE, rest, _adjective(found, asked, named)[0] if found else "")
    if phrases.SAME.search(asked) and phrases.CHECK.match(asked):
        return Form(Ask.MORE, phrases.SAME.sub(" ", asked), "", is_question=True, statistic="same")
    found = phrases.COMPARED.search(asked) or phrases.SUPERLATIVE.search(asked)
    if found and _is_of_name(found, asked, named):  # *which has the higher maximum charging current*
        more = phrases.WHICH_OF.search(asked) is not None or phrases.CHOICE.search(asked) is not None
        return Form(
            Ask.MORE if more else Ask.COMPARE, phrases.COMPARE.sub(" ", asked), "", found["word"].lower() not in phrases.LESS
        )
    if found:
        name, descending = _adjective(found, asked, named)
        rest = _joined(asked[: found.start()], asked[found.end() :])
        is_question = phrases.CHECK.match(asked) is not None and phrases.CHOICE.search(asked) is None
        return Form(Ask.MORE, rest, name, descending, is_question=is_question)
    return Form(Ask.COMPARE, phrases.COMPARE.sub(" ", asked))


def _is_of_name(found: re.Match[str], asked: str, named: Callable[[str], int]) -> bool:
    """Whether a superlative is the beginning of a property's name: *maximum discharging current*."""
    word, after = found["word"].lower(), asked[found.end() :].lstrip()
    return word in phrases.LIMITS and named(f"{word} {after}") > len(word) + named(after)


def _adjective(found: re.Match[str], asked: str, named: Callable[[str], int]) -> tuple[str, bool]:
    """The property that an adjective names, and whether more of it is meant; no name in *the longer cycle life*."""
    word = found["word"].lower()
    name, descending = phrases.ADJECTIVES.get(word, ("", word not in phrases.LESS))
    return ("" if named(asked[found.end() :].lstrip()) else name), descending


def _of_a_set(asked: str, named: Callable[[str], int], measured: Callable[[str], int]) -> Form:
    asked = phrases.CAN_BE.sub(" with ", phrases.LASTS_LONGEST.sub("longest-lasting", asked))
    if phrases.WHEN.match(asked) and not phrases.LATEST.search(asked):
        asked = f"date of {phrases.SAID_OF_DATES.sub(' ', phrases.WHEN.sub('', asked)).strip()}"
    elif phrases.WHO_WROTE.match(asked):
        asked = f"author of {phrases.WHO_WROTE.sub('', asked).strip()}"
    if any(one.search(asked) for one in (phrases.SET_AGAINST_SET, phrases.BETWEEN_UNKNOWN, phrases.PER_UNIT, phrases.PER_GROUP)):
        return Form(Ask.UNCLEAR, asked)
    if phrases.BY_GROUP.search(asked) and (phrases.STATISTIC.search(asked) or phrases.SUPERLATIVE.search(asked)):
        return Form(Ask.UNCLEAR, asked)
    found = (
        _share(asked)
        or _sets(asked, named)
        or _counted(asked, measured)
        or _makers(asked, named)
        or _latest(asked)
        or _statistic(asked, named)
        or _superlative(asked, named, measured)
    )
    if found:
        return found
    every = phrases.DO_ALL.match(asked)
    if every:
        return Form(Ask.EVERY, asked[every.end() :].strip())
    exists = phrases.EXISTS.match(asked)
    if exists:
        return Form(Ask.CHECK, asked[exists.end() :].strip())
    checked = phrases.CHECK.match(asked)
    if checked:
        return Form(Ask.CHECK if phrases.HAS_MADE.search(asked) else Ask.EVERY, asked[checked.end() :].strip())
    every_name = phrases.ALL_NAMES.fullmatch(asked)
    if every_name and (said := every_name["property"]) and named(said) == len(said) and not measured(said):
        return Form(Ask.STATISTIC, "all", said)
    length = named(asked)
    noun = phrases.CELLS_LAST.match(asked, length) if length else None
    split = _property_and_set(asked, named) or ((asked[:length], noun["set"]) if noun else None)
    if split is None and phrases.BESIDE.search(asked):
        split = _property_beside_set(asked, measured)
    if split:
        return Form(Ask.STATISTIC, split[1], split[0])
    is_unclear = any(one.match(asked) for one in (phrases.NO_LIST, phrases.SUBSTANCES, phrases.NAMES)) or phrases.RECKONED.search(
        asked
    )
    return Form(Ask.UNCLEAR if is_unclear else Ask.LIST, asked)


def _share(asked: str) -> Form | None:
    """*What fraction of the cells that contain cobalt are pouch cells*: the last verb says what is counted."""
    share = phrases.SHARE.match(asked)
    if share is None:
        return None
    verbs = list(phrases.SHARE_IS.finditer(asked, share.end())) or list(phrases.SHARE_WITH.finditer(asked, share.end()))
    if not verbs or not asked[verbs[-1].end() :].strip():
        return Form(Ask.UNCLEAR, asked)
    split = verbs[-1]
    return Form(Ask.SHARE, asked[share.end() : split.start()].strip(), others=(_joined(split["verb"] or "", asked[split.end() :]),))


def _sets(asked: str, named: Callable[[str], int]) -> Form | None:
    """*Compare the mean mass of LFP and NMC cells*, *mass of LFP vs NMC cells*."""
    compared = phrases.COMPARE_SETS.match(asked)
    text = asked[compared.end() :] if compared else asked[start.end() :] if (start := phrases.ASKING.match(asked)) else asked
    statistic = phrases.STATISTIC.match(text)
    kind = phrases.STATISTICS[statistic["word"].lower()] if statistic else "mean"
    text = text[statistic.end() :].lstrip() if statistic else text
    length = named(text)
    link = phrases.OF_SETS.match(text, length) if length else None
    between = phrases.BETWEEN_SETS if compared else phrases.VERSUS
    sets = [one.strip() for one in between.split(text[link.end() :])] if link else []
    if len(sets) < 2 or not all(sets) or kind not in ("mean", "median"):
        return None
    noun = phrases.LAST_NOUN.search(sets[-1])
    shared = [f"{one} {noun['noun']}" if noun and not phrases.LAST_NOUN.search(one) else one for one in sets]
    return Form(Ask.SETS, "", text[:length], statistic=kind, others=tuple(shared))


def _counted(asked: str, measured: Callable[[str], int]) -> Form | None:
    makers = phrases.HOW_MANY_MAKERS.match(asked)
    if makers and phrases.SO_MANY_EACH.search(asked, makers.end()):
        return Form(Ask.UNCLEAR, asked)
    if makers:
        return Form(Ask.MAKER_COUNT, asked[makers.end() :].strip())
    of_many = phrases.OF_HOW_MANY.fullmatch(asked)
    if of_many:
        return Form(Ask.COUNT, f"{of_many['set'] or of_many['sets']} with {of_many['property'] or of_many['properties']}")
    in_many = phrases.IN_HOW_MANY.fullmatch(asked)
    if in_many:
        what = f"{in_many['what']} as {in_many['role']}" if in_many["what"] else in_many["thing"]
        return Form(Ask.COUNT, f"{in_many['set'] or in_many['sets']} with {what}")
    counted = phrases.HOW_MANY.match(asked)
    if counted is None or phrases.HOW_LONG.match(asked):
        return None
    rest = asked[counted.end() :].strip()
    if phrases.NO_RECORDS.match(rest) or phrases.PER.search(rest):
        return Form(Ask.UNCLEAR, rest)
    if (length := measured(rest)) and phrases.HAS_SO_MANY.match(rest, length):  # *volts has the heaviest cell*
        return Form(Ask.UNCLEAR, rest)
    what = phrases.THERE_AT_END.sub("", rest)
    if measured(what) == len(what):  # how many values there are
        return Form(Ask.UNCLEAR, rest)
    models = phrases.MODELS.match(rest)
    is_different = models or counted["different"]
    return Form(Ask.COUNT, rest[models.end() if models else 0 :].strip(), statistic="different" if is_different else "")


def _makers(asked: str, named: Callable[[str], int]) -> Form | None:
    made = phrases.MAKERS.match(asked)
    if made:
        part = phrases.PART_OF_SET.fullmatch(asked, made.end())
        first = _latest(asked[made.end() :])
        if first:
            return replace(first, property="maker")
        supplied = f"supplier of {part['part']}" if part else ""
        if part and named(supplied) == len(supplied):
            return Form(Ask.STATISTIC, part["set"], supplied)
        most = phrases.MOST_MADE.fullmatch(asked, made.end())
        return Form(Ask.MAKERS, most["set"], "most") if most else Form(Ask.MAKERS, asked[made.end() :].strip())
    behind = phrases.MAKERS_BEHIND.fullmatch(asked)
    if behind and not named(asked):
        return Form(Ask.MAKERS, f"of {behind['set'].strip()}")
    listed = phrases.LIST_MAKERS.fullmatch(asked)
    return Form(Ask.MAKERS, (listed["set"] or "").strip()) if listed else None


def _latest(asked: str) -> Form | None:
    found = phrases.LATEST.search(asked)
    if found is None:
        return None
    rest = _joined(asked[: found.start()], asked[found.end() :])
    when = phrases.WHEN.match(asked)
    rest = phrases.SAID_OF_DATES.sub(" ", phrases.WHEN.sub(" ", rest)) if when else rest
    return Form(Ask.LATEST, rest, "date" if when else "", phrases.CALENDAR[" ".join(found["word"].lower().split())])


def _statistic(asked: str, named: Callable[[str], int]) -> Form | None:
    found = phrases.STATISTIC.search(asked)
    if found is None:
        return None
    kind, rest = phrases.STATISTICS[found["word"].lower()], _joined(asked[: found.start()], asked[found.end() :])
    again = phrases.STATISTIC_AGAIN.search(rest)
    if again and phrases.STATISTICS[again["word"].lower()] == kind:
        rest = rest[: again.start()]
    rest = rest.strip(" ,:")
    of_cell = phrases.OF_A_CELL.match(rest)
    if of_cell and named(rest[of_cell.end() :]) == len(rest) - of_cell.end():  # *average cell voltage*
        return Form(Ask.STATISTIC, "cells", rest[of_cell.end() :], statistic=kind)
    if rest and named(rest) == len(rest):  # *median energy density* is not that of the density
        return Form(Ask.UNCLEAR, asked)
    split = _property_and_set(rest, named) or _property_beside_set(rest, named)
    return Form(Ask.STATISTIC, split[1], split[0], statistic=kind) if split else None


def _property_beside_set(asked: str, named: Callable[[str], int]) -> tuple[str, str] | None:
    """The same of *nominal voltage, LTO cells*, *LTO cells: nominal voltage* and *LTO cell nominal voltage*."""
    splits = list(phrases.BESIDE.finditer(asked)) or list(phrases.BETWEEN_WORDS.finditer(asked))
    pairs = [(asked[: split.start()], asked[split.end() :]) for split in splits]
    before = [(one, other) for one, other in reversed(pairs) if other and named(one) == len(one)]
    behind = [(other, one) for one, other in pairs if one and named(other) == len(other)]
    return next(iter(before + behind), None)


def _superlative(asked: str, named: Callable[[str], int], measured: Callable[[str], int]) -> Form | None:
    start = phrases.ASKING.match(asked)
    text = asked[start.end() :] if start else asked
    length = named(text)
    held = phrases.OF_IT_WITH.match(text, length) if length else None
    if held and (found := _most(text[held.end() :], measured)) is not None:
        return replace(found, rest=_joined(held["set"], found.rest), of_it=text[:length])
    link = phrases.OF_IT.match(text, length) if length else None
    if link and (most := phrases.SUPERLATIVE.match(text, link.end())):
        found = _most(phrases.HAS_IT.sub("", text[link.end() :]), measured)
        if found is not None and found.rest:  # *which electrode is the thickest* asks for no electrode of it
            return replace(found, of_it=text[:length])
        if found is None and most["word"].lower() == "best":  # *capacity of the best cell* does not say in what
            return Form(Ask.UNCLEAR, asked)
    return _most(asked, measured)


def _most(asked: str, measured: Callable[[str], int]) -> Form | None:
    explained = phrases.EXPLAINED.search(asked)
    again = (explained["brackets"] or explained["by"]) if explained else ""
    if explained and measured(again) == len(again) and (found := _most_of(asked[: explained.start()], measured)) is not None:
        return replace(found, property=again)
    found = _most_of(asked, measured)
    numbered = phrases.NUMBERED.match(asked) if found is not None and found.count == 1 else None
    counted = _most_of(asked[numbered.end() :], measured) if numbered else None
    return replace(counted, count=_count(numbered["number"])) if counted and numbered else found


def _most_of(asked: str, measured: Callable[[str], int]) -> Form | None:
    ranked = phrases.TOP_BY.fullmatch(asked)
    if ranked and ranked["word"] and measured(ranked["property"]) == len(ranked["property"]):
        number = (ranked["many"] or ranked["number"] or "").lower()
        is_count = number.isdigit() or number in phrases.NUMBERS
        described = ranked["set"] if is_count and not ranked["many"] else _joined(ranked["number"] or "", ranked["set"])
        descending = ranked["word"].lower() not in phrases.LESS
        return Form(Ask.SUPERLATIVE, described, ranked["property"], descending, _count(number) if is_count else 1)
    for found in phrases.SUPERLATIVE.finditer(asked):
        word, before, after = found["word"].lower(), asked[: found.start()], asked[found.end() :].lstrip()
        count, rank = place_of(found.group())
        nested = phrases.SUPERLATIVE.match(after) if word == "top" else None
        if nested:
            word, after = nested["word"].lower(), after[nested.end() :].lstrip()
        weighed = phrases.WEIGHED.search(before) if word in ("most", "least") else None
        if weighed:
            return Form(Ask.SUPERLATIVE, _joined(before[: weighed.start()], after), "weight", word == "most", count, rank)
        name, descending = phrases.ADJECTIVES.get(word, ("", word not in phrases.LESS))
        length = measured(after)
        limit = measured(f"{word} {after}")
        is_named = limit > len(word) + length
        if word in phrases.LIMITS and is_named and phrases.ONE_WITH.search(before) and found.group().lower().startswith("the "):
            asked_for, rest = f"{word} {after}"[:limit], f"{word} {after}"[limit:]
            return Form(Ask.SUPERLATIVE, _joined(before, rest), asked_for, descending, count, rank)
        if word in phrases.LIMITS and (after[:1].isdigit() or after.startswith("of ") or is_named):
            continue  # a bound (maximum 2 kg), or the name of a property (maximum charging current)
        if length:
            return Form(Ask.SUPERLATIVE, _joined(before, after[length:]), after[:length], descending, count, rank)
        if name:
            return Form(Ask.SUPERLATIVE, _joined(before, after), name, descending, count, rank)
    return None


def place_of(superlative: str) -> tuple[int, int]:
    """How many values a superlative wants, and from which one in order on.

    >>> place_of("the three heaviest"), place_of("second largest")
    ((3, 1), (1, 2))
    """
    found = phrases.SUPERLATIVE.match(superlative)
    if found is None:
        return 1, 1
    return _count(found["number"] or found["top"] or "1"), phrases.ORDINALS.get((found["rank"] or "first").lower(), 1)


def _property_and_set(asked: str, named: Callable[[str], int]) -> tuple[str, str] | None:
    """The words for a property and those for the set, of *PROPERTY of SET*, *how heavy is SET*, *how much does SET weigh*."""
    how = phrases.HOW.fullmatch(asked) or phrases.HOW_MUCH.fullmatch(asked) or phrases.HOW_LONG.fullmatch(asked)
    if how:
        return how.groupdict().get("word", "cycle life").lower(), how["set"]
    start = phrases.ASKING.match(asked)
    text = asked[start.end() :] if start else asked
    length = named(text)
    link = phrases.OF.match(text, length) if length else None
    if link is None and length and named(head := text[:length].partition(" of ")[0]) == len(head):
        length, link = len(head), phrases.OF.match(text, len(head))  # *density of the electrolyte LP30*
    return (text[:length], phrases.HAS_IT.sub("", text[link.end() :])) if link and link.end() < len(text) else None


def _count(written: str) -> int:
    return max(1, int(written) if written.isdigit() else phrases.NUMBERS[written.lower()])


def _joined(before: str, after: str) -> str:
    return " ".join(f"{before} {after}".split())
