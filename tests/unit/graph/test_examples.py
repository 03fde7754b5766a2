"""The queries that come with the program: each is well formed, and each finds something in the sample records."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery

from access.identity import ANONYMOUS
from app.bootstrap import Services, build_services
from app.settings import Settings
from graph.guard import QueryKind, QueryLimits, guard
from graph.parameters import check_parameters
from graph.query_examples import FOLDER, load_examples
from graph.saved_queries import bindings, listed, version_of
from graph.store import Boolean, Graph, Solutions
from records.errors import StoreDamagedError

EXAMPLES = load_examples()
# Values for those that need one.
GIVEN = {"what-a-record-says": {"graph": "http://localhost:8000/records/samples/cells/catl-lfp-120ah.jsonld#graph"}}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Services]:
    home = tmp_path_factory.mktemp("examples") / "home"
    command = [sys.executable, "-m", "app.cli", "--home", str(home), "harvest", "app/samples", "--name", "samples", "--json"]
    subprocess.run(command, check=True, capture_output=True, cwd=repository, timeout=300)
    services = build_services(Settings(home=home))
    yield services
    services.query_store.close()
    services.graph_reader.close()


def test_there_are_enough_of_every_kind() -> None:
    assert len(EXAMPLES) >= 15
    assert {example.kind for example in EXAMPLES} == {QueryKind.SELECT, QueryKind.ASK, QueryKind.CONSTRUCT}
    assert {parameter.type.value for example in EXAMPLES for parameter in example.parameters} >= {
        *("concept", "iri", "string", "decimal", "integer", "dateTime")
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_finds_something_in_the_samples(example: object, services: Services) -> None:
    query = version_of(services.saved_queries, example.slug, "1", ANONYMOUS)  # type: ignore[attr-defined]
    bound = bindings(services.saved_queries, query, GIVEN.get(query.slug, {}))
    answer = services.graph_reader.query(query.text, ANONYMOUS.audiences, bindings=bound)
    match answer:
        case Solutions():
            assert query.kind is QueryKind.SELECT
            assert any(any(value is not None for value in row) for row in answer.rows)
        case Graph():
            assert query.kind is QueryKind.CONSTRUCT
            assert list(answer.triples)
        case Boolean():
            assert query.kind is QueryKind.ASK
            assert answer.value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_an_example_is_what_people_could_save_themselves(example: object, services: Services) -> None:
    query = version_of(services.saved_queries, example.slug, "1", ANONYMOUS)  # type: ignore[attr-defined]
    assert guard(query.text, QueryLimits(), repeatable=True).kind is query.kind
    check_parameters(query.parameters, services.saved_queries.values)
    for parameter in query.parameters:
        guard(query.text, bindings={parameter.name: services.saved_queries.values.sample(parameter)})
        assert parameter.description.endswith(".")
    assert query.title
    assert query.description.endswith(".")
    assert query.keywords
    assert query.kind is not QueryKind.SELECT or "ORDER BY" in query.text  # the same answer each time


def test_the_examples_come_first_in_the_list(services: Services) -> None:
    assert [query.name for query in listed(services.saved_queries, ANONYMOUS)] == sorted(example.slug for example in EXAMPLES)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.ttl")), ids=lambda file: file.stem)
def test_other_programs_read_the_examples_as_shacl_executables(file: Path) -> None:
    graph = rdflib.Graph().parse(file)
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    [subject] = graph.subjects(rdflib.RDF.type, sh.SPARQLExecutable)
    assert str(subject) == f"https://w3id.org/voltagraph/query/{file.stem}"
    [form] = [form for form in ("select", "ask", "construct") if (subject, sh[form], None) in graph]
    assert (subject, rdflib.RDF.type, sh[f"SPARQL{form.capitalize()}Executable"]) in graph
    prepareQuery(str(graph.value(subject, sh[form])))
    for parameter in graph.objects(subject, sh.parameter):
        assert graph.value(parameter, sh.path)


def test_the_wheel_has_them() -> None:
    """The folder is within a package that is shipped whole."""
    import tomllib

    settings = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text())
    assert FOLDER.parent.name in settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize(
    "content", ["nonsense", "", "<https://w3id.org/voltagraph/query/broken> <http://www.w3.org/ns/shacl#ask> 'ASK {}' ."]
)
def test_a_file_that_is_no_example_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.ttl").write_text(content)
    with pytest.raises(StoreDamagedError, match=r"broken\.ttl"):
        load_examples(tmp_path)
