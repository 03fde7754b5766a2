"""The client: one service, one token, and a snapshot if one is pinned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

import pyarrow as pa

from voltagraph_client.datasets import Dataset, build
from voltagraph_client.errors import IncompleteAnswerError, VoltagraphError
from voltagraph_client.transport import Answer, OnProgress, Transport, save

if TYPE_CHECKING:
    import pandas as pd

Value: TypeAlias = str | int | float | bool | Decimal | date | datetime
"""What a parameter of a saved query takes."""

ARROW = "application/vnd.apache.arrow.stream"
_FORMS = {
    "arrow": ARROW,
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "jsonl": "application/x-ndjson",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
_SAVED_NAME = re.compile(r"[\w.@~-]*:?[a-z0-9-]+(?:/(?:[0-9]+|latest))?")


class Client:
    """Asks one service. Every answer is whole and is what the service sent, or there is an error.

    Args:
        url: Where the service is.
        token: Who asks; ``None``: what is public.
        snapshot: Id of a snapshot that every query is asked of; ``None``: the records as they are at each query.
        timeout: Seconds to wait for a connection, and for the next bytes.
        retries: How often a request is tried again that met a full service (429, 503) or a broken connection.
        progress: Told how far downloads and training sets are; `show_progress` writes it to standard error.

    Raises:
        ValueError: The address is none.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        snapshot: str | None = None,
        *,
        timeout: float = 300,
        retries: int = 5,
        progress: OnProgress | None = None,
    ) -> None:
        self.snapshot_id = snapshot
        self._transport = Transport(url, token=token, timeout=timeout, retries=retries, on_progress=progress)

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._transport.url

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # Queries

    def dataframe(self, query: str, **values: Value) -> pd.DataFrame:
        """The answer to a SELECT as a pandas data frame, its columns with types; needs pandas.

        Args:
            query: SPARQL, or the name of a saved query, ``NAME`` or ``NAME/VERSION``.
            values: For the parameters of the saved query.
        """
        frame: pd.DataFrame = self.table(query, **values).to_pandas()
        return frame

    def table(self, query: str, **values: Value) -> pa.Table:
        """The answer to a SELECT as an Arrow table, its columns with types.

        Raises:
            IncompleteAnswerError: What came is not the whole answer.
            ServiceError: The service refused or failed.
        """
        with self.answer(query, "arrow", **values) as answer:
            try:
                table = pa.ipc.open_stream(answer.body).read_all()
            except (pa.ArrowInvalid, OSError) as error:
                raise IncompleteAnswerError(f"The answer is no Arrow stream: {error}.", "Ask again.") from error
            _check_rows(answer, table.num_rows)
        return table

    def rows(self, query: str, **values: Value) -> list[dict[str, Any]]:
        """The answer to a SELECT as one mapping a row."""
        rows: list[dict[str, Any]] = self.table(query, **values).to_pylist()
        return rows

    def ask(self, query: str, **values: Value) -> bool:
        """The answer to an ASK."""
        with self.answer(query, "json", **values) as answer:
            said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("boolean"), bool):
            raise VoltagraphError("The answer is no yes or no.", "Send an ASK query.")
        return bool(said["boolean"])

    def graph(self, query: str, form: str = "turtle", **values: Value) -> bytes:
        """The answer to a CONSTRUCT or DESCRIBE.

        Args:
            query: SPARQL, or the name of a saved query.
            form: ``turtle``, ``ntriples``, ``jsonld`` or ``rdfxml``.
            values: For the parameters of the saved query.
        """
        with self.answer(query, form, **values) as answer:
            return answer.read()

    def download(self, query: str, path: str | Path, form: str | None = None, **values: Value) -> Path:
        """Put an answer into a file, which is there whole or not at all.

        Args:
            query: SPARQL, or the name of a saved query.
            path: The file.
            form: As for `answer`; unset: what the name of the file ends with.
            values: For the parameters of the saved query.
        """
        target = Path(path)
        with self.answer(query, form or target.suffix.removeprefix("."), **values) as answer:
            return save(answer, target)

    def answer(self, query: str, form: str, **values: Value) -> Answer:
        """An answer in any form that the service offers, with its headers; the caller closes it.

        Args:
            query: SPARQL, or the name of a saved query.
            form: ``arrow``, ``parquet``, ``csv``, ``tsv``, ``jsonl``, ``json``, ``xml``, ``turtle``, ``ntriples``, ``jsonld``,
                ``rdfxml``, or a media type.
            values: For the parameters of the saved query.
        """
        accept = _FORMS.get(form, form)
        pinned = {"snapshot": self.snapshot_id} if self.snapshot_id else {}
        if is_saved(query):
            name, _, version = query.partition("/")
            fields = {**{key: text_of(value) for key, value in values.items()}, **pinned}
            path = f"{_path(name, version or 'latest')}/run"
            return self._transport.ask("GET", path, accept=accept, fields=fields, checked=True, name=name)
        if values:
            raise ValueError(f"{', '.join(values)}: values are for saved queries; they are never pasted into a text")
        form_fields = {"query": query, **pinned}
        return self._transport.ask("POST", "/sparql", accept=accept, form=form_fields, checked=True, name="answer")

    # Saved queries

    def queries(self, text: str = "") -> list[dict[str, Any]]:
        """The saved queries that may be seen, without their texts.

        Args:
            text: Words that occur in them.
        """
        found: list[dict[str, Any]] = []
        while True:
            page = self._json("GET", "/queries", fields={"q": text, "limit": "100", "offset": str(len(found))})
            found += page["queries"]
            if not page["queries"] or len(found) >= page["total"]:
                return found

    def saved(self, name: str, version: int | str = "latest") -> SavedQuery:
        """A saved query; the version is made certain now, so that `SavedQuery.run` asks the same each time.

        Raises:
            NotFoundError: There is none, or it may not be seen.
        """
        told = self._json("GET", _path(name, str(version)))
        return SavedQuery(self, told)

    def save(
        self,
        name: str,
        query: str,
        *,
        title: str = "",
        description: str = "",
        parameters: Sequence[Mapping[str, Any]] = (),
        keywords: Sequence[str] = (),
        visibility: str = "private",
        audiences: Sequence[str] = (),
    ) -> SavedQuery:
        """Save a query; when there is one of this name that says something else, this is its next version.

        Args:
            name: Its name: small letters, digits and hyphens.
            query: SPARQL.
            title: A line for lists; unset: the name.
            description: What it answers.
            parameters: ``{"name": …, "type": …}`` for each variable whose value is given when it is run.
            keywords: Words that find it.
            visibility: ``private``, ``audiences`` or ``public``.
            audiences: Those of the visibility ``audiences``.
        """
        sent = {
            "name": name,
            "title": title or name,
            "description": description,
            "text": query,
            "parameters": [dict(parameter) for parameter in parameters],
            "keywords": list(keywords),
            "visibility": visibility,
            "audiences": list(audiences),
        }
        return SavedQuery(self, self._json("POST", "/queries", body=sent))

    # Snapshots and training sets

    def snapshot(self, note: str = "", visibility: str = "private") -> Client:
        """Freeze what may be read now, and give a client that asks it: the same query has the same answer from then on.

        Args:
            note: A few words for whoever may use it.
            visibility: ``private``, or ``public`` to freeze what everybody may read, for everybody who has the id.
        """
        return self.at(str(self._json("POST", "/snapshots", body={"note": note, "visibility": visibility})["id"]))

    def at(self, snapshot: str | None) -> Client:
        """A client that asks another snapshot, or with ``None`` the records as they are; its connections are shared."""
        other = Client.__new__(Client)
        other.snapshot_id = snapshot
        other._transport = self._transport
        return other

    def dataset(
        self,
        query: str = "",
        *,
        values: Mapping[str, Value] | None = None,
        search: str | Mapping[str, Any] | None = None,
        form: str = "parquet",
        units: Sequence[Mapping[str, str]] | None = None,
        split: Mapping[str, Any] | None = None,
        title: str = "",
        directory: str | Path | None = None,
        timeout: float = 3600,
    ) -> Dataset:
        """Have a training set made, wait for it, and download it: every file is checked against its digest, its size and its rows.

        Args:
            query: A SELECT, or the name of a saved query, ``NAME`` or ``NAME/VERSION``; or give ``search``.
            values: For the parameters of the saved query.
            search: A question: one row for each record that it finds; or the ``search`` of the interface.
            form: ``parquet``, ``arrow``, ``csv`` or ``jsonl``.
            units: Columns with units, as the interface takes them; ``None`` lets the service find them.
            split: How rows are split into parts, as the interface takes it, such as ``{"by": "cell"}``.
            title: A name for people.
            directory: Where the files go; ``None``: they stay at the service until `Dataset.download`.
            timeout: Seconds to wait until it is made.

        Raises:
            DatasetError: It failed, or was not made in time.
            IncompleteAnswerError: A file that came is not what was made.
        """
        wish: dict[str, Any] = {"format": form, "title": title}
        if is_saved(query):
            name, _, version = query.partition("/")
            given = {key: text_of(value) for key, value in (values or {}).items()}
            wish["saved_query"] = {"name": name, "version": version or "latest", "parameters": given}
        elif query:
            wish["query"] = query
        if search is not None:
            wish["search"] = {"text": search} if isinstance(search, str) else dict(search)
        if self.snapshot_id:
            wish["snapshot"] = self.snapshot_id
        if units is not None:
            wish["units"] = [dict(pair) for pair in units]
        if split is not None:
            wish["split"] = dict(split)
        made = build(self._transport, wish, timeout)
        if directory is not None:
            made.download(directory)
        return made

    def _json(self, method: str, path: str, **more: Any) -> Any:
        with self._transport.ask(method, path, **more) as answer:
            return answer.json()


