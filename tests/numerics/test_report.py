"""The report of a fit: a page that stands alone, a record that repeats the fit."""

import json
import math
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.optimize import least_squares
from typer.testing import CliRunner

from numerics import Curve, cli
from numerics.data_source import DataSource
from numerics.fit_options import parse_windows
from numerics.fit_record import read_record
from numerics.fit_request import FitRequest, run_fit
from numerics.named_model import NamedModel
from numerics.noise_estimate import Spread
from numerics.noise_model import CorrelatedNoise, GivenNoise, KernelNoise
from numerics.noise_record import noise_content, noise_of
from numerics.precision import double_precision
from numerics.record_fit import record_fit
from numerics.repeat_fit import repeat_fit
from numerics.report import report_html, write_report
from numerics.report_figures import autocorrelation
from numerics.report_text import quantity_html, symbol_html
from numerics.window_fits import WindowFit, default_windows, drift_sentences

# what all of them look at takes several seconds to make
pytestmark = pytest.mark.slow

MODEL = NamedModel("hln-isotropic")
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Checks that tags are nested, and keeps what a reader or a test looks at."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.starts, self.words, self.ids = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.starts.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.starts.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def measured():
    """Two temperatures; weak antilocalization with a little noise."""
    B = np.linspace(1e-3, 40e-3, 24)
    function = MODEL.function("e^2/h")
    noise = 1e-4 * np.random.default_rng(3).standard_normal((2, 24))
    with double_precision():
        return tuple(
            Curve(
                B,
                np.asarray(function(B, B_phi=b, B_so=6e-3, B_s=0.0)) + e,
                standard_error=np.full(24, 1e-4),
                label=label,
                temperature=T,
            )
            for b, label, T, e in zip(
                (5e-4, 2e-3), ("300 mK", "4 <K>"), (0.3, 4.0), noise, strict=True
            )
        )


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    path = folder / "sweep.csv"
    path.write_text("B_mT,dG_e2h\n1,0.1\n2,0.2\n")
    curves = measured()
    request = FitRequest(MODEL.correction(), {"B_s": 0.0}, {}, starts=8, named=MODEL)
    result, function = run_fit(request, curves)
    data = DataSource.of(path, {"unit": None}, ["Field read from column 'B_mT' in mT."])
    steps = [{"step": "symmetrise", "arguments": {}}]
    return record_fit(
        request, result, curves, function, data=data, windows=[0.02, 0.03], pipeline=steps
    )


@pytest.fixture(scope="module")
def page(record):
    return report_html(record)


