"""A story prints the same numbers as text, LaTeX and HTML; profiles have a figure."""

from html.parser import HTMLParser

import numpy as np
import pytest

from numerics.comparison import compare_models
from numerics.interval_figure import interval_figure
from numerics.profile import Profile
from numerics.profile_refit import FreeMinimum
from numerics.result import FitResult, Minimum
from numerics.story import (
    Chapter,
    Formula,
    Name,
    Picture,
    Quantity,
    Range,
    Table,
    cell_text,
    sentence_latex,
    story_latex,
    story_text,
)
from numerics.story_html import sentence_html, story_html
from numerics.story_tables import minima_table, score_table, value_cell, window_table
from numerics.window_fits import WindowFit

TABLE = Table(
    "Values of 95 %.",
    ("", "value", "interval"),
    [
        (Name("tau_phi[4 <K>]"), Quantity(1.9776e-11, 5.87e-13, "s"), Range(1e-12, 3e-12, "s")),
        (Name("c_2"), "undetermined", Range(None, 2.0)),
    ],
)
STORY = [
    Chapter("First & last", ["tau_asy < 3 +- 1, at 100 %.", TABLE]),
    Chapter("Formula", [Formula((r"\frac{a}{b}",)), Picture("<svg></svg>", "tau_so")]),
]


class Tags(HTMLParser):
    """Raises if tags are not nested."""

    def __init__(self, html):
        super().__init__()
        self.open = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_text_has_all_cells_under_their_heads():
    text = story_text(STORY)
    assert "== First & last ==" in text
    lines = text.splitlines()
    (head,) = [line for line in lines if "interval" in line]
    (row,) = [line for line in lines if line.startswith("tau_phi[4 <K>]")]
    assert row.index("19.78 +- 0.59 ps") == head.index("value")
    assert row.index("1 to 3 ps") == head.index("interval")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Range(7.62e-13, None, "s"), "from 762 fs"),
        (Range(None, 2.5e-3, "T"), "up to 2.5 mT"),
        (Range(None, None, "T"), "open on both sides"),
        (Range(-1.0, 2.0, "e^2/h"), "-1 to 2 e^2/h"),
        (Quantity(0.25, np.inf), "0.2500"),
        (Quantity(3.0, 0.1, "s"), "3.00 +- 0.10 s"),
    ],
)
def test_an_open_end_is_said_and_no_infinite_error(cell, text):
    assert cell_text(cell) == text


def test_latex_has_letters_for_names_and_escapes_words():
    source = story_latex(STORY)
    assert r"\section*{First \& last}" in source
    assert r"$\tau_{\mathrm{asy}}$ $<$ 3 $\pm$ 1, at 100 \%." in source
    assert r"$19.78 \pm 0.59\,\mathrm{ps}$ & 1 to 3\,ps" in source
    assert r"\begin{align*}" in source
    assert sentence_latex("2 e^2/h") == "2 $e^2/h$"
    assert "svg" not in source


def test_the_page_is_nested_and_escaped():
    page = story_html("A < B", "why", STORY)
    Tags(page)
    assert "<title>A &lt; B</title>" in page
    assert "<K>" not in page
    assert "19.78 ± 0.59 ps" in page
    assert "<svg></svg>" in page
    assert sentence_html("2 +- 1 e^2/h") == "2 ± 1 <i>e</i><sup>2</sup>/<i>h</i>"


def parabola_profile(name, upper):
    grid = np.geomspace(1e-12, 9e-12, 41)
    squares = 2.0 + np.log(grid / 3e-12) ** 2
    minimum = FreeMinimum({name: 3e-12}, 2.0)
    level = 2.0 + np.log(1.5) ** 2
    return Profile(name, "s", grid, squares, {}, (minimum,), 0.68, level, 2e-12, upper)


def test_profiles_are_drawn_with_the_interval_of_each():
    pair = {"plain": parabola_profile("tau_phi[4 K]", 4.5e-12)}
    pair["open"] = parabola_profile("tau_phi[4 K]", None)
    svg = interval_figure(pair)
    assert svg.startswith("<svg")
    assert 'id="profile-tau-phi-4-K-' in svg
    assert "plain, open" in svg
    assert "var(--c0)" in svg
    assert "var(--c1)" in svg


def result(square, lost="", **values):
    """A fit of ten points, whose errors are a tenth of the values."""
    errors = {name: np.inf if name == lost else 0.1 * v for name, v in values.items()}
    minimum = Minimum(
        values=values,
        standard_errors=errors,
        covariance=np.eye(len(values)),
        correlation=np.eye(len(values)),
        undetermined={lost: f"{lost} is undetermined: flat."} if lost else {},
        sum_of_squares=square,
        dof=10 - len(values),
        residuals={"data": np.resize([1.0, -2.0, 0.5], 10)},
        starts=7,
    )
    units = dict.fromkeys(values, "s")
    return FitResult((minimum,), (), units, {}, "e^2/h", None, 8, 0)


def test_a_table_of_minima_says_what_is_undetermined():
    table = minima_table("Minima.", result(2.5, "tau_so", tau_phi=2e-12, tau_so=3e-12))
    rows = {cell_text(row[0]): cell_text(row[1]) for row in table.rows}
    assert rows["tau_phi"] == "2.00 +- 0.20 ps"
    assert rows["tau_so"] == "(3.000 ps)"
    assert rows["sum of squares"] == "2.5"
    assert rows["starts that end there"] == "7"


def test_a_value_on_its_bound_names_the_bound():
    found = result(2.5, "tau_so", tau_so=1e-12).best
    found.undetermined["tau_so"] = "tau_so is undetermined: the fit ends on its bound 1 ps."
    assert value_cell(found, "tau_so", "s") == "bound, 1.000 ps"


def test_a_table_of_windows_ends_with_all_points():
    windows = [
        WindowFit(2e-3, 4, {"tau_phi": 1e-12}, {"tau_phi": np.inf}),
        WindowFit(3e-3, 2, failure="too few"),
    ]
    table = window_table("Windows.", windows, result(2.5, tau_phi=2e-12))
    assert [tuple(map(cell_text, row)) for row in table.rows] == [
        ("2 mT", "4", "undetermined"),
        ("all", "10", "2.00 +- 0.20 ps"),
    ]


def test_scores_are_differences_from_the_best():
    fits = {"one": result(4.0, a=1.0), "two": result(2.0, a=1.0, b=1.0)}
    table = score_table("Models.", fits, compare_models(fits))
    one, two = table.rows
    # ten points: -2 ln L falls by 10 ln 2 = 6.93, and a parameter costs 2, or ln 10 = 2.30
    assert one == ("one", "1", "4.0000", "4.9", "4.6")
    assert two == ("two", "2", "2.0000", "0.0", "0.0")
