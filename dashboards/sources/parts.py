"""Building blocks of the dashboards, with a common style.

A dashboard is `page(...)` of `row(...)`s of panels. Panels stand from left to right and wrap after 24 columns; `page`
refuses holes, and ids that stand twice. A panel's id is part of its address, which alerts link to: never renumber.

PromQL is written without the common selector: `select` puts it into every series of ours, so that none goes without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Literal

from grafana_foundation_sdk.builders import bargauge, common, prometheus
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat as stat_builders
from grafana_foundation_sdk.builders import table as table_builders
from grafana_foundation_sdk.builders import timeseries as timeseries_builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

COLUMNS = 24
REFS = ascii_uppercase
DATASOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")

# Text of a panel on recorded series without data.
RULES_NEEDED = "no data: load dashboards/rules.yml into Prometheus"

JOB = 'job=~"$job"'
CLUSTER = f'{JOB},kafka_cluster=~"$kafka_cluster"'
ENSEMBLE = f'{JOB},zk_ensemble=~"$zk_ensemble"'
# A series of the exporter including the brace after it, which names of labels and variables do not have.
_SERIES = re.compile(r'(?<![\w:"$.])((?:\w+:)?(?:kafka|process|zk)_\w+(?::\w+)?|up\b)(\{?)(?=(\s*\}?))')
# Families of the process, which never have the label kafka_cluster.
_OF_PROCESS = re.compile(r"up$|process_|kafka_exporter_(page|render|http|config|log_messages|build_info)")

Panel = Builder[models.Panel]


def select(promql: str) -> str:
    """Returns PromQL with the common selector in each of our series; families of the process only get the job."""

    def selected(match: re.Match[str]) -> str:
        name, brace, rest = match.groups()
        if name in ("kafka_cluster", "zk_ensemble", "zk_host"):
            return match.group()
        selector = JOB if _OF_PROCESS.match(name) else ENSEMBLE if name.startswith("zk_") else CLUSTER
        if not brace:
            return f"{name}{{{selector}}}"
        return f"{name}{{{selector}" + ("" if rest.endswith("}") else ",")

    return _SERIES.sub(selected, " ".join(promql.split()))


# Queries


def query(promql: str, legend: str = "") -> prometheus.Dataquery:
    """A line, or the sparkline of a stat. The refId is its position in the panel. Legends of values of a cluster begin
    with `{{kafka_cluster}} `, which is empty if clusters have no names.
    """
    return prometheus.Dataquery().datasource(DATASOURCE).expr(select(promql)).legend_format(legend).range()


def instant(promql: str, legend: str = "") -> prometheus.Dataquery:
    """An instant query, for a stat without sparkline or a bar gauge."""
    return prometheus.Dataquery().datasource(DATASOURCE).expr(select(promql)).legend_format(legend).instant()


# PromQL


def of_known(live: str, known: str) -> list[prometheus.Dataquery]:
    """Returns "2 of 3", or "unknown", as the name of a stat whose value is the number missing."""
    return [instant(with_counts(f"({known} - {live})", live, known), "{{live}} of {{known}}"), unknown(known)]


def unknown(promql: str) -> prometheus.Dataquery:
    """Adds the name "unknown" to a stat that shows names and has no value."""
    return instant(f"0 * absent({promql})", "unknown")


def with_counts(promql: str, live: str, known: str) -> str:
    """Returns a single value with two others as labels `live` and `known`, for the legend."""
    return (
        f'{promql} * on () group_left (live) count_values("live", {live})'
        f' * on () group_left (known) count_values("known", {known})'
    )


def growth(counter: str) -> str:
    """Increase of each counter since the previous point, for bars; the query needs an interval of at least a minute.
    Exact, without extrapolation, and 0 across a restart.
    """
    return f"clamp_min({counter} - {counter} offset $__interval, 0)"


# Looks


def thresholds(base: str, *steps: tuple[float, str]) -> builders.ThresholdsConfig:
    """The base color, then the color from each value on: thresholds("green", (1, "red"))."""
    levels = [models.Threshold(value=None, color=base), *(models.Threshold(value=v, color=c) for v, c in steps)]
    return builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(levels)


NEUTRAL = thresholds("text")
GREY = "#6c717a"
ZERO_IS_GOOD = thresholds("green", (1, "red"))


def fixed(color: str) -> builders.FieldColor:
    """One color for the whole panel."""
    return builders.FieldColor().mode(models.FieldColorModeId.FIXED).fixed_color(color)


def mapping(texts: dict[str, tuple[str, str]]) -> models.ValueMap:
    """Texts and colors for values: mapping({"0": ("down", "red"), "1": ("up", "green")})."""
    results = {
        value: models.ValueMappingResult(text=text, color=color, index=i)
        for i, (value, (text, color)) in enumerate(texts.items())
    }
    return models.ValueMap(options=results)


def bands(*levels: tuple[float, str, str]) -> list[models.RangeMap]:
    """Texts and colors from a value on, the highest first: bands((1, "late", "red"), (0, "in time", "green"))."""
    results = [(start, models.ValueMappingResult(text=text, color=color)) for start, text, color in levels]
    return [models.RangeMap(models.DashboardRangeMapOptions(start, None, result)) for start, result in results]


UP = mapping({"0": ("down", "red"), "1": ("up", "green")})


def drill(uid: str, title: str, **variables: str) -> builders.DashboardLink:
    """A link to another dashboard with the time range, the common variables and these."""
    taken = "&".join(f"var-{name}={value}" for name, value in variables.items())
    keep = "${datasource:queryparam}&${job:queryparam}"
    cluster = "" if "kafka_cluster" in variables else "&${kafka_cluster:queryparam}"
    url = f"/d/{uid}?{keep}{cluster}{'&' if taken else ''}{taken}&${{__url_time_range}}"
    return builders.DashboardLink(title).url(url)


# Panels


def stat(
    panel_id: int,
    title: str,
    description: str,
    targets: Sequence[prometheus.Dataquery],
    *,
    width: int,
    height: int = 4,
    unit: str = "short",
    decimals: int | None = None,
    colors: builders.ThresholdsConfig = NEUTRAL,
    mappings: Sequence[models.ValueMapping] = (),
    no_value: str,
    background: bool = False,
    sparkline: bool = False,
    text: Literal["value", "name", "value_and_name", "auto"] = "auto",
) -> stat_builders.Panel:
    """One number per series. `background` colors the whole panel. With text="name" names are shown, colored by their
    values; the name "unknown" is grey.
    """
    panel = (
        stat_builders.Panel()
        .graph_mode(options.BigValueGraphMode.AREA if sparkline else options.BigValueGraphMode.NONE)
        .color_mode(options.BigValueColorMode.BACKGROUND if background else options.BigValueColorMode.VALUE)
        .text_mode(options.BigValueTextMode(text))
        .justify_mode(options.BigValueJustifyMode.CENTER)
        .reduce_options(_last())
        .color_scheme(builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
    )
    _common(panel, panel_id, title, description, targets, width, height, unit, decimals, no_value)
    if text == "name":
        panel.override_by_name("unknown", [models.DynamicConfigValue("color", fixed(GREY).build())])
    return panel.thresholds(colors).mappings([*mappings, _nothing(no_value)])


def _nothing(text: str) -> models.SpecialValueMap:
    """Grey: Grafana would color missing values like the lowest value, which looks good."""
    result = models.ValueMappingResult(text=text, color=GREY)
    of_nothing = models.DashboardSpecialValueMapOptions(match=models.SpecialValueMatch.NULL_AND_NAN, result=result)
    return models.SpecialValueMap(options=of_nothing)


def timeseries(
    panel_id: int,
    title: str,
    description: str,
    targets: Sequence[prometheus.Dataquery],
    *,
    width: int,
    height: int = 8,
    unit: str = "short",
    decimals: int | None = None,
    colors: builders.ThresholdsConfig | None = None,
    no_value: str,
    stacked: bool = False,
    bars: bool = False,
    legend: Literal["list", "right"] = "list",
    calcs: Sequence[str] = ("lastNotNull", "max"),
    minimum: float | None = 0,
) -> timeseries_builders.Panel:
    """Lines over time. `colors`: thresholds as dashed lines. `legend`: "right" is a table with `calcs`."""
    panel = (
        timeseries_builders.Panel()
        .color_scheme(builders.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC))
        .draw_style(options.GraphDrawStyle.BARS if bars else options.GraphDrawStyle.LINE)
        .line_width(1)
        .fill_opacity(60 if bars else 25 if stacked else 4)
        .show_points(options.VisibilityMode.NEVER)
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING))
        .legend(_legend(legend, calcs))
    )
    _common(panel, panel_id, title, description, targets, width, height, unit, decimals, no_value)
    if minimum is not None:
        panel.min(minimum)
    if decimals == 0 and unit == "short":
        # Otherwise an axis with only zeros extends to 100.
        panel.axis_soft_max(4)
    if stacked:
        panel.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL))
    if colors:
        panel.thresholds(colors)
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(options.GraphTresholdsStyleMode.DASHED))
    return panel


def _legend(kind: str, calcs: Sequence[str]) -> common.VizLegendOptions:
    legend = common.VizLegendOptions().show_legend(True)
    legend.placement(options.LegendPlacement.RIGHT if kind == "right" else options.LegendPlacement.BOTTOM)
    if kind == "right":
        # Grafana's name of the last value.
        legend.sort_by("Last *").sort_desc(True)
        return legend.display_mode(options.LegendDisplayMode.TABLE).calcs(list(calcs))
    return legend.display_mode(options.LegendDisplayMode.LIST).calcs([])


def paint(panel: timeseries_builders.Panel, colors: dict[str, str]) -> timeseries_builders.Panel:
    """Sets colors of lines whose legend is one of these, with or without a cluster's name before it."""
    for legend, color in colors.items():
        own = models.DynamicConfigValue("color", fixed(color).build())
        panel.override_by_regexp(f"/(^| ){re.escape(legend)}$/", [own])
    return panel


