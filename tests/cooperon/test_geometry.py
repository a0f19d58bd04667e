"""Traces over geometries against explicit sums over modes and independent reference values."""

import json
from functools import cache
from itertools import pairwise
from math import pi
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon import Conductor, latex, magnetoconductivity, model, potential, weak_localization
from cooperon.geometries import GEOMETRIES, geometry, named_correction
from cooperon.geometry import (
    bulk,
    cylinder,
    film,
    finite_wire,
    ring,
    round_wire,
    strip,
    thick_cylinder,
    wire,
)
from cooperon.windings import WindingSum
from diagrams.symbols import symbol

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "data" / "geometries.json").read_text(encoding="utf-8")
)
E, H = 1.602176634e-19, 6.62607015e-34
HBAR = H / (2 * pi)
D = 0.01


@cache
def gas(dimension):
    return model("orthogonal").conductor(dimension)


def value(expression, **parameters):
    numbers = {symbol(name): sp.Float(v, 20) for name, v in parameters.items()}
    constants = {symbol("e"): sp.Float(E, 20), symbol("hbar"): sp.Float(H, 20) / (2 * sp.pi.n(20))}
    return float(sp.N(expression.subs(numbers).subs(constants), 17))


def exact(expression, **parameters):
    """Return the value with digits to spare, for differences."""
    numbers = {symbol(name): sp.Rational(v) for name, v in parameters.items()}
    constants = {symbol("e"): sp.Rational(E), symbol("hbar"): sp.Rational(H) / (2 * sp.pi.n(40))}
    return sp.N(expression.subs(numbers).subs(constants), 40)


def field_of_length(length):
    return HBAR / (4 * E * length**2)


def entries(name, start):
    return [entry for entry in REFERENCE[name] if entry["name"].startswith(start)]


# One number per geometry against the sum over its modes, without images or Bessel functions.


def sum_over_modes(wave_vectors, rate, infinite, tail):
    """Return sum int d^k q/(2 pi)^k 1/(D q^2 + z), the tail by its integral in the index."""
    y = D * wave_vectors**2 + rate
    terms = {0: 1 / y, 1: 1 / (2 * np.sqrt(D * y)), 2: -np.log(y) / (4 * pi * D)}[infinite]
    return np.sum(terms) + tail


def between_rates(correction, first, second, **parameters):
    values = (exact(correction, tau_phi=1 / rate, **parameters) for rate in (first, second))
    return float(next(values) - next(values))


@pytest.mark.parametrize(
    ("ends", "offset", "lowest"), [("leads", 0.0, 1), ("closed", 0.0, 0), ("mixed", 0.5, 0)]
)
@pytest.mark.parametrize("ratio", [0.3, 2.0, 7.0])
def test_a_finite_wire_is_the_sum_over_its_modes(ends, offset, lowest, ratio):
    length, rate = 2e-6, D * (ratio / 2e-6) ** 2
    correction = weak_localization(gas(1), "none", geometry=finite_wire(ends=ends)).expression
    count = 4000
    m = np.arange(lowest, count) + offset
    # the midpoint of the next term is where the integral begins
    tail = length**2 / (pi**2 * D) / (count - 0.5 + offset)
    total = sum_over_modes(pi * m / length, rate, 0, tail)
    # e^2/(pi hbar) m, and 2 e^2/h between leads, where it is divided by the length
    expected = -2 * D / length * total / (length if ends == "leads" else 1)
    assert value(correction, length=length, D=D, tau_phi=1 / rate) == pytest.approx(
        expected, rel=1e-9
    )


@pytest.mark.parametrize("flux", [0.0, 0.1, 0.25])
def test_a_ring_is_the_sum_over_its_modes(flux):
    around, rate = 3e-6, 3e10
    correction = weak_localization(gas(1), "none", geometry=ring(flux=symbol("Phi"))).expression
    m = np.arange(-20000, 20001)
    modes = 2 * pi * (m + 2 * flux) / around
    total = sum_over_modes(modes, rate, 0, 2 * around**2 / (4 * pi**2 * D) / 20000.5)
    found = value(correction, circumference=around, D=D, tau_phi=1 / rate, Phi=flux * H / E)
    assert found == pytest.approx(-2 * D * total / around, rel=1e-8)


