"""Does a curator get the right finding, at the right line, with the right correction first? Errors injected into real documents.

    python -m benchmarks.mutations ../shared/data [--documents 500] [--seed 1] [--kind NAME]

Every kind of error is injected into up to 500 real documents, one error a document, at a random place among those where the
kind makes sense. The text is changed by this program's own scanner, so nothing that is measured takes part in making the question.
For each injection the findings are compared with those of the untouched document:

- **code**: a new finding has the code (or one of the codes) that the error should have;
- **line**: such a finding stands on the line of the error;
- **first**: where the error leaves exactly one right correction, the first suggestion's replacement is it, to the letter;
- **elsewhere**: injections that raised any other new finding (code and line), anywhere in the document.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.bootstrap import build_services
from app.settings import load_settings
from records.issues import Issue

C_LANGUAGE = "https://w3id.org/emmo#EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc"
"""The programming language, mistaken for degrees Celsius by people who write ``C``."""
NUMBER_KEYS = frozenset(("hasNumericalValue", "hasNumberValue"))
UNIT_KEY = "hasMeasurementUnit"
VOLTAGE_LIMITS = ("LowerVoltageLimit", "UpperVoltageLimit")


@dataclass(frozen=True, slots=True)
class Token:
    """One value of a document and where it stands; ``key_start`` is -1 for an item of an array and for the document itself."""

    pointer: str
    key: str
    key_start: int
    key_end: int
    start: int
    end: int
    value: Any
    parent: Any


def scan(text: str) -> list[Token]:
    """Every value of a JSON text, outermost first."""
    tokens: list[Token] = []
    json.loads(text, parse_constant=_refuse)
    decode = json.JSONDecoder().raw_decode

    def skip(at: int) -> int:
        while text[at] in " \t\r\n":
            at += 1
        return at

    def read(at: int, pointer: str, key: str, key_start: int, key_end: int, parent: Any) -> int:
        value, end = decode(text, at)
        tokens.append(Token(pointer, key, key_start, key_end, at, end, value, parent))
        if isinstance(value, dict):
            at = skip(at + 1)
            while text[at] != "}":
                name, name_end = decode(text, at)
                below = skip(skip(name_end) + 1)
                step = name.replace("~", "~0").replace("/", "~1")
                at = skip(read(below, f"{pointer}/{step}", name, at, name_end, value))
                at = skip(at + 1) if text[at] == "," else at
        elif isinstance(value, list):
            at, index = skip(at + 1), 0
            while text[at] != "]":
                at = skip(read(at, f"{pointer}/{index}", key, -1, -1, value))
                at, index = (skip(at + 1) if text[at] == "," else at), index + 1
        return end

    read(skip(0), "", "", -1, -1, None)
    return tokens


def _refuse(name: str) -> None:
    raise ValueError(name)


@dataclass(slots=True)
class Source:
    """A real document with what the untouched form is found to have."""

    name: str
    text: str
    tokens: list[Token]
    before: Counter[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Injected:
    """A document with one error."""

    text: str
    line: int
    codes: frozenset[str]
    right: str | None = None
    """The one right correction, as a replacement of the finding's value: ``""`` when that is too much; where something is missing,
    and the value ``""``, what is missing; ``None`` when the text does not determine it."""


@dataclass(slots=True)
class World:
    """What the injections need to know of the vocabularies."""

    terms: frozenset[str]
    deprecated: dict[str, str | None]
    """IRI of a deprecated class -> IRI of the class that replaces it."""
    deprecated_batteries: list[str]
    """IRIs of deprecated classes of batteries."""
    dimension_of: Callable[[str], Any]
    """Dimension of a unit, or of a kind of quantity, by the last part of its name."""
    random: random.Random = field(default_factory=random.Random)


Make = Callable[[Source, World], "Injected | None"]
KINDS: dict[str, Make] = {}


def kind(make: Make) -> Make:
    """Enter an injection into the list under its own name."""
    KINDS[make.__name__.replace("_", "-")] = make
    return make


def injected(
    source: Source, start: int, end: int, new: str, codes: str, right: str | None = None, at: int | None = None
) -> Injected:
    """The document with ``text[start:end]`` replaced; the error is on the line of ``at`` (unset: of ``start``)."""
    text = source.text[:start] + new + source.text[end:]
    return Injected(text, text.count("\n", 0, start if at is None else at) + 1, frozenset(codes.split()), right)


def pick(source: Source, world: World, wanted: Callable[[Token], bool]) -> Token | None:
    """One place of the document, at random."""
    found = [token for token in source.tokens if wanted(token)]
    return world.random.choice(found) if found else None


def pick_number(source: Source, world: World, kinds: set[str]) -> Token | None:
    """The number of a quantity of one of these kinds, at random; above zero."""
    nodes = [token for token in source.tokens if kinds & set(types_of(token.value))]
    numbers = [
        token
        for node in nodes
        for token in source.tokens
        if is_number(token) and token.pointer.startswith(f"{node.pointer}/") and token.value > 0
    ]
    return world.random.choice(numbers) if numbers else None


def typo(word: str, world: World) -> str:
    """A slip of the fingers: two letters swapped, one left out, one doubled or one mistaken; never another term."""
    for _ in range(50):
        place = world.random.randrange(1, len(word) - 1)
        slip = world.random.choice(["swap", "drop", "double", "mistake"])
        if slip == "swap":
            wrong = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        elif slip == "drop":
            wrong = word[:place] + word[place + 1 :]
        elif slip == "double":
            wrong = word[:place] + word[place] + word[place:]
        else:
            wrong = word[:place] + world.random.choice("aeionrst") + word[place + 1 :]
        if wrong != word and wrong not in world.terms:
            return wrong
    raise ValueError(word)


def in_context(token: Token) -> bool:
    """Whether the place is inside a context, which is another matter."""
    return "@context" in token.pointer


def is_term_key(token: Token, world: World) -> bool:
    """A key that is a term of a context."""
    return token.key_start >= 0 and len(token.key) > 4 and token.key in world.terms and not in_context(token)


def is_number(token: Token) -> bool:
    """The number of a quantity."""
    return token.key in NUMBER_KEYS and type(token.value) in (int, float) and token.key_start >= 0


def is_unit(token: Token) -> bool:
    """The one unit of a quantity, written as a text."""
    is_one = token.key == UNIT_KEY and isinstance(token.value, str) and token.key_start >= 0
    return is_one and token.value != C_LANGUAGE and not in_context(token)


def is_type(token: Token) -> bool:
    """A class named in @type."""
    return token.key == "@type" and isinstance(token.value, str) and not in_context(token)


def types_of(node: Any) -> list[str]:
    """What @type of an object says."""
    found = node.get("@type", []) if isinstance(node, dict) else []
    return [found] if isinstance(found, str) else [one for one in found if isinstance(one, str)]


@kind
def misspelt_key(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_term_key(token, world))
    return (
        None
        if token is None
        else injected(source, token.key_start, token.key_end, json.dumps(typo(token.key, world)), "undefined-term", token.key)
    )


@kind
def misspelt_type(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_type(token) and token.value in world.terms and len(token.value) > 4)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, json.dumps(typo(token.value, world)), "undefined-type", token.value)
    )


@kind
def misspelt_prefix_of_a_key(source: Source, world: World) -> Injected | None:
    token = pick(
        source,
        world,
        lambda token: token.key.partition(":")[0] in ("schema", "skos", "rdfs") and token.key_start >= 0 and not in_context(token),
    )
    if token is None:
        return None
    prefix, _, name = token.key.partition(":")
    return injected(
        source, token.key_start, token.key_end, json.dumps(f"{typo(prefix, world)}:{name}"), "undefined-prefix", token.key
    )


@kind
def misspelt_prefix_of_a_unit(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and token.value.startswith("emmo:"))
    if token is None:
        return None
    wrong = token.value.replace("emmo:", f"{typo('emmo', world)}:")
    return injected(source, token.start, token.end, json.dumps(wrong), "undefined-prefix", token.value)


@kind
def prefix_not_defined(source: Source, world: World) -> Injected | None:
    """A well-known prefix that no context of the document defines."""
    token = pick(
        source, world, lambda token: is_type(token) and token.value in ("ConventionalProperty", "MeasuredProperty", "Real")
    )
    known = world.terms.union(*(inner.value for inner in source.tokens if in_context(inner) and isinstance(inner.value, dict)))
    prefixes = [prefix for prefix in ("fabio", "prov", "bibo", "qudt", "chameo", "dcat") if prefix not in known]
    if token is None or not prefixes:
        return None
    prefix = world.random.choice(prefixes)
    return injected(source, token.start, token.end, json.dumps(f"{prefix}:Thing"), "undefined-prefix")


@kind
def misspelt_unit(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and len(local(token.value)) > 3)
    if token is None:
        return None
    name = local(token.value)
    wrong = token.value[: -len(name)] + typo(name, world)
    return injected(source, token.start, token.end, json.dumps(wrong), "undefined-value unknown-concept label-as-iri", token.value)


@kind
def unit_of_another_dimension(source: Source, world: World) -> Injected | None:
    return _other_unit(source, world, "wrong-dimension")


def _other_unit(source: Source, world: World, codes: str) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and any(world.dimension_of(one) for one in types_of(token.parent)))
    if token is None:
        return None
    name = local(token.value)
    dimension = world.dimension_of(name)
    others = [
        one for one in ("Volt", "AmpereHour", "Kilogram", "Metre", "Ohm", "Second", "Watt") if world.dimension_of(one) != dimension
    ]
    if dimension is None or not others:
        return None
    other = token.value[: -len(name)] + world.random.choice(others)
    return injected(source, token.start, token.end, json.dumps(other), codes)


@kind
def two_units(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_unit)
    if token is None:
        return None
    name = local(token.value)
    other = token.value[: -len(name)] + ("Volt" if name != "Volt" else "Ampere")
    return injected(source, token.start, token.end, json.dumps([token.value, other]), "several-units")


@kind
def unit_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and any(world.dimension_of(one) for one in types_of(token.parent)))
    if token is None or len(token.parent) < 2:
        return None
    place = node_start(source, token)
    return Injected(without_member(source.text, token), source.text.count("\n", 0, place) + 1, frozenset({"missing-unit"}))


@kind
def language_as_unit(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and any("emperature" in one for one in types_of(token.parent)))
    if token is None:
        return None
    right = token.value if local(token.value) == "DegreeCelsius" else None
    return injected(source, token.start, token.end, json.dumps(C_LANGUAGE), "language-as-unit", right)


@kind
def empty_number(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return None if token is None else injected(source, token.start, token.end, '""', "missing-value")


@kind
def nan_in_quotes(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, world.random.choice(('"NaN"', '"n.a."', '"-"')), "missing-value")
    )


@kind
def nan_without_quotes(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return None if token is None else injected(source, token.start, token.end, "NaN", "nan", "null")


@kind
def number_as_text(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, f'"{written}"', "number-as-text", written)


@kind
def decimal_comma(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_number(token) and "." in source.text[token.start : token.end])
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, '"' + written.replace(".", ",") + '"', "decimal-comma", written)


@kind
def number_with_words(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, f'"approx. {written}"', "not-a-number", written)


@kind
def number_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    if token is None or len(token.parent) < 2:
        return None
    place = node_start(source, token)
    return Injected(without_member(source.text, token), source.text.count("\n", 0, place) + 1, frozenset({"missing-number"}))


@kind
def two_numbers(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, json.dumps([token.value, token.value * 1.01]), "several-values")
    )


@kind
def minus_sign(source: Source, world: World) -> Injected | None:
    wanted = {"RatedCapacity", "NominalCapacity", "Mass", "Height", "Diameter", "Width", "Length", "Thickness"}
    token = pick_number(source, world, wanted)
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, f"-{written}", "negative-size", written)


@kind
def slip_of_a_thousand(source: Source, world: World) -> Injected | None:
    wanted = {"RatedCapacity", "NominalCapacity", "Mass", "Height", "Diameter", "Width", "Thickness", "NominalVoltage"}
    token = pick_number(source, world, wanted)
    if token is None:
        return None
    wrong = token.value * world.random.choice((1000, 0.001))
    return injected(
        source,
        token.start,
        token.end,
        repr(float(f"{wrong:.12g}")),
        "implausible-value size-against-format energy-against-capacity",
    )


@kind
def limits_swapped(source: Source, _world: World) -> Injected | None:
    """The voltage limits of one thing change places."""
    nodes = [next((node for node in source.tokens if name in types_of(node.value)), None) for name in VOLTAGE_LIMITS]
    if any(node is None for node in nodes) or len({node.pointer.rpartition("/")[0] for node in nodes if node}) > 1:
        return None
    numbers = [
        token
        for node in nodes
        if node
        for token in source.tokens
        if is_number(token) and token.pointer.startswith(f"{node.pointer}/")
    ]
    if len(numbers) != 2 or numbers[0].value >= numbers[1].value:
        return None
    lower, upper = numbers
    first, second = sorted((lower, upper), key=lambda token: token.start)
    written = source.text[first.start : first.end], source.text[second.start : second.end]
    text = source.text[: first.start] + written[1] + source.text[first.end : second.start] + written[0] + source.text[second.end :]
    lines = {text.count("\n", 0, token.start) + 1 for token in (lower, upper)}
    return Injected(text, -min(lines) * 100_000 - max(lines), frozenset({"limits-reversed"}))


@kind
def class_as_property(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: token.key == "hasProperty" and token.key_start >= 0)
    return (
        None
        if token is None
        else injected(source, token.key_start, token.key_end, '"RatedCapacity"', "class-as-property", "hasProperty")
    )


@kind
def property_as_class(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_type(token) and token.value in world.terms)
    return None if token is None else injected(source, token.start, token.end, '"hasProperty"', "property-as-class")


@kind
def deprecated_class(source: Source, world: World) -> Injected | None:
    """A deprecated class of batteries in the place of another class of batteries."""
    token = pick(source, world, lambda token: is_type(token) and token.value in world.terms and token.value.endswith("Battery"))
    if token is None or not world.deprecated_batteries:
        return None
    return injected(source, token.start, token.end, json.dumps(world.random.choice(world.deprecated_batteries)), "deprecated-class")


@kind
def deprecated_unit(source: Source, world: World) -> Injected | None:
    """The former IRI of a unit, for which the ontology names the one that replaces it."""
    back = {new: old for old, new in world.deprecated.items() if new}
    token = pick(source, world, lambda token: is_unit(token) and token.value in back)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, json.dumps(back[token.value]), "deprecated-class", token.value)
    )


@kind
def empty_type(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_type)
    return None if token is None else injected(source, token.start, token.end, '""', "empty-type")


@kind
def space_in_an_iri(source: Source, world: World) -> Injected | None:
    token = pick(
        source,
        world,
        lambda token: (
            token.key == "@id" and str(token.value).startswith("http") and token.value.count("/") > 3 and not in_context(token)
        ),
    )
    if token is None:
        return None
    place = token.value.rindex("/") + 1
    wrong = token.value[:place] + "a b" + token.value[place:]
    return injected(source, token.start, token.end, json.dumps(wrong), "invalid-iri", wrong.replace(" ", "%20"))


@kind
def misspelt_context(source: Source, world: World) -> Injected | None:
    token = pick(
        source,
        world,
        lambda token: (
            in_context(token) and isinstance(token.value, str) and token.value.startswith("http") and token.key == "@context"
        ),
    )
    if token is None:
        return None
    head, _, tail = token.value.rpartition("/")
    return injected(
        source, token.start, token.end, json.dumps(f"{head}/{typo(tail, world)}"), "context-not-configured", token.value
    )


@kind
def key_twice(source: Source, world: World) -> Injected | None:
    token = pick(
        source, world, lambda token: token.key_start >= 0 and not isinstance(token.value, dict | list) and not in_context(token)
    )
    if token is None:
        return None
    member = source.text[token.key_start : token.end]
    return injected(source, token.end, token.end, f", {member}", "duplicate-key", "")


@kind
def comma_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: bool(token.pointer) and source.text[token.end : token.end + 1] == ",")
    if token is None:
        return None
    return injected(source, token.end, token.end + 1, "", "not-json", ",", at=token.end)


@kind
def comma_too_many(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: bool(token.pointer) and source.text[token.end :].lstrip()[:1] in ("}", "]"))
    return None if token is None else injected(source, token.end, token.end, ",", "not-json", "", at=token.end)


@kind
def quote_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: token.key_start >= 0)
    if token is None:
        return None
    right = source.text[token.key_start : token.key_end]
    return injected(source, token.key_end - 1, token.key_end, "", "not-json", right, at=token.key_start)


def local(name: str) -> str:
    """The last part of a name: of an IRI or CURIE what stands after its namespace."""
    return name.replace("#", ":").replace("/", ":").rpartition(":")[2]


def node_start(source: Source, token: Token) -> int:
    """Where the object around a member begins."""
    above = token.pointer.rpartition("/")[0]
    return next(other.start for other in source.tokens if other.pointer == above)


def without_member(text: str, token: Token) -> str:
    """The text without a member of an object; line breaks stay, so that every other line keeps its number."""
    start, end = token.key_start, token.end
    after = text[end:].lstrip()
    if after.startswith(","):
        end = text.index(",", end) + 1
    else:
        start = text.rindex(",", 0, start)
    gone = text[start:end]
    return text[:start] + "\n" * gone.count("\n") + text[end:]


@dataclass(slots=True)
class Score:
    """What came of the injections of one kind."""

    injected: int = 0
    code: int = 0
    line: int = 0
    asked: int = 0
    first: int = 0
    elsewhere: int = 0
    misses: list[str] = field(default_factory=list)


def judge(made: Injected, source: Source, issues: Sequence[Issue], score: Score) -> None:
    """Add one injection to the score."""
    found = Counter((issue.code, issue.line) for issue in issues)
    new = found - source.before
    lines = {made.line} if made.line > 0 else {-made.line // 100_000, -made.line % 100_000}
    score.injected += 1
    hits = [issue for issue in issues if issue.code in made.codes and new[(issue.code, issue.line)]]
    at_line = [issue for issue in hits if issue.line in lines]
    score.code += bool(hits)
    score.line += bool(at_line)
    others = [key for key in new if not (key[0] in made.codes and key[1] in lines)]
    score.elsewhere += bool(others)
    if made.right is not None:
        score.asked += 1
        offered = [issue.suggestions[0].replacement for issue in (at_line or hits) if issue.suggestions]
        score.first += made.right in offered[:1]
        if made.right not in offered[:1]:
            score.misses.append(f"{source.name}: suggestion {offered[:1]} instead of {made.right!r}")
    if not at_line or others:
        score.misses.append(f"{source.name}: line {sorted(lines)} got {sorted(new)}")


def sources(data: Path, check: Callable[[str, bytes], Sequence[Issue] | None], rng: random.Random) -> list[Source]:
    """Real documents that can be read, in random order."""
    paths = sorted(path for path in (data / "jsonld").glob("*/*") if path.suffix in (".json", ".jsonld"))
    rng.shuffle(paths)
    found = []
    for path in paths:
        content = path.read_bytes()
        try:
            text = content.decode()
            tokens = scan(text)
        except ValueError:
            continue
        issues = check(path.name, content)
        if issues is None:
            continue  # refused: nothing else can be told of it
        unread = tuple(f"{one.pointer}/" for one in issues if one.code == "undefined-term")  # nothing is told of what is below
        tokens = [token for token in tokens if not f"{token.pointer}/".startswith(unread)] if unread else tokens
        found.append(Source(f"{path.parent.name}/{path.name}", text, tokens, Counter((one.code, one.line) for one in issues)))
    return found


def rows(scores: dict[str, Score]) -> Iterator[str]:
    """A table for benchmarks/RESULTS.md."""
    yield "| kind of error | injected | right code | right line | right correction first | something new elsewhere |"
    yield "|---|---|---|---|---|---|"
    total = Score()
    for name, score in scores.items():
        yield _row(name, score)
        for part in ("injected", "code", "line", "asked", "first", "elsewhere"):
            setattr(total, part, getattr(total, part) + getattr(score, part))
    yield _row("**all**", total)


def _row(name: str, score: Score) -> str:
    code, line, elsewhere = (_share(part, score.injected) for part in (score.code, score.line, score.elsewhere))
    first = f"{_share(score.first, score.asked)} of {score.asked}" if score.asked else "not determined"
    return f"| {name} | {score.injected} | {code} | {line} | {first} | {elsewhere} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--documents", type=int, default=500, help="documents a kind of error is injected into")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", help="only these kinds")
    parser.add_argument("--misses", type=int, default=0, help="show so many misses of each kind")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    services = build_services(load_settings(ontology_dir=options.data / "ontologies", contexts_dir=options.data / "contexts"))
    reader, concepts, units = services.reader, services.concepts, services.units

    def check(name: str, content: bytes) -> Sequence[Issue]:
        return reader.check(content, name, reader.iri_of(f"mutations/{name}"), "mutations").issues

    def check_original(name: str, content: bytes) -> Sequence[Issue] | None:
        checked = reader.check(content, name, reader.iri_of(f"mutations/{name}"), "mutations")
        return None if checked.statements is None else checked.issues

    by_label: dict[str, str] = {}
    for iri, concept in concepts.facts.concepts.items():
        for label in concept.labels:
            by_label.setdefault(label.text, iri)
    by_label |= {concepts.label(iri): iri for iri, concept in concepts.facts.concepts.items() if concept.kind.value == "class"}

    def dimension_of(name: str) -> Any:
        unit = units.find(f"https://w3id.org/emmo#{name}", None)
        return unit.dimension if unit else units.dimension_of_kind(by_label.get(name, ""))

    terms: set[str] = set()
    for path in (options.data / "contexts").glob("*.json*"):
        content = json.loads(path.read_text())
        local_context = content.get("@context", {}) if isinstance(content, dict) else {}
        for part in local_context if isinstance(local_context, list) else [local_context]:
            terms.update(part if isinstance(part, dict) else ())
    deprecated = {
        iri: concepts.replacement(iri)
        for iri, concept in concepts.facts.concepts.items()
        if concept.deprecated and concept.kind.value == "class"
    }
    batteries = sorted(iri for iri in deprecated if concepts.label(iri).endswith("Battery"))
    world = World(frozenset(terms), deprecated, batteries, dimension_of, rng)
    documents = sources(options.data, check_original, rng)
    scores: dict[str, Score] = {}
    started = time.perf_counter()
    for name, make in KINDS.items():
        if options.kind and name not in options.kind:
            continue
        score = scores[name] = Score()
        for source in documents:
            if score.injected >= options.documents:
                break
            made = make(source, world)
            if made is not None and not any((code, made.line) in source.before for code in made.codes):
                judge(made, source, check(source.name.rpartition("/")[2], made.text.encode()), score)
        print(_row(name, score), file=sys.stderr)
        for miss in score.misses[: options.misses]:
            print("   ", miss[:300], file=sys.stderr)
    print(f"{len(documents)} documents, seed {options.seed}, {time.perf_counter() - started:.0f} s\n")
    print("\n".join(rows(scores)))


if __name__ == "__main__":
    main()
