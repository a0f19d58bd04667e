"""Settings of all tests: property tests have no deadline, machines differ in speed."""

from hypothesis import settings

settings.register_profile("cooperon", deadline=None)
settings.load_profile("cooperon")
