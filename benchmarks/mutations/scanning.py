"""Every value of a JSON text with its place, by a scanner that takes no part in what is measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


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