def test_the_page_is_well_formed_and_identifiers_are_unique(page):
    parsed = Page(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', page))
    assert used
    assert used <= set(parsed.ids)


def test_the_page_loads_nothing(page):
    for tag, attributes in Page(page).starts:
        assert tag not in ("script", "link", "img", "iframe")
        for name in ("src", "href", "xlink:href", "data"):
            assert attributes.get(name, "#").startswith("#")
    assert "@import" not in page
    assert re.findall(r"https?://", page) == []


def test_the_page_says_all_sentences_values_and_sources(page, record):
    text = Page(page).text
    for sentence in record.result.status:
        assert " ".join(sentence.split()) in text
    for minimum in record.result.minima:
        for name, value in minimum.values.items():
            if name not in minimum.undetermined:
                error = minimum.standard_errors[name]
                shown = quantity_html(value, error, record.result.units[name])
                assert Page(shown).text in text
    for words in (*record.model.references, "symmetrise", "column 'B_mT'", "seed"):
        assert words in text
    assert record.model.latex in "".join(Page(page).words)
    assert record.result.latex_table() in "".join(Page(page).words)


def test_the_page_can_be_read_without_seeing_it(page):
    starts = Page(page).starts
    assert all(a.get("aria-label") for tag, a in starts if tag == "svg")
    assert sum(tag == "svg" for tag, _ in starts) == 8
    assert all(a.get("scope") in ("col", "row") for tag, a in starts if tag == "th")
    assert ("html", {"lang": "en"}) in starts
    headings = [int(tag[1]) for tag, _ in starts if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert max(np.diff(headings)) <= 1


def test_labels_cannot_inject_markup(page):
    assert "4 <K>" not in page
    assert "4 &lt;K&gt;" in page


def test_a_value_that_is_not_determined_is_named_and_not_quoted(record):
    best = record.result.best
    reasons = {
        "B_so": "B_so is undetermined: the fit ends on its bound 10 T.",
        "B_phi[300 mK]": "B_phi[300 mK] is undetermined: its linear standard error is 9 times.",
    }
    lost = replace(
        best,
        undetermined=reasons,
        standard_errors=best.standard_errors | dict.fromkeys(reasons, math.inf),
    )
    result = replace(record.result, minima=(lost,))
    html = report_html(replace(record, result=result, lines=record.lines[:1]))
    values = html[html.index("<h2>Values") : html.index("<h2>Residuals")]
    assert "on its bound" in values
    assert ">undetermined<" in values
    for name in reasons:
        shown = quantity_html(best.values[name], best.standard_errors[name], "T")
        assert shown.partition(" ")[0] not in values
    assert "Fewer than two" in html


def test_the_record_comes_back_to_the_last_bit(record, tmp_path):
    path = record.write(tmp_path / "fit.json")
    again = read_record(path)
    assert again.content() == record.content()
    assert again.result.best.values == record.result.best.values
    np.testing.assert_array_equal(again.result.best.covariance, record.result.best.covariance)
    assert again.windows == record.windows
    assert report_html(again) == report_html(record)
    with pytest.raises(FileExistsError, match="--force"):
        record.write(path)


def test_the_record_repeats_the_fit(record, tmp_path):
    path = record.write(tmp_path / "fit.json")
    repetition = repeat_fit(path)
    assert repetition.agrees
    assert repetition.difference < 1e-10
    assert "The fit repeats" in repetition.sentences[0]
    for old, new in zip(record.result.minima, repetition.result.minima, strict=True):
        for name, value in old.values.items():
            assert new.values[name] == pytest.approx(value, rel=1e-10)


def test_other_numbers_in_a_record_do_not_repeat(record, tmp_path):
    path = record.write(tmp_path / "fit.json")
    content = json.loads(path.read_text())
    content["minima"][0]["values"]["B_so"] *= 1.01
    path.write_text(json.dumps(content))
    repetition = repeat_fit(path)
    assert not repetition.agrees
    assert "does not repeat: B_so is" in repetition.sentences[0]


def test_a_changed_data_file_is_refused(record, tmp_path):
    path = record.write(tmp_path / "fit.json")
    (tmp_path / "sweep.csv").write_text("B_mT,dG_e2h\n1,0.1\n2,0.3\n")
    moved = replace(record, data=replace(record.data, path="nowhere/sweep.csv"))
    moved.write(path, force=True)
    with pytest.raises(ValueError, match=r"sweep\.csv changed since the fit"):
        read_record(path)
    (tmp_path / "sweep.csv").unlink()
    assert read_record(path).data.sha256 == record.data.sha256


def test_changed_curves_and_foreign_files_are_refused(record, tmp_path):
    path = record.write(tmp_path / "fit.json")
    content = json.loads(path.read_text())
    content["curves"][0]["delta_sigma"][3] += 1e-12
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="not those that were fitted"):
        read_record(path)
    path.write_text(json.dumps({"minima": []}))
    with pytest.raises(ValueError, match="has the format None"):
        read_record(path)
    path.write_text("x")
    with pytest.raises(ValueError, match="is no JSON"):
        read_record(path)


def test_a_model_without_names_runs_from_its_source_only_when_trusted(record):
    nameless = replace(record.model, named=None)
    with pytest.raises(ValueError, match="trust_source=True"):
        nameless.function()
    function, named = nameless.function(trust_source=True), MODEL.function("e^2/h")
    values = record.result.arguments("300 mK")
    with double_precision():
        for B in (1e-3, 0.02):
            assert float(function(B, **values)) == float(named(B, **values))
    with pytest.raises(ValueError, match="pass it as function="):
        replace(nameless, source="").function()


def test_windows_give_what_least_squares_of_fewer_points_gives(record):
    """The points outside have no weight; here they are not there, and SciPy does the fit."""
    window, function = record.windows[0], MODEL.function("e^2/h")
    short = [c.window(0, window.B_max) for c in record.curves]
    names = [f"B_phi[{c.label}]" for c in short] + ["B_so"]

    def residuals(t):
        *phi, so = np.exp(t)
        with double_precision():
            parts = [
                c.delta_sigma - np.asarray(function(c.B, B_phi=b, B_so=so, B_s=0.0))
                for c, b in zip(short, phi, strict=True)
            ]
        return np.concatenate(parts)

    start = np.log([window.values[name] * 1.02 for name in names])
    found = least_squares(residuals, start, jac="3-point", xtol=1e-15, ftol=1e-15, gtol=1e-15)
    points = sum(map(len, short))
    covariance = np.linalg.inv(found.jac.T @ found.jac) * 2 * found.cost / (points - 3)
    assert window.points == points < sum(map(len, record.curves))
    for name, t, error in zip(names, found.x, np.sqrt(np.diag(covariance)), strict=True):
        assert window.values[name] == pytest.approx(np.exp(t), rel=1e-6)
        assert window.standard_errors[name] == pytest.approx(error * np.exp(t), rel=1e-5)


def test_a_drift_is_said_in_standard_errors(record):
    best = record.result.best
    error = best.standard_errors["B_so"]
    moved = best.values | {"B_so": best.values["B_so"] + 7 * error}
    window = WindowFit(0.01, 20, moved, best.standard_errors)
    sentences = drift_sentences([window], record.result, 0.04)
    assert sum("drifts with the window" in s and "7 standard errors" in s for s in sentences) == 1
    assert sum("does not depend on the window" in s for s in sentences) == 2


def test_windows_too_short_to_determine_anything_are_left_out():
    curve = Curve(np.linspace(1e-3, 0.1, 100), np.zeros(100))
    assert default_windows([curve], 3) == (0.025, 0.035, 0.05, 0.07)
    assert default_windows([curve], 15) == (0.05, 0.07)
    assert parse_windows("5e-3,1e-2") == (5e-3, 1e-2)
    assert parse_windows("") == ()
    with pytest.raises(ValueError, match="positive"):
        parse_windows("-1")


def test_the_autocorrelation_is_that_of_the_definition():
    r = np.array([1.0, -2.0, 3.0, 0.5])
    expected = [(-2 - 6 + 1.5) / 14.25, (3 - 1) / 14.25]
    np.testing.assert_allclose(autocorrelation(r, 2), expected, rtol=1e-14)
    assert autocorrelation(np.zeros(4), 2).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "text"),
    [("tau_so_x", "τsox"), ("B_phi[4 K]", "Bφ (4 K)"), ("new_thing", "new"), ("width", "W")],
)
def test_letters_are_those_of_the_symbol_table(name, text):
    assert Page(symbol_html(name)).text.startswith(text)


