"""What a term means under a chain of JSON-LD contexts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from ontology.context_words import (
    CONTAINERS,
    EMMO,
    KEYWORDS,
    MISTAKEN_NAMESPACES,
    RENAMED,
    SCHEMES,
    WELL_KNOWN_PREFIXES,
    is_like_keyword,
)
from ontology.iris import is_valid_iri, resolve, to_fragment
from ontology.nearest import Entry, Names, Near, nearest
from records.issues import Certainty

_DELIMITERS: Final = frozenset(":/?#[]@")
_MAX_CHAIN: Final = 32
_MAX_MEMO: Final = 20_000


class ContextFault(Exception):  # noqa: N818 # becomes an Issue, it is no fault of the system
    """A document's context cannot be used; never leaves `ontology`.

    Args:
        code: Code of the issue it becomes.
        message: What is wrong.
        remedy: How to mend it.
        address: The address in ``@context`` that it is about; ``""`` when it is about no address.
    """

    def __init__(self, code: str, message: str, remedy: str, address: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.remedy, self.address = code, message, remedy, address


class Repair(NamedTuple):
    """What is wrong with a name, and what was assumed.

    Args:
        code: Code of the finding.
        name: The prefix or term that it is about.
        assumed: IRI that it was taken for; ``""`` when it was left as it is.
        meant: How it should be written; ``""`` when that is not as simple.
        certainty: How sure that is.
    """

    code: str
    name: str
    assumed: str
    meant: str = ""
    certainty: Certainty = Certainty.CERTAIN


NO_BASE: Final = ""
"""The base under which a relative IRI stays relative."""
UNSET: Final = object()
"""Stands for a definition without ``@context`` or ``@language``, where ``None`` means something."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a key, a type or a prefixed name means.

    Args:
        name: As written.
        iri: Its IRI, a keyword, or ``None`` when it means nothing.
        is_defined: A context defines it, it is not merely an IRI or joined to ``@vocab``.
        is_silenced: The context itself says that it means nothing.
        coercion: ``@type`` of its values: ``@id``, ``@vocab``, ``@json``, a datatype IRI, or ``""``.
        containers: ``@container``.
        is_reverse: Whether it points from the value to the node.
        is_prefix: Whether it may stand before a colon.
        language: Language of its texts; `UNSET` when it says nothing.
        context: Context of what is below it; `UNSET` when it has none.
        context_base: Address of the file that defines it, when it has a context.
        index: Term of the property that an index stands for; ``""`` for none.
        repair: What had to be assumed to understand it.
        step: ``/name`` as in a JSON Pointer.
        fragment: The same as in a URI fragment (RFC 6901 section 6).
        is_plain: Whether its values mean what they are.
        is_direct: Whether it is a property that needs no repair, no turning round and no unpacking.
    """

    name: str
    iri: str | None
    is_defined: bool = False
    is_silenced: bool = False
    coercion: str = ""
    containers: frozenset[str] = frozenset()
    is_reverse: bool = False
    is_prefix: bool = False
    language: Any = UNSET
    context: Any = UNSET
    context_base: str = ""
    index: str = ""
    repair: Repair | None = None
    step: str = ""
    fragment: str = ""
    is_plain: bool = True
    is_direct: bool = False


class ActiveContext:
    """What terms mean under a context, and under those before it (JSON-LD 1.1 API, sections 4.1 to 5.2).

    Definitions are worked out when a term is first asked for. ``@protected`` is not enforced.

    Args:
        definitions: A map of definitions.
        parent: The context before; ``None`` when this is the first.
        previous: The context to go back to below this node; ``None`` when this one stays.
        is_remote: Whether it comes from a file (its ``@base`` is not used then).
        origin: Name of the file, for messages.
        url: Address of the file, which addresses in it are resolved against.

    >>> context = ActiveContext({"emmo": "https://w3id.org/emmo#", "Volt": "emmo:Volt"})
    >>> context.term("Volt").iri, context.term("emmo:Ampere").iri, context.term("Vlot").iri
    ('https://w3id.org/emmo#Volt', 'https://w3id.org/emmo#Ampere', None)
    """

    __slots__ = (
        "_aliases",
        "_defined",
        "_keyword_names",
        "_pending",
        "_prefixes",
        "_protecting",
        "_scoping",
        "base",
        "definitions",
        "language",
        "origin",
        "parent",
        "placed",
        "pools",
        "previous",
        "scoped",
        "suggestions",
        "terms",
        "types",
        "url",
        "vocabulary",
    )

    def __init__(
        self,
        definitions: Mapping[str, Any],
        parent: ActiveContext | None = None,
        *,
        previous: ActiveContext | None = None,
        is_remote: bool = False,
        origin: str = "",
        url: str = "",
    ) -> None:
        self.url = url
        self.definitions = definitions
        self.parent = parent
        self.previous = previous
        self.origin = origin
        self.terms: dict[str, Term] = {}
        # By identity of the term, which is kept beside it so that the identity stays its own.
        self.scoped: dict[int, tuple[Term, ActiveContext]] = {}
        self.types: dict[str, str] = {}
        self.suggestions: dict[str, tuple[Near, ...]] = {}
        self.placed: dict[str, list[tuple[str, str]]] = {}
        self.pools: dict[str, Names] = {}
        self._defined: dict[str, Term] = {}
        self._pending: set[str] = set()
        self._aliases: dict[str, str] | None = None
        self._prefixes: dict[str, str] | None = None
        self._protecting: Mapping[str, Any] | None = None
        self._keyword_names: dict[str, tuple[str, ...]] | None = None
        self._scoping: frozenset[str] | None = None
        self.language: str | None = parent.language if parent else None
        self.base: str | None = parent.base if parent else None
        self.vocabulary: str | None = parent.vocabulary if parent else None
        language = definitions.get("@language", UNSET)
        if language is None or isinstance(language, str):
            self.language = language
        if not is_remote and "@base" in definitions:
            base = definitions["@base"]
            if base is not None and not isinstance(base, str):
                raise ContextFault("invalid-context", "@base must be an IRI", "write an IRI in quotes, or leave it out")
            # An empty base is that of the document, as is none; null takes it away.
            self.base = NO_BASE if base is None else resolve(self.base, base) if self.base else base or self.base
        if "@vocab" in definitions:
            self.vocabulary = self._vocabulary(definitions["@vocab"])

    def _vocabulary(self, text: Any) -> str | None:
        if text is None:
            return None
        if not isinstance(text, str):
            raise ContextFault("invalid-context", "@vocab must be an IRI", "write an IRI in quotes, or leave it out")
        if ":" in text:
            return self._compact(text, 0)[0]
        found = self._find(text, 0)
        if found is not None and found.iri:
            return found.iri
        return (self.vocabulary or "") + text

    @property
    def aliases(self) -> Mapping[str, str]:
        """Terms that stand for a keyword."""
        if self._aliases is None:
            aliases = dict(self.parent.aliases) if self.parent else {}
            for name, raw in self.definitions.items():
                if name.startswith("@"):
                    continue
                aliases.pop(name, None)
                meaning = raw.get("@id") if isinstance(raw, dict) else raw
                if isinstance(meaning, str) and meaning in KEYWORDS:
                    aliases[name] = meaning
            self._aliases = aliases
        return self._aliases

    @property
    def keyword_names(self) -> Mapping[str, tuple[str, ...]]:
        """Keyword -> the terms that stand for it."""
        if self._keyword_names is None:
            names: dict[str, tuple[str, ...]] = {}
            for name, keyword in self.aliases.items():
                names[keyword] = (*names.get(keyword, ()), name)
            self._keyword_names = names
        return self._keyword_names

    @property
    def scoping(self) -> frozenset[str]:
        """Terms that bring a context along."""
        if self._scoping is None:
            own = {name for name, raw in self.definitions.items() if isinstance(raw, dict) and "@context" in raw}
            above = self.parent.scoping - self.definitions.keys() if self.parent else frozenset()
            self._scoping = above | own
        return self._scoping

    def layers(self) -> Iterator[ActiveContext]:
        """This context and those before it, the last first."""
        context: ActiveContext | None = self
        while context is not None:
            yield context
            context = context.parent

    @property
    def protecting(self) -> Mapping[str, Any]:
        """Terms that this very context says may not be defined anew, with their definitions."""
        if self._protecting is None:
            self._protecting = protecting(self.definitions)
        return self._protecting

    def definition(self, name: str) -> Any:
        """The definition of a name that holds, as written; `UNSET` when there is none."""
        return next((layer.definitions[name] for layer in self.layers() if name in layer.definitions), UNSET)

    @property
    def prefixes(self) -> Mapping[str, str]:
        """What may stand before a colon -> its namespace."""
        if self._prefixes is not None:
            return self._prefixes
        found = dict(self.parent.prefixes) if self.parent else {}
        for name, raw in self.definitions.items():
            is_like_prefix = raw[-1:] in _DELIMITERS if type(raw) is str else type(raw) is dict and raw.get("@prefix") is True
            if is_like_prefix and name not in self._pending:
                try:
                    term = self._find(name, 0)
                except ContextFault:
                    continue  # a circle that the document may not even use
                if term is not None and term.is_prefix and term.iri:
                    found[name] = term.iri
        if not self._pending:  # while a term is being worked out, its own definition is missing
            self._prefixes = found
        return found

    def compact(self, iri: str, like: str) -> str:
        """The IRI with a prefix of this context where one fits, rather that of the CURIE *like*, else as it is."""
        preferred = like.partition(":")[0]
        fitting = [
            (-len(namespace), name != preferred, name) for name, namespace in self.prefixes.items() if iri.startswith(namespace)
        ]
        length, _, name = min(fitting, default=(0, True, ""))
        return f"{name}:{iri[-length:]}" if name and iri[-length:] else iri

    def origins(self) -> str:
        """Names of the files it is made of, for messages."""
        return ", ".join(
            dict.fromkeys(layer.origin or "the document's own context" for layer in self.layers() if layer.definitions)
        )

    def term(self, name: str) -> Term:
        """What a key, a type or a prefixed name means; its ``iri`` is ``None`` when it means nothing.

        Raises:
            ContextFault: The context defines it in a circle.
        """
        term = self.terms.get(name)
        if term is None:
            if len(self.terms) > _MAX_MEMO:
                self.terms.clear()
            term = self.terms[name] = self._term(name)
        return term

    def iri_of(self, name: str) -> str | None:
        """The IRI of a term that this very context defines; quicker than all of what it means, for those who ask of every term.

        Raises:
            ContextFault: The context defines it in a circle.
        """
        raw = self.definitions[name]
        meaning = raw.get("@id") if isinstance(raw, dict) and "@reverse" not in raw else raw
        if isinstance(meaning, str) and meaning[:1] != "@":
            return meaning if "://" in meaning else self._expand(meaning, name, 1)[0]
        return self.term(name).iri

    def _term(self, name: str) -> Term:
        found = self._find(name, 0)
        if found is not None:
            return found
        if is_like_keyword(name):
            return _named(name, name if name in KEYWORDS else None)
        if ":" in name[1:]:
            iri, repair = self._compact(name, 0)
            return _named(name, iri, repair=repair)
        if self.vocabulary is not None and name:
            return _named(name, self.vocabulary + name)
        renamed = self._find(RENAMED[name], 0) if name in RENAMED else None
        if renamed is not None and renamed.iri is not None:
            return replace(
                renamed,
                name=name,
                step=f"/{name}",
                fragment=f"/{name}",
                is_direct=False,
                repair=Repair("renamed-term", name, renamed.iri, RENAMED[name]),
            )
        return _named(name, None)

    def _find(self, name: str, depth: int) -> Term | None:
        context: ActiveContext | None = self
        while context is not None:
            if name in context.definitions and not is_like_keyword(name):
                if _is_ignored(context.definitions[name]):
                    return None
                return context._define(name, depth)
            context = context.parent
        return None

    def _define(self, name: str, depth: int) -> Term:
        known = self._defined.get(name)
        if known is not None:
            return known
        if name in self._pending or depth > _MAX_CHAIN:
            remedy = "write its IRI in full"
            raise ContextFault(
                "context-cycle", f"the context defines {name!r} in a circle, or through too many other terms", remedy
            )
        self._pending.add(name)
        try:
            term = self._make(name, self.definitions[name], depth + 1)
        finally:
            self._pending.discard(name)
        self._defined[name] = term
        return term

    def _make(self, name: str, raw: Any, depth: int) -> Term:
        if isinstance(raw, str):
            iri, repair = self._expand(raw, name, depth)
            is_prefix = iri is not None and iri[-1:] in _DELIMITERS and ":" not in name and "/" not in name
            return _named(name, iri, is_defined=True, is_prefix=is_prefix, repair=repair)
        if not isinstance(raw, dict) or raw.get("@id", "") is None:
            return _named(name, None, is_silenced=raw is None or isinstance(raw, dict))
        is_reverse = "@reverse" in raw
        meaning = raw["@reverse"] if is_reverse else raw.get("@id", name)
        iri, repair = self._expand(meaning, name, depth) if isinstance(meaning, str) else (None, None)
        coercion = raw.get("@type") or ""
        if isinstance(coercion, str) and coercion and not coercion.startswith("@"):
            coercion = self._expand(coercion, name, depth)[0] or ""
        containers = raw.get("@container")
        if not isinstance(containers, list):
            containers = (containers,)
        attributes: dict[str, Any] = {
            "coercion": coercion if isinstance(coercion, str) and coercion != "@none" else "",
            "containers": CONTAINERS & {item for item in containers if isinstance(item, str)},
            "is_reverse": is_reverse,
            "language": raw.get("@language", UNSET),
            "context": raw.get("@context", UNSET),
            "context_base": self.url if "@context" in raw else "",
        }
        said = {key: value for key, value in attributes.items() if value is not UNSET and (value or key in ("language", "context"))}
        said["index"] = raw["@index"] if isinstance(raw.get("@index"), str) else ""
        return _named(name, iri, is_defined=True, is_prefix=raw.get("@prefix") is True, repair=repair, **said)

    def _expand(self, text: str, name: str, depth: int) -> tuple[str | None, Repair | None]:
        """IRI expansion of a definition's value, within this context and those before it."""
        if is_like_keyword(text):
            return (text if text in KEYWORDS else None), None
        if text != name:
            found = self._find(text, depth)
            if found is not None:
                return found.iri, found.repair
        if ":" in text[1:]:
            prefix, _, local = text.partition(":")
            found = self._find(prefix, depth) if text == name and not local.startswith("//") else None
            return (found.iri + local, None) if found is not None and found.iri else self._compact(text, depth)
        if "/" in text and text == name:
            return None, None
        return (self.vocabulary + text, None) if self.vocabulary is not None else (None, None)

    def _compact(self, text: str, depth: int) -> tuple[str, Repair | None]:
        prefix, _, local = text.partition(":")
        if prefix == "_" or local.startswith("//"):
            return text, None
        found = self._find(prefix, depth)
        usual = WELL_KNOWN_PREFIXES.get(prefix)
        if found is not None and found.is_prefix and found.iri:
            namespace, repair = found.iri, None
            if namespace in MISTAKEN_NAMESPACES:
                namespace = MISTAKEN_NAMESPACES[namespace]
                repair = Repair("mistaken-namespace", prefix, namespace)
        elif usual is not None:
            namespace = usual
            has_namespace = (
                found is not None and found.iri is not None and isinstance(self.definition(prefix), str) and "//" in found.iri
            )
            repair = Repair("prefix-without-separator" if has_namespace else "undefined-prefix", prefix, namespace)
        elif prefix.lower() in SCHEMES:
            return text, None
        else:
            repair = Repair("prefix-without-separator", prefix, "") if found is not None else self._mistyped(prefix, local)
            if not repair.assumed:
                return text, repair
            namespace = repair.assumed
        if namespace.startswith(EMMO) and local:
            # emmo:RealData is no IRI of EMMO, where classes have opaque names: the class of that label is meant.
            labelled = self._find(local, depth) if depth == 0 else None
            if labelled is not None and labelled.iri and labelled.iri != namespace + local and labelled.iri.startswith(EMMO):
                return labelled.iri, repair or Repair("label-as-iri", text, labelled.iri, local)
        return namespace + local, repair

    def _mistyped(self, prefix: str, local: str) -> Repair:
        """A prefix that means nothing here: taken for one of this context if that is beyond doubt, else with what may be meant."""
        near = _near(prefix, self.prefixes)
        if near and near[0].certainty is Certainty.CERTAIN:
            return Repair("undefined-prefix", f"{prefix}:{local}", self.prefixes[near[0].name], f"{near[0].name}:{local}")
        near = near or _near(prefix, WELL_KNOWN_PREFIXES)
        if near:
            return Repair("undefined-prefix", f"{prefix}:{local}", "", f"{near[0].name}:{local}", near[0].certainty)
        return Repair("undefined-prefix", prefix, "")


