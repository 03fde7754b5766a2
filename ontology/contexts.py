"""JSON-LD contexts: versioned files that are never fetched, and what a term means under a chain of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import NamedNode

from records.errors import OntologyError

BATTERY_CONTEXT: Final = "https://w3id.org/emmo/domain/battery/context"
ELECTROCHEMISTRY_CONTEXT: Final = "https://w3id.org/emmo/domain/electrochemistry/context"

# Which addresses a context file stands for when there is no contexts.json, by the beginning of its name.
_KNOWN_FILES: Final = {
    "domain-battery": (BATTERY_CONTEXT, "https://w3id.org/battinfo/context/domain-battery.jsonld"),
    "domain-electrochemistry": (
        ELECTROCHEMISTRY_CONTEXT,
        "https://raw.githubusercontent.com/emmo-repo/domain-electrochemistry/master/context.json",
    ),
    "domain-chemical-substance": ("https://w3id.org/emmo/domain/chemical-substance/context",),
    "battinfo-records": ("https://w3id.org/battinfo/context/records/v1.json",),
    "ro-crate": ("https://w3id.org/ro/crate/1.1/context",),
}
# Names of one class or property in different versions of the battery context (0.14.0-beta to 0.20.2 of
# github.com/emmo-repo/domain-battery, CC BY 4.0): a document that mixes versions, or the fact table alone, has only one of each.
_RENAMED: Final = {
    "Real": "RealData",
    "RealData": "Real",
    "hasNumericalValue": "hasNumberValue",
    "hasNumberValue": "hasNumericalValue",
    "ThreeElectrodeCell": "ThreeElectrodeElectrochemicalCell",
    "TotalCapacity": "CumulativeCapacity",
    "hasTemporaryParticipant": "isParticipatedBy",
}
WELL_KNOWN_PREFIXES: Final = {
    "battery": "https://w3id.org/emmo/domain/battery#",
    "battinfo": "https://w3id.org/battinfo/",
    "bibo": "http://purl.org/ontology/bibo/",
    "chameo": "https://w3id.org/emmo/domain/characterisation-methodology/chameo#",
    "chemical": "https://w3id.org/emmo/domain/chemical-substance#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "echem": "https://w3id.org/emmo/domain/electrochemistry#",
    "electrochemistry": "https://w3id.org/emmo/domain/electrochemistry#",
    "emmo": "https://w3id.org/emmo#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qudt": "http://qudt.org/schema/qudt/",
    "quantitykind": "http://qudt.org/vocab/quantitykind/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "spdx": "http://spdx.org/rdf/terms#",
    "ssn": "http://www.w3.org/ns/ssn/",
    "time": "http://www.w3.org/2006/time#",
    "unit": "http://qudt.org/vocab/unit/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MISTAKEN_NAMESPACES: Final = {
    "https://qudt.org/vocab/unit/": "http://qudt.org/vocab/unit/",
    "https://qudt.org/vocab/quantitykind/": "http://qudt.org/vocab/quantitykind/",
    "https://qudt.org/schema/qudt/": "http://qudt.org/schema/qudt/",
}
_EMMO: Final = "https://w3id.org/emmo"
_SCHEMES: Final = frozenset(
    (
        "about", "ark", "cid", "data", "did", "doi", "file", "ftp", "ftps", "geo", "git", "hdl", "http", "https", "info",
        "isbn", "jdbc", "mailto", "mid", "ni", "oid", "orcid", "pkg", "s3", "sftp", "ssh", "swh", "tag", "tel", "urn",
        "uuid", "ws", "wss",
    )
)  # fmt: skip
_KEYWORDS: Final = frozenset(
    (
        "@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json",
        "@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type",
        "@value", "@version", "@vocab",
    )
)  # fmt: skip
_CONTAINERS: Final = frozenset(("@graph", "@id", "@index", "@language", "@list", "@set", "@type"))
_IRI_PARTS: Final = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
# What needs no closer look; the rest is left to the parser of the RDF library.
_PLAIN_IRI: Final = re.compile(
    r"https?://[A-Za-z0-9.-]++(?:/[\w\-.~!$&'()*+,;=:@/]*+)?(?:\?[\w\-.~!$&'()*+,;=:@/?]*+)?(?:#[\w\-.~!$&'()*+,;=:@/?]*+)?",
    re.ASCII,
)
_MAX_CHAIN: Final = 32
_MAX_MEMO: Final = 20_000


class ContextFault(Exception):  # noqa: N818 # becomes an Issue, it is no fault of the system
    """A document's context cannot be used; never leaves `ontology`.

    Args:
        code: Code of the issue it becomes.
        message: What is wrong.
        remedy: How to mend it.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.message, self.remedy = code, message, remedy


