"""A family of diagrams as text, as a TikZ document, or as one SVG with all its members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from diagrams.catalogue import Family, family
from diagrams.diagram import Diagram
from diagrams.picture import strokes
from diagrams.skeletons import Skeleton, skeleton
from diagrams.strokes import Caption, Stroke
from diagrams.svg_text import svg_sheet
from diagrams.tikz_text import tikz_document

FORMATS = ("text", "tikz", "svg")

#: The most diagrams that are listed or drawn unless a limit is given.
MOST_LISTED, MOST_DRAWN = 10_000, 120


def count_family(order: int, name: str = "all") -> str:
    """Return a sentence with the number of members of a family, however large it is.

    Examples
    --------
    >>> count_family(6)
    'The family all has 135135 diagrams with 6 impurity lines.'

    Raises
    ------
    ValueError
        The order is negative, or there is no such family.
    """
    found = _checked(order, name)
    number, lines = found.count(order), "line" if order == 1 else "lines"
    diagrams = "diagram" if number == 1 else "diagrams"
    return f"The family {name} has {number} {diagrams} with {order} impurity {lines}."


def report_family(
    order: int = 2,
    name: str = "all",
    form: str = "text",
    *,
    limit: int | None = None,
    contracted: bool = False,
) -> Iterator[str]:
    r"""Yield the lines of a list of the family, or its TikZ document or SVG as one string.

    Each diagram comes with the text that `parse` reads, its order in 1/(k_F l), and, in the
    list, its soft modes.

    Parameters
    ----------
    order
        The number of impurity lines.
    name
        One of the families of `diagrams.catalogue`.
    form
        "text", "tikz" (a complete document) or "svg".
    limit
        The number of diagrams to stop after.
    contracted
        Draw the skeletons, with shaded diffusons and Cooperons, in place of the diagrams.

    Raises
    ------
    ValueError
        An argument is not one of those above, or without a limit there are more diagrams
        than can be looked at, 10000 in a list and 120 in a drawing.

    Examples
    --------
    >>> print(*report_family(2, "hikami"), sep="\n")
    R[x 1 2 y] A[y 1 2 x]  order 1  1 Cooperon
    R[x 1 2 1 y] A[y 2 x]  order 1  1 Cooperon
    R[x 1 y] A[y 2 1 2 x]  order 1  1 Cooperon
    """
    found = _checked(order, name)
    _check_request(found, order, form, limit)
    diagrams = islice(found.members(order), limit)
    return report(diagrams, form, contracted=contracted)


def report(
    diagrams: Iterable[Diagram], form: str = "text", *, contracted: bool = False
) -> Iterator[str]:
    """Yield a list of any diagrams, or their TikZ document or SVG, as `report_family` does."""
    _check_form(form)
    if form == "text":
        yield from map(_listed, diagrams)
        return
    pictures = [_drawn(diagram, contracted) for diagram in diagrams]
    if not pictures:
        raise ValueError("There is no diagram to draw: the family has none with so few lines.")
    drawn = svg_sheet(pictures) if form == "svg" else tikz_document(pictures)
    yield drawn.rstrip("\n")


def _listed(diagram: Diagram) -> str:
    found = skeleton(diagram)
    numbers = ((found.diffusons, "diffuson"), (found.cooperons, "Cooperon"))
    modes = [f"{n} {kind}{'s' if n > 1 else ''}" for n, kind in numbers if n]
    return "  ".join([str(diagram), f"order {found.order}", ", ".join(modes) or "no soft mode"])


def _drawn(diagram: Diagram, contracted: bool) -> list[Stroke]:
    found = skeleton(diagram)
    return strokes(found if contracted else diagram, _caption(diagram, found))


def _caption(diagram: Diagram, found: Skeleton) -> Caption:
    return ((str(diagram),), (f"order {found.order} in ", r"1/(k_F\,l)"))


def _checked(order: int, name: str) -> Family:
    if order < 0:
        raise ValueError(f"The order is a number of impurity lines, 0, 1, 2, ..., not {order}.")
    return family(name)


def _check_form(form: str) -> None:
    if form not in FORMATS:
        raise ValueError(f"There is no format {form!r}; choose one of {', '.join(FORMATS)}.")


def _check_request(found: Family, order: int, form: str, limit: int | None) -> None:
    _check_form(form)
    if limit is not None and limit < 1:
        raise ValueError(f"The limit is a number of diagrams, 1, 2, 3, ..., not {limit}.")
    most, done = (MOST_LISTED, "listed") if form == "text" else (MOST_DRAWN, "drawn")
    number = found.count(order)
    if limit is None and number > most:
        raise ValueError(
            f"The family {found.name} has {number} diagrams with {order} impurity lines, more "
            f"than the {most} that are {done} at once; set a limit, or choose a smaller family "
            "or order."
        )
