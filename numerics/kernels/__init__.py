"""Special functions of weak localization for JAX, one self-contained module each.

* `numerics.kernels.hikami`: psi(1/2 + B_phi/|B|) - ln(B_phi/|B|), the perpendicular field in
  two dimensions (`hikami`, `hikami_derivative`).

Every kernel is accurate in its whole range together with its first and second derivatives,
and depends on jax only, so that generated modules can carry its source.  The coefficient
tables come from `numerics.approximants`.
"""
