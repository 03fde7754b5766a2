"""The search over HTTP: parse, call one function, render (`docs/searching.md`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.app import ActorOf, Limit, Offset, ServicesOf, checked_question
from api.bodies import parsed, schema_of
from api.description import check_parameters
from api.limits import body_of
from records.errors import BodyError
from search.expansion import completed
from search.query import Expansion, Facet
from search.query import Query as SearchQuery
from search.query_json import query_from_json
from search.service import MAX_LIMIT, MAX_OFFSET, MAX_PARTS, MAX_SUGGESTIONS, Edits, Wish, search, suggest

MAX_BODY_BYTES: Final = 1_000_000
"""Largest body of a question that is read, in bytes."""
MAX_VALUE: Final = 2_000
"""Longest value of a facet, IRI or cursor that is sent, in characters."""

EXPANDED: Final = "Name in `query` all IRIs that its concepts and roles reach, also where they follow from these."

FewLimit = Annotated[int, Query(ge=1, le=MAX_SUGGESTIONS, description="Most suggestions in the answer.")]
Prefix = Annotated[str, Query(description="What has been typed of the last word or words.")]
After = Annotated[str, Query(max_length=MAX_VALUE, description="`after` of the page before, of the same question: the next page.")]
Snapshot = Annotated[str, Query(max_length=100, description="Answer only while this snapshot is still today's state.")]
_Value = Annotated[str, Field(max_length=MAX_VALUE)]
_Clicked = Annotated[
    tuple[_Value, ...], Query(max_length=20, description="Values that the facet of this name gave: all must hold.")
]
_Positions = Annotated[
    tuple[int, ...], Query(max_length=MAX_PARTS, description="Positions of parts of the question to leave out; the first is 0.")
]
_Reaches = Annotated[
    tuple[_Value, ...],
    Query(max_length=MAX_PARTS, description="`POSITION:STEP`, the step one of `exact narrower synonyms parts related`."),
]
_Senses = Annotated[
    tuple[_Value, ...], Query(max_length=MAX_PARTS, description="`POSITION:IRI`: one of the `senses` of that part.")
]
_Ranges = Annotated[
    tuple[_Value, ...],
    Query(
        alias="range",
        max_length=MAX_PARTS,
        description="`POSITION:FROM..TO UNIT`, either number left out where it is open: other bounds for that number. "
        "`FROM..<TO` leaves TO itself out, as the bins of `histograms` do.",
    ),
]
_Turned = Annotated[
    tuple[int, ...],
    Query(max_length=MAX_PARTS, description="Positions of parts that must not match instead of must, or the other way round."),
]
_Facets = Annotated[
    tuple[Facet | Literal["none"], ...],
    Query(max_length=20, description="Facets to count, `none` for none of them; unset: all."),
]
_Sort = Annotated[
    str,
    Query(
        max_length=MAX_VALUE,
        description="What puts hits in order: the IRI of a kind of quantity, `date`, or `released` (when it came on the market); "
        "`-` before it: greatest or newest first. Records without one are left out.",
    ),
]

Checked: Final = [Depends(check_parameters)]

router = APIRouter()


def edits_of(
    concept: _Clicked = (),
    role: _Clicked = (),
    quantity: _Clicked = (),
    manufacturer: _Clicked = (),
    model: _Clicked = (),
    person: _Clicked = (),
    institution: _Clicked = (),
    instrument: _Clicked = (),
    community: _Clicked = (),
    year: _Clicked = (),
    country: _Clicked = (),
    licence: _Clicked = (),
    validation: _Clicked = (),
    source: _Clicked = (),
    without: _Positions = (),
    expand: _Reaches = (),
    sense: _Senses = (),
    bounds: _Ranges = (),
    negate: _Turned = (),
    sort: _Sort = "",
) -> Edits:
    """What the parameters of an address change of a question.

    Raises:
        BodyError: A parameter has another form.
    """
    clicked = {
        Facet.CONCEPT: concept,
        Facet.ROLE: role,
        Facet.QUANTITY: quantity,
        Facet.MANUFACTURER: manufacturer,
        Facet.MODEL: model,
        Facet.PERSON: person,
        Facet.INSTITUTION: institution,
        Facet.INSTRUMENT: instrument,
        Facet.COMMUNITY: community,
        Facet.YEAR: year,
        Facet.COUNTRY: country,
        Facet.LICENCE: licence,
        Facet.VALIDATION: validation,
        Facet.SOURCE: source,
    }
    return Edits(
        chosen=tuple((facet, value) for facet, values in clicked.items() for value in values),
        without=without,
        reach={position: _step(step) for position, step in _positioned("expand", expand)},
        senses=dict(_positioned("sense", sense)),
        ranges=dict(_positioned("range", bounds)),
        turned=negate,
        sort=sort,
    )


EditsOf = Annotated[Edits, Depends(edits_of)]


def _positioned(field: str, texts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Positions of parts, each with what the parameter of this name says of it."""
    for text in texts:
        position, colon, value = text.partition(":")
        if not (colon and value and position.isascii() and position.isdigit() and len(position) < 4):
            remedy = "Write the position of a part, a colon, and the value."
            raise BodyError(f"In `{field}`, “{text}” is not of the form POSITION:VALUE.", remedy, field=field)
        yield int(position), value


