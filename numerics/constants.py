"""The constants of nature that formulas need, in SI units.

They are those of scipy.constants, whose import takes a tenth of a second;
a test compares.
"""

from math import pi

e = 1.602176634e-19
"""Elementary charge, C."""

h = 6.62607015e-34
"""Planck's constant, J s."""

hbar = h / (2 * pi)
"""Reduced Planck constant, J s."""

mu_B = 9.2740100657e-24
"""Bohr magneton, J/T (CODATA 2022); the last two digits are uncertain."""

k_B = 1.380649e-23
"""Boltzmann constant, J/K."""