def bar_gauge(
    panel_id: int,
    title: str,
    description: str,
    targets: Sequence[prometheus.Dataquery],
    *,
    width: int,
    height: int = 8,
    unit: str = "short",
    decimals: int | None = None,
    colors: builders.ThresholdsConfig = NEUTRAL,
    no_value: str,
    minimum: float | None = 0,
    maximum: float | None = None,
) -> bargauge.Panel:
    """One horizontal bar per series."""
    panel = (
        bargauge.Panel()
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .show_unfilled(True)
        .text(common.VizTextDisplayOptions().title_size(13).value_size(16))
        .reduce_options(_last())
        .color_scheme(builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
    )
    _common(panel, panel_id, title, description, targets, width, height, unit, decimals, no_value)
    if minimum is not None:
        panel.min(minimum)
    if maximum is not None:
        panel.max(maximum)
    return panel.thresholds(colors)


@dataclass(frozen=True)
class Column:
    """A column of a table: a label, or the values of a query; with both, a label that only that query has. `missing`:
    text for missing values.
    """

    title: str
    label: str = ""
    promql: str = ""
    unit: str = ""
    decimals: int | None = None
    width: int | None = None
    colors: builders.ThresholdsConfig | None = None
    mappings: Sequence[models.ValueMapping] = ()
    paint: Literal["text", "background", "gauge", ""] = ""
    maximum: float | None = None
    link: builders.DashboardLink | None = None
    missing: str = ""


def label(name: str, title: str, **looks: object) -> Column:
    """A column with a label's values. `looks`: fields of Column."""
    return Column(title, label=name, **looks)  # type: ignore[arg-type]


def value(title: str, promql: str, **looks: object) -> Column:
    """A column with a query's values. `looks`: fields of Column; colors and mappings color the text unless `paint` is
    set.
    """
    return Column(title, promql=promql, **looks)  # type: ignore[arg-type]


CLUSTER_COLUMN = label("kafka_cluster", "Cluster")


def table(
    panel_id: int,
    title: str,
    description: str,
    columns: Sequence[Column],
    *,
    width: int,
    height: int = 8,
    no_value: str,
    sort: str | Sequence[str] = (),
    descending: bool = False,
) -> table_builders.Panel:
    """A row for each set of labels that the queries of value columns have in common, with only these columns.
    Aggregations keep `by (job, instance, kafka_cluster, ...)`, so that exporters and clusters are not merged.
    """
    queries = [column.promql for column in columns if column.promql]
    refs = iter(REFS)
    fields = [_field(column, next(refs) if column.promql else "", len(queries)) for column in columns]
    panel = table_builders.Panel().show_header(True).cell_height(options.TableCellHeight.SM)
    targets = [instant(promql).format(PromQueryFormat.TABLE) for promql in queries]
    _common(panel, panel_id, title, description, targets, width, height, "", None, no_value)
    # Rows that differ in a label are not merged, and the name is a label.
    panel.with_transformation(_fields("exclude", ["__name__"]))
    panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    # Other labels, such as constant ones, are not columns.
    panel.with_transformation(_fields("include", fields))
    panel.with_transformation(_order(fields, [column.title for column in columns]))
    for column in columns:
        panel.override_by_name(column.title, _looks(column))
    by = [sort] if isinstance(sort, str) else sort
    return panel.sort_by([common.TableSortByFieldState().display_name(title).desc(descending) for title in by])


def _field(column: Column, ref: str, queries: int) -> str:
    """Returns the column's name in the response, which Grafana writes without refId if there is only one query."""
    return column.label or ("Value" if queries == 1 else f"Value #{ref}")


def _fields(action: Literal["include", "exclude"], fields: list[str]) -> models.DataTransformerConfig:
    return models.DataTransformerConfig(id_val="filterFieldsByName", options={action: {"names": fields}})


def _order(fields: list[str], titles: list[str]) -> models.DataTransformerConfig:
    places = {field: place for place, field in enumerate(fields)}
    names = dict(zip(fields, titles, strict=True))
    return models.DataTransformerConfig(id_val="organize", options={"indexByName": places, "renameByName": names})


def _looks(column: Column) -> list[models.DynamicConfigValue]:
    paint = column.paint or ("text" if column.colors or column.mappings else "")
    cell = {"type": f"color-{paint}"}
    if paint == "background":
        cell["mode"] = "basic"
    if paint == "gauge":
        cell = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
    looks = {
        "unit": column.unit or (None if column.label else "none"),
        "noValue": column.missing,
        "decimals": column.decimals,
        "custom.width": column.width,
        "custom.minWidth": None if column.width else 80,
        "thresholds": column.colors,
        "mappings": [*column.mappings, *([_nothing(column.missing)] if column.missing else [])] or None,
        "custom.cellOptions": cell if paint else None,
        "min": 0 if paint == "gauge" else None,
        "max": column.maximum,
        "links": [column.link] if column.link else None,
    }
    return [models.DynamicConfigValue(name, _built(look)) for name, look in looks.items() if look is not None]


def _built(look: object) -> object:
    if isinstance(look, list):
        return [_built(one) for one in look]
    return look.build() if isinstance(look, Builder) else look


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def _common(
    panel: stat_builders.Panel | timeseries_builders.Panel | bargauge.Panel | table_builders.Panel,
    panel_id: int,
    title: str,
    description: str,
    targets: Sequence[prometheus.Dataquery],
    width: int,
    height: int,
    unit: str,
    decimals: int | None,
    no_value: str,
) -> None:
    panel.id(panel_id).title(title).description(description).span(width).height(height)
    panel.datasource(DATASOURCE).no_value(no_value)
    panel.targets([target.ref_id(ref) for ref, target in zip(REFS, targets, strict=False)])
    if unit:
        panel.unit(unit)
    if decimals is not None:
        panel.decimals(decimals)


# Pages


@dataclass(frozen=True)
class Row:
    """A section of a dashboard."""

    id: int
    title: str
    panels: tuple[Panel, ...]


def row(row_id: int, title: str, *panels: Panel) -> Row:
    """A section."""
    return Row(row_id, title, panels)


def variable(
    name: str, title: str, series: str, *, label: str = "", multi: bool = True, include_all: bool = True
) -> builders.QueryVariable:
    """The values of a label (default: the variable's name) in `series`, with the common selector."""
    return _variable(name, title, f"label_values({select(series)}, {label or name})", multi, include_all)


def derived(name: str, promql: str, label: str) -> builders.QueryVariable:
    """A hidden variable: the values of a label in the response of a query without other labels, such as the ten worst
    groups. Queries for these only are cheap. Without values that contain a backtick, which would end a raw string.
    """
    made = _variable(name, name, f"query_result({select(promql)})", True, False).regex(f'/\\{{{label}="([^`]+)"\\}}/')
    everything = models.VariableOption(text=["All"], value=["$__all"])
    return made.hide(models.VariableHide.HIDE_VARIABLE).include_all(True).current(everything)


def _variable(name: str, title: str, values: str, multi: bool, include_all: bool) -> builders.QueryVariable:
    made = (
        builders.QueryVariable(name)
        .label(title)
        .datasource(DATASOURCE)
        .query({"query": values, "refId": f"variable-{name}"})
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .multi(multi)
        .include_all(include_all)
    )
    if include_all:
        everything = ["$__all"] if multi else "$__all"
        made.all_value(".*").current(models.VariableOption(text=["All"] if multi else "All", value=everything))
    return made


class _Annotation(models.AnnotationQuery):
    """A marker on all graphs of a dashboard, where a counter of a cluster has grown."""

    def __init__(self, title: str, counter: str, color: str) -> None:
        promql = f"sum by (job, instance, kafka_cluster) ({growth(counter)}) > 0"
        super().__init__(name=title, datasource=DATASOURCE, enable=True, icon_color=color, expr=select(promql))

    def to_json(self) -> dict[str, object]:
        # Fields of Grafana's Prometheus data source.
        return {**super().to_json(), "step": "60s", "titleFormat": self.name, "textFormat": "{{kafka_cluster}}"}


def _changes() -> list[models.AnnotationQuery]:
    """What changed, from the counters of changes."""
    return [
        _Annotation("Topic created", "kafka_topics_created_total", "green"),
        _Annotation("Topic deleted", "kafka_topics_deleted_total", "red"),
        _Annotation("Topic configuration changed", "kafka_topic_config_changes_total", "blue"),
        _Annotation("Broker added", "kafka_brokers_added_total", "green"),
        _Annotation("Broker removed", "kafka_brokers_removed_total", "red"),
        _Annotation("Controller changed", "kafka_controller_changes_total", "orange"),
    ]


def _common_variables() -> list[Builder[models.VariableModel]]:
    return [
        builders.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        _variable("job", "Job", "label_values(kafka_up, job)", True, True),
        _variable("kafka_cluster", "Cluster", f"label_values(kafka_up{{{JOB}}}, kafka_cluster)", True, True),
    ]


def _ensemble_variables() -> list[Builder[models.VariableModel]]:
    """The job may also be that of ZooKeeper's own Prometheus provider."""
    return [
        builders.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        _variable("job", "Job", 'label_values({__name__=~"zk_up|znode_count"}, job)', True, True),
        _variable("zk_ensemble", "Ensemble", f"label_values(zk_up{{{JOB}}}, zk_ensemble)", True, True),
    ]


def page(
    uid: str,
    title: str,
    description: str,
    rows: Sequence[Row],
    *,
    variables: Sequence[Builder[models.VariableModel]] = (),
    changes: bool = True,
    of_ensembles: bool = False,
) -> models.Dashboard:
    """A dashboard: common and own variables, links to the others, rows, and with `changes` markers of changes of the
    cluster. `of_ensembles`: its variables select ZooKeeper ensembles instead of Kafka clusters.
    """
    others = (
        builders.DashboardLink("Kafkascope")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags(["kafkascope"])
        .include_vars(True)
        .keep_time(True)
    )
    own = _ensemble_variables() if of_ensembles else _common_variables()
    made = (
        builders.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["kafkascope", "kafka"])
        .timezone("browser")
        .editable()
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .time("now-6h", "now")
        .refresh("30s")
        .variables([*own, *variables])
        .links([others])
        .build()
    )
    made.panels = list(_placed(rows))
    made.annotations = models.AnnotationContainer(_changes() if changes else [])
    _check_ids(made.panels)
    return made


