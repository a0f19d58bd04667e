"""What is said about a film that is too thick for a two-dimensional formula."""

import mpmath as mp
import numpy as np
import pytest

from numerics.constants import e, hbar
from numerics.curve import Curve
from numerics.film_range import film_error, thick_film
from numerics.fit import fit
from numerics.fit_request import FitRequest, run_fit
from numerics.kernels.hikami import hikami
from numerics.named_model import NamedModel
from numerics.parameters import Parameter
from numerics.precision import double_precision


def psi_sum(B, B_phi, thickness):
    """The modes across a film, by mpmath."""
    first = hbar * (mp.pi / thickness) ** 2 / (4 * e)

    def Psi(n):
        x = (B_phi + first * n**2) / B
        return mp.digamma(x + 0.5) - mp.log(x)

    with mp.workdps(30):
        return mp.nsum(Psi, [1, mp.inf]) / Psi(0)


@pytest.mark.parametrize("thickness", [1e-8, 1e-7, 2e-6])
def test_the_error_is_the_sum_over_the_modes_across(thickness):
    found = film_error(-0.05, 1e-3, thickness)
    assert found == pytest.approx(float(psi_sum(0.05, 1e-3, thickness)), rel=1e-6)


def test_a_bulk_sample_becomes_one_of_three_dimensions():
    """The sum over modes is an integral there, so that it grows as the thickness."""
    assert film_error(9.0, 1.0, 2e-6) == pytest.approx(2 * film_error(9.0, 1.0, 1e-6), rel=0.03)


def test_a_thin_film_is_left_alone_and_a_bulk_sample_is_named():
    curve = Curve(np.linspace(-9, 9, 19), np.zeros(19))
    assert thick_film([curve], [{"L_phi": 3e-8}], 1e-9) == []
    assert thick_film([curve], [{"L_phi": 3e-8}], None) == []
    (said,) = thick_film([curve], [{"L_phi": 3e-8}], 1e-6)
    assert "is a bulk sample at L_phi = 30.0" in said
    assert said.endswith("fit with geometry=film().")


@pytest.mark.parametrize(
    ("values", "thickness", "message"),
    [
        ({"B_phi": 1e-3}, 0.0, "thickness is 0.0 m; give a positive length"),
        ({"B_phi": 1e-3, "thickness": 1e-8}, 1e-8, "is an argument of the model"),
        ({"tau_phi": 1e-12}, 1e-8, "leave thickness out, or fit B_phi, L_phi, or tau_phi and D"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused(values, thickness, message):
    with pytest.raises(ValueError, match=message):
        thick_film([Curve([0.1, 0.2], [0.0, 0.0])], [values], thickness)


@double_precision()
@pytest.mark.slow
def test_a_fit_of_a_bulk_sample_by_a_two_dimensional_model_says_so():
    B = np.linspace(-9, 9, 91)
    first = hbar * (np.pi / 1e-6) ** 2 / (4 * e)
    bulk = np.asarray(hikami(B[:, None], 0.5 + first * np.arange(4000) ** 2)).sum(axis=1)

    def plane(B, alpha, B_phi):
        return alpha * hikami(B, B_phi)

    parameters = [Parameter("alpha", 1e-3, 1e3), Parameter("B_phi", 1e-4, 10.0, unit="T")]
    result = fit(plane, Curve(B, bulk), parameters, starts=8, thickness=1e-6)
    assert any("is a bulk sample" in sentence for sentence in result.status)


@double_precision()
@pytest.mark.slow
def test_a_request_by_names_passes_the_thickness_on():
    B = np.linspace(-9, 9, 31)
    request = FitRequest.of(NamedModel("orthogonal"), starts=4, thickness=1e-6)
    result, _ = run_fit(request, [Curve(B, np.asarray(hikami(B, 0.5)))])
    assert any("is a bulk sample" in sentence for sentence in result.status)
