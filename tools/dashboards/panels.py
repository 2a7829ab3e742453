"""What every dashboard is made of: panels with a unit, a description and a legend, on the one data source that is provisioned."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TimeZoneBrowser,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")  # monitoring/grafana/provisioning/datasources gives it this uid
JOB = 'job="vigie"'
NOTIFIER = 'job="vigie-notify"'
WORKERS = f'{JOB}, instance=~"$instance"'
Panel = TypeVar("Panel", timeseries.Panel, stat.Panel)
Series = tuple[str, str]  # a PromQL expression, and the legend of what it gives
Panels = Sequence[timeseries.Panel | stat.Panel]  # a row
_SPAN, _HEIGHT = 8, 8  # of 24 columns; three panels stand side by side


def lines(title: str, description: str, unit: str, *series: Series, stacked: bool = False) -> timeseries.Panel:
    """Lines over time; `stacked` for parts of a whole."""
    panel = _described(timeseries.Panel(), title, description, unit)
    panel.targets(list(_queries(series, instant=False))).min(0).line_width(1).fill_opacity(60 if stacked else 10)
    panel.draw_style(GraphDrawStyle.LINE).show_points(VisibilityMode.NEVER)
    if stacked:
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    legend = common.VizLegendOptions().show_legend(show_legend=True).display_mode(LegendDisplayMode.TABLE)
    panel.legend(legend.placement(LegendPlacement.BOTTOM).calcs(["lastNotNull", "max"]))
    return panel.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))


def figure(title: str, description: str, unit: str, *series: Series) -> stat.Panel:
    """The latest value of each series, in large type."""
    panel = _described(stat.Panel(), title, description, unit)
    panel.targets(list(_queries(series, instant=True))).min(0).graph_mode(BigValueGraphMode.NONE)
    panel.color_mode(BigValueColorMode.VALUE).text_mode(BigValueTextMode.VALUE_AND_NAME)
    return panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))


def _described(panel: Panel, title: str, description: str, unit: str) -> Panel:
    """What every panel has."""
    panel.title(title).description(description).unit(unit).datasource(SOURCE).span(_SPAN).height(_HEIGHT)
    return panel


def _queries(series: Sequence[Series], *, instant: bool) -> Sequence[prometheus.Dataquery]:
    queries = []
    for number, (expr, legend) in enumerate(series):
        query = prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(chr(ord("A") + number)).datasource(SOURCE)
        queries.append(query.instant() if instant else query.range())
    return queries


def choice(name: str, label: str, series: str) -> dashboard.QueryVariable:
    """Variable with the values that a label has in a series; all of them at first, and what appears later as well."""
    variable = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(f"label_values({series}, {name})")
    variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
    every = VariableOption(selected=True, text=["All"], value=["$__all"])
    return variable.multi(multi=True).include_all(include_all=True).all_value(".+").current(every)


def worker_choice() -> dashboard.QueryVariable:
    """The variable that WORKERS asks for."""
    return choice("instance", "worker", f"vigie_build_info{{{JOB}}}")


def board(name: str, description: str, rows: Mapping[str, Panels], *, variables: Sequence[dashboard.QueryVariable]) -> Dashboard:
    """A dashboard of rows of panels, filled from the left."""
    made = dashboard.Dashboard(f"vigie: {name}").uid(f"vigie-{name}").description(description).tags(["vigie"]).readonly()
    made.timezone(TimeZoneBrowser).refresh("10s").time("now-1h", "now").tooltip(DashboardCursorSync.CROSSHAIR)
    made.variables(list(variables))
    others = dashboard.DashboardLink("vigie").type(DashboardLinkType.DASHBOARDS).tags(["vigie"])
    made.link(others.as_dropdown(as_dropdown=False).include_vars(include_vars=True).keep_time(keep_time=True))
    number = 0
    for title, panels in rows.items():
        number += 1
        made.with_row(dashboard.Row(title).id(number))
        for panel in panels:
            number += 1
            made.with_panel(panel.id(number))
    return made.build()


def share(metric: str, label: str, where: str = JOB) -> str:
    """Share of a counter's rate that each value of a label has."""
    rate = f"rate({metric}{{{where}}}[$__rate_interval])"
    return f"sum by ({label}) ({rate}) / ignoring ({label}) group_left () sum ({rate})"


def mean(metric: str, where: str = JOB, by: str = "") -> str:
    """Mean of what a histogram or summary observed, or its mean by labels."""
    return f"{per_second(f'{metric}_sum', where, by)} / {per_second(f'{metric}_count', where, by)}"


def quantile(share_below: float, metric: str, where: str = JOB, by: str = "") -> str:
    """Quantile of what a histogram observed, by one more label if one is given."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share_below:g}, sum by ({labels}) (rate({metric}_bucket{{{where}}}[$__rate_interval])))"


def median_and_most(metric: str, where: str = JOB, by: str = "") -> tuple[Series, Series]:
    """The median of what a histogram observed and its 99th percentile, by one more label if one is given."""
    legend = f"{{{{{by}}}}}, " if by else ""
    return (quantile(0.5, metric, where, by), f"{legend}median"), (quantile(0.99, metric, where, by), f"{legend}99 %")


def mean_and_most(metric: str, where: str = JOB) -> tuple[Series, Series]:
    """The mean of what a histogram observed, and its 99th percentile."""
    return (mean(metric, where), "mean"), (quantile(0.99, metric, where), "99 %")


def per_second(metric: str, where: str = JOB, by: str = "") -> str:
    """Rate of a counter, summed, or by labels."""
    return _summed("rate", metric, where, by)


def increase(metric: str, where: str = JOB, by: str = "") -> str:
    """What a counter gained within the interval between two points of the graph."""
    return _summed("increase", metric, where, by)


def _summed(function: str, metric: str, where: str, by: str) -> str:
    return f"sum{f' by ({by}) ' if by else ''}({function}({metric}{{{where}}}[$__rate_interval]))"
