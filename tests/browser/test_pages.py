"""The pages in a real browser, served by the real server over the sample records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Serve = Callable[..., AbstractContextManager[str]]

QUESTION = "prismatic LFP cell above 100 Ah"


@pytest.fixture(scope="module")
def address(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the samples."""
    with serve(tmp_path_factory.mktemp("browser") / "home", ["demo", "--no-serve", "--json"]) as address:
        yield address


def ask(page: Page, question: str) -> None:
    page.goto("/")
    page.get_by_label("Search battery records").fill(question)
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile(r"\?q="))


def count(page: Page) -> int:
    return int(page.locator("h1.count").inner_text().split()[0].replace(",", ""))


def test_a_question_from_the_front_page_shows_parts_hits_and_reasons(page: Page) -> None:
    ask(page, QUESTION)
    assert count(page) == page.locator("ol.hits > li").count() >= 4
    assert page.locator(".chip").count() == 3
    assert page.get_by_label("Search battery records").input_value() == QUESTION
    reasons = page.locator("ol.hits > li").first.locator(".reasons li")
    assert reasons.count() == 3
    assert "> 100 Ah" in page.locator("ol.hits .reasons .quantity").first.inner_text()
    assert QUESTION in page.title()


def test_an_example_of_the_front_page_finds_something(page: Page) -> None:
    page.goto("/")
    examples = page.locator(".examples a")
    assert examples.count() == 5
    for position in range(examples.count()):
        page.goto("/")
        page.locator(".examples a").nth(position).click()
        page.wait_for_url(re.compile(r"\?q="))
        assert count(page) > 0, position


def test_removing_a_part_finds_more(page: Page) -> None:
    ask(page, "LFP cell above 100 Ah")
    before = count(page)
    page.locator(".chip.quantity").get_by_role("link").click()
    page.wait_for_url(re.compile(r"\?q=LFP\+cell$"))
    assert page.locator(".chip").count() == 1
    assert page.locator(".chip.quantity").count() == 0
    assert count(page) > before
    assert "above" not in page.get_by_label("Search battery records").input_value()


def test_a_facet_finds_as_many_as_it_says_and_can_be_taken_back(page: Page) -> None:
    ask(page, "cell")
    before = count(page)
    rows = page.locator("aside .facet .row:visible")
    row = next(row for row in rows.all() if int(row.locator("span").inner_text()) < before)
    said, label = int(row.locator("span").inner_text()), row.get_by_role("link").inner_text()
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(r"concept="))
    assert count(page) == said
    page.get_by_role("link", name=f"Remove {label}", exact=True).click()
    page.wait_for_url(re.compile(r"\?q=cell$"))
    assert count(page) == before


def test_another_reach_is_chosen_from_the_menu_of_a_chip(page: Page) -> None:
    ask(page, "LFP cell above 100 Ah")
    page.locator(".chip.concept .menu summary").click()
    row = page.locator(".chip .menu .row").filter(has_text="siblings")
    said = int(row.locator("span").inner_text())
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(r"expand=0%3Arelated"))
    assert count(page) == said
    page.locator(".chip.quantity").get_by_role("link").click()
    page.wait_for_url(re.compile(r"\?q=LFP\+cell&expand=0%3Arelated$"))  # taking out another part keeps the reach


def test_hits_are_put_in_order_and_the_order_taken_back(page: Page) -> None:
    ask(page, "LFP cell")
    before = count(page)
    page.get_by_label("Order").select_option(label="RatedCapacity, greatest first")
    page.get_by_role("button", name="Sort").click()
    page.wait_for_url(re.compile(r"sort=-"))
    shown = [reason.inner_text() for reason in page.locator("ol.hits > li .reasons li:first-child").all()]
    assert len(shown) > 2
    assert all(re.match(r"\w*Capacity [\d.]+ ", text) for text in shown)
    page.locator(".chip.order").get_by_role("link").click()
    page.wait_for_url(re.compile(r"\?q=LFP\+cell$"))
    assert count(page) == before


def test_scores_are_shown_on_demand(page: Page) -> None:
    ask(page, QUESTION)
    scores = page.locator(".hits p.note")
    assert scores.count() == 0
    page.get_by_role("link", name="Show scores").click()
    page.wait_for_url(re.compile(r"explain=true"))
    assert re.fullmatch(r"score [\d.]+ = concept [\d.]+ \+ quantity [\d.]+", scores.first.inner_text())


