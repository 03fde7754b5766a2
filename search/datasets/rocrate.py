"""A training set described as a research object: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from search.datasets.croissant import MAX_NAMED, cite_as, describe, licence_texts
from search.datasets.provenance import Origin

_SPECIFICATION: Final = "https://w3id.org/ro/crate/1.1"


def rocrate(
    manifest: Mapping[str, Any], files: Sequence[Mapping[str, Any]], origins: Sequence[Origin], address: str
) -> dict[str, Any]:
    """The crate's metadata.

    Args:
        manifest: Manifest of the training set.
        files: Its files: name, media type, bytes and digest.
        origins: Its records; at most `MAX_NAMED` of them are named here, all of them in the manifest.
        address: Where it can be had.
    """
    licences = [_licence(text) for text in licence_texts(manifest)]
    named = origins[:MAX_NAMED]
    records = [_record(origin) for origin in named]
    creators = {creator: _creator(creator) for origin in named for creator in origin.creators}
    known = {one["@id"] for one in licences}
    others = {text: _licence(text) for origin in named for text in origin.licences if _licence(text)["@id"] not in known}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": manifest["title"],
        "description": describe(manifest),
        "datePublished": manifest["created"],
        "identifier": address,
        "license": [_reference(one) for one in licences],
        "creditText": cite_as(manifest, origins, address),
        "creator": [_reference(one) for one in creators.values()],
        "isBasedOn": [_reference(one) for one in records],
        "hasPart": [{"@id": file["name"]} for file in files],
        "mentions": {"@id": "#made"},
    }
    return {
        # Names that the context of the specification does not define.
        "@context": [f"{_SPECIFICATION}/context", {"sha256": "https://schema.org/sha256"}],
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": _SPECIFICATION},
            },
            root,
            *(_file(file) for file in files),
            _made(manifest, files),
            {"@id": "#program", "@type": "SoftwareApplication", "name": manifest["program"]},
            *licences,
            *others.values(),
            *creators.values(),
            *records,
        ],
    }


def _reference(entity: Mapping[str, Any]) -> dict[str, str]:
    return {"@id": entity["@id"]}


def _file(file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": file["name"],
        "@type": "File",
        "name": file["name"],
        "encodingFormat": file["media_type"],
        "contentSize": str(file["bytes"]),
        "sha256": file["sha256"],
    }


def _made(manifest: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    asked = manifest["query"] if manifest["query"] is not None else manifest["search"]["text"]
    return {
        "@id": "#made",
        "@type": "CreateAction",
        "name": f"Asked of snapshot {manifest['snapshot']['id']}",
        "description": asked,
        "endTime": manifest["created"],
        "instrument": {"@id": "#program"},
        "result": [{"@id": file["name"]} for file in files],
    }


def _licence(text: str) -> dict[str, Any]:
    return {"@id": text if "://" in text else f"#licence-{_fragment(text)}", "@type": "CreativeWork", "name": text}


def _creator(text: str) -> dict[str, Any]:
    return {"@id": text if "://" in text else f"#creator-{_fragment(text)}", "@type": "Person", "name": text}


def _record(origin: Origin) -> dict[str, Any]:
    return {
        "@id": origin.iri,
        "@type": "CreativeWork",
        "name": origin.title or origin.iri,
        "version": origin.digest,
        "license": [_reference(_licence(text)) for text in origin.licences],
        "creator": [_reference(_creator(text)) for text in origin.creators],
        "citation": list(origin.citations),
    }


def _fragment(text: str) -> str:
    return quote(text, safe="")