def _placed(rows: Sequence[Row]) -> Iterator[models.Panel | models.RowPanel]:
    y = 0
    for section in rows:
        bar = builders.Row(section.title).id(section.id).grid_pos(models.GridPos(x=0, y=y, w=COLUMNS, h=1)).build()
        panels = [panel.build() for panel in section.panels]
        y = _place(panels, y + 1)
        bar.collapsed = False
        bar.panels = []
        yield bar
        yield from panels


def _place(panels: list[models.Panel], y: int) -> int:
    """Places panels line by line from y on; returns the y of the next line."""
    x = 0
    for panel, after in zip(panels, [*panels[1:], None], strict=True):
        place = panel.grid_pos
        assert place is not None
        place.x, place.y = x, y
        x += place.w
        last = x == COLUMNS
        if x > COLUMNS or (after is None and not last):
            raise ValueError(f"the line that ends with panel {panel.id_val} is {x} columns wide, not {COLUMNS}")
        if after and not last and after.grid_pos and after.grid_pos.h != place.h:
            raise ValueError(f"panel {after.id_val} is not as high as its neighbour {panel.id_val}")
        if last:
            x, y = 0, y + place.h
    return y


def _check_ids(panels: list[models.Panel | models.RowPanel]) -> None:
    inner = [one for panel in panels for one in getattr(panel, "panels", None) or []]
    ids = [panel.id_val for panel in [*panels, *inner]]
    twice = sorted({one for one in ids if one is not None and ids.count(one) > 1})
    if twice:
        raise ValueError(f"ids that stand twice: {twice}")
