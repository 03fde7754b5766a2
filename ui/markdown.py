"""Markdown to HTML for the pages that explain findings. Markup that stands in the text is shown as text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

_PAGE = re.compile(r"^(?:\./)?([a-z0-9-]+)\.md$")


def to_html(text: str) -> str:
    r"""A page of `shapes/findings/` as HTML; links between such pages lead to their addresses here.

    Args:
        text: CommonMark.

    >>> to_html("# a\n\nSee [b](b.md), not <script>.")
    '<h1>a</h1>\n<p>See <a href="/findings/b">b</a>, not &lt;script&gt;.</p>\n'
    """
    parser = MarkdownIt("commonmark", {"html": False})
    tokens = parser.parse(text)
    for token in (child for block in tokens for child in block.children or () if child.type == "link_open"):
        page = _PAGE.match(str(token.attrGet("href") or ""))
        if page:
            token.attrSet("href", f"/findings/{page[1]}")
    return str(parser.renderer.render(tokens, parser.options, {}))
