"""The pages for queries in a real browser, with and without scripts, served by the real server over the sample records."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser") / "home"


@pytest.fixture(scope="module")
def token(place: Path, repository: Path) -> str:
    """The token of alice, who is a curator."""
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "--home",
        str(place),
        "token",
        "add",
        "alice",
        "--audience",
        "role:curator",
        "--json",
    ]
    done = subprocess.run(command, check=True, capture_output=True, cwd=repository, timeout=60)
    return str(json.loads(done.stdout)["token"])


@pytest.fixture(scope="module")
def address(serve: Serve, place: Path, token: str) -> Iterator[str]:
    """A server over the samples."""
    with serve(place, ["demo", "--no-serve", "--json"]) as address:
        yield address


def log_in(page: Page, token: str, path: str = "/query") -> None:
    page.goto(path)
    page.locator(".who").get_by_role("link", name="Log in").click()
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(re.escape(path)))
    assert page.locator(".who span").inner_text() == "alice"


def run(page: Page, text: str) -> None:
    page.get_by_label("Query", exact=True).fill(text)
    page.get_by_role("button", name="Run").click()


def count(page: Page) -> int:
    page.locator("#summary").wait_for()
    return int(page.locator("#summary").inner_text().split()[0].replace(",", ""))


def test_a_query_shows_its_answer_with_labels_and_links(page: Page) -> None:
    page.goto("/query")
    run(
        page,
        "SELECT ?cell ?class WHERE { GRAPH ?g { ?cell a ?class } FILTER(CONTAINS(STR(?cell), 'catl-lfp')) } ORDER BY ?cell ?class",
    )
    assert count(page) == page.locator("table.answer tbody tr").count() > 3
    assert page.get_by_role("columnheader").all_inner_texts() == ["cell", "class"]
    assert page.locator("td a").filter(has_text="LithiumIonBattery").count() == 1
    record = page.locator("td a").filter(has_text="samples/cells/catl-lfp-120ah.jsonld").first
    record.click()
    page.wait_for_url(re.compile("/records/samples/cells/catl-lfp-120ah.jsonld"))
    assert "CATL" in page.title()


def test_the_address_of_an_answer_leads_to_it_again(page: Page) -> None:
    page.goto("/query")
    run(page, "SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 7")
    assert count(page) == 7
    page.goto(page.url)
    assert count(page) == 7
    assert "LIMIT 7" in page.get_by_label("Query", exact=True).input_value()


def test_a_fault_is_shown_at_its_place(page: Page) -> None:
    page.goto("/query")
    run(page, "SELECT ?s\nWHERE {\n  ?s ?p name\n}")
    fault = page.locator(".fault")
    fault.wait_for()
    assert "line 3" in page.get_by_role("alert").inner_text()
    assert fault.inner_text().split(None, 1)[0] == "3"
    assert fault.locator("mark").inner_text() == "n"
    assert "?p name" in page.get_by_label("Query", exact=True).input_value()


def test_a_fault_is_pointed_at_in_the_editor(scripted: Page) -> None:
    scripted.goto("/query")
    run(scripted, "SELECT ?s # \U0001f50b\nWHERE {\n  ?s ?p name\n}")
    scripted.locator(".fault").wait_for()
    chosen = scripted.evaluate(
        "() => { const e = document.getElementById('query'); return e.value.slice(e.selectionStart, e.selectionStart + 4); }"
    )
    assert chosen == "name"
    assert scripted.locator(".gutter").inner_text().split() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("text", "said"), [("ASK { ?s ?p ?o }", "Yes"), ("ASK { ?s ?s ?s }", "No")])
def test_yes_or_no(page: Page, text: str, said: str) -> None:
    page.goto("/query")
    run(page, text)
    page.locator("#summary").wait_for()
    assert page.locator("#summary").inner_text().startswith(said)


def test_a_graph_is_shown_as_text(page: Page) -> None:
    page.goto("/query")
    run(page, "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 300")
    assert count(page) == 300
    assert page.locator("#result pre").inner_text().startswith("<")
    assert page.locator(".downloads a").all_inner_texts() == ["Turtle", "N-Triples", "JSON-LD", "RDF/XML"]


@pytest.mark.parametrize("form", ["CSV", "JSON", "Arrow", "Parquet", "JSON lines"])
def test_an_answer_is_downloaded_in_every_form(page: Page, form: str) -> None:
    page.goto("/query/saved/manufacturers/1?run=1")
    with page.expect_download() as download:
        page.locator(".downloads a").get_by_text(form, exact=True).click()
    path = Path(download.value.path())
    content = str(pq.read_table(path)["manufacturer"]).encode() if form == "Parquet" else path.read_bytes()
    assert b"Samsung SDI" in content


def test_a_query_too_long_for_a_link_is_downloaded_too(scripted: Page) -> None:
    scripted.goto("/query")
    run(scripted, f"SELECT ?s WHERE {{ ?s ?p ?o }} LIMIT 3 # {'long ' * 2000}")
    assert count(scripted) == 3
    with scripted.expect_download() as download:
        scripted.locator(".downloads").get_by_role("button", name="CSV", exact=True).click()
    assert len(Path(download.value.path()).read_text().splitlines()) == 4


def test_an_answer_too_long_for_the_page_is_left_to_the_downloads(page: Page) -> None:
    page.goto("/query")
    run(page, "SELECT * WHERE { ?s ?p ?o . }")
    page.get_by_text("too long to be shown here").wait_for()
    assert page.locator(".downloads a").count() == 7


def test_a_running_query_can_be_stopped(scripted: Page) -> None:
    scripted.goto("/query")
    run(scripted, "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    scripted.get_by_role("button", name="Stop").click()
    scripted.get_by_text("Stopped.").wait_for()
    run(scripted, "ASK {}")
    scripted.locator("#summary").wait_for()


def test_ctrl_enter_runs_the_query(scripted: Page) -> None:
    scripted.goto("/query")
    scripted.get_by_label("Query", exact=True).press("Control+Enter")
    assert count(scripted) == 50
    assert scripted.evaluate("document.activeElement.id") == "summary"


def test_limits_and_description_are_told(page: Page) -> None:
    page.goto("/query")
    limits = page.locator("#limits").inner_text()
    assert re.search(r"may take \d+ s and give [\d,]+ rows or [\d,]+ MB", limits)
    assert page.get_by_role("link", name="Service description").get_attribute("href") == "/sparql?format=turtle"


def test_every_example_leads_to_its_page(page: Page) -> None:
    page.goto("/query")
    examples = page.get_by_label("Examples").get_by_role("link")
    assert examples.count() >= 15
    examples.get_by_text("Cells above a capacity").click()
    page.wait_for_url(re.compile("/query/saved/cells-above-a-capacity/1"))
    assert page.get_by_role("heading", level=1).inner_text() == "Cells above a capacity"


def test_a_saved_query_takes_values(page: Page) -> None:
    page.goto("/query/saved/cells-above-a-capacity/1")
    page.get_by_label("minimum").fill("200")
    page.get_by_role("button", name="Run").click()
    assert count(page) == 3
    assert page.get_by_label("minimum").input_value() == "200"
    page.goto("/query/saved/cells-above-a-capacity/1")
    page.get_by_label("minimum").fill("many")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("alert").wait_for()
    assert "'many' is none" in page.get_by_role("alert").inner_text()


def test_a_concept_is_named_by_its_label(page: Page) -> None:
    page.goto("/query/saved/cells-of-a-class/1")
    assert page.get_by_label("class").input_value() == "LithiumIonBattery"
    page.get_by_label("class").fill("PrismaticBattery")
    page.get_by_role("button", name="Run").click()
    assert count(page) > 3


def test_the_catalogue_is_searched(page: Page) -> None:
    page.goto("/query/saved")
    page.get_by_label("Find").fill("electrolyte solvent")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url(re.compile("find="))
    assert page.locator("ul.hits h3 a").all_inner_texts() == ["Electrolytes"]


def test_a_query_is_saved_and_run_and_deleted(page: Page, token: str) -> None:
    log_in(page, token)
    page.get_by_label("Query", exact=True).fill("SELECT ?s WHERE { ?s <https://schema.org/name> ?name } ORDER BY ?s")
    page.get_by_text("Save this query").click()
    page.get_by_label("Name", exact=True).fill("by-name")
    page.get_by_label("Title").fill("What is called so")
    page.get_by_label("Parameters").fill("name:string=LF304")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/query/saved/alice:by-name/\d+$"))
    page.get_by_role("button", name="Run").click()
    assert count(page) == 1
    page.get_by_role("button", name="Delete version").click()
    page.wait_for_url(re.compile("/query/saved$"))
    assert page.get_by_text("What is called so").count() == 0


def test_what_cannot_be_saved_is_told_and_nothing_is_lost(page: Page, token: str) -> None:
    log_in(page, token)
    page.get_by_label("Query", exact=True).fill("SELECT ?s WHERE { ?s ?p ?o }")
    page.get_by_text("Save this query").click()
    page.get_by_label("Name", exact=True).fill("Not A Name")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    assert "cannot be the name" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Query", exact=True).input_value() == "SELECT ?s WHERE { ?s ?p ?o }"
    assert page.get_by_label("Name", exact=True).input_value() == "Not A Name"


def test_who_is_not_logged_in_is_not_offered_to_save(page: Page) -> None:
    page.goto("/query")
    assert page.get_by_text("Save this query").count() == 0
    assert page.get_by_role("link", name="Log in").count() == 2


def test_a_snapshot_is_made_asked_and_deleted(page: Page, token: str) -> None:
    log_in(page, token, "/query/snapshots")
    page.get_by_label("Note").fill("from a test")
    page.get_by_role("button", name="Freeze").click()
    page.get_by_role("status").wait_for()
    name = page.get_by_role("status").locator("code").inner_text()
    assert page.locator("table.answer").get_by_text(name).count() == 1
    page.get_by_role("status").get_by_role("link", name="Ask it").click()
    page.wait_for_url(re.compile("/query\\?snapshot="))
    assert page.get_by_label("Snapshot").input_value() == name
    run(page, "SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 3")
    assert count(page) == 3
    page.goto("/query/snapshots")
    page.get_by_role("button", name=f"Delete {name}").click()
    page.wait_for_url(re.compile("/query/snapshots$"))
    assert page.get_by_text(name).count() == 0


def test_logging_out_is_one_click_from_every_page(page: Page, token: str) -> None:
    log_in(page, token, "/causes")
    page.goto("/")
    page.get_by_role("button", name="Log out").click()
    page.locator(".who").get_by_role("link", name="Log in").wait_for()


def test_a_curator_accepts_a_suggestion_on_the_page_of_the_record(page: Page, token: str) -> None:
    log_in(page, token, "/causes")
    records = page.locator("a[href^='/records/']")
    for address in {str(link.get_attribute("href")) for link in records.all()}:
        page.goto(address)
        if page.locator(".accept").count():
            break
    else:
        pytest.fail("no record offers a suggestion to accept")
    page.locator(".accept summary").first.click()
    page.locator(".accept").first.get_by_label("Why").fill("the data sheet says so")
    page.locator(".accept").first.get_by_role("button", name="Accept").click()
    page.wait_for_url(re.compile("#corrections$"))
    assert "the data sheet says so" in page.locator(".corrections").inner_text()


def test_the_pages_work_with_the_keyboard(scripted: Page) -> None:
    scripted.goto("/query")
    scripted.get_by_label("Query", exact=True).focus()
    scripted.keyboard.press("Tab")
    assert scripted.evaluate("document.activeElement.textContent") == "Run"
    scripted.keyboard.press("Enter")
    assert count(scripted) == 50


@pytest.mark.parametrize("path", ["/query", "/query/saved", "/query/saved/cells-of-a-class/1?run=1", "/query/snapshots", "/login"])
def test_every_field_has_a_name_and_every_page_one_heading(page: Page, path: str) -> None:
    page.goto(path)
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    for field in page.locator("input:not([type=hidden]), select, textarea").all():
        name = field.get_attribute("aria-label") or field.get_attribute("id")
        is_wrapped = field.locator("xpath=ancestor::label").count() == 1
        assert is_wrapped or field.get_attribute("aria-label") or page.locator(f"label[for='{name}']").count() == 1, name
    for table in page.locator("table").all():
        assert table.locator("th[scope=col]").count() > 0
