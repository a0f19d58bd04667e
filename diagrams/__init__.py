"""Disorder-averaged diagrams as data, and the rules that turn them into SymPy.

A `Diagram` is made of strings (Green functions) and impurity lines; `parse` reads one from
text, `ladder` and `maximally_crossed` are the named families, `bubble_diagrams` and
`diagrams_of` enumerate. `skeleton` finds its diffusons, Cooperons and order in 1/(k_F l).
`tikz` and `svg` draw it, `evaluate` turns it into an expression under given `Rules`, with
an `InternalStructure` for spin.  The derived building blocks are `born_self_energy`,
`bubble`, `ladder_sum`, `cooperon_sum`, `conductivity_boxes`, `drude_conductivity`,
`density_response` and `interference_correction`; `interference_corrections` lists the
diagrams of a given order in 1/(k_F l).
"""

from diagrams.blocks import (
    born_self_energy,
    bubble,
    bubble_expansion,
    cooperon_sum,
    ladder_sum,
)
from diagrams.conductivity import drude_conductivity, interference_correction
from diagrams.corrections import interference_corrections, interference_families
from diagrams.diagram import Branch, Diagram, Site, String
from diagrams.drawing import TIKZ_PREAMBLE, svg, tikz
from diagrams.families import ladder, maximally_crossed, reverse
from diagrams.hall import drude_hall_conductivity, interference_hall_correction
from diagrams.hikami import conductivity_boxes, density_boxes, vertex_correction
from diagrams.matchings import bubble_diagrams, count_bubbles, count_diagrams, diagrams_of
from diagrams.matrices import InternalStructure
from diagrams.notation import parse
from diagrams.response import density_response
from diagrams.rules import Rules, evaluate
from diagrams.skeletons import skeleton
from diagrams.symbols import symbol

__all__ = [
    "TIKZ_PREAMBLE",
    "Branch",
    "Diagram",
    "InternalStructure",
    "Rules",
    "Site",
    "String",
    "born_self_energy",
    "bubble",
    "bubble_diagrams",
    "bubble_expansion",
    "conductivity_boxes",
    "cooperon_sum",
    "count_bubbles",
    "count_diagrams",
    "density_boxes",
    "density_response",
    "diagrams_of",
    "drude_conductivity",
    "drude_hall_conductivity",
    "evaluate",
    "interference_correction",
    "interference_corrections",
    "interference_families",
    "interference_hall_correction",
    "ladder",
    "ladder_sum",
    "maximally_crossed",
    "parse",
    "reverse",
    "skeleton",
    "svg",
    "symbol",
    "tikz",
    "vertex_correction",
]