def test_noise_comes_back_from_a_record():
    given = GivenNoise({"a": np.array([[2.0, 0.5], [0.5, 1.0]])})
    back = noise_of(json.loads(json.dumps(noise_content(given))))
    np.testing.assert_array_equal(back.matrices["a"], given.matrices["a"])
    estimated = CorrelatedNoise("squared_exponential", length=2e-3)
    assert noise_of(noise_content(estimated)) == estimated
    kernel = KernelNoise("exponential", {"a": Spread(0.1, 0.2, 3e-3)})
    assert noise_of(json.loads(json.dumps(noise_content(kernel)))) == kernel
    with pytest.raises(ValueError, match="not known here"):
        noise_of({"kind": "Pink"})


def test_the_command_remakes_the_page_and_does_not_overwrite(record, page, tmp_path):
    path = record.write(tmp_path / "fit.json")
    output = tmp_path / "new" / "page.html"
    arguments = ["report", str(path), "--repeat", "--output", str(output)]
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "The fit repeats" in done.stdout
    assert output.read_text() == page
    with pytest.raises(FileExistsError, match="--force"):
        write_report(output, record)


def test_a_fit_is_repeated_beside_its_page_which_stays(record, tmp_path):
    path = record.write(tmp_path / "fit.json")
    (tmp_path / "report.html").write_text("mine")
    run = CliRunner().invoke
    done = run(cli.app, ["report", str(path), "--repeat"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "The fit repeats" in done.stdout
    assert (tmp_path / "report.html").read_text() == "mine"
    with pytest.raises(FileExistsError, match="--force"):
        run(cli.app, ["report", str(path)], catch_exceptions=False)


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def browse(*arguments):
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium is installed: the page was not opened in a browser")
    # Root in a container has no sandbox and little shared memory.
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command = [program, *flags, "--hide-scrollbars", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser_nothing_overflows_and_something_is_seen(page, width, tmp_path):
    import matplotlib.image

    path = tmp_path / "report.html"
    script = "document.title = document.documentElement.scrollWidth + ' of ' + innerWidth"
    path.write_text(page.replace("</body>", f"<script>{script}</script></body>"))
    picture = tmp_path / "page.png"
    size = f"--window-size={width},2000"
    document = browse(size, "--dump-dom", path.as_uri())
    browse(size, f"--screenshot={picture}", path.as_uri())
    found = re.search(r"<title>(\d+) of (\d+)</title>", document)
    assert (int(found[1]), int(found[2])) == (width, width)
    pixels = matplotlib.image.imread(picture)[..., :3]
    assert pixels.shape[:2] == (2000, width)
    dark = pixels.mean(axis=2) < 0.5
    assert 0.005 < dark.mean() < 0.5
    assert all(part.any() for part in np.array_split(dark, 4))
