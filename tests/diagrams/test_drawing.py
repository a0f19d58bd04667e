"""TikZ and SVG: what is written for a picture, and that it is valid."""

import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagrams.diagram import Branch, Diagram, String
from diagrams.drawing import TIKZ_PREAMBLE, svg, tikz
from diagrams.families import dress, ladder, maximally_crossed
from diagrams.hikami import conductivity_box_diagrams, density_box_diagrams
from diagrams.matchings import DENSITY_OF_STATES, FLUCTUATION, bubble_diagrams, diagrams_of
from diagrams.notation import parse
from diagrams.picture import strokes
from diagrams.skeletons import cut_modes, skeleton
from diagrams.strokes import Block, Cross, Dashes, Propagator
from diagrams.tikz_text import tikz_document

#: A bubble, a ladder, crossings, self-energies, cumulants, one and four strings, boxes, blocks.
EXAMPLES = [
    *(ladder(n) for n in (0, 1, 4, 12)),
    maximally_crossed(5),
    dress(maximally_crossed(2), 1),
    parse("R[x 1 2 2 1 3 4 3 4 y] A[y 5 6 6 5 x]"),
    parse("R[x 1 1 1 2 y] A[y 2 3 3 3 3 x]"),
    parse("R[x 1 2 1 y] A[y 2 1 1 x]"),
    parse("R[r 1 2 1 2 r]"),
    parse("R[r 1 2 r] A[s 2 1 s]"),
    parse("R[x 1 2 5 y] A[y 3 4 5 x] R[x' 4 3 6 6 y'] A[y' 2 7 1 7 x']"),
    *conductivity_box_diagrams(),
    *density_box_diagrams(),
    *(skeleton(family(n)) for family in (ladder, maximally_crossed) for n in (1, 4)),
    skeleton(dress(maximally_crossed(3), 0)),
    skeleton(parse("R[x 1 2 3 4 y] A[y 2 1 3 4 x]")),
    skeleton(parse("R[x 1 2 y] A[y 3 4 x] R[x' 3 4 y'] A[y' 1 2 x']")),
    cut_modes(skeleton(parse("R[x 1 2 3 4 5 6 y] A[y 6 5 3 4 2 1 x]"))),
    parse("R[left&<_ 1 1 ri$ght#] A[ri$ght# left&<_]"),
]

RUNG = r"""
\begin{tikzpicture}[disorder diagram]
  \draw[impurity line] (0.6,0) -- (0.6,-2);
  \node[impurity] at (0.6,-1) {};
  \draw[retarded] (-1,-1) .. controls (-1,-0.45) and (-0.55,0) .. (0,0) -- (0.6,0);
  \draw[retarded] (0.6,0) -- (1.2,0) .. controls (1.75,0) and (2.2,-0.45) .. (2.2,-1);
  \draw[advanced] (2.2,-1) .. controls (2.2,-1.55) and (1.75,-2) .. (1.2,-2) -- (0.6,-2);
  \draw[advanced] (0.6,-2) -- (0,-2) .. controls (-0.55,-2) and (-1,-1.55) .. (-1,-1);
  \draw[external] (-1,-1) -- (-1.65,-1);
  \draw[external] (2.2,-1) -- (2.85,-1);
  \node[vertex] at (-1,-1) {};
  \node[vertex] at (2.2,-1) {};
  \node[branch label] at (0.1,0.33) {$R$};
  \node[branch label] at (1.1,-2.33) {$A$};
  \node[vertex label,anchor=east] at (-1.84,-1) {$x$};
  \node[vertex label,anchor=west] at (3.04,-1) {$y$};
\end{tikzpicture}
"""