@pytest.mark.parametrize("flux", [0.0, 0.2])
def test_a_cylinder_is_the_sum_over_its_modes(flux):
    around, rates = 3e-6, (3e10, 2e11)
    shape = cylinder(flux=symbol("Phi"))
    correction = weak_localization(gas(2), geometry=shape).expression
    m = np.arange(-20000, 20001)
    modes = 2 * pi * (m + 2 * flux) / around
    first, second = (sum_over_modes(modes, rate, 1, 0) for rate in rates)
    expected = -4 * pi * D * (first - second) / around
    found = between_rates(
        correction, *rates, circumference=around, D=D, Phi=flux * H / E, tau=1e-22
    )
    # the modes beyond are left out on one side: their difference falls as 1/m^3
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("width", [1e-7, 1e-6])
def test_a_strip_is_the_sum_over_its_transverse_modes(width):
    rates = (3e10, 2e11)
    correction = weak_localization(gas(2), geometry=strip()).expression
    m = np.arange(0, 40000)
    first, second = (sum_over_modes(pi * m / width, rate, 1, 0) for rate in rates)
    found = between_rates(correction, *rates, width=width, D=D, tau=1e-22)
    assert found == pytest.approx(-2 * D * (first - second), rel=1e-6)


@pytest.mark.parametrize("thickness", [2e-8, 3e-7, 2e-6])
def test_a_film_is_the_sum_over_its_transverse_modes(thickness):
    rates = (3e10, 2e11)
    correction = weak_localization(gas(3), geometry=film()).expression
    count = 100000
    m = np.arange(0, count)
    gap = thickness**2 / (pi**2 * D) / (count - 0.5)
    tail = -(rates[0] - rates[1]) * gap / (4 * pi * D)
    first, second = (sum_over_modes(pi * m / thickness, rate, 2, 0) for rate in rates)
    found = between_rates(correction, *rates, thickness=thickness, D=D, tau=1e-32)
    assert found == pytest.approx(-4 * pi * D * (first - second + tail), rel=1e-7)


def test_a_film_in_a_field_is_the_sum_of_planes():
    expression = magnetoconductivity(gas(3), geometry=film()).expression
    thickness, B, B_phi = 1e-7, 0.7, 0.004
    spacing = HBAR * pi**2 / (4 * E * thickness**2)
    x = (B_phi + spacing * mp.mpf(1) * np.arange(0, 3000).astype(object) ** 2) / B
    total = sum(mp.digamma(0.5 + a) - mp.log(a) for a in x)
    tail = mp.quad(lambda m: 1 / (24 * (spacing * m**2 / B) ** 2), [2999.5, mp.inf])
    found = value(expression, B=B, B_phi=B_phi, thickness=thickness)
    assert found == pytest.approx(float(total + tail), rel=1e-10)


# Reference values of other programs.


