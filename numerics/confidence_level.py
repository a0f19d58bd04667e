"""How much larger than its minimum a sum of squares may be: levels of profiles.

With N points, p free values in all and k of them held, the values that a fraction P of experiments
would have confined are, by the F test, those with

    S <= S_min (1 + k F_k,N-p(P) / (N - p)),

and S <= S_min + chi2_k(P) where the errors of the points are known (weights="standard_error").
"""


def confidence_level(
    lowest: float, dof: int, held: int, probability: float, weights: str | None
) -> float:
    """Return the sum of squares that confines `held` values with a probability.

    Raises
    ------
    ValueError
        If the probability is not between 0 and 1.
    """
    from scipy import stats  # takes longer to import than JAX, and only levels need it

    if not 0 < probability < 1:
        raise ValueError(f"The probability is {probability:g}; give a number between 0 and 1.")
    if weights:
        return lowest + float(stats.chi2.ppf(probability, held))
    return lowest * (1 + held * float(stats.f.ppf(probability, held, dof)) / dof)