@dataclass(frozen=True)
class ContextVersion:
    """One version of a remote context; read when first used.

    Args:
        name: Its file's name: what a pin names.
        path: Where the file is; ``None`` when the definitions were given.
        expected_digest: SHA-256 that the file must have; ``""`` when none is known.
        given: Definitions, for a version that has no file.
    """

    name: str
    path: Path | None = None
    expected_digest: str = ""
    given: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def version(self) -> str:
        """The version in the file's name, e.g. ``0.14.0-beta``; ``""`` when it has none."""
        match = re.search(r"-(v?\d[\w.+-]*?)(?:\.jsonld|\.json)?$", self.name)
        return match[1] if match else ""

    @cached_property
    def _content(self) -> bytes:
        if self.path is None:
            return json.dumps(self.given, sort_keys=True).encode()
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise OntologyError(f"The context file {self.path} cannot be read: {error.strerror}.", "Put it back.") from error
        if self.expected_digest and sha256(content).hexdigest() != self.expected_digest:
            raise OntologyError(
                f"The context file {self.path} is not the one that contexts.json describes.", "Put the original back."
            )
        return content

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file, in hex."""
        return sha256(self._content).hexdigest()

    @cached_property
    def content(self) -> Any:
        """The value of ``@context``: a map of definitions, or (rarely) an array or an address.

        Raises:
            OntologyError: The file cannot be read, or holds no context.
        """
        if self.path is None:
            return self.given
        try:
            return json.loads(self._content)["@context"]
        except (ValueError, KeyError, TypeError) as error:
            raise OntologyError(f"The file {self.path} holds no JSON-LD context.", "Put the original back.") from error


class Contexts:
    """The remote contexts that may be used, each with its versions; nothing is ever fetched.

    Args:
        versions: Address -> versions, the default first.
        recommended: Source -> (address -> name of the version to pin).

    >>> contexts = Contexts.from_terms({"Volt": ("https://w3id.org/emmo#Volt", "")})
    >>> [version.name for version in contexts.versions(BATTERY_CONTEXT)]
    ['fact-table']
    >>> contexts.versions("https://example.org/unknown")
    ()
    """

    def __init__(
        self, versions: Mapping[str, Sequence[ContextVersion]], recommended: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self._versions = {_address(url): tuple(candidates) for url, candidates in versions.items()}
        self._recommended = {source: dict(pins) for source, pins in (recommended or {}).items()}

    @classmethod
    def from_directory(cls, path: Path) -> Contexts:
        """Contexts described by the directory's ``contexts.json`` (keys ``map``, ``alternates``, ``recommended_for_source``).

        Without that file the well-known file names are taken: ``domain-battery-0.20.2.json`` and the like, newest first.

        Raises:
            OntologyError: There is no such directory, or it names files that are not there.
        """
        catalogue = path / "contexts.json"
        if not catalogue.is_file():
            return cls(_by_name(path))
        try:
            described = json.loads(catalogue.read_bytes())
            digests = {entry["file"]: entry.get("sha256") or "" for entry in described.get("files", ())}
            names = {
                url: list(dict.fromkeys([default, *described.get("alternates", {}).get(url, ())]))
                for url, default in described["map"].items()
            }
            recommended = described.get("recommended_for_source", {})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OntologyError(f"{catalogue} does not describe contexts: {error}.", "See docs: map, alternates, files.") from error
        files: dict[str, ContextVersion] = {}
        for name in {name for candidates in names.values() for name in candidates}:
            file = path / name
            if Path(name).name != name or not file.is_file():
                raise OntologyError(f"{catalogue} names {name!r}, which is not in {path}.", "Put the file there, or leave it out.")
            files[name] = ContextVersion(name, file, digests.get(name, ""))
        return cls({url: [files[name] for name in candidates] for url, candidates in names.items()}, recommended)

    @classmethod
    def from_terms(cls, terms: Mapping[str, tuple[str, str]]) -> Contexts:
        """The term map of the fact table, standing for every context of the battery family.

        Args:
            terms: Term -> (IRI, ``@type`` coercion or ``""``).
        """
        given = {name: {"@id": iri, "@type": kind} if kind else iri for name, (iri, kind) in terms.items()}
        version = ContextVersion("fact-table", given=given)
        family = [url for stem, urls in _KNOWN_FILES.items() if stem != "ro-crate" for url in urls]
        return cls(dict.fromkeys(family, (version,)))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that is known, sorted."""
        return tuple(sorted(self._versions))

    def versions(self, url: str) -> tuple[ContextVersion, ...]:
        """Its versions, the default first; empty when the address is not known."""
        return self._versions.get(_address(url), ())

    def version(self, url: str, name: str) -> ContextVersion:
        """The version of this file name or version number.

        Raises:
            OntologyError: There is none.
        """
        for candidate in self.versions(url):
            if name in (candidate.name, candidate.version):
                return candidate
        known = ", ".join(candidate.name for candidate in self.versions(url)) or "none"
        raise OntologyError(f"There is no version {name!r} of the context {url}.", f"Known versions: {known}.")

    @cached_property
    def fingerprint(self) -> str:
        """A digest of every address, version and recommendation: when it changes, documents may be read differently."""
        versions = sorted((url, *((version.name, version.digest) for version in known)) for url, known in self._versions.items())
        return sha256(repr((versions, sorted(self._recommended.items()))).encode()).hexdigest()

    def pins_for(self, source: str) -> Mapping[str, str]:
        """Versions that the catalogue recommends for a source: address -> name; empty when it says nothing."""
        return self._recommended.get(source, {})


