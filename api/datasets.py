"""Training sets over HTTP: parse, call one function, render (`docs/training-sets.md`). Each is for its owner alone."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.app import ServicesOf
from api.bodies import parsed, schema_of
from api.corrections import Body, SignedIn
from api.description import written
from search.datasets.jobs import dataset_json
from search.datasets.manifest import ARCHIVE, CROISSANT, MANIFEST, RO_CRATE
from search.datasets.search_table import SearchWish
from search.datasets.splits import MAX_PARTS
from search.datasets.table_files import DataForm
from search.datasets.wishes import MAX_PAIRS, MAX_TITLE_CHARS, DatasetWish, SplitWish, UnitPair

MAX_WORDS: Final = 20
"""Most concepts, and most sources, of a search."""
MAX_PARAMETERS: Final = 50
"""Most parameters of a saved query."""

_MEDIA_TYPES: Final = {
    MANIFEST: "application/json",
    CROISSANT: "application/ld+json",
    RO_CRATE: "application/ld+json",
    ARCHIVE: "application/zip",
}
_FILE_TYPES: Final = tuple(dict.fromkeys([*(form.media_type for form in DataForm), *_MEDIA_TYPES.values()]))
_Name = Annotated[str, Field(min_length=1, max_length=1_000)]

router = APIRouter()


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SentSearch(_Sent):
    """A search whose records are wanted: one row for each."""

    text: str = Field("", description="The question; empty finds every record.")
    concepts: tuple[_Name, ...] = Field((), max_length=MAX_WORDS, description="IRIs of concepts that must be used as well.")
    sources: tuple[_Name, ...] = Field((), max_length=MAX_WORDS, description="Names of sources the record must come from as well.")


class SentSavedQuery(_Sent):
    """A saved query to run."""

    name: _Name
    version: _Name = Field("latest", description="A number, or `latest`.")
    parameters: dict[str, str] = Field({}, max_length=MAX_PARAMETERS, description="Values of its parameters.")


class SentPair(_Sent):
    """A column of numbers and the column of their units."""

    value: _Name
    unit: _Name
    kind: str = Field("", max_length=1_000, description="IRI of the kind of quantity: decides what an ambiguous `C` is.")


class SentSplit(_Sent):
    """How the rows are split: all rows of one group are in one part."""

    by: _Name = Field(description="A column, or `cell`, `batch` or `laboratory`; a column of such a name is written `?cell`.")
    fractions: dict[str, float] = Field(
        {"train": 0.8, "validation": 0.1, "test": 0.1}, max_length=MAX_PARTS, description="Fraction of the rows of each part."
    )
    seed: int = Field(0, ge=0, le=2**53, description="Another seed gives another split.")


class SentDataset(_Sent):
    """What is wanted as a training set: exactly one of `query`, `saved_query` and `search`."""

    query: str = Field("", description="A SPARQL SELECT query.")
    saved_query: SentSavedQuery | None = None
    search: SentSearch | None = None
    snapshot: str = Field("", max_length=100, description="Over which snapshot; without one, one is made.")
    format: DataForm = Field(DataForm.PARQUET, description="Form of the data files.")
    units: tuple[SentPair, ...] | None = Field(
        None, max_length=MAX_PAIRS, description="Columns with units; unset finds `?x` with `?xUnit` or `?x_unit`, `[]` none."
    )
    split: SentSplit | None = Field(None, description="How the rows are split; unset: they are not.")
    title: str = Field("", max_length=MAX_TITLE_CHARS, description="A name for people.")

    def to_wish(self) -> DatasetWish:
        """The value of this project."""
        saved, search, split = self.saved_query, self.search, self.split
        return DatasetWish(
            query=self.query,
            saved=(saved.name, saved.version) if saved else None,
            parameters=saved.parameters if saved else {},
            search=SearchWish(search.text, search.concepts, search.sources) if search else None,
            snapshot=self.snapshot,
            form=self.format,
            units=None if self.units is None else tuple(UnitPair(one.value, one.unit, one.kind) for one in self.units),
            split=SplitWish(split.by, split.fractions, split.seed) if split else None,
            title=self.title,
        )


@router.post("/datasets", summary="Ask for a training set", status_code=202, openapi_extra=schema_of(SentDataset, required=True))
def post_dataset(services: ServicesOf, actor: SignedIn, body: Body) -> Response:
    """202 and its address: its status says how far it is."""
    sent = parsed(SentDataset, body)
    if sent.search is not None and len(sent.search.text) > services.max_question_chars:
        message = f"A question has at most {services.max_question_chars} characters"
        raise RequestValidationError([{"loc": ("body", "search", "text"), "msg": message, "type": "value_error"}])
    made = services.datasets.send(sent.to_wish(), actor)
    return JSONResponse(dataset_json(made), status_code=202, headers={"Location": f"/datasets/{made.id}"})


@router.get("/datasets", summary="Your training sets, newest first")
def get_datasets(services: ServicesOf, actor: SignedIn) -> dict[str, Any]:
    """Those of the holder of the token, with their states."""
    return {"datasets": [dataset_json(one) for one in services.datasets.own(actor)]}


@router.get("/datasets/{dataset}", summary="How far a training set is, and its files")
def get_dataset(services: ServicesOf, actor: SignedIn, dataset: str) -> dict[str, Any]:
    """404 for what is unknown, expired or another's alike; ``withheld``: how many of its records you may not read any more."""
    found = services.datasets.get(dataset, actor)
    return dataset_json(found, services.datasets.withheld(found, actor))


@router.head("/datasets/{dataset}/files/{name}", include_in_schema=False)  # without reading the file
@router.get(
    "/datasets/{dataset}/files/{name}",
    summary="A file of a training set",
    response_class=FileResponse,
    responses=written(*_FILE_TYPES),
)
def get_dataset_file(services: ServicesOf, actor: SignedIn, dataset: str, name: str) -> Response:
    """Whole, with its length and its digest as ETag; 403 when some of its records are withheld from its owner now."""
    path, file = services.datasets.file(dataset, name, actor)
    ending = name.rpartition(".")[2]
    media_type = _MEDIA_TYPES.get(name) or DataForm(ending).media_type
    headers = {"ETag": f'"{file.sha256}"', "X-Voltagraph-SHA256": file.sha256}
    return FileResponse(path, media_type=media_type, filename=name, headers=headers)


@router.delete("/datasets/{dataset}", summary="Remove a training set of yours", status_code=204)
def delete_dataset(services: ServicesOf, actor: SignedIn, dataset: str) -> Response:
    """Its building ends when it is not done; 404 for what is unknown and for what is another's alike."""
    services.datasets.delete(dataset, actor)
    return Response(status_code=204)
