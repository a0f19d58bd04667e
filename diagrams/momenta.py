"""Momentum routing: which independent momenta each Green function carries.

The routing is derived from the diagram by a spanning tree and never stored with it. An
impurity line conserves the total momentum of its sites, so it acts as one node; the Green
functions between the nodes are the edges. The edges left out of the tree carry the loop
momenta, and conservation at the nodes fixes all others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from diagrams.diagram import Diagram, Site

Node = str | int  # an external vertex by its label, an impurity line by its index


class Segment(NamedTuple):
    """The Green function on `string` between its sites `place` - 1 and `place`."""

    string: int
    place: int


@dataclass(frozen=True)
class Momentum:
    """A sum of loop momenta and of momenta that enter at external vertices.

    Both are tuples of (name, integer coefficient): a loop momentum is named by the segment
    that carries it alone, a slow momentum by the vertex at which it enters.
    """

    loops: tuple[tuple[Segment, int], ...]
    injected: tuple[tuple[str, int], ...]


def segment_ends(diagram: Diagram) -> dict[Segment, tuple[Node, Node]]:
    """Return for each Green function the node it leaves and the node it reaches."""
    owner: dict[Site, int] = {site: n for n, line in enumerate(diagram.lines) for site in line}
    ends = {}
    for s, string in enumerate(diagram.strings):
        inner = [owner[Site(s, i)] for i in range(string.sites)]
        nodes: list[Node] = [string.start, *inner, string.end]
        for i in range(string.sites + 1):
            ends[Segment(s, i)] = (nodes[i], nodes[i + 1])
    return ends


def route(diagram: Diagram) -> dict[Segment, Momentum]:
    """Return the momentum of every Green function, counted along its arrow.

    The momenta that enter a connected part add up to zero; the one at the vertex of the
    part that comes first in `diagram.vertices` is eliminated by means of the others.

    Examples
    --------
    >>> from diagrams.families import ladder
    >>> for segment, momentum in route(ladder(0)).items():
    ...     print(segment.string, *momentum.loops, *momentum.injected)
    0 (Segment(string=1, place=0), 1) ('y', -1)
    1 (Segment(string=1, place=0), 1)
    """
    ends = segment_ends(diagram)
    tree, order = _spanning_tree(diagram, ends)
    surplus: dict[Node, Counter[Segment | str]] = defaultdict(Counter)
    flow: dict[Segment, Counter[Segment | str]] = {}
    for vertex in diagram.vertices:
        surplus[vertex][vertex] += 1
    for segment in ends.keys() - set(tree.values()):
        tail, head = ends[segment]
        flow[segment] = Counter({segment: 1})
        surplus[tail].subtract(flow[segment])
        surplus[head].update(flow[segment])
    for node in reversed(order):
        if node in tree:
            tail, head = ends[tree[node]]
            sign, parent = (1, head) if node == tail else (-1, tail)
            flow[tree[node]] = Counter({k: sign * n for k, n in surplus[node].items()})
            surplus[parent].update(surplus[node])
    return {segment: _momentum(flow[segment]) for segment in ends}


def _momentum(flow: Counter[Segment | str]) -> Momentum:
    present = [(name, n) for name, n in flow.items() if n]
    return Momentum(
        tuple(sorted((name, n) for name, n in present if isinstance(name, Segment))),
        tuple(sorted((name, n) for name, n in present if isinstance(name, str))),
    )


def _spanning_tree(
    diagram: Diagram, ends: dict[Segment, tuple[Node, Node]]
) -> tuple[dict[Node, Segment], list[Node]]:
    """Return {node: segment to its parent} and the nodes, parents before children."""
    touching: dict[Node, list[Segment]] = defaultdict(list)
    for segment, pair in ends.items():
        for node in dict.fromkeys(pair):
            touching[node].append(segment)
    tree: dict[Node, Segment] = {}
    order: dict[Node, None] = {}
    for root in diagram.vertices:
        front: list[Node] = [] if root in order else [root]
        order.setdefault(root)
        while front:
            node = front.pop()
            for segment in touching[node]:
                tail, head = ends[segment]
                child = head if node == tail else tail
                if child not in order:
                    order[child] = None
                    tree[child] = segment
                    front.append(child)
    return tree, list(order)
