"""Steps from a raw sweep to a magnetoconductivity, each a frozen record of what it does.

`VoltageToResistance`, `ToConductivity`, `InQuanta` change what is held; `Drop`, `FieldWindow`,
`SplitDirections`, `SelectDirection`, `AverageDirections` choose points; `Recentre`, `Symmetrise`,
`InterpolateField` deal with the field axis; `SubtractZeroField`, `SubtractReference`, `AverageRows`
make the curve that is fitted, in this order: rows that fluctuate together are subtracted before
they are averaged. `numerics.pipeline.Pipeline` runs the steps.
"""

from numerics.steps.average import AverageRows
from numerics.steps.conductivity import InQuanta, ToConductivity, VoltageToResistance
from numerics.steps.direction import AverageDirections, SelectDirection, SplitDirections
from numerics.steps.selection import Drop, FieldWindow
from numerics.steps.step import Step
from numerics.steps.subtraction import SubtractReference, SubtractZeroField
from numerics.steps.symmetry import InterpolateField, Symmetrise
from numerics.steps.zero_field import Recentre

__all__ = [
    "AverageDirections",
    "AverageRows",
    "Drop",
    "FieldWindow",
    "InQuanta",
    "InterpolateField",
    "Recentre",
    "SelectDirection",
    "SplitDirections",
    "Step",
    "SubtractReference",
    "SubtractZeroField",
    "Symmetrise",
    "ToConductivity",
    "VoltageToResistance",
]
