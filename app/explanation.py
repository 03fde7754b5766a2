"""What `voltagraph explain` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapes.finding_pages import FindingPage, FindingPages

if TYPE_CHECKING:
    from rich.console import Console


def explained(code: str) -> FindingPage:
    """The page of a kind of finding.

    Args:
        code: Its code.

    Raises:
        NotFoundError: There is none; names those that are written nearly so.
    """
    return FindingPages().page(code)


def page_json(page: FindingPage) -> dict[str, Any]:
    """What ``explain --json`` prints.

    Args:
        page: The page.
    """
    return {**page.to_json(), "text": page.text, "document": page.document}


def print_page(page: FindingPage, console: Console) -> None:
    """Print a page for people.

    Args:
        page: The page.
        console: Where to.
    """
    from rich.markdown import Markdown

    console.print(Markdown(page.text, code_theme="ansi_dark"))
