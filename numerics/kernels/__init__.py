"""Special functions of quantum interference for JAX, one module for each family.

* `hikami`: psi(1/2 + B_phi/|B|) - ln(B_phi/|B|), the perpendicular field in two dimensions;
  `hikami_difference`: of two close fields; `hikami_trace`: of a matrix of fields.
* `kawabata`: sqrt(|B|) f_3(B_phi/|B|), a field in three dimensions, and differences of it.
  `kawabata_pair`: of two modes that mix, by the arithmetic of `pair_numbers`.
* `nondiffusive`: a perpendicular field of any size beside the transport field.
* `hurwitz`: zeta(s, q) of real order.  `theta`: theta_3 and its derivatives.
* `hyperbolic`: x coth x, x/sinh x, coth x - 1/x, coth(x)/x - 1/x^2.
* `ring`, `windings`: sums over the windings of a ring and of a cylinder.  `film`: a film of
  finite thickness in a perpendicular field.  `strip`: a strip of any width in that field.
* `airy`: Ai, Ai' and Ai/Ai'.  `bessel`: K_0, K_1 (also scaled), I_0, I_1.
* `exponential_integral`: E_1.  `error_function`: exp(x^2) erfc(x), Gamma(a, x) of
  half-integer a.  `dilogarithm`: Li_2(x) for x <= 1.  `lambert`: W(x) with W exp(W) = x.
* `root_changes`: differences of roots.  `pair_decay`: the decay of two modes that mix.
* `rational`, `logarithm`, `fields`, `field_differences`: what they share.

Every kernel is accurate in its whole range together with its first and second derivatives,
and depends on jax and the shared modules only, so that generated modules can carry its
source.  The coefficient tables come from `numerics.approximants`, what they approximate
stands in `numerics.descriptions`, and `python -m numerics.kernel_accuracy` measures the errors.
Kernels of complex arguments have `complex` in their names.
"""
