"""Suggestions with the exact edits that carry them out, and the places in a document that they need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from typing import Literal as LiteralType

from ontology.nearest import Near
from ontology.readings import Json
from records.issues import Certainty, Edit, Operation, Suggestion

MAX_EDITS: Final = 1_000
"""Most edits of one suggestion: what stands at more places is mended in more than one go."""

_ABSENT: Final[Any] = object()


class Spot(NamedTuple):
    """A place of a document: the value at a pointer, or the key before it."""

    pointer: str
    of: LiteralType["value", "key"] = "value"

    def text_in(self, document: Json) -> Json:
        """What is written there."""
        if self.of == "value":
            return value_at(document, self.pointer)
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def text_of(value: str) -> str:
    """A text as JSON writes it, in the letters it has."""
    return json.dumps(value, ensure_ascii=False)


def rewritten(value: Json, spots: Iterable[Spot], replacement: str) -> tuple[Edit, ...]:
    """Edits that write a text at places of a document; none at all where a key would then stand twice in its object.

    >>> rewritten({"hasProperety": 1}, [Spot("/hasProperety", "key")], "hasProperty")[0].content
    '"hasProperty"'
    >>> rewritten({"hasProperety": 1, "hasProperty": 2}, [Spot("/hasProperety", "key")], "hasProperty")
    ()
    """
    edits = []
    for pointer, of in spots:
        if of == "key" and replacement in value_at(value, pointer.rpartition("/")[0]):
            return ()
        edits.append(Edit(Operation.RENAME if of == "key" else Operation.REPLACE, pointer, text_of(replacement)))
    return tuple(edits[:MAX_EDITS])


def write(value: Json, spots: Sequence[Spot], replacement: str, certainty: Certainty, *, more: Sequence[Edit] = ()) -> Suggestion:
    """Write another text at places of a document; likely at most where no edit can do it.

    Args:
        value: The document.
        spots: Where.
        replacement: The text.
        certainty: How sure it is.
        more: Edits that it takes besides.
    """
    edits = rewritten(value, spots, replacement)
    if not edits and certainty is Certainty.CERTAIN:
        certainty = Certainty.LIKELY
    return Suggestion(f"write {replacement}", replacement, certainty, (*edits, *more) if edits else ())


def write_one_of(value: Json, spot: Spot, names: Iterable[Near]) -> tuple[Suggestion, ...]:
    """Write one of the names that may be meant, best first."""
    return tuple(write(value, [spot], near.name, near.certainty) for near in names)


def leave_out(value: Json, pointer: str) -> Suggestion:
    """Leave a value out; with it the member whose only value it is."""
    around = pointer.rpartition("/")[0]
    array = value_at(value, around)
    if type(array) is list and len(array) == 1:
        pointer = around
    return Suggestion("leave it out", None, Certainty.CERTAIN, (Edit(Operation.REMOVE, pointer),))


def define(value: Json, name: str, meaning: str, certainty: Certainty) -> Suggestion:
    """Define a name in the document's own context.

    >>> define({"@context": "https://c.org/"}, "ex", "https://e.org/", Certainty.CERTAIN).edits[0].content
    '["https://c.org/", {"ex": "https://e.org/"}]'
    >>> define({"@context": [{"a": "https://a.org/"}]}, "ex", "https://e.org/", Certainty.CERTAIN).edits[0].pointer
    '/@context/0/ex'
    """
    member = f"{text_of(name)}: {text_of(meaning)}"
    edits = definition(value, name, meaning)
    return Suggestion(f"add {member} to @context", member, certainty if edits else Certainty.POSSIBLE, edits)


def definition(value: Json, name: str, meaning: str) -> tuple[Edit, ...]:
    """The edit that defines a name in the context at the top of a document; none where there is no such place."""
    if type(value) is not dict:
        return ()
    local = value.get("@context", _ABSENT)
    alone = f"{{{text_of(name)}: {text_of(meaning)}}}"
    step = name.replace("~", "~0").replace("/", "~1")
    if local is _ABSENT:
        return (Edit(Operation.ADD, "/@context", alone),)
    if local is None:
        return (Edit(Operation.REPLACE, "/@context", alone),)
    if type(local) is str:
        return (Edit(Operation.REPLACE, "/@context", f"[{text_of(local)}, {alone}]"),)
    if type(local) is dict:
        return (Edit(Operation.REPLACE if name in local else Operation.ADD, f"/@context/{step}", text_of(meaning)),)
    if type(local) is list:
        last = len(local) - 1
        if local and type(local[last]) is dict:
            return (
                Edit(Operation.REPLACE if name in local[last] else Operation.ADD, f"/@context/{last}/{step}", text_of(meaning)),
            )
        return (Edit(Operation.ADD, "/@context/-", alone),)
    return ()


def places_in_context(local: Json, pointer: str, name: str) -> Iterator[str]:
    """Pointers of a context's definitions of a name, the last, which holds, first."""
    if type(local) is list:
        for index in range(len(local) - 1, -1, -1):
            yield from places_in_context(local[index], f"{pointer}/{index}", name)
    elif type(local) is dict and name in local:
        yield f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def places_of_text(local: Json, pointer: str, text: str) -> Iterator[str]:
    """Pointers in a value of ``@context`` where a text stands: an address, or what a term is defined as."""
    if local == text:
        yield pointer
    elif type(local) is list:
        for index, entry in enumerate(local):
            yield from places_of_text(entry, f"{pointer}/{index}", text)
    elif type(local) is dict:
        for name, entry in local.items():
            yield from places_of_text(entry, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", text)


def value_at(value: Json, pointer: str) -> Json:
    """The value that a JSON Pointer (RFC 6901) names; an empty object where there is none.

    >>> value_at({"a": [1, {"b/c": 2}]}, "/a/1/b~1c")
    2
    """
    for step in pointer.split("/")[1:]:
        if type(value) is dict:
            value = value.get(step.replace("~1", "/").replace("~0", "~"), {})
        elif type(value) is list and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return {}
    return value
