"""One independent fit per curve, for many curves of the same model, all at once.

`numerics.fit.fit` fits one problem, with everything that can be known about it; a gate map or a
wafer has a thousand. Here all of them run through one compiled search (`numerics.batch_search`), in
chunks that are written to a checkpoint as they are done and shared among threads: XLA does not
split such small arrays by itself, but two chunks run side by side.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.batch_minima import minimise, single_agrees
from numerics.batch_search import Ends, Problems
from numerics.checkpoint import Checkpoint, hash_of
from numerics.checks import check_counts, check_curves, check_model
from numerics.curve import Curve
from numerics.fit import Progress
from numerics.many_curves import CurveData, OneCurve, Starts, curve_data, one_curve, start_points
from numerics.many_fits import ManyFits
from numerics.parameters import Parameter, natural_bounds
from numerics.precision import double_precision
from numerics.problem import Fixed, Model, make_arrays, make_layout

# Starts per chunk: enough to keep the slots of the search filled, few enough to share.
_CHUNK = 512
# Relative to the sum of squares: ends closer than this are one minimum, as in `numerics.minima`.
_SAME_VALUE = 1e-7
_ROUNDING = 1e-24
_ON_BOUND = 1e-6
_PRECISIONS = ("auto", "mixed", "float64")

_Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class _Work:
    """What all chunks share."""

    model: OneCurve
    data: CurveData
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
        ``"mixed"`` does the first iterations in single precision, which finds the same minima in
        half the time; ``"auto"`` does so if the function, compared at some starts, agrees there
        with itself in double precision to 5e-5 and does not warn. Results are in double precision.
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
    _check(function, curves, parameters, fixed, starts, weights, precision, threads)
    free = [p for p in parameters if p.name not in fixed]
    work = _work(function, curves, free, fixed, starts, seed, weights, precision)
    chunks = _chunks(*work.u.shape[:2])
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
        data=jax.tree.map(lambda x: x if len(x) == 1 else x[chunk], work.data),
        total=work.total[chunk],
        middle=work.middle,
        half=work.half,
        count=np.asarray(count * starts),
    )
    return _best(minimise(work.model, problems, single=work.single), work.total[chunk], starts)


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
        dof=np.array([len(c) for c in curves]) - len(free),
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
    u = start_points(free, starts, seed, len(curves))
    model = one_curve(function, free, fixed)
    middle, half = natural_bounds(free)
    work = _Work(model, data, u, np.sum(weighted**2, axis=1), middle, half, precision == "mixed")
    if precision != "auto":
        return work
    some = Problems(
        u[:, 0], np.ones(len(u)), np.arange(len(u)), data, work.total, middle, half, np.asarray(0)
    )
    single = single_agrees(model, some)
    return _Work(model, data, u, work.total, middle, half, single)


def _chunks(count: int, starts: int) -> list[slice]:
    """Return slices of the curves, as even as possible."""
    number = -(-count * starts // _CHUNK)
    edges = np.linspace(0, count, min(number, count) + 1).round().astype(int).tolist()
    return [slice(a, b) for a, b in pairwise(edges)]


def _check(
    function: Model,
    curves: tuple[Curve, ...],
    parameters: Sequence[Parameter],
    fixed: Fixed,
    starts: Starts,
    weights: str | None,
    precision: str,
    threads: int | None,
) -> None:
    if weights not in (None, "standard_error"):
        raise ValueError(f"weights is {weights!r}; use None or 'standard_error'.")
    if precision not in _PRECISIONS:
        raise ValueError(f"precision is {precision!r}; use one of {', '.join(_PRECISIONS)}.")
    if threads is not None and threads < 1:
        raise ValueError(f"The number of threads is {threads}; use at least 1.")
    if isinstance(starts, int) and starts < 1:
        raise ValueError(f"The number of starts is {starts}; use at least 1.")
    check_curves(curves)
    shortest = min(curves, key=len)
    known = {k: v.get(shortest.label) if isinstance(v, Mapping) else v for k, v in fixed.items()}
    given = tuple((k, float(v)) for k, v in known.items() if v is not None)
    _check_model(function, tuple(parameters), given, tuple(shortest.B.tolist()))


# The same model is often fitted again and again, and a look at it takes as long as 300 fits.
@lru_cache(maxsize=64)
@double_precision()
def _check_model(
    function: Model,
    parameters: tuple[Parameter, ...],
    fixed: tuple[tuple[str, float], ...],
    B: tuple[float, ...],
) -> None:
    curve = Curve(np.array(B), np.zeros(len(B)))
    layout = make_layout(parameters, [curve.label], dict(fixed))
    check_counts(layout, len(B))
    check_model(function, layout, make_arrays(layout, [curve], None))


@double_precision()
def _hash(work: _Work, free: Sequence[Parameter], curves: Sequence[Curve]) -> str:
    few = jax.tree.map(lambda x: jnp.asarray(x[0]), work.data)
    text = jax.jit(work.model).lower([jnp.asarray(0.5)] * len(free), few).as_text()
    labels = [c.label for c in curves]
    data = [x for x in work.data if x is not None]
    return hash_of([text, tuple(free), labels, curves[0].unit, *data, work.u, work.single])


def _silent(done: int, total: int, text: str) -> None:
    """Report nothing."""
