"""Where the sites stand along the strings of a picture, so that rungs come out vertical.

Strings are drawn as horizontal rails one below the other. Two sites of an uncrossed rung
share a column; everything else only has to keep its order and a minimal distance. The
constraints are differences of coordinates, so the leftmost and the rightmost packing follow
by relaxation, and their mean, which also obeys them, is centred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diagrams.diagram import Site

#: Distance between neighbouring sites, and between a site and the end of its rail.
GAP, MARGIN = 1.0, 0.6

Rails = Sequence[Sequence[Site]]


def columns(
    rails: Rails, widths: Mapping[Site, float], anchors: Iterable[tuple[Site, Site]]
) -> tuple[dict[Site, float], float]:
    """Return the abscissa of each site and the common length of the rails.

    Parameters
    ----------
    rails
        The sites of each string from left to right.
    widths
        The space a site takes on its rail; zero where not given.
    anchors
        Pairs of sites to put into one column. A pair that contradicts earlier ones (together
        they would need a site to stand to the left of itself) is dropped.

    Examples
    --------
    >>> top, bottom = [Site(0, 0), Site(0, 1)], [Site(1, 0)]
    >>> columns([top, bottom], {}, [(Site(0, 1), Site(1, 0))])[0][Site(1, 0)]
    1.6
    """
    column = {site: site for rail in rails for site in rail}
    anchored: set[Site] = set()
    for one, other in anchors:
        trial = {s: column[one] if c == column[other] else c for s, c in column.items()}
        if _leftmost(rails, widths, trial) is not None:
            column, anchored = trial, anchored | {one, other}
    at, length = _centred(rails, widths, column)
    fixed = {site: at[column[site]] for site in anchored}
    placed = dict(fixed)
    for rail in rails:
        placed |= _spread(rail, widths, fixed, length)
    return placed, length


def _leftmost(
    rails: Rails, widths: Mapping[Site, float], column: Mapping[Site, Site]
) -> dict[Site, float] | None:
    """Return the smallest abscissae of the columns, or None where they contradict each other."""
    at = dict.fromkeys(column.values(), 0.0)
    bound = sum(GAP + widths.get(site, 0.0) for site in column) + MARGIN
    moved = True
    while moved:
        moved = False
        for rail in rails:
            edge, gap = 0.0, MARGIN
            for site in rail:
                half = widths.get(site, 0.0) / 2
                if edge + gap + half > at[column[site]] + 1e-9:
                    at[column[site]], moved = edge + gap + half, True
                edge, gap = at[column[site]] + half, GAP
            if edge > bound:
                return None
    return at


def _centred(
    rails: Rails, widths: Mapping[Site, float], column: Mapping[Site, Site]
) -> tuple[dict[Site, float], float]:
    from_left = _leftmost(rails, widths, column) or {}
    from_right = _leftmost([rail[::-1] for rail in rails], widths, column) or {}
    ends = [from_left[c] + widths.get(s, 0.0) / 2 for s, c in column.items()]
    length = max(ends, default=MARGIN) + MARGIN
    return {c: (from_left[c] + length - from_right[c]) / 2 for c in from_left}, length


def _spread(
    rail: Sequence[Site], widths: Mapping[Site, float], fixed: Mapping[Site, float], length: float
) -> dict[Site, float]:
    """Return places for the sites that are free to move, evenly between those that are not."""
    placed: dict[Site, float] = {}
    free: list[Site] = []
    edge, gap = 0.0, MARGIN
    for site in rail:
        if site not in fixed:
            free.append(site)
            continue
        half = widths.get(site, 0.0) / 2
        placed |= _evenly(free, widths, (edge, fixed[site] - half), (gap, GAP))
        free, edge, gap = [], fixed[site] + half, GAP
    return placed | _evenly(free, widths, (edge, length), (gap, MARGIN))


def _evenly(
    sites: Sequence[Site],
    widths: Mapping[Site, float],
    interval: tuple[float, float],
    gaps: tuple[float, float],
) -> dict[Site, float]:
    taken = sum(widths.get(site, 0.0) for site in sites)
    weight = sum(gaps) + GAP * (len(sites) - 1)
    stretch = (interval[1] - interval[0] - taken) / weight
    edge, gap = interval[0], gaps[0]
    placed = {}
    for site in sites:
        half = widths.get(site, 0.0) / 2
        placed[site] = edge + stretch * gap + half
        edge, gap = placed[site] + half, GAP
    return placed
