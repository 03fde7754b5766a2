"""Answers over all real documents that everybody may read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Services
from app.settings import load_settings
from records.record import Payload
from records.rights import PUBLIC, Rights
from search.asking.ask import ask
from search.asking.reply import Reply
from search.asking.services import AskServices
from search.columns.index import ColumnIndex
from search.facets import bookkeeping
from search.service import SearchServices

Ask = Callable[[str], Reply]


@pytest.fixture(scope="package")
def documents(shared_data: Path) -> dict[str, Any]:
    """Record id -> the document as JSON, but those that are none."""
    found = {}
    for path in sorted((shared_data / "jsonld").glob("*/*")):
        try:
            found[f"{path.parent.name}/{path.name}"] = json.loads(path.read_bytes())
        except ValueError:
            assert path.parent.name == "malformed"
    return found


@pytest.fixture(scope="package")
def asking(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskServices]:
    """What answering uses, over all documents."""
    made = Services(load_settings(home=tmp_path_factory.mktemp("home")))
    index = ColumnIndex(
        None, ancestors=made.concepts.ancestors, summary=lambda record: record.title, bookkeeping=bookkeeping(made.concepts)
    )
    read = (
        made.reader.read(
            f"{path.parent.name}/{path.name}", path.parent.name, path.name, "", Rights(PUBLIC, PUBLIC), Payload(path.read_bytes())
        )
        for path in sorted((shared_data / "jsonld").glob("*/*"))
    )
    index.apply([each.record for each in read if each.record is not None])
    yield AskServices(SearchServices(index, made.lookup, made.concepts, made.units))
    index.close()


@pytest.fixture(scope="package")
def asked(asking: AskServices) -> Ask:
    """Ask as somebody who reads public records."""
    return lambda question: ask(asking, question, PUBLIC)
