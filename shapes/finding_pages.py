"""The page of every kind of finding: what it means and how to mend it, from `shapes/findings/CODE.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from records.errors import NotFoundError
from records.issues import Severity

PAGES = Path(__file__).with_name("findings")

_FENCE = r"^```{}\n(.*?)\n```$"
_DOCUMENT = re.compile(_FENCE.format("json"), re.MULTILINE | re.DOTALL)
_LINE = re.compile(_FENCE.format("text"), re.MULTILINE | re.DOTALL)
_SEVERITY = re.compile(r": (violation|warning|info) \[")
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_ABOUT_DOCUMENTS = "cell.jsonld:"
_NEAR = 5


@dataclass(frozen=True, slots=True)
class FindingPage:
    """One kind of finding, explained.

    Args:
        code: Its code.
        severity: How grave it is, unless the settings say otherwise.
        summary: The first sentence.
        text: The page in Markdown (CommonMark).
        document: A document that has it; ``""`` where none can be shown.
        about_documents: Whether it is about what stands in a document, and not about files, rights or the installation.
    """

    code: str
    severity: Severity
    summary: str
    text: str
    document: str
    about_documents: bool

    def to_json(self) -> dict[str, str]:
        """As the interfaces print it."""
        return {"code": self.code, "severity": self.severity.value, "summary": self.summary, "page": f"/findings/{self.code}"}


class FindingPages(Mapping[str, FindingPage]):
    """Every page by its code, in the order of the codes; read from the files at first use.

    Args:
        directory: Where the files are.

    >>> pages = FindingPages()
    >>> pages["undefined-term"].summary
    'A key is not defined, so what stands below it says nothing.'
    >>> pages.near("undefind-term")[0]
    'undefined-term'
    """

    def __init__(self, directory: Path = PAGES) -> None:
        self._directory = directory
        self._read: dict[str, FindingPage] = {}

    @property
    def _pages(self) -> dict[str, FindingPage]:
        if not self._read:
            self._read = {path.stem: _page(path.stem, path.read_text("utf-8")) for path in sorted(self._directory.glob("*.md"))}
        return self._read

    def __getitem__(self, code: str) -> FindingPage:
        return self._pages[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def page(self, code: str) -> FindingPage:
        """The page of a code.

        Raises:
            NotFoundError: There is none; names those that are written nearly so.
        """
        if code in self:
            return self[code]
        near = self.near(code)
        remedy = f"Perhaps {' or '.join(near)} is meant." if near else "docs/findings.md and the page /findings list them all."
        raise NotFoundError(f"There is no finding '{code[:100]}'.", remedy)

    def near(self, code: str) -> list[str]:
        """Codes that are written nearly so, nearest first."""
        words = re.sub(r"[\s_]+", "-", code[:100].strip().lower())
        written_so = get_close_matches(words, self._pages, n=_NEAR, cutoff=0.6)
        holding = [code for code in self._pages if len(words) > 2 and words in code]
        return list(dict.fromkeys([*written_so, *holding]))[:_NEAR]


def _page(code: str, text: str) -> FindingPage:
    _, _, body = text.partition("\n")
    document, line = _DOCUMENT.search(text), _LINE.search(text)
    severity = _SEVERITY.search(line[1]) if line else None
    first = " ".join(body.strip().partition("\n\n")[0].split())
    return FindingPage(
        code=code,
        severity=Severity(severity[1]) if severity else Severity.VIOLATION,
        summary=_SENTENCE.split(first)[0],
        text=text,
        document=document[1] if document else "",
        about_documents=bool(line and line[1].startswith(_ABOUT_DOCUMENTS)),
    )
