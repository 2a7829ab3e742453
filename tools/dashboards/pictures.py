"""Pictures of the dashboards, since no Grafana runs where they are made: every panel's data, as a Prometheus answers it.

Drawn by matplotlib from the JSON that Grafana is given, in its layout (three panels beside each other) and with its legends.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from PIL import Image

from tools.dashboards.queries import of_panel, panels

Points = Sequence[tuple[float, float]]  # seconds since 1970, and the value there
Ask = Callable[[str], Sequence[tuple[Mapping[str, str], Points]]]  # an expression: the labels and points of each series
_COLUMNS, _WIDTH, _HEIGHT, _DPI = 3, 5.2, 3.2, 72  # inches a panel
_LONGEST = 36  # characters of a legend that are shown: the last ones
_WIDE = 20  # characters: of longer ones two stand beside each other, of others three
_NAMED = 5  # series in a legend: those that reach highest
_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#000000",
    "#999999",
)  # Okabe and Ito's, told apart by all
_TIMES = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-9, "ms"))
_SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Series:
    """A series as a panel shows it."""

    name: str
    points: Points

    @property
    def most(self) -> float:
        """The highest value."""
        return max(value for _, value in self.points)


def series_of(dashboard: str, panel: dict[str, Any], ask: Ask, rate_interval: str) -> list[Series]:
    """Every series that a panel's queries give; values that are no number are left out, and series without any other."""
    found = []
    for query in of_panel(dashboard, panel):
        for labels, points in ask(query.over(rate_interval)):
            if known := [(when, value) for when, value in points if math.isfinite(value)]:
                found.append(Series(query.name(dict(labels)), known))
    return found


def draw(dashboard: str, ask: Ask, rate_interval: str, begun: float, path: Path) -> dict[str, int]:
    """Draw a dashboard; answers how many series each panel has. Times are shown in seconds after `begun`."""
    own = panels(dashboard)
    rows = -(-len(own) // _COLUMNS)
    counts = {}
    with mpl.rc_context({"font.size": 8, "axes.prop_cycle": cycler(color=_COLOURS), "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(_COLUMNS * _WIDTH, rows * _HEIGHT), dpi=_DPI)
        inch = 1 / (rows * _HEIGHT)
        figure.subplots_adjust(left=0.05, right=0.985, top=1 - 0.3 * inch, bottom=0.9 * inch, hspace=0.5, wspace=0.22)
        for number, panel in enumerate(own):
            axes = figure.add_subplot(rows, _COLUMNS, number + 1)
            series = series_of(dashboard, panel, ask, rate_interval)
            counts[panel["title"]] = len(series)
            axes.set_title(panel["title"], loc="left", fontweight="bold", fontsize=9)
            (_figures if panel["type"] == "stat" else _lines)(axes, panel, series, begun)
        drawn = BytesIO()
        figure.savefig(drawn)
    Image.open(drawn).convert("RGB").quantize(palette=_palette(), dither=Image.Dither.NONE).save(path, optimize=True)
    return counts


def _palette() -> Image.Image:
    """The colours of a picture: greys, and each colour thinned to white, as at the edges of a line; a third of the bytes."""
    grey = [(level,) * 3 for level in range(0, 256, 4)]
    tints = [
        tuple(round(255 + (int(colour[at : at + 2], 16) - 255) * share / 20) for at in (1, 3, 5))
        for colour in _COLOURS
        for share in range(1, 21)
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in [*grey, *tints] for value in colour])
    return palette


def _lines(axes: Axes, panel: dict[str, Any], series: list[Series], begun: float) -> None:
    """Lines over time; stacked ones as areas on top of each other, at the times that any of them has."""
    unit = panel["fieldConfig"]["defaults"]["unit"]
    series = sorted(series, key=lambda each: -each.most)
    if _stacked(panel):
        times = sorted({when for each in series for when, _ in each.points})
        values = [[points.get(when, 0.0) for when in times] for points in (dict(each.points) for each in series)]
        axes.stackplot([when - begun for when in times], values, labels=[each.name for each in series], colors=_COLOURS, alpha=0.7)
    else:
        for each in series:
            when, value = zip(*each.points, strict=True)
            axes.plot(
                [moment - begun for moment in when], value, label=each.name, linewidth=1.2, marker="." if len(when) == 1 else ""
            )
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(value, unit)))
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("seconds", fontsize=7, labelpad=1)
    handles, names = axes.get_legend_handles_labels()
    names = [name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}" for name in names]
    if (more := len(names) - _NAMED) > 0:
        names = [*names[:_NAMED], f"and {more} more, lower"]
        handles = [*handles[:_NAMED], axes.plot([], [], alpha=0)[0]]
    axes.legend(
        handles,
        names,
        fontsize=6.5,
        ncols=2 if any(len(name) > _WIDE for name in names) else 3,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.14),
        frameon=False,
    )


def _stacked(panel: dict[str, Any]) -> bool:
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    return bool(custom.get("stacking", {}).get("mode", "none") == "normal")


def _figures(axes: Axes, panel: dict[str, Any], series: list[Series], _begun: float) -> None:
    """The latest value of each series, in large type."""
    axes.set_axis_off()
    unit = panel["fieldConfig"]["defaults"]["unit"]
    for number, each in enumerate(series):
        at = (number + 0.5) / len(series)
        axes.text(at, 0.55, shown(each.points[-1][1], unit), fontsize=26, ha="center", va="center", color=_COLOURS[2])
        axes.text(at, 0.22, each.name, fontsize=8, ha="center", va="center", wrap=True)


def shown(value: float, unit: str) -> str:
    """A value with its unit, as Grafana writes it: short, s, percentunit, bytes, Bps, cps."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        scale, letter = next(((scale, letter) for scale, letter in _TIMES if abs(value) >= scale), (1.0, "s"))
        return f"{value * 1000:.3g} ms" if letter == "ms" else f"{value / scale:.3g} {letter}"
    scale, letter = next(((scale, letter) for scale, letter in _SCALES if abs(value) >= scale), (1.0, ""))
    suffix = {"short": "", "bytes": "B", "Bps": "B/s", "cps": "/s"}[unit]
    return f"{value / scale:.3g}{f' {letter}' if letter and suffix else letter}{suffix}"