DRESSED_BOX = r"""
\begin{tikzpicture}[disorder diagram]
  \draw[impurity line] (1,1) -- (1,-1);
  \node[impurity] at (1,0) {};
  \draw[retarded] (0,1) -- (1,1);
  \draw[retarded] (1,1) -- (2,1);
  \draw[retarded] (0,-1) -- (1,-1);
  \draw[retarded] (1,-1) -- (2,-1);
  \draw[advanced] (2,-1) -- (2,1);
  \draw[advanced] (0,-1) -- (0,1);
  \draw[external] (0,1) -- (-0.46,1.46);
  \draw[external] (2,-1) -- (2.46,-1.46);
  \node[vertex] at (0,1) {};
  \node[vertex] at (2,1) {};
  \node[vertex] at (2,-1) {};
  \node[vertex] at (0,-1) {};
  \node[branch label] at (1,1.32) {$R$};
  \node[branch label] at (1,-1.32) {$R$};
  \node[branch label] at (2.32,0) {$A$};
  \node[branch label] at (-0.32,0) {$A$};
  \node[vertex label,anchor=east] at (-0.59,1.59) {$x$};
  \node[vertex label,anchor=west] at (2.13,1.13) {$C_1$};
  \node[vertex label,anchor=west] at (2.59,-1.59) {$y$};
  \node[vertex label,anchor=east] at (-0.13,-1.13) {$C_1'$};
\end{tikzpicture}
"""

COOPERON = r"""
  \draw[Cooperon] (0.6,0) -- (2.1,0) -- (2.1,-2) -- (0.6,-2) -- cycle;
  \draw[impurity line] (0.93,0) -- (1.77,-2);
  \draw[impurity line] (1.77,0) -- (0.93,-2);
  \node[mode label] at (1.35,-1) {$C$};
"""

DRESSED_BOX_SVG = """
<svg xmlns="http://www.w3.org/2000/svg" width="117" height="124" viewBox="0 0 117 124" \
font-family="STIX Two Text, Times New Roman, Times, serif">
<rect width="100%" height="100%" fill="#fff"/>
<g fill="none" stroke="#000" stroke-width="1.1" stroke-dasharray="4 3">
<path d="M58.5 27.9L58.5 95.9"/>
</g>
<g fill="none" stroke-linecap="round" stroke="#000" stroke-width="1.4">
<path d="M55.5 58.9L61.5 64.9M55.5 64.9L61.5 58.9"/>
</g>
<g fill="#000" stroke="#000" stroke-width="1.5">
<path d="M24.5 27.9L58.5 27.9" fill="none"/>
<path d="M48 27.9L38.3 30.9 38.3 24.9Z" stroke="none"/>
<path d="M58.5 27.9L92.5 27.9" fill="none"/>
<path d="M82 27.9L72.3 30.9 72.3 24.9Z" stroke="none"/>
</g>
<g fill="#0072b2" stroke="#0072b2" stroke-width="1.5">
<path d="M92.5 27.9L92.5 95.9" fill="none"/>
<path d="M92.5 68.4L89.5 58.7 95.5 58.7Z" stroke="none"/>
</g>
<g fill="#000" stroke="#000" stroke-width="1.5">
<path d="M92.5 95.9L58.5 95.9" fill="none"/>
<path d="M69 95.9L78.7 92.9 78.7 98.9Z" stroke="none"/>
<path d="M58.5 95.9L24.5 95.9" fill="none"/>
<path d="M35 95.9L44.7 92.9 44.7 98.9Z" stroke="none"/>
</g>
<g fill="#0072b2" stroke="#0072b2" stroke-width="1.5">
<path d="M24.5 95.9L24.5 27.9" fill="none"/>
<path d="M24.5 55.4L27.5 65.1 21.5 65.1Z" stroke="none"/>
</g>
<g fill="#000">
<circle cx="24.5" cy="27.9" r="2.2"/>
<circle cx="92.5" cy="27.9" r="2.2"/>
<circle cx="92.5" cy="95.9" r="2.2"/>
<circle cx="24.5" cy="95.9" r="2.2"/>
</g>
<g font-size="11" text-anchor="middle">
<text x="58.5" y="20.6"><tspan font-style="italic">R</tspan></text>
<text x="103.4" y="65.5"><tspan font-style="italic">A</tspan></text>
<text x="58.5" y="110.4"><tspan font-style="italic">R</tspan></text>
<text x="13.6" y="65.5"><tspan font-style="italic">A</tspan></text>
</g>
<g font-size="16" text-anchor="end">
<text x="19.9" y="28.6"><tspan font-style="italic">a</tspan></text>
</g>
<g font-size="16" text-anchor="start">
<text x="97" y="28.6"><tspan font-style="italic">b</tspan></text>
<text x="97" y="105.7"><tspan font-style="italic">c</tspan></text>
</g>
<g font-size="16" text-anchor="end">
<text x="19.9" y="105.7"><tspan font-style="italic">d</tspan></text>
</g>
</svg>
"""


