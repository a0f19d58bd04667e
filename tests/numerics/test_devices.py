"""Batches over eight devices of one process, and over two processes: the same numbers, no row lost.

XLA fixes the number of devices when it starts, so these run in processes of their own, which are
ended after a time limit.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.devices import batch_mesh, evaluate_sharded, gather, shard

ROOT = Path(__file__).parents[2]
SECONDS = 150

# Run in each process: values, gradients and a loop whose length differs from row to row.
PROGRAM = """
import json, sys
import jax
if len(sys.argv) > 1:
    jax.distributed.initialize(
        coordinator_address=sys.argv[1], num_processes=2, process_id=int(sys.argv[2]),
        initialization_timeout=60,
    )
import jax.numpy as jnp
import numpy as np
from numerics.devices import batch_mesh, evaluate_sharded
from numerics.precision import enable_x64

enable_x64()

def one_row(p, B):
    return p["alpha"] * jnp.log1p((B / p["B_phi"]) ** 2)

def root(p, B):
    step = lambda x: x - (x * x - p["B_phi"]) / (2 * x)
    return jax.lax.while_loop(lambda x: abs(x * x - p["B_phi"]) > 1e-14, step, 1.0 + p["B_phi"])

def everything(p, B):
    value = jax.vmap(one_row, (0, None))(p, B)
    slope = jax.vmap(jax.jacfwd(one_row), (0, None))(p, B)
    return value, slope, jax.vmap(root, (0, None))(p, B)

random = np.random.default_rng(0)
batch = {"alpha": random.uniform(-1, 1, 37), "B_phi": random.uniform(1e-3, 1e-2, 37)}
B = np.geomspace(1e-3, 1e-1, 11)
split = evaluate_sharded(everything, batch, B)
alone = jax.jit(everything)(batch, B)
distance = []
for got, expected in zip(jax.tree.leaves(split), jax.tree.leaves(alone)):
    expected = np.asarray(expected)
    assert got.shape == expected.shape and got.dtype == np.float64
    distance.append(float(np.max(np.abs(got - expected) / np.spacing(np.abs(expected)))))
print(json.dumps({"devices": len(jax.devices()), "local": len(jax.local_devices()),
                  "mesh": batch_mesh().size, "processes": jax.process_count(), "ulp": distance}))
"""


def start(*arguments, devices):
    environment = os.environ | {
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(processes):
    """Return (exit code, output, errors) of each; none outlives the time limit."""
    try:
        return [(*p.communicate(timeout=SECONDS), p.returncode) for p in processes]
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait(timeout=30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.slow
def test_eight_devices_give_the_numbers_of_one():
    ((output, errors, code),) = finish([start(devices=8)])
    assert code == 0, errors[-3000:]
    report = json.loads(output)
    assert (report["devices"], report["mesh"]) == (8, 8)
    assert max(report["ulp"]) <= 1


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one():
    for _ in range(3):
        # Another program may take the port between the probe and its use: try another one then.
        address = f"127.0.0.1:{free_port()}"
        ends = finish([start(address, str(k), devices=2) for k in range(2)])
        if not any("address already in use" in errors.lower() for _, errors, _ in ends):
            break
    for output, errors, code in ends:
        assert code == 0, errors[-3000:]
        report = json.loads(output.splitlines()[-1])
        assert (report["processes"], report["devices"], report["local"]) == (2, 4, 2)
        assert max(report["ulp"]) <= 1


def double(batch, *others):
    return {"twice": 2 * batch["x"], "sum": batch["x"] + sum(others)}


def test_any_number_of_rows_comes_back_in_order():
    for rows in (1, 2, 5):
        x = np.arange(rows, dtype=np.float32)
        result = evaluate_sharded(double, {"x": x}, 1.0)
        assert result["twice"].tolist() == (2 * x).tolist()
        assert result["sum"].tolist() == (x + 1).tolist()


def test_a_sharded_batch_is_gathered_without_its_padding():
    x = np.arange(6.0).reshape(3, 2)
    sharded, size = shard({"x": x})
    assert size == 3
    assert len(sharded["x"]) % batch_mesh().size == 0
    assert gather(sharded, size)["x"].tolist() == x.tolist()


def test_one_device_of_several_can_be_chosen():
    assert batch_mesh(1).size == 1
    assert evaluate_sharded(double, {"x": np.ones(3)}, mesh=batch_mesh(1))["twice"].sum() == 6
    with pytest.raises(ValueError, match=f"{len(jax.devices()) + 1} devices are asked for"):
        batch_mesh(len(jax.devices()) + 1)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({"x": 1.0}, "without a leading axis"),
        ({}, "without a leading axis"),
        ({"x": np.ones(0)}, "no rows"),
        ({"x": np.ones(2), "y": np.ones(3)}, "2 and 3 rows"),
    ],
)
def test_a_batch_without_common_rows_is_refused(batch, message):
    with pytest.raises(ValueError, match=message):
        shard(batch)


def test_a_result_without_the_rows_is_refused():
    with pytest.raises(ValueError, match=r"returns shape \(\) for"):
        evaluate_sharded(lambda x: jnp.sum(x), np.ones(3))


def test_rows_that_become_nan_are_named_and_given_ones_kept():
    with pytest.raises(ValueError, match="NaN in row 1 "):
        evaluate_sharded(jnp.sqrt, np.array([1.0, -1.0, np.nan]))
    kept = evaluate_sharded(jnp.sqrt, np.array([4.0, -1.0]), allow_nan=True)
    assert kept[0] == 2
    assert np.isnan(kept[1])
    assert np.isnan(evaluate_sharded(jnp.sqrt, np.array([1.0, np.nan]))[1])
