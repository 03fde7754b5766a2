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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.spoiling import spoil

if TYPE_CHECKING:
    from harvester.reading import Checked, Reader


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
