"""Sentences about planned sweeps: what they determine, and what they cannot tell apart."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from numerics.directions import Direction, error_text

_STRONG = 0.95
# Two parameters that correlate are still told apart if both are known to this relative error.
_TOLD_APART = 0.1


def verdict(
    relative: Mapping[str, float],
    undetermined: Mapping[str, str],
    null: Iterable[str],
    correlation: NDArray[np.float64],
    axes: Sequence[Direction],
    *,
    points: int,
    sweeps: int,
) -> tuple[str, ...]:
    """Return the sentences, what is determined first.

    Parameters
    ----------
    relative : mapping
        Relative standard error by name, in the order of the correlation matrix.
    undetermined : mapping
        A sentence for each parameter that is not determined.
    null : iterable of str
        A sentence for each direction that no point sees.
    correlation : array, shape (n, n)
        Correlation coefficients.
    axes : sequence of Direction
        Stiffest first.
    points, sweeps : int
        How many there are.
    """
    subject = "This sweep" if sweeps == 1 else f"These {sweeps} sweeps"
    return (
        _determined(relative, undetermined, f"{subject} of {points} points"),
        *dict.fromkeys([*null, *undetermined.values()]),
        *_confusions(relative, correlation, subject),
        *_combinations(axes),
    )


def _determined(
    relative: Mapping[str, float], undetermined: Mapping[str, str], subject: str
) -> str:
    known = [
        f"{name} {error_text(error)}"
        for name, error in relative.items()
        if name not in undetermined
    ]
    if not known:
        return f"{subject} determines none of {', '.join(relative)}."
    verb = "determines" if subject.startswith("This") else "determine"
    return f"{subject} {verb} {', '.join(known)} (one standard error)."


def _confusions(
    relative: Mapping[str, float], correlation: NDArray[np.float64], subject: str
) -> list[str]:
    sentences = []
    for (i, a), (j, b) in combinations(enumerate(relative), 2):
        r = float(correlation[i, j])
        seen = math.isfinite(relative[a]) and math.isfinite(relative[b])
        if not seen or abs(r) < _STRONG:
            continue
        lost = max(relative[a], relative[b]) > _TOLD_APART
        verb = "cannot tell" if lost else "can hardly tell"
        # 1/(1 - r^2) is the ratio of variances with the other unknown and known.
        growth = 1 / math.sqrt(max(1 - r * r, 1e-16))
        sentences.append(
            f"{subject} {verb} {a} from {b}: correlation {_correlation_text(r)}, up to "
            f"{growth:.2g} times smaller errors if the other were known."
        )
    return sentences


def _correlation_text(r: float) -> str:
    # Two decimals would round -0.9996 to -1.
    return f"{r:.2f}" if abs(r) < 0.995 else f"{r:.4f}"


def _combinations(axes: Sequence[Direction]) -> list[str]:
    if len(axes) < 2:
        return []
    return [
        f"The best determined combination is {axes[0]}, {error_text(axes[0].relative_error)}; "
        f"the worst is {axes[-1]}, {error_text(axes[-1].relative_error)}."
    ]
