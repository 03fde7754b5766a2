"""A training set described for machine learning: Croissant 1.1 (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from search.datasets.provenance import Origin
from search.datasets.table_files import Column, DataForm

MAX_NAMED: Final = 1_000
"""Most creators and citations that are named; the manifest has all of them."""

_CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "recordSet": "cr:recordSet",
    "field": "cr:field",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "source": "cr:source",
    "fileObject": "cr:fileObject",
    "extract": "cr:extract",
    "column": "cr:column",
}
"""The terms of the format that are used here; a consumer expects them under these names."""

_TYPES: Final = {
    "text": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "dateTime": "sc:DateTime",
    "date": "sc:Date",
}
_ENCODINGS: Final = {
    DataForm.PARQUET: "application/x-parquet",
    DataForm.ARROW: "application/vnd.apache.arrow.file",
    DataForm.CSV: "text/csv",
    DataForm.JSONL: "application/jsonlines",
}


def croissant(
    manifest: Mapping[str, Any], columns: Sequence[Column], origins: Sequence[Origin], form: DataForm, address: str
) -> dict[str, Any]:
    """The description of a training set.

    Args:
        manifest: Its manifest.
        columns: Columns of its data files.
        origins: Its records.
        form: Form of its data files.
        address: Where it can be had.
    """
    creators = list(dict.fromkeys(creator for origin in origins for creator in origin.creators))[:MAX_NAMED]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": manifest["title"],
        "description": describe(manifest),
        "url": address,
        "version": "1.0.0",
        "datePublished": manifest["created"],
        "license": licence_texts(manifest),
        "creator": [_creator(creator) for creator in creators] or [{"@type": "sc:Organization", "name": "unknown"}],
        "citeAs": cite_as(manifest, origins, address),
        "distribution": [_file(file, form) for file in manifest["files"]],
        "recordSet": [_record_set(file, columns) for file in manifest["files"]] if columns else [],
    }


def describe(manifest: Mapping[str, Any]) -> str:
    """One sentence about a training set."""
    made = "a search" if manifest["query"] is None else "a SPARQL query"
    return (
        f"{manifest['rows']} rows of {made} over snapshot {manifest['snapshot']['id']} of battery research records, "
        f"from {manifest['records']['count']} records; {manifest['program']}."
    )


def licence_texts(manifest: Mapping[str, Any]) -> list[str]:
    """Every licence of the records, and in words how many name none."""
    records = manifest["records"]
    unknown = [unknown_licence(manifest)] if records["licence_unknown"] or not records["licences"] else []
    return [*records["licences"], *unknown]


def unknown_licence(manifest: Mapping[str, Any]) -> str:
    """In words: how many records name no licence."""
    records = manifest["records"]
    return f"unknown: {records['licence_unknown']} of {records['count']} records name no licence"


def cite_as(manifest: Mapping[str, Any], origins: Sequence[Origin], address: str) -> str:
    """How the training set is cited, with what its records ask to be cited."""
    cited = list(dict.fromkeys(text for origin in origins for text in origin.citations))
    more = f"; and {len(cited) - MAX_NAMED} more, see manifest.json" if len(cited) > MAX_NAMED else ""
    made_from = f" Its records name: {'; '.join(cited[:MAX_NAMED])}{more}." if cited else ""
    return f"{manifest['title']}, {manifest['created'][:10]}, {address}, snapshot {manifest['snapshot']['digest']}.{made_from}"


def _creator(creator: str) -> dict[str, str]:
    return {"@type": "sc:Person", "name": creator, **({"url": creator} if "://" in creator else {})}


def _file(file: Mapping[str, Any], form: DataForm) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file["name"],
        "name": file["name"],
        "contentUrl": file["name"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": _ENCODINGS[form],
        "sha256": file["sha256"],
    }


def _record_set(file: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    part = file["name"].partition(".")[0]
    return {
        "@type": "cr:RecordSet",
        "@id": part,
        "name": part,
        "description": f"{file['rows']} rows",
        "field": [_field(file["name"], part, column) for column in columns],
    }


def _field(file: str, part: str, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{part}/{column.name}",
        "name": column.name,
        "description": f"{column.meaning}{f' (unit: {column.unit})' if column.unit else ''}" or column.name,
        "dataType": _TYPES[column.type],
        **({"equivalentProperty": column.iri} if column.iri else {}),
        "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
    }
