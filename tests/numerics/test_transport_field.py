"""What is said about a sweep that leaves the diffusive range."""

import numpy as np
import pytest

from numerics.curve import Curve
from numerics.fit import fit
from numerics.kernels.hikami import hikami
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.transport_field import beyond_diffusion, diffusive_error, diffusive_range


def test_the_error_is_that_of_the_sums_over_levels():
    """HLN 2.690183 and sum over levels 2.044469 at B = B_tr, tau_phi = 100 tau."""
    assert diffusive_error(1.0, 0.01, 1.0) == pytest.approx(2.690183 / 2.044469 - 1, rel=1e-5)


def test_a_sweep_within_the_diffusive_range_is_fine():
    assert diffusive_range(1e-4, 1e-5, 1.0) is None


def test_a_sweep_beyond_it_is_told_how_far_it_is_off_and_where_to_stop():
    sentence = diffusive_range(0.05, 1e-4, 0.5)
    assert sentence.startswith("The sweep reaches B = 0.05000 T = 0.1 B_tr, where the diffusive")
    assert f"off by {100 * diffusive_error(0.05, 1e-4, 0.5):.2g} %" in sentence
    stop, unit = sentence.split("stay below ")[1].split()
    assert unit == "T."
    assert 0.003 < diffusive_error(float(stop), 1e-4, 0.5) <= 0.01


def test_where_dephasing_is_fast_no_field_is_small_enough():
    sentence = diffusive_range(1.0, 0.3, 1.0)
    assert sentence.endswith("fit with nondiffusive_magnetoconductivity.")


def test_the_dephasing_field_is_that_of_the_time_and_the_diffusion_constant():
    curve = Curve(np.array([-0.05, 0.0, 0.05]), np.zeros(3), label="1 K")
    times = {"tau_phi": 1.6455298e-10, "D": 0.01}
    assert beyond_diffusion([curve], [times], 0.5) == beyond_diffusion(
        [curve], [{"B_phi": 1e-4}], 0.5
    )
    with pytest.raises(ValueError, match="does not follow from"):
        beyond_diffusion([curve], [{"tau_phi": 1e-10}], 0.5)
    with pytest.raises(ValueError, match="B_tr is 0"):
        beyond_diffusion([curve], [{"B_phi": 1e-4}], 0.0)


def diffusive(B, B_phi):
    return hikami(B, B_phi)


@double_precision()
@pytest.mark.slow
def test_a_fit_that_is_given_the_transport_field_says_so():
    B = np.linspace(-0.02, 0.02, 21)
    curve = Curve(B, np.asarray(hikami(B, 1e-3)), label="1 K")
    parameters = [Parameter("B_phi", 1e-5, 1e-1, unit="T")]
    result = fit(diffusive, curve, parameters, starts=4, transport_field=0.1)
    assert any(sentence.startswith("The sweep reaches B") for sentence in result.status)
    silent = fit(diffusive, curve, parameters, starts=4)
    assert not any("The sweep reaches" in sentence for sentence in silent.status)
