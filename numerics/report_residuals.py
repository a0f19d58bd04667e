"""The residuals of a report: in units of their noise, whether they are normal and independent."""

from __future__ import annotations

import math
from html import escape

import numpy as np
from numpy.typing import NDArray

from numerics.fit_record import FitRecord
from numerics.noise import whiten
from numerics.report_figures import autocorrelation_figure, histogram_figure, normal_figure
from numerics.report_text import figure

_Array = NDArray[np.float64]
_RESIDUAL_UNITS = {
    None: "in units of their scatter",
    "standard_error": "in units of their standard errors",
    "noise": "whitened by the model of their noise",
}


def standard_residuals(record: FitRecord) -> dict[str, _Array]:
    """Return residuals in units of their noise, independent and of size one if the fit is right."""
    best, noise = record.result.best, getattr(record.result, "noise", None)
    found = {}
    for curve in record.curves:
        r = best.residuals[curve.label]
        if noise is not None:
            r = whiten(r[:, None], noise.covariance(curve))[:, 0]
        elif record.result.weights and curve.standard_error is not None:
            r = r / curve.standard_error
        else:
            s = math.sqrt(best.variance)
            r = r / s if s else r
        found[curve.label] = r
    return found


def residuals_section(record: FitRecord) -> str:
    """Return a sentence on the residuals and their pictures."""
    residuals = standard_residuals(record)
    shortest = min(map(len, residuals.values()))
    r = np.concatenate(list(residuals.values()))
    beyond = int(np.count_nonzero(np.abs(r) > 3))
    pictures = [
        figure(normal_figure(residuals), "Sorted residuals against normal ones: a line if normal."),
        figure(histogram_figure(residuals), "Their distribution, and the normal one."),
        figure(
            autocorrelation_figure(residuals),
            f"Correlation of residuals at a distance along the field; band: 95 % of independent "
            f"ones (±{1.96 / math.sqrt(shortest):.2f}).",
        ),
    ]
    by = _RESIDUAL_UNITS[record.result.weights]
    sentence = (
        f"{len(r)} residuals, {by}: {beyond} beyond three standard deviations, where "
        f"{0.0027 * len(r):.2g} are expected of normal ones; the largest is "
        f"{float(np.max(np.abs(r))):.3g}."
    )
    return f'<p>{escape(sentence)}</p><div class="grid">{"".join(pictures)}</div>'
