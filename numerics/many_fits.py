"""The result of many independent fits: arrays over the curves, and each curve's own result."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.many_curves import CurveData, OneCurve
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.result import Minimum
from numerics.uncertainty import Uncertainty, uncertainty

# Labels that a sentence names before it says how many more there are.
_NAMED = 5
# Chi-square per degree of freedom outside this range contradicts the given standard errors.
_CHI_SQUARE = (0.5, 2.0)
# A minimum within this many variances of the best cannot be told from it at two standard errors.
_CLOSE = 4.0
# Eigenvalues of the scaled J^T J below this fraction of the largest are rounding errors.
_ROUNDING = 1e-13
# Scaled standard errors (factors e, half ranges) below this need no closer look.
_HARMLESS = 0.3


@dataclass(frozen=True, eq=False)
class ManyFits:
    """The best minimum of each of C curves, n values each; ``fits[label]`` is one of them.

    Attributes
    ----------
    curves : tuple of Curve
        What was fitted.
    model : OneCurve
        Function, names and fixed values' names.
    parameters : tuple of Parameter
        In the order of the columns.
    data : CurveData
        Padded arrays of the curves, and their fixed values.
    values : array, shape (C, n)
        In SI units.
    information : array, shape (C, n, n)
        J^T J with J = d (weighted residuals) / d t, t = ln p for logarithmic parameters and p
        otherwise.
    sum_of_squares : array, shape (C,)
        Of the (weighted) residuals.
    dof : array of int, shape (C,)
        Points minus free values.
    converged : array of bool, shape (C,)
        Whether the values are those of a minimum.
    on_bound : array of bool, shape (C, n)
        Values on a bound.
    reached : array of int, shape (C,)
        Number of starts that led to the minimum.
    further : array, shape (C,)
        By how much the sum of squares of the next minimum is larger; inf if there is none.
    starts : int
        Starts per curve.
    weights : str or None
        ``"standard_error"`` or None, see `numerics.fit.fit`.
    single : bool
        Whether the first iterations were done in single precision.
    """

    curves: tuple[Curve, ...]
    model: OneCurve
    parameters: tuple[Parameter, ...]
    data: CurveData
    values: NDArray[np.float64]
    information: NDArray[np.float64]
    inverse: NDArray[np.float64]
    sum_of_squares: NDArray[np.float64]
    dof: NDArray[np.int64]
    converged: NDArray[np.bool_]
    on_bound: NDArray[np.bool_]
    reached: NDArray[np.int64]
    further: NDArray[np.float64]
    starts: int
    weights: str | None
    single: bool

    def __len__(self) -> int:
        return len(self.curves)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the free values."""
        return self.model.names

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the curves."""
        return tuple(c.label for c in self.curves)

    @property
    def variance(self) -> NDArray[np.float64]:
        """Variance s^2 of a residual, shape (C,): 1 where residuals have known errors."""
        return np.ones(len(self)) if self.weights else self.sum_of_squares / self.dof

    @cached_property
    def covariance(self) -> NDArray[np.float64]:
        """s^2 (J^T J)^-1, shape (C, n, n); inf on the diagonal where J^T J is singular."""
        covariance = self.variance[:, None, None] * self._steps[:, :, None] * self.inverse
        covariance = covariance * self._steps[:, None, :]
        for k, careful in self._careful.items():
            covariance[k] = careful.covariance
        return covariance

    @cached_property
    def undetermined(self) -> NDArray[np.bool_]:
        """Values that the data do not determine, shape (C, n)."""
        unknown = np.zeros(self.values.shape, bool)
        for k, careful in self._careful.items():
            unknown[k] = [name in careful.undetermined for name in self.names]
        return unknown

    @cached_property
    def standard_errors(self) -> NDArray[np.float64]:
        """One standard deviation, shape (C, n); inf where undetermined."""
        variances = np.diagonal(self.covariance, axis1=1, axis2=2)
        return np.where(self.undetermined, np.inf, np.sqrt(variances))

    @cached_property
    def status(self) -> tuple[str, ...]:
        """What can be said about all fits, in full sentences."""
        close = self.further <= _CLOSE * self.variance
        low, high = _CHI_SQUARE
        ratio = self.sum_of_squares / self.dof
        said = [
            f"{np.sum(self.converged)} of {len(self)} fits converged.",
            self._about(~self.converged, "did not reach a minimum; their values mean nothing"),
        ]
        for k, name in enumerate(self.names):
            edge = self.on_bound[:, k] & self.converged
            lost = self.undetermined[:, k] & self.converged & ~edge
            said.append(self._about(edge, f"{{}} {name} on a bound"))
            said.append(self._about(lost, f"do not determine {name}"))
        said.append(self._about(close & self.converged, "{} a further minimum that fits as well"))
        if self.weights:
            wrong = self.converged & ((ratio < low) | (ratio > high))
            text = f"{{}} a chi-square per degree of freedom outside {low} to {high}"
            said.append(self._about(wrong, text))
        return tuple(sentence for sentence in said if sentence)

    def __getitem__(self, label: str) -> Minimum:
        """Return the minimum of one curve, with residuals, as `numerics.fit.fit` does.

        Raises
        ------
        KeyError
            If no curve has the label, or its fit has not converged.
        """
        if label not in self._index:
            raise KeyError(f"No curve has the label {label!r}; the first is {self.labels[0]!r}.")
        k = self._index[label]
        if not self.converged[k]:
            raise KeyError(f"The fit of {label!r} did not converge; use more starts or see status.")
        spread = self._careful.get(k) or self._uncertainty(k)
        return Minimum(
            values=dict(zip(self.names, self.values[k].tolist(), strict=True)),
            standard_errors=dict(zip(self.names, self.standard_errors[k].tolist(), strict=True)),
            covariance=self.covariance[k],
            correlation=spread.correlation,
            undetermined=spread.undetermined,
            sum_of_squares=float(self.sum_of_squares[k]),
            dof=int(self.dof[k]),
            residuals={label: self._residuals(k)},
            starts=int(self.reached[k]),
        )

    def to_csv(self) -> str:
        """Return a table with one line per curve; what is undetermined has no error."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        pairs = [(f"{p.name} ({p.unit})", f"{p.name}_error ({p.unit})") for p in self.parameters]
        heads = [head for pair in pairs for head in pair]
        table.writerow(["label", *heads, "sum_of_squares", "dof", "converged", "remarks"])
        for k, label in enumerate(self.labels):
            numbers = zip(self.values[k], self.standard_errors[k], strict=True)
            cells = [repr(float(x)) if np.isfinite(x) else "" for pair in numbers for x in pair]
            end = [repr(float(self.sum_of_squares[k])), self.dof[k], int(self.converged[k])]
            table.writerow([label, *cells, *end, " ".join(self.remarks(k))])
        return text.getvalue()

    def to_json(self) -> str:
        """Return the results as JSON; infinite errors and failed fits are null."""
        fits = [
            {
                "label": label,
                "converged": bool(self.converged[k]),
                "values": _numbers(self.names, self.values[k]),
                "standard_errors": _numbers(self.names, self.standard_errors[k]),
                "covariance": [[_number(x) for x in row] for row in self.covariance[k]],
                "sum_of_squares": _number(self.sum_of_squares[k]),
                "dof": int(self.dof[k]),
                "starts": int(self.reached[k]),
                "remarks": self.remarks(k),
            }
            for k, label in enumerate(self.labels)
        ]
        content = {
            "status": self.status,
            "units": {p.name: p.unit for p in self.parameters},
            "unit": self.curves[0].unit,
            "weights": self.weights,
            "starts": self.starts,
            "fits": fits,
            "versions": {name: version(name) for name in ("jax", "numpy")},
        }
        return json.dumps(content, indent=2, allow_nan=False)

    def remarks(self, k: int) -> list[str]:
        """Return the sentences about the k-th fit alone; none if there is nothing to say."""
        if not self.converged[k]:
            return ["The fit did not reach a minimum."]
        careful = self._careful.get(k)
        said = list(careful.undetermined.values()) if careful else []
        if self.further[k] <= _CLOSE * self.variance[k]:
            said.append(
                f"A further minimum has a sum of squares only {self.further[k]:.2g} higher: the "
                "data do not tell the two apart."
            )
        return said

    @cached_property
    def _index(self) -> dict[str, int]:
        return {label: k for k, label in enumerate(self.labels)}

    @cached_property
    def _steps(self) -> NDArray[np.float64]:
        """dp / dt, shape (C, n)."""
        return np.where([p.logarithmic for p in self.parameters], self.values, 1.0)

    @cached_property
    def _careful(self) -> dict[int, Uncertainty]:
        """The uncertainty of those fits whose covariance may be singular or without a meaning."""
        scale = np.array([p.scale for p in self.parameters])
        diagonal = np.diagonal(self.inverse, axis1=1, axis2=2)
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(self.variance[:, None] * diagonal) / scale
        felt = np.diagonal(self.information, axis1=1, axis2=2) > 0
        harmless = np.all((errors < _HARMLESS) & felt & ~self.on_bound, axis=1)
        rows = np.flatnonzero(self.converged & ~harmless)
        return {int(k): self._uncertainty(int(k)) for k in rows}

    def _uncertainty(self, k: int) -> Uncertainty:
        return uncertainty(
            _square_root(self.information[k], np.array([p.scale for p in self.parameters])),
            float(self.variance[k]),
            self.names,
            self.parameters,
            self.values[k],
            self.on_bound[k],
        )

    @double_precision()
    def _residuals(self, k: int) -> NDArray[np.float64]:
        curve = self.curves[k]
        known = dict(zip(self.model.known, self.data.constants[k].tolist(), strict=True))
        values = dict(zip(self.names, self.values[k].tolist(), strict=True))
        return curve.delta_sigma - np.asarray(self.model.function(curve.B, **values, **known))

    def _about(self, which: NDArray[np.bool_], text: str) -> str:
        """Return a sentence about some fits, empty if there are none."""
        labels = [self.labels[k] for k in np.flatnonzero(which)]
        if not labels:
            return ""
        more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
        plural = len(labels) > 1
        text = text.format("have" if plural else "has")
        if not plural:
            text = text.replace("do not", "does not").replace(
                "their values mean", "its values mean"
            )
        subject = f"{len(labels)} fits" if plural else "1 fit"
        return f"{subject} {text}: {', '.join(labels[:_NAMED])}{more}."


def _square_root(
    information: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return R with R^T R = J^T J, its rounding errors set to zero: it stands for J."""
    eigenvalues, axes = np.linalg.eigh(information * np.outer(scale, scale))
    kept = np.where(eigenvalues > _ROUNDING * eigenvalues[-1], eigenvalues, 0.0)
    return np.sqrt(kept)[:, None] * axes.T / scale


def _numbers(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in zip(names, values, strict=True)}


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
