"""Readers of raw sweeps.

`read_grid` for a matrix of numbers whose axes are given (`GridAxis`), `read_columns` for a table
with one line per point, `read_netcdf` for NetCDF and HDF5 files, `from_xarray` for data that are in
memory. Nothing is guessed silently: what is found (delimiter, header, units, the shape of the
grid) is a sentence in the notes of the sweep, and what cannot be known must be given.
"""

from numerics.column_reader import read_columns
from numerics.grid_reader import GridAxis, read_grid
from numerics.xarray_edge import from_xarray, read_netcdf

__all__ = ["GridAxis", "from_xarray", "read_columns", "read_grid", "read_netcdf"]