def _address(url: str) -> str:
    address = url.partition("#")[0].rstrip("/")
    return f"https{address[4:]}" if address.startswith("http:") else address


def _by_name(path: Path) -> dict[str, list[ContextVersion]]:
    if not path.is_dir():
        raise OntologyError(f"There is no directory {path}.", "Name the directory that holds the JSON-LD contexts.")
    found: dict[str, list[ContextVersion]] = {}
    for file in path.iterdir():
        for stem, urls in _KNOWN_FILES.items():
            if re.fullmatch(rf"{stem}-v?\d[\w.+-]*\.json(ld)?", file.name):
                for url in urls:
                    found.setdefault(url, []).append(ContextVersion(file.name, file))
    if not found:
        raise OntologyError(f"No known context file is in {path}.", "Add a contexts.json that maps addresses to files.")
    for candidates in found.values():
        candidates.sort(key=lambda candidate: [int(part) for part in re.findall(r"\d+", candidate.version)], reverse=True)
    return found


class Repair(NamedTuple):
    """What is wrong with a prefix, and what was assumed (``""``: nothing)."""

    code: str
    prefix: str
    assumed: str


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

    >>> context = ActiveContext({"emmo": "https://w3id.org/emmo#", "Volt": "emmo:Volt"})
    >>> context.term("Volt").iri, context.term("emmo:Ampere").iri, context.term("Vlot").iri
    ('https://w3id.org/emmo#Volt', 'https://w3id.org/emmo#Ampere', None)
    """

    __slots__ = (
        "_aliases",
        "_defined",
        "_keyword_names",
        "_pending",
        "_scoping",
        "base",
        "definitions",
        "language",
        "origin",
        "parent",
        "previous",
        "scoped",
        "suggestions",
        "terms",
        "types",
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
    ) -> None:
        self.definitions = definitions
        self.parent = parent
        self.previous = previous
        self.origin = origin
        self.terms: dict[str, Term] = {}
        # By identity of the term, which is kept beside it so that the identity stays its own.
        self.scoped: dict[int, tuple[Term, ActiveContext]] = {}
        self.types: dict[str, str] = {}
        self.suggestions: dict[str, str] = {}
        self._defined: dict[str, Term] = {}
        self._pending: set[str] = set()
        self._aliases: dict[str, str] | None = None
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
            self.base = resolve(self.base, base) if base is not None and self.base is not None else base
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
        return (self.vocabulary or "") + text if text or self.vocabulary else None

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
                if isinstance(meaning, str) and meaning in _KEYWORDS:
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

    def names(self) -> Iterator[str]:
        """Every term that is defined."""
        for layer in self.layers():
            yield from (name for name in layer.definitions if not name.startswith("@"))

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

    def _term(self, name: str) -> Term:
        found = self._find(name, 0)
        if found is not None:
            return found
        if _is_like_keyword(name):
            return _named(name, name if name in _KEYWORDS else None)
        if ":" in name[1:]:
            iri, repair = self._compact(name, 0)
            return _named(name, iri, repair=repair)
        if self.vocabulary is not None and name:
            return _named(name, self.vocabulary + name)
        renamed = self._find(_RENAMED[name], 0) if name in _RENAMED else None
        if renamed is not None and renamed.iri is not None:
            return replace(
                renamed,
                name=name,
                step=f"/{name}",
                fragment=f"/{name}",
                is_direct=False,
                repair=Repair("renamed-term", name, renamed.iri),
            )
        return _named(name, None)

    def _find(self, name: str, depth: int) -> Term | None:
        context: ActiveContext | None = self
        while context is not None:
            if name in context.definitions and not _is_like_keyword(name):
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
            is_prefix = iri is not None and iri[-1:] in set(":/?#[]@") and ":" not in name and "/" not in name
            return _named(name, iri, is_defined=True, is_prefix=is_prefix, repair=repair)
        if not isinstance(raw, dict) or raw.get("@id", "") is None:
            return _named(name, None, is_silenced=raw is None or isinstance(raw, dict))
        is_reverse = "@reverse" in raw
        meaning = raw["@reverse"] if is_reverse else raw.get("@id", name)
        iri, repair = self._expand(meaning, name, depth) if isinstance(meaning, str) else (None, None)
        coercion = raw.get("@type") or ""
        if isinstance(coercion, str) and coercion and not coercion.startswith("@"):
            coercion = self._expand(coercion, name, depth)[0] or ""
        containers = raw.get("@container") or ()
        if isinstance(containers, str):
            containers = (containers,)
        attributes: dict[str, Any] = {
            "coercion": coercion if isinstance(coercion, str) and coercion != "@none" else "",
            "containers": _CONTAINERS & {item for item in containers if isinstance(item, str)},
            "is_reverse": is_reverse,
            "language": raw.get("@language", UNSET),
            "context": raw.get("@context", UNSET),
        }
        said = {key: value for key, value in attributes.items() if value is not UNSET and (value or key in ("language", "context"))}
        said["index"] = raw["@index"] if isinstance(raw.get("@index"), str) else ""
        return _named(name, iri, is_defined=True, is_prefix=raw.get("@prefix") is True, repair=repair, **said)

    def _expand(self, text: str, name: str, depth: int) -> tuple[str | None, Repair | None]:
        """IRI expansion of a definition's value, within this context and those before it."""
        if _is_like_keyword(text):
            return (text if text in _KEYWORDS else None), None
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
            if namespace in _MISTAKEN_NAMESPACES:
                namespace = _MISTAKEN_NAMESPACES[namespace]
                repair = Repair("mistaken-namespace", prefix, namespace)
        elif usual is not None:
            namespace = usual
            has_namespace = found is not None and found.iri is not None and isinstance(self._raw(prefix), str) and "//" in found.iri
            repair = Repair("prefix-without-separator" if has_namespace else "undefined-prefix", prefix, namespace)
        elif prefix.lower() in _SCHEMES:
            return text, None
        else:
            return text, Repair("undefined-prefix" if found is None else "prefix-without-separator", prefix, "")
        if namespace.startswith(_EMMO) and local:
            # emmo:RealData is no IRI of EMMO, where classes have opaque names: the class of that label is meant.
            labelled = self._find(local, depth) if depth == 0 else None
            if labelled is not None and labelled.iri and labelled.iri != namespace + local and labelled.iri.startswith(_EMMO):
                return labelled.iri, repair or Repair("label-as-iri", text, labelled.iri)
        return namespace + local, repair

    def _raw(self, name: str) -> Any:
        return next((layer.definitions[name] for layer in self.layers() if name in layer.definitions), None)


