"""The posterior of the shipped measurement: 4 chains of 1000 draws, from a cold start.

Wall clock on the machine as it is, with everything compiled anew; the fit that finds the minima to
start from is counted too.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator

from benchmarks.measurement import Row

_NAME = "TBG set, 4 x 1000 draws of NUTS, with fit and compilation"


def rows() -> Iterator[Row]:
    """The time, the process time, and the worst effective sample size and R-hat."""
    if not all(importlib.util.find_spec(name) for name in ("numpyro", "arviz")):
        yield Row(_NAME, None, "s", note="numpyro or arviz is not installed")
        return
    from numerics.demo import derive_model, graphene_function
    from numerics.parameters import Parameter
    from numerics.posterior import sample
    from numerics.tbg import load_tbg
    from numerics.tbg_published import PUBLISHED, diffusion_constant

    function, curves = graphene_function(derive_model()), load_tbg()
    wall, process = time.perf_counter(), time.process_time()
    posterior = sample(
        function,
        curves,
        [
            Parameter("tau_phi", 1e-13, 1e-9, unit="s", shared=False),
            Parameter("tau_asy", 1e-14, 1e-10, unit="s"),
            Parameter("tau_sym", 1e-14, 1e-10, unit="s"),
        ],
        fixed={"D": diffusion_constant(), "tau_phi": {"base": PUBLISHED["tau_phi[base]"].value}},
    )
    yield Row(_NAME, time.perf_counter() - wall, "s", 30.0)
    yield Row("the same, processor time of all threads", time.process_time() - process, "s")
    ess = min(min(e.bulk_ess, e.tail_ess) for e in posterior.summary.values())
    yield Row("the same, smallest effective sample size", ess, "draws")
    worst = max(e.r_hat for e in posterior.summary.values())
    yield Row("the same, largest R-hat", worst, "", 1.01)
