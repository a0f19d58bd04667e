"""A fit as a LaTeX table that compiles with plain pdflatex, no packages needed."""

import re
from collections.abc import Mapping

from diagrams.symbols import QUANTITIES
from numerics.result import FitResult, Minimum
from numerics.rounding import rounded

_GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda"),
    *("mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Omega"),
)
_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
}


def latex_table(result: FitResult, symbols: Mapping[str, str]) -> str:
    r"""Return a tabular with a row per value and a column per minimum.

    Parameters
    ----------
    result : FitResult
        The fit.
    symbols : mapping
        LaTeX (math mode) of parameters by name, where it should not be derived from the name.

    Returns
    -------
    str
        ``value \pm standard error``; undetermined values are in parentheses without an error,
        and a fixed value says so.
    """
    width = len(result.minima)
    heads = [f"minimum {i + 1}" if width > 1 else "value" for i in range(width)]
    rows = [_row(["", *heads]), "\\hline"]
    for name in result.best.values:
        cells = [_cell(m, name, result.units[name]) for m in result.minima]
        rows.append(_row([symbol_latex(name, symbols), *cells]))
    for name, value in result.fixed.items():
        number = number_latex(value, 0.0, result.units.get(name.partition("[")[0], "1"))
        rows.append(_row([symbol_latex(name, symbols), *[f"{number} (fixed)"] * width]))
    squares = [f"${m.sum_of_squares:.6g}$" for m in result.minima]
    rows += ["\\hline", _row(["sum of squares", *squares])]
    rows.append(_row(["degrees of freedom", *[f"${m.dof}$" for m in result.minima]]))
    body = "\n".join(rows)
    return f"\\begin{{tabular}}{{l{'r' * width}}}\n{body}\n\\end{{tabular}}\n"


def _row(cells: list[str]) -> str:
    return " & ".join(cells) + " \\\\"


def _cell(minimum: Minimum, name: str, unit: str) -> str:
    number = number_latex(minimum.values[name], minimum.standard_errors[name], unit)
    return f"({number})" if name in minimum.undetermined else number


def number_latex(value: float, error: float, unit: str) -> str:
    """Return a rounded value with its error, unless that is 0, and unit in math mode."""
    number = rounded(value, error, unit)
    body = f"{number.value} \\pm {number.error}" if number.error else number.value
    if number.exponent:
        body = f"({body})" if number.error else body
        body += f" \\times 10^{{{number.exponent}}}"
    name = number.unit.replace("u", r"\mu ", 1) if number.unit[:1] == "u" else number.unit
    return f"${body}\\,\\mathrm{{{name}}}$" if name else f"${body}$"


def symbol_latex(name: str, symbols: Mapping[str, str] | None = None) -> str:
    """Return ``$\\tau_\\phi$ (300 mK)`` for ``tau_phi[300 mK]``; `symbols` as for `latex_table`."""
    match = re.match(r"^(\w+)(?:\[(.*)\])?$", name)
    base, label = (match[1], match[2]) if match else (name, None)
    known = QUANTITIES[base].latex if base in QUANTITIES else _letters(base)
    symbol = f"${(symbols or {}).get(base, known)}$"
    return f"{symbol} ({escape_latex(label)})" if label else symbol


def _letters(name: str) -> str:
    head, *tail = (_letter(part) for part in name.split("_"))
    return f"{head}_{{{','.join(tail)}}}" if tail else head


def _letter(word: str) -> str:
    if word in _GREEK:
        return f"\\{word}"
    return word if len(word) <= 1 else f"\\mathrm{{{word}}}"


def escape_latex(text: str) -> str:
    """Return plain text with the characters escaped that LaTeX takes for its own."""
    return "".join(_SPECIAL.get(c, c) for c in text)
