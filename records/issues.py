"""Findings: what is wrong with one record, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How grave a finding is, in SHACL's own words (https://www.w3.org/TR/shacl/#severity)."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


class Certainty(StrEnum):
    """How sure a suggestion is.

    ``certain``: it can be made without looking, it says what the author meant. ``likely``: one candidate stands out; look before
    you take it. ``possible``: one of several.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Operation(StrEnum):
    """What an edit does, in the words of JSON Patch (RFC 6902); ``rename`` is its ``move`` within one object.

    ``splice`` has no counterpart there: it changes characters of a text that is no JSON, in which no pointer can name a place.
    """

    REPLACE = "replace"
    RENAME = "rename"
    ADD = "add"
    REMOVE = "remove"
    SPLICE = "splice"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a JSON document.

    Args:
        operation: What to do.
        pointer: JSON Pointer (RFC 6901) of the value to replace or remove, of the member whose key to rename, or of the member to
            add (its last step is the new key, or ``-`` for the end of an array); ``""`` for ``splice``.
        content: JSON text: the new value (``replace``, ``add``) or the new key in quotes (``rename``); ``""`` for ``remove``; for
            ``splice`` any text, which takes the place of the characters that it names.
        offset: For ``splice``: its first character, from 0, in the text as decoded, without a byte order mark.
        length: For ``splice``: how many characters go.

    >>> Edit(Operation.RENAME, "/hasProperety", '"hasProperty"').to_json()
    {'operation': 'rename', 'pointer': '/hasProperety', 'content': '"hasProperty"'}
    >>> Edit(Operation.SPLICE, "", "null", offset=9, length=3).to_json()
    {'operation': 'splice', 'offset': 9, 'length': 3, 'content': 'null'}
    """

    operation: Operation
    pointer: str
    content: str = ""
    offset: int = 0
    length: int = 0

    def to_json(self) -> dict[str, str | int]:
        """As the interfaces print it."""
        if self.operation is Operation.SPLICE:
            return {"operation": self.operation.value, "offset": self.offset, "length": self.length, "content": self.content}
        return {"operation": self.operation.value, "pointer": self.pointer, "content": self.content}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Edit:
        """The edit that `to_json` made this of.

        >>> splice = Edit(Operation.SPLICE, "", "null", offset=9, length=3)
        >>> Edit.from_json(splice.to_json()) == splice
        True
        """
        place = value.get("offset", 0), value.get("length", 0)
        return cls(Operation(value["operation"]), value.get("pointer", ""), value["content"], *place)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to mend what a finding is about.

    Args:
        text: What to do, in plain words: a whole clause such as ``write hasProperty``.
        replacement: What takes the place of the finding's `Issue.value`, written as that is (a text without its quotes); of a
            member to add, its JSON text; ``""`` when the value goes; when the value is ``""``, what is missing at that place;
            ``None`` when there is no exact text.
        certainty: How sure it is.
        edits: The changes to the document that carry it out; empty when only a person can.
        changes_value: Whether a value changes, and not just how it is written: a fix says so each time.
    """

    text: str
    replacement: str | None = None
    certainty: Certainty = Certainty.POSSIBLE
    edits: tuple[Edit, ...] = ()
    changes_value: bool = False

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            "text": self.text,
            "replacement": self.replacement,
            "certainty": self.certainty.value,
            "changes_value": self.changes_value,
            "edits": [edit.to_json() for edit in self.edits],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Suggestion:
        """The suggestion that `to_json` made this of.

        >>> mend = Suggestion("write hasProperty", "hasProperty", Certainty.CERTAIN, (Edit(Operation.REMOVE, "/x"),))
        >>> Suggestion.from_json(mend.to_json()) == mend
        True
        """
        edits = tuple(map(Edit.from_json, value["edits"]))
        return cls(value["text"], value["replacement"], Certainty(value["certainty"]), edits, value["changes_value"])


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one record, from any step.

    Args:
        code: Stable kebab-case name of the kind of finding, e.g. ``undefined-term``.
        message: What is wrong, in plain words.
        severity: How grave it is.
        source: The document it is about: the path within its source.
        pointer: JSON Pointer (RFC 6901) into the source document; ``""`` is the whole document.
        line: Line in the source document, from 1; 0 when there is no place.
        column: Column in the source document, from 1; 0 when there is no place.
        remedy: How to mend it, in general words.
        focus_node: IRI of the node it is about, as in a SHACL result.
        path: IRI of the property it is about, as in a SHACL result.
        value: The offending value as text.
        shape: IRI of the SHACL shape that raised it.
        expected: What should stand there, in plain words, e.g. ``a unit of electric charge``.
        suggestions: Exact ways to mend it, best first.
        places: How many places of the document it is about; it is told once, at the first of them.

    >>> str(Issue("undefined-term", "'hasProperety' is not defined", line=4, column=5, source="a.jsonld"))
    "a.jsonld:4:5: violation [undefined-term] 'hasProperety' is not defined"
    """

    code: str
    message: str
    severity: Severity = Severity.VIOLATION
    source: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    remedy: str = ""
    focus_node: str = ""
    path: str = ""
    value: str = ""
    shape: str = ""
    expected: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    places: int = 1

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it; without an exact suggestion the remedy stands as one without a replacement.

        >>> Issue("not-json", "a comma is missing here", remedy="mend it there").to_json()["suggestions"]
        [{'text': 'mend it there', 'replacement': None, 'certainty': 'possible', 'changes_value': False, 'edits': []}]
        """
        suggestions = self.suggestions or ((Suggestion(self.remedy),) if self.remedy else ())
        return {
            "code": self.code,
            "message": self.message,
            "severity": self.severity.value,
            "source": self.source,
            "pointer": self.pointer,
            "line": self.line,
            "column": self.column,
            "remedy": self.remedy,
            "focus_node": self.focus_node,
            "path": self.path,
            "value": self.value,
            "expected": self.expected,
            "shape": self.shape,
            "places": self.places,
            "suggestions": [suggestion.to_json() for suggestion in suggestions],
        }

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        text = f"{place}: {self.severity} [{self.code}] {self.message}"
        return f"{text}; {self.remedy}" if self.remedy else text
