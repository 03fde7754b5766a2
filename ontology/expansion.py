"""What a JSON-LD document says: expanded under the contexts that fit it best, nothing lost without an issue that says where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple, Protocol, TypeAlias
from typing import Literal as LiteralType

from pyoxigraph import Literal
from rapidfuzz import fuzz, process

from ontology.contexts import (
    UNSET,
    ActiveContext,
    ContextFault,
    Contexts,
    ContextVersion,
    Term,
    is_absolute,
    is_valid_iri,
    resolve,
    to_fragment,
)
from ontology.terms import HAS_MEASUREMENT_UNIT
from records.issues import Issue, Severity

Json: TypeAlias = Any
"""A JSON value as ``json`` gives it."""

MISSING: Final = frozenset(("", "-", "--", "?", "n.a.", "n.a", "n/a", "na", "nan", "null", "tbd"))
"""What people write where there is nothing to write; compare in lower case and without spaces around."""

_MAX_CONTEXTS: Final = 64
_MAX_DEFINITIONS: Final = 10_000
_MAX_ISSUES: Final = 1_000
_MAX_SUGGESTIONS: Final = 20
_MAX_COMBINATIONS: Final = 64
_MAX_CACHED: Final = 1_024
_MAX_CACHED_TERMS: Final = 500

_NOT_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f-\x9f]')
_LISTING: Final = frozenset(("@value", "@list", "@set"))
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")


class Located(Protocol):
    """A JSON document that knows where its parts stand (`shapes.reader.Document`)."""

    @property
    def value(self) -> Json:
        """The JSON value."""

    @property
    def source(self) -> str:
        """The document's path within its source."""

    def place(self, pointer: str, of: LiteralType["value", "key"] = "value") -> tuple[int, int]:
        """Line and column, both from 1."""


