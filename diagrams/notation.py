"""A diagram in one line of text: ``R[x 1 2 y] A[y 2 1 x]``.

Each bracket is a string with its branch, its start vertex, the impurity lines in the order
in which it meets them, and its end vertex. The text is what `str(diagram)` prints; lines may
carry any names here and come back numbered.
"""

from __future__ import annotations

import re
from collections import defaultdict

from diagrams.diagram import Branch, Diagram, Site, String

_BRACKET = re.compile(r"([RA])\[([^\[\]]*)\]")


def parse(text: str) -> Diagram:
    """Return the diagram written in `text`.

    Raises
    ------
    ValueError
        The text is not a sequence of brackets, or they do not make a diagram.

    Examples
    --------
    >>> print(parse("R[x a b y] A[y b a x]"))
    R[x 1 2 y] A[y 2 1 x]
    """
    if _BRACKET.sub("", text).strip():
        raise ValueError(
            f"A diagram is written as 'R[x 1 2 y] A[y 2 1 x]', which {text!r} does not follow."
        )
    strings: list[String] = []
    lines: dict[str, list[Site]] = defaultdict(list)
    for branch, words in _BRACKET.findall(text):
        start, *marks, end = _string_words(words)
        for position, mark in enumerate(marks):
            lines[mark].append(Site(len(strings), position))
        strings.append(String(Branch(branch), len(marks), start, end))
    return Diagram(tuple(strings), tuple(tuple(line) for line in lines.values()))


def _string_words(words: str) -> list[str]:
    found = words.split()
    if len(found) < 2:
        raise ValueError(f"A string needs a start and an end vertex, but found '[{words}]'.")
    return found
