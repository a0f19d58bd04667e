"""Sweeps from and to xarray, and through it HDF5 and NetCDF files.

The names of a file are the laboratory's. A dictionary says which variable is which quantity; the
unit is read from the attribute ``units``, and where it is missing it must be given, because a field
in tesla and one in millitesla look alike.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from numerics.measured_quantities import AXES, VALUES, measured, require_quantities, unit_scale
from numerics.pint_edge import is_quantity, si_array
from numerics.sweep_array import Floats, SweepArray


def read_netcdf(
    path: str | Path,
    *,
    names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    group: str | None = None,
    label: str | None = None,
    temperature: float | None = None,
) -> SweepArray:
    """Read a sweep from a NetCDF or HDF5 file; arguments as in `from_xarray`.

    Dimensions of a plain HDF5 file have no names; one-dimensional data sets that are called after
    an axis (or are named so in `names`) then tell which is which.

    Raises
    ------
    ValueError
        If the file is no HDF5, or as `from_xarray`.
    ImportError
        If xarray, h5netcdf or h5py is not installed.
    """
    xarray = _xarray("h5netcdf", "h5py")
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"There is no file {path}; give the path of a NetCDF or HDF5 file.")
    try:
        opened = xarray.open_dataset(
            path, engine="h5netcdf", group=group, phony_dims="access", decode_times=False
        )
    except OSError as error:
        raise ValueError(
            f"{path.name} cannot be opened as HDF5 or NetCDF 4 ({str(error).splitlines()[0]}); "
            "read text with read_grid or read_columns."
        ) from error
    with opened as dataset:
        return from_xarray(
            dataset.load(),
            names=names,
            units=units,
            label=label or path.stem,
            temperature=temperature,
            source=path.name,
        )


def from_xarray(
    data: Any,
    *,
    names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    label: str | None = None,
    temperature: float | None = None,
    source: str = "xarray",
) -> SweepArray:
    """Return an `xarray.Dataset` or `xarray.DataArray` as a sweep.

    Parameters
    ----------
    data : Dataset or DataArray
        Its dimensions are the axes; variables with other names are left out, with a note.
    names : dict, optional
        Name in the data of a quantity where it differs: ``{"V_g": "backgate", "V_xx": "X"}``.
    units : dict, optional
        Units by quantity, which override the attributes ``units``.
    label, temperature
        Of the sweep; the attributes of those names if not given.

    Raises
    ------
    ValueError
        If a name is missing, a dimension has no coordinate, or a unit is missing or of another
        kind.
    """
    names, units = dict(names or {}), dict(units or {})
    require_quantities(names)
    for quantity in units:
        measured(quantity)
    dataset = _dataset(data)
    found = {q: names.get(q, q) for q in (*AXES, *VALUES) if names.get(q, q) in dataset.variables}
    for quantity, name in names.items():
        if quantity not in found:
            held = ", ".join(map(str, dataset.variables))
            raise ValueError(f"{source} has no {name!r} for {quantity}; it has {held}.")
    values = {q: n for q, n in found.items() if q in VALUES}
    if not values:
        held = ", ".join(map(str, dataset.variables))
        raise ValueError(
            f"{source} holds no measured value among {held}; pass names=, for example "
            "{'V_xx': 'X'}."
        )
    axes = _axes(dataset, found, values, source)
    converted, notes = {}, []
    for quantity, name in {**axes, **values}.items():
        converted[quantity], note = _converted(dataset.variables[name], quantity, name, units)
        notes.append(note)
    order = [dataset.variables[n].dims[0] for n in axes.values()]
    arrays = {
        q: np.transpose(converted[q], [dataset.variables[n].dims.index(d) for d in order])
        for q, n in values.items()
    }
    used = {*axes.values(), *values.values()}
    if ignored := [str(n) for n in dataset.variables if n not in used]:
        notes.append(f"Left out: {', '.join(ignored)}.")
    kelvin = dataset.attrs.get("temperature") if temperature is None else temperature
    return SweepArray(
        axes={q: converted[q] for q in axes},
        values=arrays,
        label=label or str(dataset.attrs.get("label", "data")),
        temperature=None if kelvin is None else float(kelvin),
        source=source,
        notes=(f"Read from {source}.", *notes),
    )


def to_xarray(sweep: SweepArray) -> Any:
    """Return a sweep as an `xarray.Dataset`, with units as attributes; `from_xarray` reads it."""
    xarray = _xarray()
    attributes: dict[str, Any] = {"label": sweep.label, "source": sweep.source}
    if sweep.temperature is not None:
        attributes["temperature"] = sweep.temperature
    return xarray.Dataset(
        {k: (tuple(sweep.axes), v, {"units": sweep.units[k]}) for k, v in sweep.values.items()},
        coords={k: (k, v, {"units": sweep.units[k]}) for k, v in sweep.axes.items()},
        attrs=attributes,
    )


def _xarray(*others: str) -> Any:
    missing = [name for name in ("xarray", *others) if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"Labelled arrays and their files need {', '.join(missing)}; install with "
            'pip install "cooperon[inference]".'
        )
    import xarray

    return xarray


def _dataset(data: Any) -> Any:
    if hasattr(data, "data_vars"):
        return data
    if not hasattr(data, "to_dataset"):
        raise TypeError(
            f"{type(data).__name__} is no xarray.Dataset or DataArray; give one, or build a "
            "SweepArray from the arrays."
        )
    named = data if data.name is not None else data.rename("value")
    return named.to_dataset().assign_attrs(data.attrs)


def _axes(
    dataset: Any, found: Mapping[str, str], values: Mapping[str, str], source: str
) -> dict[str, str]:
    first, name = next(iter(values.items()))
    dimensions = dataset.variables[name].dims
    if len(set(dimensions)) < len(dimensions):
        raise ValueError(
            f"The two dimensions of {name!r} in {source} have one length and no names, so the axes "
            "cannot be told apart; read it with xarray and name them."
        )
    coordinates = {dataset.variables[n].dims: (q, n) for q, n in found.items() if q in AXES}
    axes = {}
    for dimension in dimensions:
        if (dimension,) not in coordinates:
            raise ValueError(
                f"The dimension {dimension!r} of {name!r} ({first}) in {source} has no coordinate "
                f"that is one of {', '.join(AXES)}; pass names=, for example "
                f"{{'B': '{dimension}'}}."
            )
        quantity, variable = coordinates[(dimension,)]
        axes[quantity] = variable
    return axes


def _converted(
    variable: Any, quantity: str, name: str, units: Mapping[str, str]
) -> tuple[Floats, str]:
    unit = measured(quantity).unit
    if is_quantity(variable.data):
        text = str(variable.data.units)
        return si_array(variable.data, unit, quantity), _note(quantity, name, text, unit)
    text = units.get(quantity, variable.attrs.get("units"))
    if text is None and unit != "1":
        raise ValueError(
            f"{name!r} states no unit for {quantity}; set its attribute 'units' or pass "
            f"units={{{quantity!r}: ...}}, for example {unit!r}."
        )
    array = si_array(variable.values, unit, quantity) * _scale(str(text or "1"), unit, quantity)
    return array, _note(quantity, name, str(text or "1"), unit)


def _scale(text: str, unit: str, quantity: str) -> float:
    try:
        return unit_scale(text, unit, quantity)
    except ValueError as error:
        # A file may spell its unit out ("millitesla"), which pint reads and the table does not.
        scale = _pint_scale(text, unit, quantity)
        if scale is None:
            raise error from None
        return scale


def _pint_scale(text: str, unit: str, quantity: str) -> float | None:
    try:
        import pint
    except ImportError:
        return None
    try:
        spelled = pint.get_application_registry().Quantity(1.0, text)
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError):
        return None
    return float(si_array(spelled, unit, quantity))


def _note(quantity: str, name: str, text: str, unit: str) -> str:
    held = "" if text == unit else f", held in {unit}"
    return f"{quantity} read from {name!r} in {text}{held}."
