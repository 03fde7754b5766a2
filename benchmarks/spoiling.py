"""Documents spoilt in every way a person or a program may spoil one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = Any

CONTEXT = "https://w3id.org/emmo/domain/battery/context"
_ODD_TEXTS = (
    "", " ", "\x00", "\ufeff", "\u202eabc", "\u2028", "é" * 50, "e\u0301", "🔋", "\U0010ffff", "\uffff", "NaN", "n.a.", "-",
    "3,4", "3.4 V", "1e999", "٣", "½", "²", "0x10", "1_000", "+5", "Infinity", "true", "null", "a b", "a\tb", "a:b", ":",
    ":b", "a:", "_:", "_:b0", "_:b 0", "http://", "http://a b/", "http://[::1", "https://w3id.org/emmo#",
    "https://w3id.org/emmo#NoSuch", "urn:", "urn:x:\u00e9", "//a", "/a", "#", "#a", "?", "..", "%zz", "%", "a%20b", "@",
    "@type", "@id", "@none", "@json", "@vocab", "@foo", "@context", "~", "~0", "~1", "a/b", "emmo:Volt", "unit:V",
    "PouchCel", "hasProperety", "hasNumericalValue", "RatedCapacity", "mAh", "C", "°C", "Ω", "%s%n", "{}", "[]", '"', "\\",
    "\\u0000", "<b>", "]]>", "--", "x" * 5000,
)  # fmt: skip
_KEYS = (
    *_ODD_TEXTS, "@context", "@graph", "@included", "@reverse", "@list", "@set", "@value", "@language", "@direction",
    "@index", "@nest", "@base", "@vocab", "@container", "hasNumericalPart", "hasNumberValue", "hasNumericalValue",
    "hasMeasurementUnit", "hasProperty", "schema:name", "value", "unitText", "rdfs:label", "http://schema.org/name",
)  # fmt: skip


@dataclass(frozen=True)
class _Spoiler:
    """Spoils one document; every choice comes from one generator of random numbers, so that it can be repeated."""

    rng: random.Random
    documents: Sequence[bytes]

    def document(self) -> bytes:
        content = self.rng.choice(self.documents)
        try:
            value = json.loads(content.decode("utf-8-sig"))
        except ValueError:
            return self._bytes(content)
        for _ in range(self.rng.choice((0, 1, 1, 2, 3, 8))):
            value = self._tree(value)
        if self.rng.random() < 0.25:
            value = self._context(value)
        indent = self.rng.choice((None, 0, 2, "\t"))
        try:
            text = json.dumps(value, indent=indent, ensure_ascii=self.rng.random() < 0.5)
        except (RecursionError, ValueError):
            return content
        spoilt = self._text(text).encode("utf-8", "surrogatepass")
        return self._bytes(spoilt) if self.rng.random() < 0.3 else spoilt

    # --- the tree

    def _tree(self, value: Json) -> Json:
        places = list(_places(value))
        if not places:
            return self._odd_value()
        holder, key = self.rng.choice(places)
        if isinstance(holder, dict) and self.rng.random() < 0.4:
            self._key(holder, str(key))
        else:
            change = self.rng.choice((self._replace, self._replace, self._typo, self._wrap, self._copy, self._remove))
            change(holder, key, places)
        return value

    def _key(self, holder: dict[str, Json], key: str) -> None:
        new = self.rng.choice((self._misspelt(key), self._misspelt(key), self.rng.choice(_KEYS), key.upper(), f"x:{key}"))
        items = [(new if one == key else one, value) for one, value in holder.items()]
        holder.clear()
        holder.update(items)

    def _replace(self, holder: Any, key: Any, _: object) -> None:
        holder[key] = self._odd_value()

    def _typo(self, holder: Any, key: Any, _: object) -> None:
        value = holder[key]
        if isinstance(value, str):
            holder[key] = self._misspelt(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            holder[key] = self.rng.choice(
                (str(value), str(value).replace(".", ","), value * 1000, -value, f"{value} V", [value, value])
            )

    def _wrap(self, holder: Any, key: Any, _: object) -> None:
        value = holder[key]
        wrapped: tuple[Json, ...] = (
            [value],
            [[value]],
            {"@list": [value]},
            {"@set": [value]},
            {"@value": value},
            {"@graph": value},
            {"@id": value},
            {"@type": value},
            {"@value": value, "@type": "xsd:double"},
            {"@value": value, "@language": "en"},
            {"@reverse": {"hasPart": value}},
            {"@included": value},
            {"@index": "i", "@value": value},
            {"@nest": value},
            {"value": value, "unitText": "mAh"},
        )
        holder[key] = self.rng.choice(wrapped)

    def _copy(self, holder: Any, key: Any, places: list[tuple[Any, Any]]) -> None:
        other, at = self.rng.choice(places)
        holder[key] = json.loads(json.dumps(other[at]))

    def _remove(self, holder: Any, key: Any, _: object) -> None:
        del holder[key]

    def _misspelt(self, text: str) -> str:
        if len(text) < 2:
            return text + "x"
        at = self.rng.randrange(len(text))
        return self.rng.choice((text[:at] + text[at + 1 :], text[:at] + "x" + text[at:], text.swapcase(), text + " ", text[::-1]))

    def _odd_value(self) -> Json:
        rng = self.rng
        kinds: tuple[Callable[[], Json], ...] = (
            lambda: rng.choice(_ODD_TEXTS),
            lambda: rng.choice((None, True, False, 0, -0.0, -1, 1e308, 5e-324, 10**25, -(2**63), 2**53 + 1, 1.0, 0.1)),
            lambda: rng.choice(
                ([], {}, [[]], [{}], [None], {"": ""}, {"@id": ""}, {"@type": []}, {"@value": None}, {"@list": [[]]})
            ),
            lambda: {rng.choice(_KEYS): rng.choice(_ODD_TEXTS) for _ in range(rng.randrange(6))},
            lambda: [rng.choice(_ODD_TEXTS) for _ in range(rng.randrange(20))],
            lambda: self._nested(rng.choice((3, 20, 60, 70, 200))),
            lambda: {f"{rng.choice(('key', 'hasProperety', 'a:b'))}{n}": n for n in range(rng.choice((10, 300, 3000)))},
            lambda: rng.choice("a<\u202e🔋\\") * rng.choice((100, 10_000, 300_000)),
            lambda: {"@type": rng.choice(_ODD_TEXTS), "hasNumericalPart": {"hasNumberValue": rng.choice(_ODD_TEXTS)}},
            lambda: [
                {"@type": "Mass", "hasNumericalPart": {"@type": "RealData", "hasNumberValue": n}}
                for n in range(rng.choice((2, 150)))
            ],
        )
        return rng.choice(kinds)()

    def _nested(self, depth: int) -> Json:
        value: Json = self.rng.choice(_ODD_TEXTS)
        for _ in range(depth):
            value = [value] if self.rng.random() < 0.5 else {self.rng.choice(("hasPart", "@graph", "x", "@list", "@set")): value}
        return value

    # --- the context

    def _context(self, value: Json) -> Json:
        if not isinstance(value, dict):
            return value
        odd = self._odd_context()
        old = value.get("@context", CONTEXT)
        value["@context"] = self.rng.choice(
            (odd, [odd], [old, odd], [odd, old], [old, None, old], [[old]], {**odd} if isinstance(odd, dict) else odd)
        )
        if self.rng.random() < 0.3:
            inner = [holder for holder, _ in _places(value) if isinstance(holder, dict)]
            self.rng.choice(inner)["@context"] = self._odd_context()
        return value

    def _odd_context(self) -> Json:
        rng = self.rng
        terms = [rng.choice(_KEYS) for _ in range(rng.choice((1, 3, 10)))]
        kinds: tuple[Callable[[], Json], ...] = (
            lambda: rng.choice(
                (
                    None,
                    {},
                    [],
                    "",
                    1,
                    True,
                    [None],
                    CONTEXT,
                    [CONTEXT] * 70,
                    "https://elsewhere.example/context",
                    "file:///etc/passwd",
                )
            ),
            lambda: {
                rng.choice(
                    ("@vocab", "@base", "@language", "@direction", "@version", "@import", "@propagate", "@protected")
                ): rng.choice((*_ODD_TEXTS, None, True, False, 1.1, 1, {}, [], CONTEXT))
                for _ in range(rng.randrange(1, 4))
            },
            lambda: {term: self._definition(terms) for term in terms},
            lambda: {f"t{n}": f"t{n + 1}" for n in range(rng.choice((2, 100, 1000)))} | {"t1000": "t0"},
            lambda: {
                "id": "@id",
                "type": "@type",
                "value": "@value",
                "graph": "@graph",
                rng.choice(_KEYS): rng.choice(("@id", "@type", "@graph")),
            },
            lambda: {f"t{n}": f"https://example.org/{n}" for n in range(rng.choice((50, 2000, 11_000)))},
        )
        return rng.choice(kinds)()

    def _definition(self, terms: list[str]) -> Json:
        rng = self.rng
        if rng.random() < 0.4:
            return rng.choice((*_ODD_TEXTS, *terms, None, True, 1, [], "https://example.org/"))
        keys = (
            "@id",
            "@type",
            "@container",
            "@reverse",
            "@language",
            "@direction",
            "@context",
            "@prefix",
            "@nest",
            "@index",
            "@protected",
        )
        values: tuple[Json, ...] = (
            *terms,
            "@id",
            "@vocab",
            "@json",
            "@none",
            "@list",
            "@set",
            "@index",
            "@graph",
            "@type",
            "@language",
            ["@graph", "@id"],
            ["@set", "@index"],
            None,
            True,
            False,
            1,
            [],
            {},
            CONTEXT,
            {"a": "https://example.org/a"},
            "https://example.org/",
            "xsd:double",
        )
        return {rng.choice(keys): rng.choice(values) for _ in range(rng.randrange(1, 5))}

    # --- the text

    def _text(self, text: str) -> str:
        rng = self.rng
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            at = rng.randrange(len(text) + 1)
            end = min(len(text), at + rng.choice((1, 5, 50)))
            piece = rng.choice(
                (
                    "",
                    text[at:end] * 2,
                    ",",
                    ":",
                    "{",
                    "}",
                    "[",
                    "]",
                    '"',
                    "\\",
                    "\\ud800",
                    "\\u0000",
                    "NaN",
                    "-",
                    "1e9999",
                    "9" * 5000,
                    "//",
                    "\n",
                    "\r",
                )
            )
            text = text[:at] + piece + text[end:]
        if rng.random() < 0.05:
            text = text.replace(":", ": " + rng.choice(('"a", "@id":', '1, "@type":', '{"a":')), 1)
        return text.replace("\n", "\r\n") if rng.random() < 0.05 else text

    def _bytes(self, content: bytes) -> bytes:
        rng = self.rng
        changed = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 10))):
            if not changed:
                break
            at = rng.randrange(len(changed))
            match rng.randrange(5):
                case 0:
                    changed[at] ^= 1 << rng.randrange(8)
                case 1:
                    changed[at] = rng.choice((0, 0x22, 0x5C, 0x7B, 0x7D, 0x80, 0xC0, 0xED, 0xFF))
                case 2:
                    del changed[at : at + rng.choice((1, 10, 1000))]
                case 3:
                    changed[at:at] = rng.choice(
                        (b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00", b'"', b"\\u")
                    )
                case _:
                    del changed[at:]
        return bytes(changed)


def spoil(rng: random.Random, documents: Sequence[bytes]) -> bytes:
    """One of the documents, spoilt."""
    return _Spoiler(rng, documents).document()


def _places(value: Json) -> Iterator[tuple[Any, Any]]:
    """Every place of a tree as what holds it and its key; without recursion, and of a large tree the first ten thousand."""
    stack = [value]
    told = 0
    while stack and told < 10_000:
        holder = stack.pop()
        items = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder)) if isinstance(holder, list) else []
        for key, inner in items:
            told += 1
            yield holder, key
            stack.append(inner)