def test_where_nothing_is_found_a_part_can_be_left_out(page: Page) -> None:
    ask(page, "LFP cell above 5000 Ah")
    assert count(page) == 0
    offered = page.locator(".loosened li")
    assert offered.count() == 2
    assert "nearest" in offered.nth(1).inner_text()
    said = int(re.search(r": (\d+) record", offered.nth(1).inner_text()).group(1))  # type: ignore[union-attr]
    offered.nth(1).get_by_role("link").click()
    page.wait_for_url(re.compile(r"\?q=LFP\+cell$"))
    assert count(page) == said > 0


def test_an_asked_kind_of_quantity_shows_how_its_values_spread(page: Page) -> None:
    ask(page, "rated capacity above 100 Ah")
    plot = page.get_by_role("img", name=re.compile("RatedCapacity of"))
    assert plot.locator("rect").count() > 1
    assert plot.locator("rect.inside").count() > 0
    assert plot.locator("rect.outside").count() > 0


def test_the_tree_of_concepts_unfolds(page: Page) -> None:
    ask(page, "cell")
    tree = page.locator("aside details.all").first
    assert tree.locator(".row").first.is_hidden()
    tree.locator("summary").click()
    assert tree.locator(".row").first.is_visible()


def test_a_reason_leads_to_its_line(page: Page) -> None:
    from playwright.sync_api import expect

    ask(page, QUESTION)
    reason = page.locator("ol.hits .reasons .quantity a").first
    said = re.search(r"line (\d+)\)", reason.inner_text())
    assert said is not None
    reason.click()
    page.wait_for_url(re.compile(r"/records/.*#L\d+"))
    line = page.locator("pre.source span:target")
    assert line.get_attribute("id") == f"L{said.group(1)}"
    other = page.locator("pre.source #L2")
    colour = "(element) => getComputedStyle(element).backgroundColor"
    assert line.evaluate(colour) != other.evaluate(colour)
    expect(line).to_be_in_viewport()


def test_a_record_with_a_finding_says_what_to_mend_and_marks_the_line(page: Page, repository: Path) -> None:
    page.goto("/records/samples/materials/silicon-graphite-half-cell.jsonld")
    finding = page.locator(".findings > li")
    assert finding.count() == 1
    assert "hasActiveMateral" in finding.inner_text()
    assert "hasActiveMaterial" in finding.inner_text()
    finding.get_by_role("link", name="line").click()
    marked = page.locator("pre.source span:target")
    assert "hasActiveMateral" in marked.inner_text()
    assert marked.get_attribute("class") in {"violation", "warning", "info"}
    source = (repository / "app" / "samples" / "materials" / "silicon-graphite-half-cell.jsonld").read_text()
    assert str(page.locator("pre.source").text_content()).rstrip() == source.rstrip()


def test_a_record_that_is_not_there_is_told_on_a_page(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    response = page.goto("/records/samples/none.jsonld")
    assert response is not None
    assert response.status == 404
    assert page.get_by_role("alert").is_visible()
    page.get_by_role("link", name="Back to the search").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Find battery data by meaning"
    page.close()


def test_suggestions_are_chosen_by_keyboard(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    field = page.get_by_label("Search battery records")
    field.press_sequentially("cell with graphi", delay=5)
    page.get_by_role("option").first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert chosen.count() == 1
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    label = chosen.locator("span").inner_text()
    field.press("Enter")
    assert field.input_value() == f"cell with {label} "
    assert page.get_by_role("listbox").is_hidden()
    field.press("Enter")
    page.wait_for_url(re.compile(r"\?q=cell"))
    assert count(page) > 0


def test_suggestions_close_with_escape(scripted: Page) -> None:
    scripted.goto("/")
    field = scripted.get_by_label("Search battery records")
    field.press_sequentially("graphi", delay=5)
    scripted.get_by_role("option").first.wait_for()
    field.press("Escape")
    assert scripted.get_by_role("listbox").is_hidden()
    assert field.input_value() == "graphi"


def test_text_of_a_question_is_never_markup(page: Page) -> None:
    ask(page, "<img src=x onerror=alert(1)> \"'><script>alert(1)</script>")
    assert page.locator("main img, main script").count() == 0
    assert page.locator(".chip").count() > 0
