"""What is embedded when a curator corrects a record: with the real model, the real stores and a real harvest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import app.embedding
from app.bootstrap import Services, build_services
from app.commands import harvest_folder
from app.embedding import embed_harvested
from app.settings import Settings
from harvester.curation import accept
from records.issues import Edit, Operation
from records.rights import PUBLIC
from search.minilm import NAME
from search.query import Query
from tests.api.conftest import cell
from tests.unit.search.test_similar import FACTS

RECORD = "lab/one.jsonld"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "one.jsonld").write_text(json.dumps(cell("Cell of one", 120.0)))
    (folder / "two.jsonld").write_text(json.dumps(cell("Cell of two", 5.0)))
    made = build_services(Settings(home=tmp_path / "home", embedding_model="minilm"))
    vars(made)["_loaded"] = (FACTS, [])
    harvest_folder(made, folder, name="lab", audience=["any"], on_progress=None)
    made.close_graph()
    embed_harvested(made)
    yield made
    for one in (made.index, made.ledger, made.corrections):
        one.close()


def renamed(services: Services, name: str) -> None:
    entry = services.ledger.entry(RECORD)
    assert entry is not None
    kept = accept(services.curation, entry, [Edit(Operation.REPLACE, "/schema:name", json.dumps(name))], by="me", reason="so it is")
    assert not kept.pending


def test_a_corrected_record_has_a_vector_at_once(services: Services) -> None:
    before = services.index.vector_of(RECORD, PUBLIC)
    renamed(services, "Apples and pears")
    assert services.index.unembedded(NAME) == {}
    after = services.index.vector_of(RECORD, PUBLIC)
    assert before is not None
    assert after is not None
    assert before.tobytes() != after.tobytes()
    assert services.embedder is not None
    (nearest, *_) = services.index.neighbours(services.embedder.embed(["fruit"])[0], Query("", ()), PUBLIC)
    assert nearest[0] == RECORD


def test_nobody_waits_for_a_correction_until_everything_is_embedded(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.embedding, "CORRECTED", 0)
    renamed(services, "Apples and pears")
    assert len(services.index.unembedded(NAME)) == 1


def test_a_correction_is_kept_where_the_model_cannot_be_used(tmp_path: Path, services: Services) -> None:
    home = services.settings.model_copy(update={"embedding_model": str(tmp_path / "nowhere")})
    broken = build_services(home)
    vars(broken)["_loaded"] = (FACTS, [])
    renamed(broken, "Apples and pears")
    found = broken.index.get(RECORD, PUBLIC)
    assert found is not None
    assert found.title == "Apples and pears"
    for one in (broken.index, broken.ledger, broken.corrections):
        one.close()
