"""How much larger than its minimum a sum of squares may be: levels of profiles.

With N points, p free values in all and k of them held, the values that a fraction P of experiments
would have confined are, by the F test, those with

    S <= S_min (1 + k F_k,N-p(P) / (N - p)),

S <= S_min + chi2_k(P) where the errors of the points are known (weights="standard_error"), and

    S <= S_min + k F_k,nu(P)

where correlated noise was estimated with nu degrees of freedom (`numerics.noise_freedom`).
"""


def confidence_level(
    lowest: float,
    dof: int,
    held: int,
    probability: float,
    weights: str | None,
    noise_dof: float | None = None,
) -> float:
    """Return the sum of squares that confines `held` values with a probability.

    Raises
    ------
    ValueError
        If the probability is not between 0 and 1, or `noise_dof` is not positive.
    """
    from scipy import stats  # takes longer to import than JAX, and only levels need it

    if not 0 < probability < 1:
        raise ValueError(f"The probability is {probability:g}; give a number between 0 and 1.")
    if noise_dof is not None:
        if not noise_dof > 0:
            raise ValueError(f"noise_dof is {noise_dof:g}; give a positive number, or none.")
        return lowest + held * float(stats.f.ppf(probability, held, noise_dof))
    if weights:
        return lowest + float(stats.chi2.ppf(probability, held))
    return lowest * (1 + held * float(stats.f.ppf(probability, held, dof)) / dof)
