"""One independent fit per curve, for many curves of the same model, all at once.

`numerics.fit.fit` fits one problem, with everything that can be known about it; a gate map or a
wafer has a thousand. Here all of them run through one compiled search (`numerics.batch_search`), in
chunks that are written to a checkpoint as they are done and shared among threads: XLA does not
split such small arrays by itself, but two chunks run side by side.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.batch_checks import check_many
from numerics.batch_minima import minimise, single_agrees, works_on
from numerics.batch_problem import Ends, Problems
from numerics.checkpoint import Checkpoint, hash_of
from numerics.curve import Curve
from numerics.fit import Progress
from numerics.many_curves import CurveData, OneCurve, Starts, curve_data, one_curve, start_points
from numerics.many_fits import ManyFits
from numerics.parameters import Parameter, natural_bounds
from numerics.precision import double_precision
from numerics.problem import Fixed, Model
from numerics.thinned_curves import thinned

# Starts per chunk: enough to keep the slots of the search filled, few enough to share.
_CHUNK = 512
# Relative to the sum of squares: ends closer than this are one minimum, as in `numerics.minima`.
_SAME_VALUE = 1e-7
_ROUNDING = 1e-24
_ON_BOUND = 1e-6

_Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class _Work:
    """What all chunks share."""

    model: OneCurve
    data: CurveData
    coarse: CurveData | None
    u: NDArray[np.float64]  # (C, S, n)
    total: NDArray[np.float64]  # (C,)
    middle: NDArray[np.float64]
    half: NDArray[np.float64]
    single: bool


def fit_many(
    function: Model,
    curves: Sequence[Curve],
    parameters: Sequence[Parameter],
    *,
    fixed: Fixed | None = None,
    starts: Starts = 8,
    seed: int = 0,
    weights: str | None = None,
    precision: str = "auto",
    threads: int | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress | None = None,
) -> ManyFits:
    """Fit a function to each of many curves by itself.

    Parameters
    ----------
    function : callable
        ``function(B, **values)``, as for `numerics.fit.fit`.
    curves : sequence of Curve
        Data in one common unit, of any lengths; arrays of one length need least memory and time.
    parameters : sequence of Parameter
        What may vary, with bounds; every curve has its own values, `shared` or not.
    fixed : mapping, optional
        Arguments that are known: ``{name: value}`` or ``{name: {label: value}}`` for all labels.
    starts : int or mapping
        Number of starting points, one Latin hypercube over the search intervals for all curves, or
        one starting point per curve: ``{name: value or array of shape (C,)}``.
    seed : int
        Seed of the hypercube.
    weights : None or "standard_error"
        As for `numerics.fit.fit`.
    precision : "auto", "mixed" or "float64"
        ``"mixed"`` does the first iterations in single precision, and on some of the points where
        there are plenty, which finds the same minima in less than half the time; ``"auto"`` does so
        if the function, compared at some starts, agrees there with itself in double precision to
        5e-5 and does not warn. Results are in double precision.
    threads : int, optional
        Threads that share the chunks; one per processor by default.
    checkpoint : path, optional
        File in which finished chunks are kept. With the same arguments, an interrupted run
        goes on from there.
    progress : callable, optional
        Called as ``progress(done, total, text)`` after each chunk.

    Returns
    -------
    ManyFits
        The best minimum of each curve, its uncertainty, and what is to be said about it.

    Raises
    ------
    TypeError
        If the function does not take the arguments or does not return one float64 per field.
    ValueError
        If data, parameters, fixed values and starts do not make a problem, or the checkpoint is of
        another one.
    """
    curves = tuple(curves)
    fixed = fixed or {}
    check_many(function, curves, parameters, fixed, starts, weights, precision, threads)
    free = [p for p in parameters if p.name not in fixed]
    work = _work(function, curves, free, fixed, starts, seed, weights, precision)
    count, per_curve = work.u.shape[:2]
    chunks = _chunks(count, per_curve)
    kept = Checkpoint(checkpoint, _hash(work, free, curves)) if checkpoint else None
    finished = _run(work, chunks, kept, threads, progress or _silent)
    found = {name: np.concatenate([part[name] for part in finished]) for name in finished[0]}
    return _result(found, work, curves, free, weights)


def _run(
    work: _Work,
    chunks: Sequence[slice],
    kept: Checkpoint | None,
    threads: int | None,
    progress: Progress,
) -> list[_Arrays]:
    done: dict[int, _Arrays] = dict(kept.done) if kept else {}
    count = len(work.u)
    for k, part in _compute(
        work, chunks, [k for k in range(len(chunks)) if k not in done], threads
    ):
        done[k] = part
        if kept:
            kept.add(k, part)
        fitted = sum(len(arrays["converged"]) for arrays in done.values())
        progress(fitted, count, f"fitted {fitted} of {count} curves")
    return [done[k] for k in range(len(chunks))]


def _compute(
    work: _Work, chunks: Sequence[slice], missing: Sequence[int], threads: int | None
) -> Iterator[tuple[int, _Arrays]]:
    """Yield chunks as they are done; an interruption waits for those that are running."""
    workers = min(threads or os.cpu_count() or 1, len(missing))
    if workers <= 1:
        yield from ((k, _fit_chunk(work, chunks[k])) for k in missing)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        running: dict[Future[_Arrays], int] = {
            pool.submit(_fit_chunk, work, chunks[k]): k for k in missing
        }
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _fit_chunk(work: _Work, chunk: slice) -> _Arrays:
    u = work.u[chunk]
    count, starts, n = u.shape
    problems = Problems(
        start=u.reshape(-1, n),
        rate=np.ones(count * starts),
        owner=np.repeat(np.arange(count), starts),
        data=_of_chunk(work.data, chunk),
        total=work.total[chunk],
        middle=work.middle,
        half=work.half,
        count=np.asarray(count * starts),
    )
    coarse = None if work.coarse is None else _of_chunk(work.coarse, chunk)
    ends = minimise(work.model, problems, single=work.single, coarse=coarse)
    return _best(ends, work.total[chunk], starts)


def _of_chunk(data: CurveData, chunk: slice) -> CurveData:
    part: CurveData = jax.tree.map(lambda x: x if len(x) == 1 else x[chunk], data)
    return part


def _best(ends: Ends, total: NDArray[np.float64], starts: int) -> _Arrays:
    """Return the best start of each curve, and how many others agree with it."""
    square = np.where(ends.converged, ends.square, np.inf).reshape(-1, starts)
    first = np.argmin(square, axis=1)
    rows = np.arange(len(first)) * starts + first
    lowest = square[np.arange(len(first)), first]
    with np.errstate(invalid="ignore"):
        excess = square - lowest[:, None]
    same = excess <= (_SAME_VALUE * lowest + _ROUNDING * total)[:, None]
    return {
        "u": ends.u[rows],
        "square": ends.square[rows],
        "information": ends.information[rows],
        "inverse": ends.inverse[rows],
        "converged": ends.converged[rows],
        "reached": np.sum(same, axis=1),
        "further": np.min(np.where(same, np.inf, excess), axis=1),
    }


def _result(
    found: _Arrays,
    work: _Work,
    curves: tuple[Curve, ...],
    free: Sequence[Parameter],
    weights: str | None,
) -> ManyFits:
    t = work.middle + work.half * np.sin(found["u"])
    values = np.where([p.logarithmic for p in free], np.exp(t), t)
    return ManyFits(
        curves=curves,
        model=work.model,
        parameters=tuple(free),
        data=work.data,
        # exp(ln p) may exceed a bound by a rounding error.
        values=np.clip(values, [p.lower for p in free], [p.upper for p in free]),
        information=found["information"],
        inverse=found["inverse"],
        sum_of_squares=found["square"],
        dof=np.array([len(c.B) for c in curves]) - len(free),
        converged=found["converged"],
        on_bound=np.abs(np.cos(found["u"])) < _ON_BOUND,
        reached=found["reached"],
        further=found["further"],
        starts=work.u.shape[1],
        weights=weights,
        single=work.single,
    )


def _work(
    function: Model,
    curves: tuple[Curve, ...],
    free: Sequence[Parameter],
    fixed: Fixed,
    starts: Starts,
    seed: int,
    weights: str | None,
    precision: str,
) -> _Work:
    data = curve_data(curves, fixed, weights)
    weighted = data.delta_sigma if data.weight is None else data.delta_sigma * data.weight
    total = np.sum(weighted**2, axis=1)
    u = start_points(free, starts, seed, len(curves))
    model = one_curve(function, free, fixed)
    middle, half = natural_bounds(free)
    first = Problems(
        start=u[:, 0],
        rate=np.ones(len(u)),
        owner=np.arange(len(u)),
        data=data,
        total=total,
        middle=middle,
        half=half,
        count=np.asarray(len(u)),
    )
    single = precision == "mixed" or (precision == "auto" and single_agrees(model, first))
    lengths = np.array([len(c.B) for c in curves])
    coarse = thinned(data, lengths, len(free)) if single else None
    if coarse is not None and not works_on(model, first._replace(data=coarse)):
        coarse = None
    return _Work(model, data, coarse, u, total, middle, half, single)


def _chunks(count: int, starts: int) -> list[slice]:
    """Return slices of the curves, as even as possible."""
    number = -(-count * starts // _CHUNK)
    edges = np.linspace(0, count, min(number, count) + 1).round().astype(int).tolist()
    return [slice(a, b) for a, b in pairwise(edges)]


@double_precision()
def _hash(work: _Work, free: Sequence[Parameter], curves: Sequence[Curve]) -> str:
    few = jax.tree.map(lambda x: jnp.asarray(x[0]), work.data)
    text = jax.jit(work.model).lower([jnp.asarray(0.5)] * len(free), few).as_text()
    labels = [c.label for c in curves]
    data = [x for x in work.data if x is not None]
    return hash_of([text, tuple(free), labels, curves[0].unit, *data, work.u, work.single])


def _silent(done: int, total: int, text: str) -> None:
    """Report nothing."""