def _is_like_keyword(text: str) -> bool:
    return text.startswith("@") and text[1:].isalpha() and text.isascii()


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


def to_fragment(pointer: str) -> str:
    """A JSON Pointer as it stands in a URI fragment (RFC 6901 section 6).

    >>> to_fragment("/a b/~1")
    '/a%20b/~1'
    """
    return quote(pointer, safe="/~:@!$&'()*+,;=?-._")


def is_valid_iri(text: str) -> bool:
    """Whether a text is an absolute IRI (RFC 3987).

    >>> is_valid_iri("https://a.org/b#c"), is_valid_iri("https://a.org/b c"), is_valid_iri("b")
    (True, False, False)
    """
    if _PLAIN_IRI.fullmatch(text):
        return True
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def is_absolute(text: str) -> bool:
    """Whether a text begins with a scheme, as an IRI does (RFC 3987), or is a blank node's name.

    >>> is_absolute("urn:x"), is_absolute("./a:b"), is_absolute("Volt")
    (True, False, False)
    """
    scheme, colon, _ = text.partition(":")
    return bool(colon) and (scheme == "_" or _SCHEME.fullmatch(scheme) is not None)


def resolve(base: str, reference: str) -> str:
    """The IRI that a reference means (RFC 3986 section 5.2).

    >>> resolve("https://a.org/b/c?d", "../e#f"), resolve("https://a.org/b", "#g"), resolve("urn:x", "#g")
    ('https://a.org/e#f', 'https://a.org/b#g', 'urn:x#g')
    """
    scheme, authority, path, query, fragment = _parts(reference)
    base_scheme, base_authority, base_path, base_query, _ = _parts(base)
    if scheme is not None:
        path = _without_dots(path)
    else:
        scheme = base_scheme
        if authority is not None:
            path = _without_dots(path)
        else:
            authority = base_authority
            if not path:
                path = base_path
                query = base_query if query is None else query
            else:
                if not path.startswith("/"):
                    head = "/" if base_authority is not None and not base_path else base_path[: base_path.rfind("/") + 1]
                    path = head + path
                path = _without_dots(path)
    return "".join(
        (
            "" if scheme is None else f"{scheme}:",
            "" if authority is None else f"//{authority}",
            path,
            "" if query is None else f"?{query}",
            "" if fragment is None else f"#{fragment}",
        )
    )


def _parts(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _IRI_PARTS.fullmatch(iri)
    assert match is not None  # noqa: S101 # the expression matches every text
    scheme, authority, path, query, fragment = match.groups()
    return scheme, authority, path or "", query, fragment


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        is_last = position == len(segments) - 1
        if segment == "." or segment == "..":
            if segment == ".." and len(kept) > (1 if path.startswith("/") else 0):
                kept.pop()
            if is_last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)
