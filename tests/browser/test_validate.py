"""The page that checks a document, in a real browser: paste, find, take the fix, check again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Serve = Callable[..., AbstractContextManager[str]]

SOUND = """{
  "@context": "https://w3id.org/emmo/domain/battery/context",
  "@type": "schema:Person",
  "schema:name": "Zoë 🔋",
  "hasConstituent": {"@type": "schema:Thing", "schema:name": "A hand"}
}
"""
BROKEN = SOUND.replace("hasConstituent", "hasConstituant")


@pytest.fixture(scope="module")
def address(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("browser") / "home"
    with serve(home, VOLTAGRAPH_VALIDATIONS_PER_MINUTE="10000") as address:
        yield address


def check(page: Page, text: str) -> None:
    page.goto("/validate")
    page.get_by_label("Document", exact=True).fill(text)
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("#summary").wait_for()


def summary(page: Page) -> str:
    return page.locator("#summary").inner_text()


def text_of(page: Page) -> str:
    return page.get_by_label("Document", exact=True).input_value()


def test_a_pasted_document_is_checked_and_the_finding_leads_to_its_line(page: Page) -> None:
    from playwright.sync_api import expect

    check(page, BROKEN)
    assert summary(page) == "1 violation"
    assert page.get_by_role("link", name="undefined-term").get_attribute("href") == "/findings/undefined-term"
    place = page.locator("a.place")
    assert place.inner_text().startswith("Line 5")
    place.click()
    line = page.locator("pre.source span:target")
    assert line.get_attribute("id") == "L5"
    expect(line).to_be_in_viewport()
    assert page.locator("pre.source mark.violation").inner_text() == '"hasConstituant"'
    assert text_of(page) == BROKEN


def test_a_fix_is_taken_and_the_document_is_clean(page: Page) -> None:
    check(page, BROKEN)
    assert page.locator(".steps del").first.inner_text().endswith("hasConstituant")
    assert page.locator(".steps ins").first.inner_text().endswith("hasConstituent")
    page.get_by_role("button", name=re.compile("^Take this fix")).first.click()
    page.get_by_role("heading", name=re.compile("Fix taken")).wait_for()
    assert summary(page) == "Fix taken. Nothing to mend"
    assert text_of(page) == SOUND


def test_a_sound_document_has_nothing_to_mend(page: Page) -> None:
    check(page, SOUND)
    assert summary(page) == "Nothing to mend"
    assert str(page.locator("pre.source").text_content()).rstrip() == SOUND.rstrip()


def test_what_is_no_json_is_told_at_its_place(page: Page) -> None:
    check(page, SOUND.replace("Zoë 🔋", 'Zoë 🔋"'))
    assert page.get_by_role("link", name="not-json").is_visible()
    assert page.locator("a.place").inner_text().startswith("Line 4")


def test_a_chosen_file_is_checked_as_it_is(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "zürich cell.jsonld"
    file.write_bytes(SOUND.replace("Zoë 🔋", "Z\xfcrich").encode("latin-1"))
    page.goto("/validate")
    page.get_by_label("or a file").set_input_files(file)
    if page.locator("#download").is_hidden():  # without scripts nothing happens before the button
        page.get_by_role("button", name="Check", exact=True).click()
    page.locator("#summary").wait_for()
    assert page.get_by_role("link", name="not-utf8").is_visible()


def test_text_of_a_document_is_never_markup(page: Page) -> None:
    check(page, SOUND.replace("schema:name", "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>"))
    assert page.locator("main img, main script").count() == 0
    assert "<script>" in page.locator("pre.source mark").first.inner_text()


def test_an_example_of_a_finding_can_be_tried(page: Page) -> None:
    page.goto("/findings")
    page.get_by_role("link", name="missing-unit", exact=True).click()
    page.get_by_role("link", name="Try this example").click()
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("#summary").wait_for()
    assert page.get_by_role("link", name="missing-unit", exact=True).is_visible()


def test_a_profile_that_was_chosen_stays_chosen(page: Page) -> None:
    page.goto("/validate")
    page.get_by_text("Profiles", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("^readable")).check()
    page.get_by_label("Document", exact=True).fill(SOUND)
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("#summary").wait_for()
    assert page.get_by_role("checkbox", name=re.compile("^readable")).is_checked()


def test_the_page_is_used_with_the_keyboard_alone(scripted: Page) -> None:
    scripted.goto("/validate")
    scripted.get_by_label("Document", exact=True).fill(BROKEN)
    scripted.keyboard.press("Control+Enter")
    scripted.locator("#summary").wait_for()
    assert scripted.evaluate("document.activeElement.id") == "summary"
    for _ in range(30):
        scripted.keyboard.press("Tab")
        if scripted.evaluate("document.activeElement.classList.contains('take')"):
            break
    scripted.keyboard.press("Enter")
    scripted.get_by_role("heading", name=re.compile("Fix taken")).wait_for()
    assert text_of(scripted) == SOUND


def test_edit_puts_the_cursor_where_the_finding_is(scripted: Page) -> None:
    check(scripted, BROKEN.replace('"hasConstituant"', '"🔋": 1, "hasConstituant"'))
    scripted.get_by_role("button", name="Edit line 5").last.click()
    chosen = "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert scripted.get_by_label("Document", exact=True).evaluate(chosen) == '"hasConstituant"'


def test_the_mended_text_is_downloaded_with_its_name_and_line_ends(scripted: Page, tmp_path: Path) -> None:
    file = tmp_path / "cell.jsonld"
    file.write_bytes(BROKEN.replace("\n", "\r\n").encode())
    scripted.goto("/validate")
    scripted.get_by_label("or a file").set_input_files(file)
    scripted.get_by_role("button", name=re.compile("^Take this fix")).first.click()
    scripted.get_by_role("heading", name=re.compile("Fix taken")).wait_for()
    with scripted.expect_download() as download:
        scripted.get_by_role("button", name="Download the text").click()
    assert download.value.suggested_filename == "cell.jsonld"
    assert download.value.path().read_bytes() == SOUND.replace("\n", "\r\n").encode()


def test_a_dropped_file_is_checked(scripted: Page) -> None:
    scripted.goto("/validate")
    transfer = scripted.evaluate_handle(
        "(text) => { const data = new DataTransfer(); data.items.add(new File([text], 'cell.jsonld')); return data; }", BROKEN
    )
    scripted.dispatch_event("#validate", "drop", {"dataTransfer": transfer})
    scripted.locator("#summary").wait_for()
    assert summary(scripted) == "1 violation"
    assert text_of(scripted) == BROKEN
