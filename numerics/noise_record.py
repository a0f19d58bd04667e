"""Models of correlated noise as plain mappings, for JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from numerics.noise_estimate import Spread
from numerics.noise_model import CorrelatedNoise, GivenNoise, KernelNoise, NoiseModel


def noise_content(noise: NoiseModel | None) -> dict[str, Any] | None:
    """Return what `noise_of` needs to make the same noise again.

    >>> noise_of(noise_content(CorrelatedNoise(length=1e-3)))
    CorrelatedNoise(kernel='exponential', independent='estimated', length=0.001)
    """
    if noise is None:
        return None
    kind = {"kind": type(noise).__name__}
    if isinstance(noise, GivenNoise):
        rows = {label: np.asarray(C).tolist() for label, C in noise.matrices.items()}
        return {**kind, "matrices": rows}
    return {**kind, **asdict(noise)}


def noise_of(content: Mapping[str, Any] | None) -> NoiseModel | None:
    """Return the noise that `noise_content` described.

    Raises
    ------
    ValueError
        If it is of a kind that is not known.
    """
    if content is None:
        return None
    facts = dict(content)
    kind = facts.pop("kind", None)
    if kind == "GivenNoise":
        return GivenNoise({label: np.array(C) for label, C in facts["matrices"].items()})
    if kind == "KernelNoise":
        spreads = {label: Spread(**spread) for label, spread in facts["spreads"].items()}
        return KernelNoise(facts["kernel"], spreads)
    if kind == "CorrelatedNoise":
        return CorrelatedNoise(**facts)
    raise ValueError(
        f"The record has noise of the kind {kind!r}, which is not known here; read it with the "
        "version of cooperon that it names."
    )