def test_ladder_with_one_rung_as_tikz():
    assert tikz(ladder(1)) == RUNG.lstrip()


def test_dressed_density_box_as_svg():
    assert svg(density_box_diagrams()[1]) == DRESSED_BOX_SVG.lstrip()


def test_dressed_hikami_box_as_tikz():
    assert tikz(conductivity_box_diagrams()[1]) == DRESSED_BOX.lstrip()


def test_cooperon_is_a_block_with_crossing_dashes():
    assert COOPERON.strip() in tikz(skeleton(maximally_crossed(6)))


def test_diffuson_is_a_block_with_parallel_dashes():
    crossing, parallel = (1.77, 0.93), (0.93, 0.93)
    text = tikz(skeleton(ladder(6)))
    assert r"\draw[diffuson]" in text
    for ends, present in ((crossing, False), (parallel, True)):
        assert (rf"\draw[impurity line] ({ends[0]},0) -- ({ends[1]},-2);" in text) is present


def test_third_cumulant_is_a_star_with_one_cross():
    found = strokes(parse("R[r 1 1 1 r]"))
    assert [type(stroke) for stroke in found[:3]] == [Dashes, Dashes, Cross]
    arch, middle = found[0].path, found[1].path
    assert middle.end == found[2].at == arch.along(0.5)[0]


@pytest.mark.parametrize("drawn", EXAMPLES, ids=lambda drawn: str(getattr(drawn, "diagram", drawn)))
def test_every_green_function_and_line_is_drawn_once(drawn):
    found = strokes(drawn)
    modes = getattr(drawn, "modes", ())
    diagram = getattr(drawn, "diagram", drawn)
    kinds = [type(stroke) for stroke in found]
    assert kinds.count(Propagator) == len(diagram.sites) + len(diagram.strings)
    assert kinds.count(Cross) == len(diagram.lines) - len(modes)
    assert kinds.count(Block) == len(modes)


def elements(text, name):
    return ET.fromstring(text).iter(f"{{http://www.w3.org/2000/svg}}{name}")


def check_svg(drawn):
    """Well formed, and nothing sticks out of its frame."""
    text = svg(drawn)
    root = ET.fromstring(text)
    width, height = float(root.get("width")), float(root.get("height"))
    for circle in elements(text, "circle"):
        assert 2 < float(circle.get("cx")) < width - 2
        assert 2 < float(circle.get("cy")) < height - 2
    for path in elements(text, "path"):
        for word in "".join(c if c in "-.0123456789" else " " for c in path.get("d")).split():
            assert -1 < float(word) < max(width, height) + 1


@pytest.mark.parametrize("n", range(4))
def test_all_bubbles_up_to_third_order_are_well_formed_svg(n):
    for diagram in bubble_diagrams(n):
        check_svg(diagram)


@pytest.mark.parametrize("frame", [DENSITY_OF_STATES, FLUCTUATION])
def test_all_diagrams_with_a_pair_and_a_third_cumulant_are_well_formed_svg(frame):
    for diagram in [*diagrams_of(frame, (3, 2))][::7]:
        check_svg(diagram)