def test_films_have_the_reference_values():
    along = magnetoconductivity(gas(3), geometry=film(thin=True)).expression
    across = magnetoconductivity(gas(3), geometry=film()).expression
    for entry in entries("films", "parallel"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        B_phi = field_of_length(p["L_phi_m"])
        found = value(along, B=0, B_parallel=p["B_parallel_T"], B_phi=B_phi, thickness=p["d_m"])
        assert found == pytest.approx(float(entry["value"]), rel=1e-12)
    for entry in entries("films", "film perpendicular"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        B_phi = field_of_length(p["L_phi_m"])
        found = value(across, B=p["B_T"], B_phi=B_phi, thickness=p["d_m"])
        assert found == pytest.approx(float(entry["value"]), rel=1e-12)


def test_the_thickness_of_a_film_has_the_reference_values():
    correction = weak_localization(gas(3), geometry=film()).expression
    for entry in entries("films", "thickness"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        rates = (1 / p["L_phi1_m"] ** 2, 1 / p["L_phi2_m"] ** 2)
        found = between_rates(correction, *rates, thickness=p["d_m"], D=1, tau=1e-32)
        assert found == pytest.approx(float(entry["value"]), rel=1e-7)


def test_wires_have_the_reference_values():
    spins = named_correction("hln-isotropic", "wire", field=False, cutoff="none").expression
    for entry in entries("wire_diffusive", "AA wire"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        times = {
            name: p[length] ** 2 if length in p else 1e30
            for name, length in (("tau_so", "L_so_m"), ("tau_s", "L_s_m"))
        }
        found = value(spins, B=p["B_T"], width=p["W_m"], tau_phi=p["L_phi_m"] ** 2, D=1, **times)
        assert found == pytest.approx(float(entry["value"]), rel=1e-12)


def test_spins_in_a_finite_wire_have_the_reference_values():
    spins = named_correction("hln-isotropic", "finite-wire", field=False, cutoff="none").expression
    for entry in entries("finite_wire", "SO wire"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        times = {
            time: 1 / p[ratio] ** 2 if p[ratio] else 1e30
            for time, ratio in (
                ("tau_phi", "L_over_Lphi"),
                ("tau_so", "L_over_Lso"),
                ("tau_s", "L_over_Ls"),
            )
        }
        found = value(spins, B=0, width=1e-3, length=1, D=1, **times)
        assert found == pytest.approx(float(entry["value"]), rel=1e-12)


def test_rings_and_cylinders_have_the_reference_values():
    around = weak_localization(gas(1), "none", geometry=ring(flux=symbol("Phi"))).expression
    for entry in entries("AAS", "ring"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        found = value(
            around,
            circumference=p["circumference_m"],
            D=1,
            tau_phi=p["L_phi_m"] ** 2,
            Phi=p["Phi_over_Phi0"] * H / E,
        )
        assert found == pytest.approx(float(entry["value"]), rel=1e-12)
    oscillations = oscillating(weak_localization(gas(2), geometry=cylinder(flux=symbol("Phi"))))
    for entry in entries("AAS", "AAS cylinder"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        found = value(
            oscillations,
            circumference=2 * pi * p["R_m"],
            D=1,
            tau_phi=p["L_phi_m"] ** 2,
            Phi=p["Phi_over_Phi0"] * H / E,
        )
        assert found == pytest.approx(float(entry["value"]), rel=1e-12)


def test_thick_walls_have_the_reference_values():
    leading = oscillating(weak_localization(gas(3), geometry=geometry_of_walls()))
    averaged = oscillating(weak_localization(gas(3), geometry=thick_cylinder()))
    for entry in entries("AAS", "AAS thick wall"):
        p = {key: float(v) for key, v in entry["parameters"].items()}
        common = {"thickness": p["wall_thickness_m"], "B": p["B_T"], "D": 1}
        common |= {"tau_phi": p["L_phi_m"] ** 2}
        thin = value(leading, circumference=2 * pi * p["R_m"], **common)
        assert thin == pytest.approx(float(entry["value"]), rel=1e-12)
        thick = value(averaged, radius=p["R_m"], **common)
        assert thick == pytest.approx(p["refined_shell_average_formula"], rel=1e-11)


def geometry_of_walls():
    return cylinder(thickness=symbol("thickness"))


def oscillating(correction):
    (term,) = (t for t in correction.expression.args if t.has(WindingSum))
    return term


# Limits, units and other models.


@pytest.mark.slow
def test_universal_limits_of_a_wire_between_leads():
    limits = {
        "orthogonal": -sp.Rational(1, 3),
        "hln-isotropic": sp.Rational(1, 6),
    }
    for name, expected in limits.items():
        correction = named_correction(name, "finite-wire", field=False, cutoff="none")
        short = {"length": 1, "width": 1e-9, "B": 0, "D": 1, "tau_phi": 1e18}
        spins = {"tau_so": 1e-9, "tau_s": 1e30} if name != "orthogonal" else {}
        assert value(correction.expression, **short, **spins) == pytest.approx(
            float(expected), abs=1e-4
        )
    off = value(
        correction.expression, length=1, width=1e-9, B=0, D=1, tau_phi=1e18, tau_so=1e-9, tau_s=1e-9
    )
    assert off == pytest.approx(0, abs=1e-4)


def test_a_wide_film_is_thickness_times_bulk_and_a_thin_one_a_plane():
    thick = value(
        magnetoconductivity(gas(3), geometry=film()).expression, B=0.5, B_phi=0.01, thickness=1e-4
    )
    deep = value(magnetoconductivity(gas(3)).expression, B=0.5, B_phi=0.01)
    plane = value(magnetoconductivity(gas(2)).expression, B=0.5, B_phi=0.01)
    assert thick == pytest.approx(1e-4 * deep + plane / 2, rel=1e-10)
    thin = value(
        magnetoconductivity(gas(3), geometry=film()).expression, B=0.5, B_phi=0.01, thickness=1e-10
    )
    assert thin == pytest.approx(plane, rel=1e-6)


@pytest.mark.parametrize("name", ["finite-wire", "closed-wire", "half-open-wire"])
def test_a_long_finite_wire_is_an_infinite_one(name):
    length, parameters = 1e-3, {"B": 0.01, "B_phi": 1e-3, "width": 1e-7}
    long = named_correction("orthogonal", name)
    scale = length if long.unit_name == "2e^2/h" else 1
    infinite = named_correction("orthogonal", "wire").expression
    found = scale * value(long.expression, length=length, **parameters)
    assert found == pytest.approx(value(infinite, **parameters), rel=1e-2)


def test_fields_add_in_a_tilted_film_and_in_a_flat_wire():
    tilted = magnetoconductivity(gas(3), geometry=film(thin=True)).expression
    p = {"B": 0.3, "B_parallel": 2.0, "B_phi": 0.004, "thickness": 1e-8}
    b = E * 4.0 * 1e-16 / (12 * HBAR)
    psi = [float(mp.digamma(0.5 + x) - mp.log(x)) for x in ((0.004 + b) / 0.3,)]
    assert value(tilted, **p) == pytest.approx(psi[0] + np.log(1 + b / 0.004), rel=1e-12)
    flat = magnetoconductivity(
        gas(3), geometry=wire(symbol("width"), symbol("thickness"))
    ).expression
    one, other = 5e-8, 2e-8
    rise = E / (12 * HBAR) * (0.3**2 * one**2 + 2.0**2 * other**2)
    expected = -np.sqrt(HBAR / E) / 2 * (1 / np.sqrt(0.004 + rise) - 1 / np.sqrt(0.004))
    found = value(flat, B=0.3, B_parallel=2.0, B_phi=0.004, width=one, thickness=other)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("along", "expected"), [(False, 1), (True, sp.Rational(1, 2))])
def test_the_rate_of_a_round_wire_is_an_average_over_its_points(along, expected):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-1, 1, (2, 400_000))
    inside = x**2 + y**2 < 1
    A = np.hypot(x, y)[inside] / 2 if along else y[inside]
    rate = 4 * np.mean(A**2)
    section = round_wire(symbol("radius"), along).section
    unit = symbol("D") * (symbol("e") * symbol("B") * symbol("radius") / symbol("hbar")) ** 2
    assert sp.simplify(section.rate / unit) == expected
    assert rate == pytest.approx(float(expected), rel=5e-3)


def test_frequency_makes_a_ring_complex_and_dephases_it():
    omega = symbol("omega")
    correction = weak_localization(
        gas(1), "none", omega, geometry=ring(flux=symbol("Phi"))
    ).expression
    around, rate = 3e-6, 3e10
    m = np.arange(-20000, 20001)
    y = D * (2 * pi * (m + 0.2) / around) ** 2 + rate - 5e10j
    expected = -2 * D / around * (np.sum(1 / y) + 2 * around**2 / (4 * pi**2 * D) / 20000.5)
    numbers = {"circumference": around, "D": D, "tau_phi": 1 / rate, "Phi": 0.1 * H / E}
    constants = {symbol("e"): sp.Float(E, 20), symbol("hbar"): sp.Float(H, 20) / (2 * sp.pi.n(20))}
    found = correction.subs({symbol(k): sp.Float(v, 20) for k, v in numbers.items()})
    found = complex(sp.N(found.subs(omega, sp.Float(5e10)).subs(constants), 17))
    assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_every_named_geometry_has_formula_latex_and_steps(name):
    correction = named_correction("hln-isotropic", name)
    assert correction.expression != 0
    assert r"\Delta" in latex(correction)
    assert "Soft modes" in str(correction.derivation)
    zero = named_correction("hln-isotropic", name, field=False)
    assert symbol("tau_so") in zero.parameters


def test_units_follow_the_dimension_of_the_conductivity():
    units = {bulk(1): "e^2/(pi hbar) m", film(): "e^2/(pi h)", bulk(3): "e^2/(pi h) / m"}
    units |= {finite_wire(): "2e^2/h", ring(): "e^2/(pi hbar) m", cylinder(): "e^2/(pi h)"}
    for shape, unit in units.items():
        assert weak_localization(gas(3), geometry=shape).unit_name == unit


# What makes no sense.


def test_a_negative_length_is_refused():
    for make in (film, strip, wire, round_wire, finite_wire, ring, cylinder):
        with pytest.raises(ValueError, match="give a positive length"):
            make(-1e-8)
    with pytest.raises(ValueError, match="give a positive symbol"):
        film(sp.Symbol("d", real=True))
    with pytest.raises(ValueError, match="give a thinner wall"):
        thick_cylinder(1e-8, 3e-8)


def test_a_geometry_with_more_dimensions_than_the_conductor_is_refused():
    with pytest.raises(
        ValueError, match="'film' has 3 dimensions, and the conductor diffuses in 2"
    ):
        magnetoconductivity(gas(2), geometry=film())


def test_what_diverges_needs_a_cutoff():
    with pytest.raises(ValueError, match="'film' diverges without a cutoff"):
        weak_localization(gas(3), "none", geometry=film())


def test_modes_that_couple_to_momentum_are_refused_where_their_trace_is_not_known():
    with pytest.raises(NotImplementedError, match=r"couple to the wave vector.* 'strip'"):
        magnetoconductivity(model("rashba").conductor(), geometry=strip())


def test_an_unknown_geometry_is_answered_with_near_names():
    with pytest.raises(ValueError, match=r"did you mean one of .*'thin-film'"):
        geometry("thinfilm")


def test_a_wire_wider_than_its_limits_is_said_with_the_numbers():
    correction = named_correction("orthogonal", "wire")
    wide = correction.warnings({"B": 0.01, "B_phi": 1e-3, "width": 1e-6})
    assert any("the width is 2.47 L_phi" in sentence for sentence in wide)
    assert correction.warnings({"B": 0.001, "B_phi": 1e-4, "width": 1e-8}) == ()
    in_lengths = correction.in_lengths().warnings({"B": 0.0, "L_phi": 1e-6, "width": 2e-6})
    assert in_lengths[0].startswith("the width is 2 L_phi")


def test_a_cutoff_longer_than_the_dephasing_time_is_said():
    correction = weak_localization(Conductor(2, [potential()]))
    (sentence,) = correction.warnings({"tau": 1e-11, "tau_phi": 1e-12})
    assert "the lifetime tau is 10 tau_phi" in sentence


def test_the_narrow_limit_of_a_strip_is_the_wire():
    wide, narrow = (
        weak_localization(gas(2), geometry=shape).expression for shape in (strip(), wire())
    )
    differences = [
        abs(
            between_rates(wide, 1e10, 4e10, width=w, D=D, tau=1e-20)
            / between_rates(narrow, 1e10, 4e10, width=w, D=D, tau=1e-20, B=0)
            - 1
        )
        for w in (4e-7, 2e-7, 1e-7)
    ]
    assert all(6 < a / b < 10 for a, b in pairwise(differences))