@dataclass(frozen=True)
class SavedQuery:
    """One version of a saved query.

    Args:
        client: Who asks.
        told: What the service says of it.
    """

    client: Client
    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.told["name"])

    @property
    def version(self) -> int:
        """Number of the version, which never changes."""
        return int(self.told["version"])

    @property
    def text(self) -> str:
        """SPARQL."""
        return str(self.told["text"])

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What may be given when it is run."""
        return list(self.told["parameters"])

    def run(self, **values: Value) -> pa.Table:
        """Its answer as an Arrow table."""
        return self.client.table(self._address, **values)

    def dataframe(self, **values: Value) -> pd.DataFrame:
        """Its answer as a pandas data frame."""
        return self.client.dataframe(self._address, **values)

    def rows(self, **values: Value) -> list[dict[str, Any]]:
        """Its answer as one mapping a row."""
        return self.client.rows(self._address, **values)

    def graph(self, form: str = "turtle", **values: Value) -> bytes:
        """Its answer as a graph, of a CONSTRUCT."""
        return self.client.graph(self._address, form, **values)

    def ask(self, **values: Value) -> bool:
        """Its answer as yes or no, of an ASK."""
        return self.client.ask(self._address, **values)

    @property
    def _address(self) -> str:
        return f"{self.name}/{self.version}"


def is_saved(query: str) -> bool:
    """Whether a text is the name of a saved query: no query of SPARQL is without a space or a bracket.

    >>> is_saved("alice:cells/2"), is_saved("ASK{}"), is_saved("SELECT * {}")
    (True, False, False)
    """
    return bool(_SAVED_NAME.fullmatch(query))


def text_of(value: Value) -> str:
    """A value as a parameter is written.

    >>> text_of(True), text_of(1.5), text_of(date(2026, 3, 1)), text_of("LFP")
    ('true', '1.5', '2026-03-01', 'LFP')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _path(name: str, version: str) -> str:
    return f"/queries/{quote(name, safe=':@')}/{quote(version, safe='')}"


def _check_rows(answer: Answer, found: int) -> None:
    if answer.rows is None or answer.rows != found:
        told = "does not say how many" if answer.rows is None else f"says {answer.rows:,}"
        raise IncompleteAnswerError(f"The answer has {found:,} rows, and the service {told}.", "Ask again.")
