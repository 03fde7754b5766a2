"""Real documents, spoilt in every way a person or a program may spoil one, through reading, checking, mending and telling.

    python -m benchmarks.fuzz ../shared/data --minutes 10

A child process works under a memory limit; this one watches it. Counted are errors that are no finding, documents that take too
long, memory beyond the limit, and broken promises: a suggestion that does not fit its document or changes nothing,
a finding outside it, a report that is no JSON. Each is told with what repeats it: ``--seed S --only N``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.reading import Checked, Reader

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


class BrokenPromiseError(AssertionError):
    """The program answered, but not as it promises."""


def work(reader: Reader, content: bytes, *, mend: bool, tell: bool, strict: bool = True) -> Checked:
    """Whatever may be done with a document; raises what it should not; *strict*: also when a suggestion is of no use."""
    from harvester.fixing import fix
    from records.issues import Certainty
    from shapes.edits import edit_content

    def check(content: bytes) -> Checked:
        return reader.check(content, "a.jsonld", "http://localhost:8000/records/fuzz/a.jsonld", "fuzz")

    checked = check(content)
    json.dumps([issue.to_json() for issue in checked.issues])
    lines = checked.document.text.split("\n") if checked.document else []
    for issue in checked.issues:
        if checked.document and not (1 <= issue.line <= len(lines) and 1 <= issue.column <= len(lines[issue.line - 1]) + 1):
            raise BrokenPromiseError(f"{issue.code} stands at {issue.line}:{issue.column} of {len(lines)} lines")
        for suggestion in issue.suggestions:
            if suggestion.edits and len(content) < 200_000:
                changed = edit_content(content, checked.document, suggestion.edits)
                if strict and changed == content:
                    raise BrokenPromiseError(f"{issue.code}: a suggestion changes nothing")
    if mend and len(content) < 100_000:
        fixed = fix(content, check, Certainty.LIKELY, change_values=True, max_checks=100)
        if checked.document and check(fixed.content).document is None:
            raise BrokenPromiseError("what was mended is no JSON any more")
    if tell:
        _tell(checked, content)
    return checked


def _tell(checked: Checked, content: bytes) -> None:
    from shapes.finding_pages import FindingPages
    from shapes.reports.html_report import to_html
    from shapes.reports.json_report import to_json
    from shapes.reports.junit_report import to_junit
    from shapes.reports.report import FileFindings, Report
    from shapes.reports.sarif_report import to_sarif
    from shapes.reports.shacl_report import to_shacl
    from ui.source_view import source_lines

    text = content.decode("utf-8-sig", "replace")
    file = FileFindings("a.jsonld", checked.issues, text, "a.jsonld", "http://localhost:8000/records/fuzz/a.jsonld")
    report = Report([file], pages=FindingPages())
    for told in (to_json(report), to_sarif(report, str)):
        json.loads(told)
        told.encode()
    for other in (to_junit(report), to_shacl(report), to_html(report)):
        other.encode()
    if "".join(piece.text for line in source_lines(text, checked.issues)[:5] for piece in line.pieces) == "" and text.strip("\r\n"):
        return  # nothing but empty lines at its top


# --- the child: works, and says before each document which one it is


def _child(options: argparse.Namespace, first: int) -> None:
    from app.bootstrap import build_services
    from app.settings import Settings

    services = build_services(Settings(home=options.home))
    reader = services.reader
    documents = _documents(options.data)
    work(reader, documents[0], mend=True, tell=True)
    statm = Path("/proc/self/statm")
    if statm.is_file():
        now = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + options.memory * 1_000_000,) * 2)
    number = first
    while True:
        rng = random.Random(f"{options.seed}/{number}")
        content = spoil(rng, documents)
        mend, tell = rng.random() < 0.2, rng.random() < 0.2
        _say(number=number, stage="begin", size=len(content))
        began = time.perf_counter()
        error = ""
        codes: dict[str, int] = {}
        try:
            checked = work(reader, content, mend=mend, tell=tell)
            codes = dict(Counter(issue.code for issue in checked.issues))
        except Exception as exc:  # noqa: BLE001 - that is what is looked for
            last = [
                frame
                for frame in traceback.extract_tb(exc.__traceback__)
                if "/.venv/" not in frame.filename and "/lib/" not in frame.filename
            ][-1]
            place = f"{Path(last.filename).parent.name}/{Path(last.filename).name}:{last.lineno}"
            error = f"{type(exc).__name__} at {place}: {exc}"[:300]
        _say(number=number, stage="end", seconds=time.perf_counter() - began, error=error, codes=codes, rss=_rss())
        number += 1
        if options.only is not None:
            return


def _say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _documents(data: Path) -> list[bytes]:
    found = sorted(path for path in (data / "jsonld").rglob("*.json*") if path.is_file() and path.stat().st_size < 200_000)
    if not found:
        raise SystemExit(f"no documents under {data}/jsonld")
    return [path.read_bytes() for path in found]


# --- the parent: watches


@dataclass
class _Figures:
    documents: int = 0
    bytes: int = 0
    seconds: float = 0.0
    slowest: list[tuple[float, int]] = field(default_factory=list)
    errors: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    hangs: list[int] = field(default_factory=list)
    deaths: list[tuple[int, int]] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    rss: int = 0

    def print(self, options: argparse.Namespace) -> None:
        limits = f"hang > {options.hang:g} s, memory limit {options.memory} MB over the start"
        print(f"seed {options.seed}, {options.minutes:g} minutes, {limits}")
        speed = self.documents / max(self.seconds, 1e-9)
        print(f"{self.documents:,} documents ({self.bytes / 1e6:,.0f} MB), {speed:,.0f} a second of work")
        print(f"errors that are no finding: {sum(map(len, self.errors.values())):,} in {len(self.errors)} places")
        for error, found in sorted(self.errors.items(), key=lambda item: -len(item[1])):
            print(f"  {len(found):6,}x {error}")
            for number, message in found[:3]:
                print(f"          --only {number}: {message[:200]}")
        print(f"hangs: {len(self.hangs)} {self.hangs[:10]}")
        print(f"ended by memory or a crash of the process: {len(self.deaths)} {self.deaths[:10]}")
        print(f"largest memory: {self.rss} MB")
        print("slowest: " + ", ".join(f"{seconds:.2f} s (--only {number})" for seconds, number in sorted(self.slowest)[:-6:-1]))
        rarest = ", ".join(code for code, _ in self.codes.most_common()[:-9:-1])
        print(f"{len(self.codes)} kinds of findings came up; rarest: {rarest}")


def _watch(options: argparse.Namespace) -> _Figures:
    import select

    figures = _Figures()
    number = options.only or 0
    ends = time.monotonic() + options.minutes * 60
    while time.monotonic() < ends:
        command = [
            sys.executable,
            "-m",
            "benchmarks.fuzz",
            *sys.argv[1:],
            "--seed",
            str(options.seed),
            "--child",
            str(number),
            "--home",
            str(options.home),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            began = 0
            buffer = b""
            patience = 120.0
            while time.monotonic() < ends:
                if not select.select([child.stdout], [], [], patience)[0]:
                    figures.hangs.append(began)
                    break
                piece = os.read(child.stdout.fileno(), 1 << 16)
                if not piece:
                    if options.only is None:
                        figures.deaths.append((began, child.wait()))
                    break
                *lines, buffer = (buffer + piece).split(b"\n")
                for line in lines:
                    told = json.loads(line)
                    began = told["number"]
                    if told["stage"] == "begin":
                        figures.bytes += told["size"]
                        patience = options.hang
                    else:
                        _count(figures, told)
            child.send_signal(signal.SIGKILL)
        number = began + 1
        if options.only is not None:
            break
    return figures


def _count(figures: _Figures, told: dict[str, Any]) -> None:
    figures.documents += 1
    figures.seconds += told["seconds"]
    figures.rss = max(figures.rss, told["rss"])
    figures.slowest = sorted([*figures.slowest, (told["seconds"], told["number"])])[-5:]
    figures.codes.update(told["codes"])
    if told["error"]:
        place, _, message = told["error"].partition(": ")
        figures.errors.setdefault(place, []).append((told["number"], message))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the data pack")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--hang", type=float, default=10, help="seconds after which a document counts as one that hangs")
    parser.add_argument("--memory", type=int, default=1_000, help="MB that may be taken beyond the start")
    parser.add_argument("--only", type=int, help="repeat this one document, print it, and stop")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "voltagraph-fuzz")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        _child(options, options.child)
        return
    if options.only is not None:
        content = spoil(random.Random(f"{options.seed}/{options.only}"), _documents(options.data))
        sys.stdout.buffer.write(content[:3_000] + b"\n")
    figures = _watch(options)
    figures.print(options)
    sys.exit(1 if figures.errors or figures.hangs or figures.deaths else 0)


if __name__ == "__main__":
    main()
