"""JSON-LD contexts: versioned files that are never fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from records.errors import OntologyError, SettingsError

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
        self._versions = {same_address(url): tuple(candidates) for url, candidates in versions.items()}
        self._recommended = {
            source: {same_address(url): name for url, name in pins.items()} for source, pins in (recommended or {}).items()
        }

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

    def with_pins(self, pins: Mapping[str, Mapping[str, str]]) -> Contexts:
        """These contexts with versions pinned for sources, before what the catalogue recommends.

        Args:
            pins: Source -> (address -> file name or version number).

        Raises:
            SettingsError: There is no such address or version.

        >>> contexts = Contexts.from_terms({}).with_pins({"cells": {BATTERY_CONTEXT: "fact-table"}})
        >>> contexts.pins_for("cells") == {BATTERY_CONTEXT: "fact-table"}
        True
        """
        merged = {source: dict(recommended) for source, recommended in self._recommended.items()}
        for source, chosen in pins.items():
            for url, name in chosen.items():
                try:
                    version = self.version(url, name)
                except OntologyError as error:
                    message = f"The setting context_pins cannot be used for the source {source!r}: {error.message}"
                    raise SettingsError(message, error.remedy) from error
                merged.setdefault(source, {})[same_address(url)] = version.name
        return Contexts(self._versions, merged)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that is known, sorted."""
        return tuple(sorted(self._versions))

    def versions(self, url: str) -> tuple[ContextVersion, ...]:
        """Its versions, the default first; empty when the address is not known."""
        return self._versions.get(same_address(url), ())

    def version(self, url: str, name: str) -> ContextVersion:
        """The version of this file name or version number.

        Raises:
            OntologyError: There is none.
        """
        for candidate in self.versions(url):
            if name in (candidate.name, candidate.version):
                return candidate
        if not self.versions(url):
            raise OntologyError(f"The context {url} is not configured.", f"Known contexts: {', '.join(self.addresses) or 'none'}.")
        known = ", ".join(candidate.name for candidate in self.versions(url))
        raise OntologyError(f"There is no version {name!r} of the context {url}.", f"Known versions: {known}.")

    @cached_property
    def fingerprint(self) -> str:
        """A digest of every address, version and recommendation: when it changes, documents may be read differently."""
        versions = sorted((url, *((version.name, version.digest) for version in known)) for url, known in self._versions.items())
        return sha256(repr((versions, sorted(self._recommended.items()))).encode()).hexdigest()

    def pins_for(self, source: str) -> Mapping[str, str]:
        """Versions pinned for a source, by the settings or by the catalogue: address -> name; empty when neither says anything."""
        return self._recommended.get(source, {})


def same_address(url: str) -> str:
    """An address without what does not matter: ``http`` or ``https``, a slash at its end, a fragment."""
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
