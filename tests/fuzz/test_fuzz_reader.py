"""No document whatever breaks reading, checking, mending or telling; `benchmarks/fuzz.py` tries for longer, over real documents."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import work
from benchmarks.spoiling import spoil
from harvester.normalize import Vocabulary
from harvester.reading import Checked, Reader
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from shapes.profiles import PROFILES, Checks, always, files_of
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator
from ui.source_view import source_lines

REPOSITORY = Path(__file__).resolve().parents[2]
LIMITS = Limits(2_000_000, 64)
SEEDS = st.integers(0, 2**64)


@pytest.fixture(scope="module")
def reader() -> Reader:
    facts = packaged_facts()
    concepts = Concepts(facts)
    return Reader(
        base_iri="http://localhost:8000/records/",
        contexts=Contexts.from_terms(facts.terms),
        vocabulary=Vocabulary(concepts, Units(facts)),
        checks=always(Checks(ShaclValidator(files_of(PROFILES), parents=concepts.parents))),
        limits=LIMITS,
    )


@lru_cache
def documents() -> list[bytes]:
    """No fixture: what fails would be shown with all of them."""
    return [path.read_bytes() for path in sorted((REPOSITORY / "app" / "samples").rglob("*.jsonld"))]


def check(reader: Reader, content: bytes) -> Checked:
    return reader.check(content, "a.jsonld", "http://localhost:8000/records/fuzz/a.jsonld", "fuzz")


@settings(max_examples=300)
@given(
    content=st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0123eE.-+ntfa@\n\r\ufeff\u202e🔋', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused_with_a_place(reader: Reader, content: bytes) -> None:
    checked = check(reader, content)
    assert checked.document is not None or len(checked.issues) == 1
    for issue in checked.issues:
        assert issue.code
        assert issue.message


@settings(max_examples=200)
@given(seed=SEEDS)
def test_a_spoilt_document_is_read_checked_mended_and_told(reader: Reader, seed: int) -> None:
    random = Random(seed)
    work(reader, spoil(random, documents()), mend=random.random() < 0.2, tell=True, strict=False)


KEYS = st.sampled_from(
    ["@context", "@id", "@type", "@graph", "@value", "@list", "@set", "@reverse", "@nest", "hasProperty", "value", "x", "", "a:b"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | KEYS | st.just("https://w3id.org/emmo/domain/battery/context"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=300)
@given(value=VALUES, context=VALUES)
def test_any_json_with_any_context_is_read_or_refused(reader: Reader, value: object, context: object) -> None:
    document = {"@context": context, **(value if isinstance(value, dict) else {"@graph": value})}
    work(reader, json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"), mend=False, tell=False, strict=False)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"@graph":[', '{"@context":{"a":'])
@pytest.mark.parametrize("depth", [64, 65, 1_000, 100_000])
def test_nesting_however_deep_is_read_or_refused(reader: Reader, opening: str, depth: int) -> None:
    closing = {"[": "]", "{": "}"}
    ends = "".join(closing[sign] for sign in reversed(opening) if sign in closing)
    assert check(reader, (opening * depth + "1" + ends * depth).encode()).issues


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": %s}' % (b"9" * 1_000_000),
        b'{"a": 1e%s}' % (b"9" * 1_000_000),
        b'{"%s": 1}' % (b"k" * 1_000_000),
        b'{"@type": "%s"}' % (b"\\" * 1_000_000),
        b"[" + b"1," * 900_000 + b"1]",
        b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}",
        b'{"@context": {%s}}' % b",".join(b'"k%d":"k%d"' % (number, number + 1) for number in range(50_000)),
        b'"' + "\u202e".encode() * 600_000 + b'"',
        b"\n" * 1_900_000,
        b'{"a": 1}' + b"\n" * 1_900_000,
        b'"' + b'\\"' * 900_000,
        b"[" + b" " * 1_000_000 + b":" * 100_000,
        b"{" + b'"a\n' * 600_000,
        b" " * 2_000_001,
    ],
    ids=range(14),
)
def test_what_is_large_is_read_or_refused(reader: Reader, content: bytes) -> None:
    assert check(reader, content).issues


@settings(max_examples=200)
@given(random=st.randoms(use_true_random=False))
def test_the_lines_of_a_page_hold_the_whole_text_of_a_small_document(reader: Reader, random: Random) -> None:
    content = spoil(random, documents())
    text = content.decode("utf-8-sig", "replace")
    lines = source_lines(text, check(reader, content).issues)
    if text.count("\n") < 3_000 and max(map(len, text.split("\n"))) <= 1_000:
        assert ["".join(piece.text for piece in line.pieces) for line in lines] == [line.rstrip("\r") for line in text.split("\n")]