def _step(text: str) -> Expansion:
    try:
        return Expansion(text)
    except ValueError:
        raise BodyError(f"There is no step “{text}”.", f"Choose one of: {', '.join(Expansion)}.", field="expand") from None


def _counted(asked: Collection[Facet | Literal["none"]]) -> tuple[Facet, ...]:
    """The facets to count: those that were asked for, else all."""
    return tuple(one for one in asked if isinstance(one, Facet)) if asked else tuple(Facet)


async def _sent(request: Request) -> bytes:
    return await body_of(request, MAX_BODY_BYTES)


Body = Annotated[bytes, Depends(_sent)]


class SentQuestion(BaseModel):
    """A question: words, or a query as an answer gave it, perhaps edited."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", description="The question in free words; leave it out when you send `query`.")
    query: dict[str, Any] | None = Field(None, description="`query` of an answer: its parts can be changed, removed, negated.")
    offset: int = Field(0, ge=0, le=MAX_OFFSET, description="Hits to leave out first.")
    limit: int = Field(10, ge=1, le=MAX_LIMIT, description="Most hits in the answer.")
    after: str = Field("", max_length=MAX_VALUE, description="`after` of the page before, of the same question.")
    explain: bool = Field(False, description="Tell what each part of a score adds.")
    expansions: bool = Field(False, description="Count the steps of the reach of every concept.")
    expanded: bool = Field(False, description=EXPANDED)
    facets: tuple[Facet | Literal["none"], ...] = Field((), description="Facets to count, `none` for none of them; empty: all.")


@router.get("/api/search", summary="Search records by concept, number, name and text", dependencies=Checked)
def get_search(
    services: ServicesOf,
    actor: ActorOf,
    edits: EditsOf,
    q: Annotated[str, Query(description="The question in free words; empty finds every readable record.")] = "",
    explain: Annotated[bool, Query(description="Tell what each part of a score adds.")] = False,
    expansions: Annotated[bool, Query(description="Count the steps of the reach of every concept.")] = False,
    expanded: Annotated[bool, Query(description=EXPANDED)] = False,
    facets: _Facets = (),
    snapshot: Snapshot = "",
    limit: Limit = 10,
    offset: Offset = 0,
    after: After = "",
) -> dict[str, Any]:
    """Hits with reasons, facets and histograms, over what the actor may read; 410 when the pages that follow are gone."""
    question = checked_question(q, services)
    audiences = services.snapshots.audiences_if_present(snapshot, actor) if snapshot else actor.audiences
    wish = Wish(_counted(facets), reaches=expansions, score_parts=explain, expanded=expanded)
    found = search(services.search, question, audiences, edits=edits, wish=wish, limit=limit, offset=offset, after=after)
    return found.to_json()


@router.post("/api/search", summary="Search by a query that was edited", openapi_extra=schema_of(SentQuestion, required=True))
def post_search(services: ServicesOf, actor: ActorOf, body: Body) -> dict[str, Any]:
    """As `GET /api/search`, with the question in the body: words, or `query` of an answer."""
    sent = parsed(SentQuestion, body)
    if sent.query is not None and sent.text:
        raise BodyError("A question is either `text` or `query`.", "Leave one of them out.", field="query")
    asked = services.search
    if sent.query is not None:
        question: str | SearchQuery = completed(query_from_json(sent.query), asked.concepts, asked.roles)
    else:
        question = checked_question(sent.text, services)
    wish = Wish(_counted(sent.facets), reaches=sent.expansions, score_parts=sent.explain, expanded=sent.expanded)
    found = search(asked, question, actor.audiences, wish=wish, limit=sent.limit, offset=sent.offset, after=sent.after)
    return found.to_json()


@router.get("/api/suggest", summary="Concepts and names that begin with what was typed", dependencies=Checked)
def get_suggest(services: ServicesOf, actor: ActorOf, prefix: Prefix, limit: FewLimit = 8) -> dict[str, Any]:
    """Concepts with the number of readable records that use them or a narrower one, and names that readable records have."""
    found = suggest(services.search, checked_question(prefix, services), actor.audiences, limit=limit)
    return {"suggestions": [suggestion.to_json() for suggestion in found]}
