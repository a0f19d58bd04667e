"""Batches over devices and processes, with the sharding of JAX and no scheduler of our own.

A batch is a pytree of arrays with one common leading axis: curves, samples of parameters, starting
points. `evaluate_sharded` gives each device its rows and lets it work alone (`jax.shard_map`), so a
loop inside the function stops on each device when that device is done, and no device waits for
another before the end. The rows are the same computation as on one device, to the rounding of the
last digit, which XLA may do differently for arrays of different length.

On several machines, call ``jax.distributed.initialize(...)`` first, as for any JAX program, and the
same function with the same arguments in every process; every process gets the whole result.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

_AXIS = "batch"


def batch_mesh(count: int | None = None) -> Mesh:
    """Return a one-dimensional mesh of all devices of all processes, or of the first `count`.

    Raises
    ------
    ValueError
        If there are not as many devices.
    """
    devices = jax.devices()
    number = len(devices) if count is None else count
    if not 1 <= number <= len(devices):
        raise ValueError(
            f"{number} devices are asked for and JAX sees {len(devices)}; on a CPU more are made "
            "by XLA_FLAGS=--xla_force_host_platform_device_count=8 before JAX is imported."
        )
    return Mesh(np.array(devices[:number]), (_AXIS,))


def shard(batch: Any, mesh: Mesh | None = None) -> tuple[Any, int]:
    """Return the batch, its leading axis split over the devices of a mesh, and its length.

    Parameters
    ----------
    batch : pytree of array_like
        Arrays with one common leading axis; the same in every process.
    mesh : Mesh, optional
        One-dimensional; `batch_mesh()` by default.

    Returns
    -------
    tuple
        The pytree of sharded arrays, and the number of rows given. Where that is not a multiple of
        the number of devices, the last row is repeated until it is; `gather` drops the copies.

    Raises
    ------
    ValueError
        If an array has no leading axis, the lengths differ, or there is no row.
    """
    mesh = batch_mesh() if mesh is None else mesh
    leaves, structure = jax.tree.flatten(batch)
    arrays = [np.asarray(leaf) for leaf in leaves]
    size = _common_length(arrays)
    rows = np.minimum(np.arange(-(-size // mesh.size) * mesh.size), size - 1)
    split = NamedSharding(mesh, PartitionSpec(*mesh.axis_names))
    return jax.tree.unflatten(structure, [_place(array[rows], split) for array in arrays]), size


def gather(batch: Any, size: int) -> Any:
    """Return the first `size` rows of a sharded batch as NumPy arrays, in every process."""
    if jax.process_count() > 1:
        # Not at the top: it takes time that only several processes need.
        from jax.experimental import multihost_utils

        batch = multihost_utils.process_allgather(batch, tiled=True)
    return jax.tree.map(lambda leaf: np.asarray(leaf)[:size], batch)


def evaluate_sharded(
    function: Callable[..., Any],
    batch: Any,
    *others: Any,
    mesh: Mesh | None = None,
    allow_nan: bool = False,
) -> Any:
    """Return ``function(batch, *others)``, each device working on its part of the rows.

    Parameters
    ----------
    function : callable
        A pure JAX function of a batch whose result, an array or a pytree, has the same leading
        axis, and whose rows do not depend on each other: a compiled correction in whose arguments
        the batch axis comes first, or ``jax.vmap(one_row, in_axes=(0, None))``. It may be a
        gradient or a whole fit. Keep the same object between calls and it is compiled once.
    batch : pytree of array_like
        Rows to split, of any number.
    others : pytrees
        Further arguments, known whole to every device.
    mesh : Mesh, optional
        One-dimensional; `batch_mesh()` by default.
    allow_nan : bool
        Return rows that are NaN, as the end points of failed starts of a search may be.

    Returns
    -------
    pytree of numpy.ndarray
        As many rows as given, in their order.

    Raises
    ------
    ValueError
        As for `shard`, or if the result has another leading axis, or a row of it is NaN although
        its arguments are not: the range check of a compiled correction cannot raise inside a
        transformation.
    """
    mesh = batch_mesh() if mesh is None else mesh
    rows, size = shard(batch, mesh)
    whole = NamedSharding(mesh, PartitionSpec())
    known = jax.tree.map(lambda leaf: _place(np.asarray(leaf), whole), others)
    result = gather(_evaluate(function, mesh, rows, known), size)
    if not allow_nan:
        _check_nan(result, batch)
    return result


@partial(jax.jit, static_argnums=(0, 1))
def _evaluate(function: Callable[..., Any], mesh: Mesh, rows: Any, others: tuple[Any, ...]) -> Any:
    split = PartitionSpec(*mesh.axis_names)

    def on_one_device(rows: Any, *others: Any) -> Any:
        result = function(rows, *others)
        _check_rows(result, len(jax.tree.leaves(rows)[0]))
        return result

    # A user's loop may start from constants, which the check of varying axes would refuse.
    parallel = jax.shard_map(
        on_one_device,
        mesh=mesh,
        in_specs=(split, *(PartitionSpec() for _ in others)),
        out_specs=split,
        check_vma=False,
    )
    return parallel(rows, *others)


def _check_rows(result: Any, rows: int) -> None:
    for leaf in jax.tree.leaves(result):
        if jnp.ndim(leaf) == 0 or len(leaf) != rows:
            raise ValueError(
                f"The function returns shape {jnp.shape(leaf)} for {rows} rows; it must return one "
                "row for each, in the leading axis."
            )


def _check_nan(result: Any, batch: Any) -> None:
    lost = _nan_rows(result) & ~_nan_rows(batch)
    if np.any(lost):
        raise ValueError(
            f"The result is NaN in row {int(np.argmax(lost))} of the batch; its arguments are "
            "outside the function's range (negative rates, say), or pass allow_nan=True."
        )


def _nan_rows(tree: Any) -> np.ndarray[Any, Any]:
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]
    nan = [np.isnan(x).reshape(len(x), -1).any(axis=1) for x in leaves if x.dtype.kind in "fc"]
    return np.any(nan, axis=0) if nan else np.zeros(len(leaves[0]), dtype=bool)


def _place(array: np.ndarray[Any, Any], sharding: NamedSharding) -> jax.Array:
    # As jnp.asarray would: float64 only where it is switched on.
    array = array.astype(jax.dtypes.canonicalize_dtype(array.dtype))
    # Unlike device_put, each process only touches what its own devices hold.
    return jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])


def _common_length(arrays: list[np.ndarray[Any, Any]]) -> int:
    if not arrays or any(array.ndim == 0 for array in arrays):
        raise ValueError(
            "The batch has an array without a leading axis; pass what all rows share as a further "
            "argument."
        )
    lengths = sorted({len(array) for array in arrays})
    if len(lengths) > 1:
        raise ValueError(
            f"The arrays of the batch have {' and '.join(map(str, lengths))} rows; give one number."
        )
    if lengths[0] == 0:
        raise ValueError("The batch has no rows; give at least one.")
    return lengths[0]
