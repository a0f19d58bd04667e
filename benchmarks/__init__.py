"""How fast it is beside what one would use instead: `python -m benchmarks [NAME ...]`."""