class Node(NamedTuple):
    """One node object of a document, as written and as understood.

    Args:
        pointer: JSON Pointer of it in the source document.
        source: As written.
        expanded: In expanded form, with its IRI under ``@id``.
    """

    pointer: str
    source: dict[str, Json]
    expanded: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says.

    Args:
        value: The document in expanded form (JSON-LD 1.1 API, section 5.1) without contexts: absolute IRIs alone, every node with
            an ``@id``; single values stand without their array, and named graphs are merged into the document.
        subject: IRI of the document's first node.
        nodes: Its node objects, in the order of the document.
        pointers: IRI of a node -> JSON Pointer of where it is described first.
        issues: What was lost or had to be assumed.
        contexts: Address and version name of every remote context used.
        terms: What terms mean at the top of the document.
    """

    value: list[dict[str, Json]]
    subject: str
    nodes: tuple[Node, ...]
    pointers: Mapping[str, str]
    issues: tuple[Issue, ...]
    contexts: tuple[tuple[str, str], ...]
    terms: ActiveContext


@dataclass(slots=True)
class _Used:
    """What a document uses, as far as versions of a context may differ on it."""

    keys: set[str] = field(default_factory=set)
    numeric: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)


class Expander:
    """Expands documents; remembers what contexts mean and which versions fit, so one instance serves a whole harvest.

    Args:
        contexts: The remote contexts that may be used.
    """

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._remote: dict[str, ActiveContext] = {}
        self._cached: dict[tuple[Any, ...], tuple[ActiveContext, tuple[tuple[str, str], ...]]] = {}
        self._coercible: dict[str, frozenset[str]] = {}

    def expand(self, document: Located, base_iri: str, pins: Mapping[str, str] | None = None) -> Reading | Issue:
        """Expand a document under the versions of its contexts under which it loses least.

        Issues: ``undefined-term``, ``undefined-type``, ``undefined-value``, ``undefined-prefix``, ``empty-type``,
        ``prefix-without-separator``, ``mistaken-namespace``, ``label-as-iri``, ``renamed-term``, ``term-as-iri``, ``invalid-iri``,
        ``invalid-value``, ``invalid-language``, ``named-graph-merged``, ``too-many-issues``. The document is refused with one of
        ``not-json-ld``, ``context-not-configured``, ``context-cycle``, ``invalid-context``, ``too-many-contexts``, ``too-deep``.

        Args:
            document: The document.
            base_iri: Its own IRI, without a fragment; the root node has it unless the document names the node itself.
            pins: Address of a context -> name or number of the version to use, whatever fits.

        Raises:
            OntologyError: A pinned version does not exist, or a context file is damaged.
        """
        if not _is_json_ld(document.value):
            remedy = 'add an "@context", or use IRIs as keys'
            return _issue_at(
                document, "", "not-json-ld", "this JSON is not JSON-LD: it has no @context, no keyword and no IRI as a key", remedy
            )
        walk = _Walk(self, document, base_iri, pins or {})
        try:
            return walk.run()
        except ContextFault as fault:
            return _issue_at(document, walk.context_pointer, fault.code, fault.message, fault.remedy, of="key")
        except RecursionError:
            return _issue_at(document, "", "too-deep", "the document is nested too deep to be expanded", "flatten the document")

    def activate(
        self, local: Json, parent: ActiveContext | None, below: Json, pins: Mapping[str, str]
    ) -> tuple[ActiveContext, tuple[tuple[str, str], ...]]:
        """The context that *local* (a value of ``@context``) gives after *parent* for what is *below*, and the versions chosen."""
        text = local if type(local) is str else json.dumps(local)
        addresses = [entry for entry in (local if type(local) is list else [local]) if type(entry) is str]
        options = {url: self._options(url, pins) for url in addresses}
        key: tuple[Any, ...] = (text, id(parent) if parent else 0, *(options[url][0].name for url in addresses))
        if any(len(candidates) > 1 for candidates in options.values()):
            used = self._used(below, addresses)
            key += (frozenset(used.keys), frozenset(used.numeric), frozenset(used.types), frozenset(used.values))
            cached = self._cached.get(key)
            if cached is not None:
                return cached
            found = self._best(local, parent, options, used)
            if len(used.keys) + len(used.types) + len(used.values) > _MAX_CACHED_TERMS:
                return found
        else:
            cached = self._cached.get(key)
            if cached is not None:
                return cached
            chosen = {url: candidates[0] for url, candidates in options.items()}
            found = self.extend(local, parent, chosen), tuple((url, version.name) for url, version in chosen.items())
        if parent is None:  # contexts inside a document die with it, so their parents' identity means nothing later
            if len(self._cached) >= _MAX_CACHED:
                self._cached.clear()
            self._cached[key] = found
        return found

    def _options(self, url: str, pins: Mapping[str, str]) -> tuple[ContextVersion, ...]:
        if url in pins:
            return (self._contexts.version(url, pins[url]),)
        versions = self._contexts.versions(url)
        if not versions:
            remedy = "use one of the configured contexts, or have an administrator add this one"
            raise ContextFault("context-not-configured", f"the context {url} is not configured, and nothing is fetched", remedy)
        return versions

    def _best(
        self, local: Json, parent: ActiveContext | None, options: Mapping[str, Sequence[ContextVersion]], used: _Used
    ) -> tuple[ActiveContext, tuple[tuple[str, str], ...]]:
        best: tuple[int, ActiveContext, tuple[tuple[str, str], ...]] | None = None
        if prod(len(candidates) for candidates in options.values()) > _MAX_COMBINATIONS:
            options = {url: candidates[:1] for url, candidates in options.items()}
        for combination in product(*options.values()):
            chosen = dict(zip(options, combination, strict=True))
            active = self.extend(local, parent, chosen)
            loss = _loss(active, used)
            if best is None or loss < best[0]:
                best = loss, active, tuple((url, version.name) for url, version in chosen.items())
            if loss == 0:
                break
        assert best is not None  # noqa: S101 # every address has a version
        return best[1], best[2]

    def extend(
        self,
        local: Json,
        parent: ActiveContext | None,
        chosen: Mapping[str, ContextVersion],
        *,
        previous: ActiveContext | None = None,
        inside: tuple[str, ...] = (),
    ) -> ActiveContext:
        """Context processing (JSON-LD 1.1 API, section 4.1): *local* after *parent*."""
        active = parent or ActiveContext({})
        for entry in local if isinstance(local, list) else [local]:
            if entry is None:
                active = ActiveContext({}, previous=previous)
            elif isinstance(entry, str):
                active = self._remote_context(entry, active, chosen, previous, inside)
            elif isinstance(entry, dict):
                definitions = entry
                if isinstance(entry.get("@import"), str):
                    imported = self._version(entry["@import"], chosen, inside).content
                    definitions = {**(imported if isinstance(imported, dict) else {}), **entry}
                if len(definitions) > _MAX_DEFINITIONS and "@import" not in entry:
                    remedy = "leave out the terms that the document does not use"
                    raise ContextFault("too-many-contexts", f"the context defines more than {_MAX_DEFINITIONS:,} terms", remedy)
                back = active if definitions.get("@propagate") is False and previous is None else previous
                active = ActiveContext(definitions, active, previous=back or active.previous)
            else:
                message = "a context must be an object, an address or null"
                raise ContextFault("invalid-context", message, "mend @context")
        return active

    def _version(self, url: str, chosen: Mapping[str, ContextVersion], inside: tuple[str, ...]) -> ContextVersion:
        if url in inside or len(inside) > 8:
            raise ContextFault("context-cycle", f"the context {url} refers to itself", "mend the context file")
        return chosen.get(url) or self._options(url, {})[0]

    def _remote_context(
        self,
        url: str,
        active: ActiveContext,
        chosen: Mapping[str, ContextVersion],
        previous: ActiveContext | None,
        inside: tuple[str, ...],
    ) -> ActiveContext:
        version = self._version(url, chosen, inside)
        content = version.content
        if not isinstance(content, dict):
            return self.extend(content, active, chosen, previous=previous, inside=(*inside, url))
        if "@import" in content:
            imported = self._version(content["@import"], chosen, (*inside, url)).content
            content = {**(imported if isinstance(imported, dict) else {}), **content}
        if active.parent is None and not active.definitions and previous is None and active.previous is None:
            # The usual case, shared by all documents: what it means does not depend on anything before it.
            if version.name not in self._remote:
                self._remote[version.name] = ActiveContext(content, is_remote=True, origin=version.name)
            return self._remote[version.name]
        return ActiveContext(content, active, previous=previous or active.previous, is_remote=True, origin=version.name)

    def _used(self, below: Json, addresses: Iterable[str]) -> _Used:
        coercible: frozenset[str] = frozenset().union(*(self._coercible_terms(url) for url in addresses))
        used = _Used()
        _collect(below, coercible, used)
        return used

    def _coercible_terms(self, url: str) -> frozenset[str]:
        """Terms whose texts are names of things under some version, as far as that can be a matter of the version."""
        if url not in self._coercible:
            self._coercible[url] = frozenset(
                name
                for version in self._contexts.versions(url)
                if isinstance(version.content, dict)
                for name, raw in version.content.items()
                if isinstance(raw, dict) and raw.get("@type") in ("@id", "@vocab")
            )
        return self._coercible[url]


def _collect(value: Json, coercible: frozenset[str], used: _Used) -> None:
    if type(value) is list:
        for item in value:
            if type(item) is dict or type(item) is list:
                _collect(item, coercible, used)
    elif type(value) is dict:
        for key, child in value.items():
            if key == "@type":
                used.types.update(item for item in _listed(child) if type(item) is str)
            elif key == "@id":
                _collect_name(child, used)
            elif key != "@context":
                used.keys.add(key)
                kind = type(child)
                if kind is dict or kind is list:
                    _collect(child, coercible, used)
                elif kind is float or kind is int:
                    used.numeric.add(key)
                if key in coercible:
                    for item in _listed(child):
                        _collect_name(item, used)


def _collect_name(text: Json, used: _Used) -> None:
    if type(text) is not str or text.startswith("http"):
        return
    prefix, colon, _ = text.partition(":")
    if colon:
        used.values.add(f"{prefix}:")
    elif _WORD.fullmatch(text):
        used.values.add(text)


def _loss(active: ActiveContext, used: _Used) -> int:
    """How much a document loses under a context; 0 is nothing."""
    loss = 0
    prefixes: set[str] = set()
    for key in used.keys:
        term = active.term(key)
        if term.iri is None and not term.is_silenced:
            loss += 10 if key in used.numeric else 4
        elif term.repair is not None:
            prefixes.add(term.repair.prefix)
    for name in used.types:
        term = active.term(name)
        if term.iri is None:
            loss += 2
        elif term.repair is not None:
            prefixes.add(term.repair.prefix)
    for name in used.values:
        term = active.term(name)
        if term.iri is None:
            loss += 3
        elif term.repair is not None:
            prefixes.add(term.repair.prefix)
    return loss + len(prefixes)


def _is_json_ld(value: Json) -> bool:
    if isinstance(value, dict):
        return any((key.startswith("@") and key[1:].isalpha()) or "://" in key for key in value) or any(
            isinstance(child, dict | list) and _is_json_ld(child) for child in value.values()
        )
    return isinstance(value, list) and any(_is_json_ld(item) for item in value if isinstance(item, dict | list))


def _issue_at(
    document: Located,
    pointer: str,
    code: str,
    message: str,
    remedy: str,
    *,
    of: LiteralType["value", "key"] = "value",
    severity: Severity = Severity.VIOLATION,
    value: str = "",
    path: str = "",
) -> Issue:
    line, column = document.place(pointer, of)
    return Issue(code, message, severity, document.source, pointer, line, column, remedy, path=path, value=value)


class _Walk:
    """One document being expanded."""

    def __init__(self, expander: Expander, document: Located, base_iri: str, pins: Mapping[str, str]) -> None:
        self._expander = expander
        self._document = document
        self._pins = pins
        self._base = base_iri
        self._stem = base_iri.partition("#")[0] + "#"
        self._issues: list[Issue] = []
        self._assumed: dict[tuple[str, str], tuple[str, str, int]] = {}
        self._contexts: dict[tuple[str, str], None] = {}
        self._context_count = 0
        self._suggestions = 0
        self._tops: list[dict[str, Json]] = []
        self._nodes: list[Node] = []
        self.context_pointer = ""

    def run(self) -> Reading:
        value = self._document.value
        terms = ActiveContext({})
        if type(value) is list:
            for index, item in enumerate(value):
                self._top(item, terms, f"/{index}", f"/{index}")
        else:
            if "@context" in value:
                terms = self._enter(value["@context"], terms, value, "")
            self._top(value, terms, "", "", is_entered=True)
        self._tell_assumptions()
        subject = self._tops[0]["@id"] if self._tops else self._base
        pointers: dict[str, str] = {}
        for node in self._nodes:
            pointers.setdefault(node.expanded["@id"], node.pointer)
        return Reading(self._tops, subject, tuple(self._nodes), pointers, tuple(self._issues), tuple(self._contexts), terms)

    # Nodes

    def _top(self, value: Json, active: ActiveContext, pointer: str, fragment: str, *, is_entered: bool = False) -> None:
        if type(value) is list:
            for index, item in enumerate(value):
                self._top(item, active, f"{pointer}/{index}", f"{fragment}/{index}")
        elif type(value) is dict:
            if not is_entered and "@context" in value:
                active = self._enter(value["@context"], active, value, pointer)
            if not is_entered:
                active = self._below(value, None, active)
            graph, loose = _keyed(value, "@graph", active), _keyed(value, "@set", active)
            if loose:
                self._top(value[loose], active, pointer + active.term(loose).step, fragment + active.term(loose).fragment)
            elif graph and not any(key not in ("@context", graph) for key in value):
                step = active.term(graph)
                self._top(value[graph], active, pointer + step.step, fragment + step.fragment)
            elif _keyed(value, "@value", active) or _keyed(value, "@list", active):
                self._tell("invalid-value", "a value at the top of the document says nothing", "put it under a property", pointer)
            else:
                place = len(self._tops)
                node = self._node(value, active, pointer, fragment, is_entered=True)
                if len(node) > 1:
                    self._tops.insert(place, node)
        elif value is not None:
            self._tell("invalid-value", "a bare value at the top of the document says nothing", "put it under a property", pointer)

    def _node(
        self, source: dict[str, Json], active: ActiveContext, pointer: str, fragment: str, *, is_entered: bool = False
    ) -> dict[str, Json]:
        if not is_entered and "@context" in source:
            active = self._enter(source["@context"], active, source, pointer)
        active, types = self._type_scoped(source, active)
        node: dict[str, Json] = {"@id": self._stem + fragment if fragment else self._base}
        place = len(self._nodes)
        self._fill(node, source, active, types, pointer, fragment)
        if len(node) > 1 or not _keyed(source, "@id", active):
            self._nodes.insert(place, Node(pointer, source, node))
        return node

    def _below(self, value: dict[str, Json], term: Term | None, active: ActiveContext, *, is_mapped: bool = False) -> ActiveContext:
        """The context of an object under a property: without what held for the node above alone, with what the property brings."""
        is_back = active.previous is not None and not is_mapped and not _is_reference(value, active)
        back = active.previous if is_back and active.previous is not None else active
        return back if term is None or term.context is UNSET else self._scoped(back, term)

    def _fill(
        self,
        node: dict[str, Json],
        source: dict[str, Json],
        active: ActiveContext,
        types: ActiveContext,
        pointer: str,
        fragment: str,
    ) -> None:
        terms = active.terms
        has_language = active.language is not None
        for key, value in source.items():
            term = terms.get(key) or active.term(key)
            iri = term.iri
            if term.is_direct and iri is not None:
                kind = type(value)
                if kind is dict:
                    expanded = self._object(value, term, active, pointer + term.step, fragment + term.fragment)
                elif term.is_plain and kind is not list and not has_language:
                    expanded = value
                else:
                    expanded = self._value(value, term, active, pointer + term.step, fragment + term.fragment)
                if expanded is not None:
                    if iri in node:
                        _add(node, iri, expanded)
                    else:
                        node[iri] = expanded
            elif iri is not None and iri[0] == "@":
                if key != "@context":
                    self._keyword(node, iri, term, value, active, types, pointer, fragment)
            else:
                self._unusual(node, term, value, active, pointer + term.step, fragment + term.fragment)

    def _unusual(self, node: dict[str, Json], term: Term, value: Json, active: ActiveContext, pointer: str, fragment: str) -> None:
        """A property that means nothing, is no IRI, had to be repaired, points backwards or has a container."""
        iri = term.iri
        if iri is None or iri.startswith("_:") or not is_absolute(iri):
            if not term.is_silenced:
                self._undefined_term(term, value, active, pointer)
            return
        if not is_valid_iri(iri):
            remedy = "write the IRI without spaces and other signs that no IRI may have"
            self._tell("invalid-iri", f"the key {_short(term.name)!r} is no IRI; it is not read", remedy, pointer, of="key")
            return
        if term.repair is not None:
            self._assume(term, pointer)
        expanded = self._property(value, term, active, pointer, fragment)
        if term.is_reverse:
            nodes = [item for item in _listed(expanded) if type(item) is dict and "@value" not in item and "@list" not in item]
            _add(node.setdefault("@reverse", {}), iri, nodes)
        elif expanded is not None:
            _add(node, iri, expanded)

    def _keyword(
        self,
        node: dict[str, Json],
        keyword: str,
        term: Term,
        value: Json,
        active: ActiveContext,
        types: ActiveContext,
        pointer: str,
        fragment: str,
    ) -> None:
        pointer, fragment = pointer + term.step, fragment + term.fragment
        if keyword == "@type":
            self._types(node, value, types, pointer)
        elif keyword == "@id":
            if type(value) is str:
                node["@id"] = self._iri(value, active, pointer) or node["@id"]
            else:
                self._tell("invalid-iri", "@id must be an IRI in quotes", "write the IRI as text", pointer)
        elif keyword == "@graph":
            self._tell(
                "named-graph-merged",
                "the document has a named graph; its statements are read as the document's own",
                "leave out the graph's name and keep its nodes",
                pointer,
                of="key",
                severity=Severity.INFO,
            )
            self._top(value, active, pointer, fragment)
        elif keyword == "@included":
            self._top(value, active, pointer, fragment)
        elif keyword == "@reverse":
            self._reverse(node, value, active, pointer, fragment)
        elif keyword == "@nest":
            for index, nested in enumerate(_listed(value)):
                below = f"/{index}" if type(value) is list else ""
                if type(nested) is dict:
                    inner = self._scoped(active, term) if term.context is not UNSET else active
                    self._fill(node, nested, inner, types, pointer + below, fragment + below)

    def _types(self, node: dict[str, Json], value: Json, active: ActiveContext, pointer: str) -> None:
        known = active.types
        found: list[str] = []
        for index, name in enumerate(value if type(value) is list else (value,)):
            iri = known.get(name) if type(name) is str else None
            if iri is None:
                iri = self._type(name, active, f"{pointer}/{index}" if type(value) is list else pointer)
            if iri:
                found.append(iri)
        if found:
            node["@type"] = [*node["@type"], *found] if "@type" in node else found

    def _type(self, name: Json, active: ActiveContext, pointer: str) -> str:
        term = active.term(name) if type(name) is str and name else None
        if term is None or term.iri is None or term.iri[0] == "@" or not is_absolute(term.iri):
            self._undefined_type(name, active, pointer)
            return ""
        if term.iri.startswith("_:"):
            return self._skolem(term.iri)
        if term.repair is not None:
            self._assume(term, pointer)
        elif term.is_direct:
            if len(active.types) > _MAX_CACHED_TERMS:
                active.types.clear()
            active.types[term.name] = term.iri
        return self._valid(term.iri, pointer)

    def _reverse(self, node: dict[str, Json], value: Json, active: ActiveContext, pointer: str, fragment: str) -> None:
        if type(value) is not dict:
            self._tell("invalid-value", "@reverse must be an object", "put properties into it", pointer)
            return
        turned: dict[str, Json] = {}
        for key, child in value.items():
            term = active.term(key)
            self._unusual(turned, term, child, active, pointer + term.step, fragment + term.fragment)
        for iri, nodes in turned.pop("@reverse", {}).items():  # turned twice
            _add(node, iri, nodes)
        for iri, found in turned.items():
            nodes = [item for item in _listed(found) if type(item) is dict and "@value" not in item and "@list" not in item]
            _add(node.setdefault("@reverse", {}), iri, nodes)

    def _type_scoped(self, source: dict[str, Json], active: ActiveContext) -> tuple[ActiveContext, ActiveContext]:
        """The context that the node's types bring along, and the one under which the types themselves are read."""
        key = _keyed(source, "@type", active) if active.scoping else ""
        if not key or active.scoping.isdisjoint(item for item in _listed(source[key]) if type(item) is str):
            return active, active
        types = active
        for name in sorted(item for item in _listed(source[key]) if type(item) is str):
            term = types.terms.get(name) or types.term(name)
            if term.context is not UNSET:
                propagates = isinstance(term.context, dict) and term.context.get("@propagate") is True
                active = self._expander.extend(term.context, active, {}, previous=None if propagates else (types.previous or types))
        return active, types

    def _scoped(self, active: ActiveContext, term: Term) -> ActiveContext:
        known = active.scoped.get(id(term))
        if known is None:
            known = active.scoped[id(term)] = (term, self._expander.extend(term.context, active, {}))
        return known[1]

    def _enter(self, local: Json, active: ActiveContext, below: Json, pointer: str) -> ActiveContext:
        self.context_pointer = f"{pointer}/@context"
        self._context_count += 1
        if self._context_count > _MAX_CONTEXTS:
            remedy = "define the terms once, at the top of the document"
            raise ContextFault("too-many-contexts", f"the document has more than {_MAX_CONTEXTS} contexts", remedy)
        is_first = active.parent is None and not active.definitions
        found, versions = self._expander.activate(local, None if is_first else active, below, self._pins)
        self._contexts.update(dict.fromkeys(versions))
        return found

    # Values

    def _property(self, value: Json, term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        containers = term.containers
        if not containers:
            return self._value(value, term, active, pointer, fragment)
        if "@list" in containers:
            return self._list(value, term, active, pointer, fragment)
        if type(value) is dict and containers & {"@language", "@index", "@id", "@type"}:
            if "@language" in containers:
                return self._language_map(value, active, pointer)
            return self._map(value, term, active, pointer, fragment)
        return self._graph(self._value(value, term, active, pointer, fragment), term)

    def _value(self, value: Json, term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        kind = type(value)
        coercion = term.coercion
        if coercion == "@json":
            return {"@value": value, "@type": "@json"}
        if kind is dict:
            return self._object(value, term, active, pointer, fragment)
        if kind is list:
            items: list[Json] = []
            for index, item in enumerate(value):
                expanded = self._value(item, term, active, f"{pointer}/{index}", f"{fragment}/{index}")
                if type(expanded) is list:
                    items += expanded
                elif expanded is not None:
                    items.append(expanded)
            return items
        if value is None:
            return None
        if term.context is not UNSET:
            active = self._scoped(active, term)
        if kind is str:
            if coercion == "@id" or coercion == "@vocab":
                return self._reference(value, term, active, pointer)
            if not coercion:
                language = active.language if term.language is UNSET else term.language
                return {"@value": value, "@language": language} if type(language) is str and _is_language(language) else value
        if not coercion or coercion.startswith("@"):
            return value
        return {"@value": value, "@type": coercion}

    def _object(self, value: dict[str, Json], term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        if active.previous is not None or term.context is not UNSET:
            active = self._below(value, term, active)
        if "@value" not in value and "@list" not in value and "@set" not in value and not _LISTING & active.keyword_names.keys():
            return self._node(value, active, pointer, fragment)
        if _keyed(value, "@value", active):
            return self._value_object(value, active, pointer)
        key = _keyed(value, "@list", active)
        if key:
            step = active.term(key)
            return self._list(value[key], term, active, pointer + step.step, fragment + step.fragment)
        key = _keyed(value, "@set", active)
        if key:
            step = active.term(key)
            return self._value(value[key], term, active, pointer + step.step, fragment + step.fragment)
        return self._node(value, active, pointer, fragment)

    def _value_object(self, value: dict[str, Json], active: ActiveContext, pointer: str) -> Json:
        said = {active.aliases.get(key, key): item for key, item in value.items()}
        content, kind, language = said["@value"], said.get("@type"), said.get("@language")
        if isinstance(kind, str) and active.term(kind).iri == "@json":
            return {"@value": content, "@type": "@json"}
        if content is None:
            return None
        if isinstance(content, dict | list):
            self._tell("invalid-value", "@value must be a text, a number or true or false", "write the value itself", pointer)
            return None
        if kind is not None:
            term = active.term(kind) if isinstance(kind, str) else None
            if term is None or term.iri is None or not is_absolute(term.iri):
                self._undefined_type(kind, active, f"{pointer}/@type")
                return content
            if term.repair is not None:
                self._assume(term, f"{pointer}/@type")
            return {"@value": content, "@type": self._valid(term.iri, pointer)}
        if language is None:
            return content
        if not (isinstance(language, str) and _is_language(language) and isinstance(content, str)):
            message = f"{language!r} is no language tag for a text"
            self._tell("invalid-language", message, "write a tag of BCP 47, e.g. en", pointer, severity=Severity.WARNING)
            return content
        return {"@value": content, "@language": language}

    def _list(self, value: Json, term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        if type(value) is dict:
            key = _keyed(value, "@list", active)
            if key:
                step = active.term(key)
                return self._list(value[key], term, active, pointer + step.step, fragment + step.fragment)
        items: list[Json] = []
        for index, item in enumerate(_listed(value)):
            below = f"/{index}" if type(value) is list else ""
            read: Callable[..., Json] = self._list if type(item) is list else self._value
            expanded = read(item, term, active, pointer + below, fragment + below)
            if expanded is not None:
                items += expanded if type(expanded) is list else [expanded]
        return {"@list": items}

    def _language_map(self, value: dict[str, Json], active: ActiveContext, pointer: str) -> Json:
        items: list[Json] = []
        for language, texts in value.items():
            for text in _listed(texts):
                if type(text) is str:
                    is_tag = _is_language(language) and active.term(language).iri != "@none"
                    items.append({"@value": text, "@language": language} if is_tag else text)
                elif text is not None:
                    self._tell("invalid-value", "only texts may stand under a language", "write a text", pointer)
        return items

    def _map(self, value: dict[str, Json], term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        items: list[Json] = []
        is_node_map = not term.containers.isdisjoint(("@id", "@type"))
        for key, child in value.items():
            step = active.term(key)
            inner = (active.previous or active) if is_node_map else active
            if "@type" in term.containers and step.context is not UNSET:
                inner = self._scoped(inner, step)
            for index, item in enumerate(_listed(child)):
                below = f"/{index}" if type(child) is list else ""
                place, mark = pointer + step.step + below, fragment + step.fragment + below
                if type(item) is dict and is_node_map:
                    expanded: Json = self._node(item, self._below(item, term, inner, is_mapped=True), place, mark)
                elif type(item) is str and "@type" in term.containers:
                    expanded = self._reference(item, term, inner, place)
                else:
                    expanded = self._value(item, term, inner, place, mark)
                items += [self._marked(found, item, key, term, active, place) for found in _listed(expanded)]
        return self._graph(items, term)

    def _marked(self, found: Json, source: Json, key: str, term: Term, active: ActiveContext, place: str) -> Json:
        """An item of a map, with what its key says of it."""
        if type(found) is not dict or "@value" in found or "@list" in found or active.term(key).iri == "@none":
            return found
        is_bare = len(found) == 1
        if "@id" in term.containers:
            if found["@id"].startswith(f"{self._stem}/"):
                found["@id"] = self._iri(key, active, place) or found["@id"]
        elif "@type" in term.containers:
            self._types(found, key, active, place)
        elif term.index:
            index = active.term(term.index)
            if index.iri is not None and is_absolute(index.iri):
                _add(found, index.iri, self._value(key, index, active, place, ""))
        if is_bare and len(found) > 1:  # a mere reference that says something now
            self._nodes.append(Node(place, source if type(source) is dict else {}, found))
        return found

    def _graph(self, expanded: Json, term: Term) -> Json:
        """Under ``@container: @graph`` the values are graphs: their nodes become the document's own."""
        if "@graph" in term.containers:
            for item in _listed(expanded):
                if type(item) is dict and "@value" not in item:
                    self._tops.append(item)
        return expanded

    def _reference(self, text: str, term: Term, active: ActiveContext, pointer: str) -> Json:
        iri = ""
        if is_absolute(text):
            iri = self._iri(text, active, pointer)
        else:
            is_vocabulary = term.coercion == "@vocab"
            found = active.term(text) if is_vocabulary or _WORD.fullmatch(text) else None
            if found is not None and found.iri is not None and found.iri[0] != "@" and (is_vocabulary or found.is_defined):
                if not is_vocabulary:
                    self._assume_value(text, found.iri, pointer)
                elif found.repair is not None:
                    self._assume(found, pointer)
                iri = self._valid(found.iri, pointer)
            elif is_vocabulary or term.iri == HAS_MEASUREMENT_UNIT:
                self._undefined_value(text, term, active, pointer)
            else:
                iri = self._iri(text, active, pointer)
        return {"@id": iri} if iri else None

    # IRIs

    def _iri(self, text: str, active: ActiveContext, pointer: str) -> str:
        """The absolute IRI of a text under ``@id``; ``""`` when it cannot be made one."""
        if text.startswith(("http://", "https://")):
            return self._valid(text, pointer)
        if text.startswith("_:"):
            return self._skolem(text)
        if is_absolute(text):
            term = active.term(text)
            if term.repair is not None:
                self._assume(term, pointer)
            return self._valid(term.iri if term.iri is not None and ":" in term.iri else text, pointer)
        base = self._base
        if active.base is not None:
            base = active.base if is_absolute(active.base) else resolve(base, active.base)
        return self._valid(resolve(base, text), pointer)

    def _valid(self, iri: str, pointer: str) -> str:
        if is_valid_iri(iri):
            return iri
        valid = _NOT_IN_IRI.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), iri)
        if not is_valid_iri(valid):
            message = f"{_short(iri)!r} is no IRI; it is not read"
            self._tell("invalid-iri", message, "write an IRI", pointer, value=_short(iri))
            return ""
        message = f"{_short(iri)!r} has characters that no IRI may have; it was read as {_short(valid)}"
        self._tell("invalid-iri", message, "percent-encode them", pointer, severity=Severity.WARNING, value=_short(iri))
        return valid

    def _skolem(self, label: str) -> str:
        return self._stem + to_fragment(label)

    # Issues

    def _tell(
        self,
        code: str,
        message: str,
        remedy: str,
        pointer: str,
        *,
        of: LiteralType["value", "key"] = "value",
        severity: Severity = Severity.VIOLATION,
        value: str = "",
    ) -> None:
        if len(self._issues) < _MAX_ISSUES:
            self._issues.append(_issue_at(self._document, pointer, code, message, remedy, of=of, severity=severity, value=value))
        elif len(self._issues) == _MAX_ISSUES:
            message = f"there are more than {_MAX_ISSUES:,} issues; no more are listed"
            self._issues.append(_issue_at(self._document, pointer, "too-many-issues", message, "mend those above first"))

    def _undefined_term(self, term: Term, value: Json, active: ActiveContext, pointer: str) -> None:
        if len(self._issues) > _MAX_ISSUES:
            return
        numbers = _numbers(value)
        lost = f"; {numbers} number{'s' * (numbers != 1)} below it {'is' if numbers == 1 else 'are'} not read" if numbers else ""
        message = f"{term.name!r} is not defined in {active.origins() or 'any context'}{lost}"
        self._tell("undefined-term", message, self._remedy(term.name, active), pointer, of="key", value=term.name)

    def _undefined_type(self, name: Json, active: ActiveContext, pointer: str) -> None:
        if len(self._issues) > _MAX_ISSUES:
            return
        text = name if isinstance(name, str) else json.dumps(name)
        if text.strip().lower() in MISSING:
            message = f"{text!r} stands where a type should stand"
            self._tell("empty-type", message, "leave @type out, or name the class", pointer, value=text)
            return
        message = f"the type {_short(text)!r} is not defined in {active.origins() or 'any context'}; it is not read"
        self._tell("undefined-type", message, self._remedy(text, active), pointer, value=_short(text))

    def _undefined_value(self, text: str, term: Term, active: ActiveContext, pointer: str) -> None:
        message = f"{_short(text)!r} under {term.name!r} is neither an IRI nor defined in {active.origins()}; it is not read"
        self._tell("undefined-value", message, self._remedy(text, active), pointer, value=_short(text))

    def _remedy(self, name: str, active: ActiveContext) -> str:
        near = active.suggestions.get(name)
        if near is None and self._suggestions < _MAX_SUGGESTIONS and 2 < len(name) < 100:
            self._suggestions += 1
            match = process.extractOne(name, active.names(), scorer=fuzz.ratio, score_cutoff=84)
            if len(active.suggestions) > _MAX_CACHED_TERMS:
                active.suggestions.clear()
            near = active.suggestions[name] = match[0] if match else ""
        return f"perhaps {near!r} is meant" if near else "use a term of the context, or define this one in @context"

    def _assume(self, term: Term, pointer: str) -> None:
        repair = term.repair
        if repair is not None:
            key = (repair.code, repair.prefix)
            first = self._assumed.get(key)
            self._assumed[key] = (first[0], first[1], first[2] + 1) if first else (pointer, repair.assumed, 1)

    def _assume_value(self, text: str, iri: str, pointer: str) -> None:
        key = ("term-as-iri", text)
        first = self._assumed.get(key)
        self._assumed[key] = (first[0], first[1], first[2] + 1) if first else (pointer, iri, 1)

    def _tell_assumptions(self) -> None:
        for (code, name), (pointer, assumed, count) in self._assumed.items():
            what, remedy = _ASSUMPTIONS[code] if assumed else _ASSUMPTIONS["unknown-prefix"]
            times = f" (here and in {count - 1} more places)" if count > 1 else ""
            severity = Severity.WARNING if assumed else Severity.VIOLATION
            message = what.format(name=_short(name), assumed=assumed) + times
            self._tell(code, message, remedy.format(name=name, assumed=assumed), pointer, severity=severity, value=name)


_ASSUMPTIONS: Final = {
    "undefined-prefix": (
        "the prefix {name!r} is not defined in the context; {assumed} was assumed",
        'add "{name}": "{assumed}" to @context',
    ),
    "prefix-without-separator": (
        "the prefix {name!r} is defined without / or # at its end, so it is none; {assumed} was assumed",
        'write "{name}": "{assumed}" in @context',
    ),
    "mistaken-namespace": (
        "the prefix {name!r} is defined as an address that its vocabulary does not have; {assumed} was assumed",
        'write "{name}": "{assumed}" in @context',
    ),
    "label-as-iri": (
        "{name!r} joins a prefix and a label, which is no IRI; {assumed} was assumed",
        "write the label without the prefix",
    ),
    "renamed-term": (
        "{name!r} is not defined in this version of the context; what another version means by it was assumed: {assumed}",
        "use the term that the context has for it, or write the IRI",
    ),
    "term-as-iri": ("{name!r} is a term where an IRI is asked for; {assumed} was assumed", "write {assumed}"),
    "unknown-prefix": (
        "the prefix {name!r} is not defined, so this is taken as an IRI as it stands",
        'define "{name}" in @context',
    ),
}


def _keyed(value: dict[str, Json], keyword: str, active: ActiveContext) -> str:
    """The key of an object that is this keyword or stands for it; ``""`` when there is none."""
    if keyword in value:
        return keyword
    for name in active.keyword_names.get(keyword, ()):
        if name in value:
            return name
    return ""


def _is_reference(source: dict[str, Json], active: ActiveContext) -> bool:
    return (len(source) == 1 and bool(_keyed(source, "@id", active))) or bool(_keyed(source, "@value", active))


def _listed(value: Json) -> list[Json]:
    if type(value) is list:
        return value
    return [] if value is None else [value]


def _add(node: dict[str, Json], iri: str, value: Json) -> None:
    node[iri] = [*_listed(node[iri]), *_listed(value)] if iri in node else value


def _numbers(value: Json) -> int:
    if type(value) is dict:
        return sum(_numbers(item) for item in value.values())
    if type(value) is list:
        return sum(_numbers(item) for item in value)
    return 1 if type(value) is float or type(value) is int else 0


@lru_cache(maxsize=256)
def _is_language(tag: str) -> bool:
    try:
        Literal("", language=tag)
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"
