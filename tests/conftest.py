"""Settings of all tests: no deadlines, nothing derived is remembered, one thread of BLAS each."""

import os

from hypothesis import settings

# a derivation read from the cache would not be tested; the cache has tests of its own
os.environ["COOPERON_CACHE"] = "off"

# the workers share the cores: threads of BLAS would wait for each other, not compute
for library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("cooperon", deadline=None)
settings.load_profile("cooperon")