@st.composite
def random_diagrams(draw):
    """Bubbles, bubbles beside a loop, and triangles, with lines of two to four sites."""
    frame = draw(
        st.sampled_from(["R[x{}y] A[y{}x]", "R[x{}y] A[y{}x] R[z{}z]", "R[a{}b] A[b{}c] R[c{}a]"])
    )
    sizes = draw(st.lists(st.integers(2, 4), max_size=5))
    marks = draw(st.permutations([n for n, size in enumerate(sizes) for _ in range(size)]))
    places = [draw(st.integers(0, frame.count("{}") - 1)) for _ in marks]
    words = [
        "".join(f" {mark}" for mark, place in zip(marks, places, strict=True) if place == s) + " "
        for s in range(frame.count("{}"))
    ]
    return parse(frame.format(*words))


@settings(deadline=None, max_examples=60)
@given(random_diagrams())
def test_random_diagrams_are_well_formed_svg(diagram):
    check_svg(diagram)


@pytest.mark.parametrize("drawn", EXAMPLES, ids=lambda drawn: str(getattr(drawn, "diagram", drawn)))
def test_examples_are_well_formed_svg(drawn):
    check_svg(drawn)


# Control characters cannot be written in XML at all; labels have no blanks in any case.
labels = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=6)


@settings(deadline=None, max_examples=40)
@given(st.lists(labels, min_size=2, max_size=2, unique=True))
def test_any_vertex_label_is_well_formed_svg_and_keeps_its_letters(names):
    strings = (
        String(Branch.RETARDED, 0, *names),
        String(Branch.ADVANCED, 0, *names[::-1]),
    )
    texts = {"".join(text.itertext()) for text in elements(svg(Diagram(strings)), "text")}
    for name in names:
        if not name.isalnum() and "'" not in name:
            assert name in texts


def test_branches_differ_by_colour_and_letter():
    text = svg(ladder(0))
    assert text.count('stroke="#0072b2"') == 1
    assert {t.text or t[0].text for t in elements(text, "text")} == {"R", "A", "x", "y"}


def test_subscripts_and_primes_are_set_as_such():
    text = svg(conductivity_box_diagrams()[0])
    assert '<tspan dy="0.25em" font-size="70%">1</tspan>' in text
    assert "\N{PRIME}</tspan>" in text


def test_notebooks_show_diagrams_and_skeletons():
    for drawn in (ladder(2), skeleton(ladder(2))):
        assert drawn._repr_svg_() == svg(drawn)


def test_caption_is_below_everything_else():
    text = svg(ladder(1), caption=(("one rung, order ", "k_F"),))
    ordinates = [float(node.get("y")) for node in elements(text, "text")]
    assert max(ordinates) == ordinates[-1]
    assert r"\node[caption] at (0.6,-3.28) {one rung, order $k_F$};" in tikz(
        ladder(1), caption=(("one rung, order ", "k_F"),)
    )


def test_drawing_is_the_same_every_time():
    assert [*map(tikz, EXAMPLES)] == [*map(tikz, EXAMPLES)]


@pytest.mark.parametrize("draw", [tikz, svg])
def test_only_diagrams_and_skeletons_can_be_drawn(draw):
    with pytest.raises(TypeError, match=r"not 'R\[x y\]'; parse"):
        draw("R[x y]")


def test_a_large_diagram_is_drawn():
    check_svg(maximally_crossed(30))
    check_svg(ladder(60))


@pytest.mark.slow
def test_tikz_of_all_kinds_of_diagrams_compiles(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: the TikZ output was not compiled")
    drawn = [*EXAMPLES, *bubble_diagrams(2)]
    (tmp_path / "all.tex").write_text(tikz_document(strokes(d) for d in drawn), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


def test_preamble_defines_every_style_that_is_used():
    text = "".join(map(tikz, EXAMPLES)) + tikz(ladder(0), caption=(("a",),))
    used = {
        name
        for options in (part.split("]")[0] for part in text.split("[")[1:])
        for name in options.split(",")
        if "=" not in name
    }
    assert {"retarded", "advanced", "diffuson", "Cooperon", "caption"} < used
    for name in used:
        assert f"{name}/.style" in TIKZ_PREAMBLE
