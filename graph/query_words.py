"""The words of a query: cut by the terminals of the grammar, and each that is not offered refused.

Two parsers may disagree on where a string or comment ends. What is refused here is refused wherever it stands outside of strings,
IRIs and comments, whatever the syntax tree says (https://www.w3.org/TR/sparql11-query/#sparqlGrammar).
"""

from __future__ import annotations

import re
from typing import Final

from graph.query_text import QueryText

# The terminals of the grammar in which a keyword is none, numbers, and words.
_TOKEN = re.compile(
    r"""
      (?P<opaque> <[^<>"{}|^`\\\x00-\x20]*(?:\\[uU][0-9A-Fa-f]+[^<>"{}|^`\\\x00-\x20]*)*>
        | \"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
        | \"(?:[^\"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<comment> \#[^\n\r]*)
    | (?P<name> [?$][\w\u00b7\u0300-\u036f\u203f\u2040]+ | @[A-Za-z-]+
        | (?P<prefix> [\w\u00b7\u0300-\u036f\u203f\u2040.-]*):(?:[\w\u00b7\u0300-\u036f\u203f\u2040:.%-]|\\.)* )
    | (?P<escape> \\[uU])
    | [0-9.]+(?:[eE][+-]?[0-9]+)?
    | (?P<word> \w+)
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED_WORD = re.compile("SERVICE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|INSERT|DELETE|USING|WITH|LATERAL", re.IGNORECASE)
_WORDS = re.compile("[A-Z_0-9]+")
_KEYWORDS: Final = frozenset(
    _WORDS.findall("""
    BASE PREFIX SELECT DISTINCT REDUCED AS CONSTRUCT WHERE DESCRIBE ASK FROM NAMED GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET
    VALUES OPTIONAL GRAPH UNION MINUS FILTER BIND UNDEF EXISTS NOT IN A TRUE FALSE SEPARATOR
    """)
)
_FUNCTIONS: Final = frozenset(
    _WORDS.findall("""
    STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS
    STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384
    SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE COUNT SUM MIN MAX AVG
    SAMPLE GROUP_CONCAT
    """)
)
_CHANGING: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID"})
"""Functions whose value is another each time."""
_SPELLINGS: Final = {
    word.upper(): word
    for word in ("GROUP_CONCAT", "sameTerm", "isIRI", "isURI", "isBlank", "isLiteral", "isNumeric", "true", "false")
}
_ESCAPED = re.compile(r"\\\\|\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")


class Words:
    """The words of one query.

    Args:
        query: The query.
        repeatable: Refuse functions that give another value each time.
    """

    def __init__(self, query: QueryText, repeatable: bool) -> None:
        self._query = query
        self._repeatable = repeatable

    def shadow(self) -> bytes:
        r"""The text for the parser, byte for byte in the same places, once every token has been looked at.

        The parser knows no ``\u00B5`` and not every spelling of keywords that may be written in any case, and takes the
        prefix ``a:`` for the word ``a``.
        """
        return _TOKEN.sub(self._shadow_of, self._query.text).encode()

    def _shadow_of(self, token: re.Match[str]) -> str:
        text = token[0]
        match token.lastgroup:
            case "opaque":
                return _ESCAPED.sub(lambda escape: "x" * len(escape[0]), text)
            case "escape":
                raise self._query.syntax(
                    token.start(), "an escape stands outside of strings and IRIs", "Write the character itself."
                )
            case "name":
                prefix = token["prefix"] or ""
                if prefix[:1].isalpha() and not _REFUSED_WORD.fullmatch(prefix):
                    return "z" * len(prefix.encode()) + text[len(prefix) :]
                return text
            case "word":
                self._check_word(token)
                return _SPELLINGS.get(text.upper(), text) if text.isascii() else text
        return text

    def _check_word(self, token: re.Match[str]) -> None:
        """A word outside of strings, IRIs and names is a keyword of SPARQL 1.1 query, or it is not offered."""
        text = token[0].upper()
        refused = _REFUSED_WORD.search(text)
        if refused:
            raise self._query.refused_at(
                token.start() + refused.start(), f"{refused[0]} is not offered", "Ask for what this store holds."
            )
        if self._repeatable and text in _CHANGING:
            remedy = "Write the value itself, or ask without a snapshot."
            raise self._query.refused_at(token.start(), f"{text} gives another value each time, which is not offered here", remedy)
        if text in _FUNCTIONS or text in _KEYWORDS:
            return
        if self._query.text[token.end() :].lstrip().startswith("("):
            raise self._query.refused_at(token.start(), f"The function {token[0]} is not known", "Use those of SPARQL 1.1.")
        remedy = "A variable begins with ?, a name has a prefix, a text stands in quotes."
        raise self._query.syntax(token.start(), f"{token[0][:40]!r} is not a word of SPARQL", remedy)