def protecting(definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of the definitions that may not be defined anew (JSON-LD 1.1, section 4.1.11)."""
    everything = definitions.get("@protected") is True
    return {
        name: raw
        for name, raw in definitions.items()
        if not name.startswith("@") and (raw.get("@protected", everything) if isinstance(raw, dict) else everything) is True
    }


def _is_ignored(raw: Any) -> bool:
    """Whether a definition stands for a word that looks like a keyword and is none (JSON-LD 1.1 API, section 4.2.2)."""
    meaning = raw.get("@id", raw.get("@reverse")) if isinstance(raw, dict) else raw
    return isinstance(meaning, str) and is_like_keyword(meaning) and meaning not in KEYWORDS


def _near(prefix: str, prefixes: Mapping[str, str]) -> tuple[Near, ...]:
    return nearest(prefix, [Names(Entry(name, name, iri) for name, iri in prefixes.items())], least=3)


def _named(name: str, iri: str | None, **attributes: Any) -> Term:
    step = "/" + name.replace("~", "~0").replace("/", "~1")
    is_plain = not attributes.keys() & {"coercion", "containers", "is_reverse", "language", "context"}
    is_direct = (
        not attributes.keys() & {"containers", "is_reverse"}
        and attributes.get("coercion") != "@json"
        and attributes.get("repair") is None
    )
    is_direct = is_direct and iri is not None and iri[:1] not in ("@", "_") and is_valid_iri(iri)
    return Term(name, iri, step=step, fragment=to_fragment(step), is_plain=is_plain, is_direct=is_direct, **attributes)
