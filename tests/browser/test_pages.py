"""The pages in a real browser, served by the real server over the sample records."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Serve = Callable[..., AbstractContextManager[str]]

QUESTION = "prismatic LFP cell above 100 Ah"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser") / "home"


Tokens = Callable[..., Any]


@pytest.fixture(scope="module")
def tokens(home: Path, repository: Path) -> Tokens:
    """Runs a command about tokens; gives its JSON."""

    def run(*arguments: str) -> Any:
        command = [sys.executable, "-m", "app.cli", "--home", str(home), "token", *arguments, "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, cwd=repository, timeout=60).stdout)

    return run


@pytest.fixture(scope="module")
def token(tokens: Tokens) -> str:
    """The token of alice."""
    return str(tokens("add", "alice", "--audience", "community:bigmap")["token"])


@pytest.fixture(scope="module")
def address(serve: Serve, home: Path, token: str) -> Iterator[str]:
    """A server over the samples."""
    with serve(home, ["demo", "--no-serve", "--json"]) as address:
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
    assert examples.count() == 7
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
    offered.nth(1).get_by_role("link", name="Without").click()
    page.wait_for_url(re.compile(r"\?q=LFP\+cell$"))
    assert count(page) == said > 0


def test_where_nothing_is_found_a_condition_can_be_left_out(page: Page) -> None:
    ask(page, "rated capacity above 100 Ah at 77 °C and 3C")
    offered = page.locator(".loosened li", has_text="Without “77 °C and 3C”")
    said = int(re.search(r": (\d+) record", offered.inner_text()).group(1))  # type: ignore[union-attr]
    offered.get_by_role("link", name="Without").click()
    page.wait_for_url(re.compile(r"\?q=rated\+capacity\+above\+100\+Ah$"))
    assert count(page) == said > 0


def test_an_asked_kind_of_quantity_shows_how_its_values_spread(page: Page) -> None:
    ask(page, "rated capacity above 100 Ah")
    plot = page.get_by_role("img", name=re.compile("RatedCapacity of"))
    assert plot.locator("rect").count() > 1
    assert plot.locator("rect.inside").count() > 0
    assert plot.locator("rect.outside").count() > 0


def test_what_there_is_can_be_browsed_from_the_front_page(page: Page) -> None:
    page.goto("/")
    said = int(page.locator("#browse small").inner_text().split()[0])
    row = page.locator(".beginnings .row").first
    narrowed, label = int(row.locator("span").inner_text()), row.get_by_role("link").inner_text()
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(r"concept="))
    assert count(page) == narrowed < said
    page.get_by_role("link", name=f"Remove {label}", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Find battery data by meaning"


def test_a_number_is_changed_in_its_chip(page: Page) -> None:
    ask(page, "LFP cell above 100 Ah")
    before = count(page)
    page.locator(".chip.quantity .menu summary").click()
    form = page.locator(".chip.quantity form")
    assert form.get_by_label("from").input_value() == "100"
    form.get_by_label("from").fill("200")
    form.get_by_label("to").fill("300.5")
    form.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"range=1%3A200\.\.300\.5\+Ah$"))
    assert "200–300.5 Ah" in page.locator(".chip.quantity").inner_text()
    assert 0 < count(page) < before
    page.locator(".chip.quantity .menu summary").click()
    assert form.get_by_label("to").input_value() == "300.5"
    form.get_by_label("from").fill("400")
    form.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"range=1%3A300\.5\.\.400\+Ah$"))  # the wrong way round is understood


def test_a_part_is_turned_into_what_must_not_match_and_back(page: Page) -> None:
    ask(page, "LFP cell")
    every = count(page)
    ask(page, "LFP cell above 100 Ah")
    before = count(page)
    page.locator(".chip.quantity .menu summary").click()
    page.locator(".chip.quantity").get_by_role("link", name="Leave out what has it").click()
    page.wait_for_url(re.compile(r"negate=1$"))
    assert page.locator(".chip.quantity.negated").count() == 1
    assert count(page) == every - before > 0
    page.locator(".chip.quantity .menu summary").click()
    page.locator(".chip.quantity").get_by_role("link", name="Find what has it").click()
    page.wait_for_url(re.compile(r"above\+100\+Ah$"))
    assert page.locator(".chip.quantity.negated").count() == 0
    assert count(page) == before


def test_a_bar_of_a_histogram_is_chosen_and_a_kind_of_quantity_gets_bounds(page: Page) -> None:
    ask(page, "LFP cell")
    page.locator("aside").get_by_role("link", name="RatedCapacity", exact=True).click()
    page.wait_for_url(re.compile(r"quantity="))
    before = count(page)
    bar = page.locator(".plot svg a[href]").nth(1)
    said = int(str(bar.locator("title").text_content()).rpartition(": ")[2])
    bar.click(position={"x": 3, "y": 3})
    page.wait_for_url(re.compile(r"quantity=[^&]*\+[\d.]+\.\.%3C[\d.]+\+Ah$"))
    assert 0 < said == count(page) < before
    assert page.locator(".plot .inside").count() < page.locator(".plot svg a").count()
    form = page.locator(".plot form")
    form.get_by_label("from").fill("")
    form.get_by_label("to").fill("")
    form.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"\.\.\+Ah$"))
    assert count(page) == before


def test_a_range_is_drawn_over_a_histogram(scripted: Page) -> None:
    page = scripted
    ask(page, "rated capacity above 1 Ah")
    bars = page.locator(".plot svg a")
    ends = [bars.nth(position).bounding_box() for position in (2, 9)]
    places = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in ends if box is not None]
    low, high = bars.nth(2).get_attribute("data-first"), bars.nth(9).get_attribute("data-last")
    page.mouse.move(*places[1])
    page.mouse.down()
    page.mouse.move(*places[0], steps=5)
    assert page.locator(".plot .drawn").count() == 8
    page.mouse.up()
    page.wait_for_url(re.compile(r"range="))
    form = page.locator(".plot form")
    assert [form.get_by_label("from").input_value(), form.get_by_label("to").input_value()] == [low, high]


def test_the_nearest_value_is_one_click_away_where_nothing_is_found(page: Page) -> None:
    ask(page, "LFP cell with rated capacity above 5000 Ah")
    nearest = page.locator(".loosened li").nth(1).get_by_role("link").nth(1)
    value = nearest.inner_text()
    nearest.click()
    page.wait_for_url(re.compile(r"range="))
    assert count(page) > 0
    assert f" {value} " in page.locator("ol.hits .reasons .quantity").first.inner_text()


def test_a_search_is_saved_and_its_feed_is_told(page: Page, token: str, browser: Browser, address: str) -> None:
    ask(page, QUESTION)
    page.get_by_text("Save this search").click()
    page.locator(".save").get_by_role("link", name="Log in").click()
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(r"\?q="))  # back where the reader was
    page.get_by_text("Save this search").click()
    assert page.get_by_label("Title").input_value() == QUESTION
    page.get_by_label("Title").fill("Large cells")
    page.get_by_role("button", name="Save", exact=True).click()
    feed = page.get_by_role("status").locator("code").inner_text()
    read = browser.new_context()
    answer = read.request.get(feed)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "application/atom+xml")
    assert "Large cells" in answer.text()
    read.close()
    page.get_by_role("link", name="Large cells").click()
    assert count(page) > 0
    page.goto("/searches")
    page.get_by_role("button", name="Delete Large cells").click()
    page.get_by_text("You have none yet.").wait_for()
    assert page.request.get(feed).status == 404


def log_in(page: Page, token: str, then: str) -> None:
    page.goto(f"/login?next={then}")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(re.escape(then)))


def save_shown(page: Page, title: str) -> None:
    page.get_by_text("Save this search").click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("status").wait_for()


def test_a_saved_search_leads_to_its_query_as_it_was_edited(page: Page, token: str, browser: Browser, address: str) -> None:
    log_in(page, token, "/searches")
    edited = "/?q=LFP+cell+above+100+Ah,+lightest&without=0&range=1%3A..150+Ah&source=samples"
    page.goto(edited)
    chips, found = page.locator(".chip").count(), count(page)
    hits = page.locator("ol.hits h2").all_inner_texts()
    save_shown(page, "As edited")
    page.get_by_role("link", name="As edited").click()
    page.wait_for_url(re.compile(r"\?saved=[0-9a-f]+$"))
    assert (count(page), page.locator("ol.hits h2").all_inner_texts()) == (found, hits)
    assert page.locator(".chip").count() == chips
    assert page.get_by_label("Search battery records").input_value() == "LFP cell above 100 Ah, lightest"
    page.locator(".chip.quantity").get_by_role("link", name=re.compile("Remove")).click()
    page.wait_for_url(re.compile(r"saved=[0-9a-f]+&without=0$"))
    assert count(page) > found  # the saved query without its number
    saved = page.url
    stranger = browser.new_page(base_url=address)
    stranger.goto(saved)
    assert "/login?next=" in stranger.url
    stranger.close()
    missing = page.request.get("/?saved=0123")
    assert (missing.status, "no saved search" in missing.text()) == (404, True)
    page.goto("/searches")
    page.get_by_role("button", name="Delete As edited").click()


def test_a_saved_search_is_renamed_paused_and_resumed(page: Page, token: str) -> None:
    log_in(page, token, "/?q=LFP")
    save_shown(page, "Mine")
    page.goto("/searches")
    watched = page.locator(".watched")
    assert watched.locator(".badge").count() == 0
    page.get_by_role("button", name="Pause Mine").click()
    assert watched.locator(".badge").inner_text() == "paused"
    page.get_by_role("button", name="Resume Mine").click()
    page.get_by_role("button", name="Pause Mine").wait_for()
    assert watched.locator(".badge").count() == 0
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("Title").fill("Ours")
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_role("link", name="Ours").wait_for()
    page.get_by_role("button", name="Delete Ours").click()
    page.get_by_text("You have none yet.").wait_for()


def test_a_saved_search_whose_token_is_gone_is_woken(page: Page, tokens: Tokens) -> None:
    log_in(page, tokens("add", "carol", "--audience", "community:bigmap")["token"], "/?q=LFP")
    save_shown(page, "Asleep soon")
    tokens("remove", "carol")
    log_in(page, tokens("add", "carol", "--audience", "community:bigmap")["token"], "/searches")
    assert page.locator(".watched .badge").inner_text() == "asleep"
    page.get_by_role("button", name="Wake Asleep soon").click()
    page.get_by_role("button", name="Wake Asleep soon").wait_for(state="detached")
    assert page.locator(".watched .badge").count() == 0
    page.get_by_role("button", name="Delete Asleep soon").click()
    tokens("remove", "carol")


def test_a_question_that_says_nothing_is_told_so(page: Page) -> None:
    ask(page, "x")
    assert "leaves out no record" in page.locator(".notice").inner_text()
    assert count(page) > 20


def test_similar_records_are_shown_in_each_respect_with_reasons(page: Page) -> None:
    page.goto("/records/samples/cells/catl-lfp-120ah.jsonld")
    shown = {}
    for respect in ("in all", "chemistry", "design"):
        page.get_by_role("navigation", name="Similar").get_by_role("link", name=respect, exact=True).click()
        assert page.locator(".tabs [aria-current]").inner_text() == respect
        shown[respect] = page.locator(".similar .reasons > li").all_inner_texts()
    assert any("LithiumIronPhosphate" in reason for reason in shown["chemistry"])
    assert any("PrismaticBattery" in reason for reason in shown["design"])
    assert shown["chemistry"] != shown["design"]
    page.locator(".similar .reasons a.line").first.click()
    assert page.locator("pre.source span:target").count() == 1
    page.locator("ol.similar > li > a").first.click()
    page.wait_for_url(re.compile(r"/records/samples/(?!cells/catl-lfp-120ah)"))


def test_menus_close_with_escape_and_by_a_click_elsewhere(scripted: Page) -> None:
    page = scripted
    ask(page, "LFP cell above 100 Ah")
    menu = page.locator(".chip.concept .menu")
    menu.locator("summary").press("Enter")
    assert menu.locator("> div").is_visible()
    page.keyboard.press("Escape")
    assert menu.locator("> div").is_hidden()
    menu.locator("summary").press("Enter")
    assert menu.locator("> div").is_visible()
    page.locator("h1.count").click()
    assert menu.locator("> div").is_hidden()


def test_a_menu_at_the_right_end_stays_within_the_window(scripted: Page) -> None:
    ask(scripted, "LFP cell above 100 Ah")
    menu = scripted.locator(".chip.quantity .menu")
    end = menu.bounding_box()
    assert end is not None
    scripted.set_viewport_size({"width": max(820, int(end["x"] + end["width"]) + 40), "height": 800})
    menu.locator("summary").click()
    scripted.locator(".chip.quantity .menu[open] > div[style]").wait_for()
    assert scripted.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("question", ["", "LFP cell", "rated capacity above 1 Ah, not pouch"])
def test_nothing_is_wider_than_a_phone(browser: Browser, address: str, question: str) -> None:
    page = browser.new_page(base_url=address, viewport={"width": 390, "height": 844})
    page.goto(f"/?q={question}")
    for summary in page.locator(".parts .menu > summary").all():
        summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_role("link", name="Narrow down").count() == (1 if question else 0)
    page.get_by_role("combobox").first.fill("lithium iron ph")
    page.get_by_role("option", name="LithiumIronPhosphateElectrode").wait_for()
    assert page.locator("#suggestions").evaluate("list => list.scrollWidth <= list.clientWidth")
    page.close()


def test_a_search_is_narrowed_and_changed_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")  # past the link to the content and the mark, into the question
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("rated capacity above 1 Ah")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?q="))
    before = count(page)
    jump = page.get_by_role("link", name="Narrow down")
    jump.focus()
    assert jump.bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    said = int(page.locator(".row:has(a:focus) span").inner_text())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"concept="))
    assert count(page) == said < before
    page.locator(".chip.quantity .menu summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1000")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"range=0%3A1000\.\.\+Ah"))
    assert count(page) < said


def test_what_is_on_its_way_is_seen(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    form = page.get_by_role("search")
    form.evaluate("form => form.addEventListener('submit', (event) => event.preventDefault())")  # the answer takes for ever
    page.get_by_label("Search battery records").fill("LFP")
    page.get_by_role("button", name="Search").click()
    assert form.get_attribute("aria-busy") == "true"
    page.goto("/validate")
    page.go_back()
    assert form.get_attribute("aria-busy") is None


def test_without_a_network_the_page_stays_usable(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/")
    page.context.set_offline(True)
    field = page.get_by_label("Search battery records")
    with page.expect_event("requestfailed"):
        field.press_sequentially("graphi", delay=5)
    assert page.get_by_role("listbox").is_hidden()
    page.context.set_offline(False)
    field.press("t")
    page.get_by_role("listbox").get_by_role("option").first.wait_for()
    assert wrong == []
    page.close()


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


def test_a_record_says_what_it_is_and_who_made_it(page: Page) -> None:
    page.goto("/records/samples/cells/catl-lfp-120ah.jsonld")
    assert page.locator(".description").inner_text().startswith("Prismatic iron phosphate cell of the size used in electric buses;")
    maker = page.locator(".about tr").filter(has_text="Manufacturer")
    maker.get_by_role("link", name="line 10").click()
    assert "schema:manufacturer" in page.locator("pre.source span:target").inner_text()
    maker.get_by_role("link", name="CATL").click()
    page.wait_for_url(re.compile(r"\?q=CATL"))
    assert count(page) > 0


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


def test_a_suggestion_replaces_the_word_also_where_it_was_typed_on_since(scripted: Page) -> None:
    page = scripted
    page.goto("/")
    field = page.get_by_label("Search battery records")
    field.press_sequentially("cell with gr", delay=5)
    page.get_by_role("option", name=re.compile("Graphite")).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.route("**/api/suggest*", lambda route: None)  # the answers to what comes now are late
    field.press_sequentially("aphi", delay=5)
    field.press("ArrowDown")
    label = page.locator("[role=option][aria-selected=true] span").inner_text()
    field.press("Enter")
    assert field.input_value() == f"cell with {label} "


def test_a_suggestion_completes_several_words(scripted: Page) -> None:
    scripted.goto("/")
    field = scripted.get_by_label("Search battery records")
    field.press_sequentially("prismatic lithium iron ph", delay=5)
    scripted.get_by_role("option", name=re.compile("LithiumIronPhosphateElectrode")).first.wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    assert re.fullmatch(r"prismatic LithiumIronPhosphate\w* ", field.input_value())


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
