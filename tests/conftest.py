"""Settings of all tests: property tests have no deadline, and nothing derived is remembered."""

import os

from hypothesis import settings

# a derivation read from the cache would not be tested; the cache has tests of its own
os.environ["COOPERON_CACHE"] = "off"

settings.register_profile("cooperon", deadline=None)
settings.load_profile("cooperon")
