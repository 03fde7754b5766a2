"""Context by fit: of the versions of a remote context, the one under which a document loses least."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ontology.active_context import ActiveContext, ContextFault
from ontology.context_check import Fault, faults
from ontology.contexts import Contexts, ContextVersion, same_address
from ontology.iris import is_absolute, resolve
from ontology.readings import Json, listed

_MAX_DEFINITIONS: Final = 10_000
_MAX_COMBINATIONS: Final = 64
_MAX_INSIDE: Final = 8
_MAX_CACHED: Final = 1_024
_MAX_CACHED_TERMS: Final = 500
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")


@dataclass(slots=True)
class _Used:
    """What a document uses, as far as versions of a context may differ on it."""

    keys: set[str] = field(default_factory=set)
    numeric: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)


class Scope(NamedTuple):
    """From where addresses of contexts lead, and to which versions.

    Args:
        base: What relative addresses are resolved against: the document or the context file that names them.
        pins: Address -> name or number of the version to use.
        chosen: Address -> version that was chosen.
        inside: Addresses of the context files that led here.
    """

    base: str
    pins: Mapping[str, str]
    chosen: Mapping[str, ContextVersion] = MappingProxyType({})
    inside: tuple[str, ...] = ()


class Fitted(NamedTuple):
    """A context under the versions that fit best.

    Args:
        context: What terms mean.
        versions: Address and version name of every remote context in it.
        faults: What JSON-LD forbids in it.
    """

    context: ActiveContext
    versions: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]


class ContextFit:
    """Chooses versions and works out what contexts mean; remembers both, so one instance serves a whole harvest.

    Args:
        contexts: The remote contexts that may be used.
    """

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._remote: dict[str, ActiveContext] = {}
        self._cached: dict[tuple[Any, ...], Fitted] = {}
        self._coercible: dict[str, frozenset[str]] = {}

    def activate(self, local: Json, parent: ActiveContext | None, below: Json, base: str, pins: Mapping[str, str]) -> Fitted:
        """The context that *local* (a value of ``@context``) gives after *parent* for what is *below*.

        Args:
            local: The value of ``@context``.
            parent: The context before; ``None`` when this is the first.
            below: What it is for: the version is chosen by what is used there.
            base: The document's IRI, which relative addresses are resolved against.
            pins: Address of a context -> name or number of the version to use, whatever fits.
        """
        text = local if type(local) is str else json.dumps(local)
        options = {url: self._options(url, written, pins) for url, written in _addresses(local, base).items()}
        key: tuple[Any, ...] = (text, id(parent) if parent else 0, *(candidates[0].name for candidates in options.values()))
        is_fitted = any(len(candidates) > 1 for candidates in options.values())
        used = self._used(below, options) if is_fitted else _Used()
        if is_fitted:
            key += (frozenset(used.keys), frozenset(used.numeric), frozenset(used.types), frozenset(used.values))
        cached = self._cached.get(key)
        if cached is not None:
            return cached
        found = self._best(local, parent, Scope(base, pins), options, used)
        # Contexts inside a document die with it, so their parents' identity means nothing later.
        if parent is None and len(used.keys) + len(used.types) + len(used.values) <= _MAX_CACHED_TERMS:
            if len(self._cached) >= _MAX_CACHED:
                self._cached.clear()
            self._cached[key] = found
        return found

    def _options(self, url: str, written: str, pins: Mapping[str, str]) -> tuple[ContextVersion, ...]:
        pin = pins.get(same_address(url)) if pins else None
        if pin is not None:
            return (self._contexts.version(url, pin),)
        versions = self._contexts.versions(url)
        if not versions:
            remedy = "use one of the configured contexts, or have an administrator add this one"
            message = f"the context {written} is not configured, and nothing is fetched"
            raise ContextFault("context-not-configured", message, remedy, written)
        return versions

    def _best(
        self,
        local: Json,
        parent: ActiveContext | None,
        scope: Scope,
        options: Mapping[str, Sequence[ContextVersion]],
        used: _Used,
    ) -> Fitted:
        best: tuple[int, ActiveContext, Mapping[str, ContextVersion]] | None = None
        if prod(len(candidates) for candidates in options.values()) > _MAX_COMBINATIONS:
            options = {url: candidates[:1] for url, candidates in options.items()}
        for combination in product(*options.values()):
            chosen: Mapping[str, ContextVersion] = dict(zip(options, combination, strict=True))
            active = self.extend(local, parent, scope._replace(chosen=chosen))
            loss = _loss(active, used)
            if best is None or loss < best[0]:
                best = loss, active, chosen
            if loss == 0:
                break
        assert best is not None  # noqa: S101 # every address has a version
        _, active, chosen = best
        versions = tuple((url, version.name) for url, version in chosen.items())
        return Fitted(active, versions, () if type(local) is str else tuple(faults(local, parent, active)))

    def extend(
        self, local: Json, parent: ActiveContext | None, scope: Scope, *, previous: ActiveContext | None = None
    ) -> ActiveContext:
        """Context processing (JSON-LD 1.1 API, section 4.1): *local* after *parent*.

        Args:
            local: The value of ``@context``.
            parent: The context before; ``None`` when this is the first.
            scope: Where addresses lead from there.
            previous: The context to go back to below this node; ``None`` when this one stays.
        """
        active = parent or ActiveContext({})
        for entry in local if isinstance(local, list) else [local]:
            if entry is None:
                active = ActiveContext({}, previous=previous)
            elif isinstance(entry, str):
                active = self._remote_context(entry, active, scope, previous)
            elif isinstance(entry, dict):
                definitions = self._with_import(entry, scope)
                if len(entry) > _MAX_DEFINITIONS:
                    remedy = "leave out the terms that the document does not use"
                    raise ContextFault("too-many-contexts", f"the context defines more than {_MAX_DEFINITIONS:,} terms", remedy)
                back = active if definitions.get("@propagate") is False and previous is None else previous
                active = ActiveContext(definitions, active, previous=back or active.previous)
            else:
                message = "a context must be an object, an address or null"
                raise ContextFault("invalid-context", message, "mend @context")
        return active

    def _with_import(self, definitions: dict[str, Json], scope: Scope) -> dict[str, Json]:
        """Definitions after those that they import (JSON-LD 1.1, section 4.1.9)."""
        address = definitions.get("@import")
        if not isinstance(address, str):
            return definitions
        _, version = self._version(address, scope)
        imported = version.content
        if not isinstance(imported, dict) or "@import" in imported:
            message = f"the context {address} cannot be imported: it must be one map of definitions that imports no other"
            raise ContextFault("invalid-context", message, "name it in an array of contexts instead")
        return {**imported, **definitions}

    def _version(self, address: str, scope: Scope) -> tuple[str, ContextVersion]:
        url = _absolute(address, scope.base)
        if url in scope.inside or len(scope.inside) > _MAX_INSIDE:
            raise ContextFault("context-cycle", f"the context {address} refers to itself", "mend the context file")
        return url, scope.chosen.get(url) or self._options(url, address, scope.pins)[0]

    def _remote_context(self, address: str, active: ActiveContext, scope: Scope, previous: ActiveContext | None) -> ActiveContext:
        url, version = self._version(address, scope)
        content, inner = version.content, scope._replace(base=url, inside=(*scope.inside, url))
        if not isinstance(content, dict):
            return self.extend(content, active, inner, previous=previous)
        if active.parent is None and not active.definitions and previous is None and active.previous is None:
            # The usual case, shared by all documents: what it means does not depend on anything before it.
            if version.name not in self._remote:
                definitions = self._with_import(content, inner)
                self._remote[version.name] = ActiveContext(definitions, is_remote=True, origin=version.name, url=url)
            return self._remote[version.name]
        definitions = self._with_import(content, inner)
        back = active if definitions.get("@propagate") is False and previous is None else previous
        return ActiveContext(definitions, active, previous=back or active.previous, is_remote=True, origin=version.name, url=url)

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


def _addresses(local: Json, base: str) -> dict[str, str]:
    """The addresses in a value of ``@context``: in full -> as written."""
    found: dict[str, str] = {}
    for entry in local if type(local) is list else [local]:
        address = entry.get("@import") if type(entry) is dict else entry
        if type(address) is str:
            found[_absolute(address, base)] = address
    return found


def _absolute(address: str, base: str) -> str:
    return address if is_absolute(address) or not base else resolve(base, address)


def _collect(value: Json, coercible: frozenset[str], used: _Used) -> None:
    if type(value) is list:
        for item in value:
            if type(item) is dict or type(item) is list:
                _collect(item, coercible, used)
    elif type(value) is dict:
        for key, child in value.items():
            if key == "@type":
                used.types.update(item for item in listed(child) if type(item) is str)
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
                    for item in listed(child):
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
            prefixes.add(term.repair.name)
    for name in used.types:
        term = active.term(name)
        if term.iri is None:
            loss += 2
        elif term.repair is not None:
            prefixes.add(term.repair.name)
    for name in used.values:
        term = active.term(name)
        if term.iri is None:
            loss += 3
        elif term.repair is not None:
            prefixes.add(term.repair.name)
    return loss + len(prefixes)
