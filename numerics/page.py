"""A page of HTML that needs nothing beside itself: no script, no font, nothing loaded."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from numerics.report_style import STYLE


def html_page(title: str, subtitle: str, sections: Iterable[str]) -> str:
    """Return the page; title and subtitle are text, sections are HTML (those empty left out)."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            f"<header><h1>{escape(title)}</h1>",
            f'<p class="subtitle">{escape(subtitle)}</p></header>',
            "<main>",
            *filter(None, sections),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def html_section(title: str, body: str) -> str:
    """Return a section with its heading, nothing if its body (HTML) is empty."""
    return f"<section><h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""
