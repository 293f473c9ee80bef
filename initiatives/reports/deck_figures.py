"""Charts and tables of a presentation: native ones, which can be edited, each with its words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Pt

from initiatives.files import escaped
from initiatives.status import BAR_ORDER, NOT_ASSESSED, STATUS_LABELS, Spread, Status
from initiatives.templatetags.status import FILLS

from . import office
from .deck import INNER, LEFT, ROOM, TOP
from .office import plain, shown

# Where a figure stands: from the left, and its width.
FULL = (LEFT, INNER)
BARE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the table style "no style, no grid" of PowerPoint
PATTERNS = {Status.ON_HOLD: MSO_PATTERN.LIGHT_UPWARD_DIAGONAL, NOT_ASSESSED: MSO_PATTERN.PERCENT_10}
LETTER, LINE, PADDING = 0.088, 0.19, 0.09  # inches, at 12 points
LONGEST = 140  # characters of a note on a slide, which has no room for more

Column = tuple[str, float]  # name, and share of the width


def add_bars(slide: Any, bars: Sequence[tuple[str, Spread]], spoken: str) -> None:
    """How many have each status in each bar; the bars are of the same length and have the numbers in them."""
    data = CategoryChartData(number_format="#,##0")
    data.categories = [_label(label) for label, _ in bars]
    for status in BAR_ORDER:
        data.add_series(STATUS_LABELS[status], [spread[status] for _, spread in bars])
    chart = _chart(slide, XL_CHART_TYPE.BAR_STACKED_100, data, spoken, FULL)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.legend.font.size = Pt(14)
    chart.plots[0].overlap = 100
    for status, series in zip(BAR_ORDER, chart.plots[0].series, strict=True):
        _fill(series.format, status)
        labels = series.data_labels
        labels.show_value, labels.number_format, labels.number_format_is_linked = True, "#,##0;;", False
        labels.font.size, labels.font.bold = Pt(12), True
        labels.font.color.rgb = _colour(FILLS[status][2])
        if status in PATTERNS:
            _plain_below(labels, FILLS[status][0])


def add_counts(slide: Any, label: str, spread: Spread, spoken: str, place: tuple[int, int]) -> None:
    """How many have each status, a bar for each."""
    found = [status for status, count in spread if count]
    data = CategoryChartData(number_format="#,##0")
    data.categories = [STATUS_LABELS[status] for status in found]
    data.add_series(_label(label), [spread[status] for status in found])
    chart = _chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, data, spoken, place)
    chart.has_legend, chart.has_title = False, False
    plot = chart.plots[0]
    plot.has_data_labels = True
    plot.data_labels.position, plot.data_labels.show_value = XL_LABEL_POSITION.OUTSIDE_END, True
    plot.data_labels.font.size, plot.data_labels.font.bold = Pt(14), True
    for number, status in enumerate(found):
        _fill(plot.series[0].points[number].format, status)


def add_table(
    slide: Any, columns: Sequence[Column], rows: Sequence[Sequence[Any]], spoken: str, place: tuple[int, int] = FULL
) -> None:
    """A table with a head."""
    heights = [PADDING + LINE, *(_height(columns, row, place) for row in rows)]
    frame = slide.shapes.add_table(len(rows) + 1, len(columns), place[0], TOP, place[1], Inches(sum(heights)))
    _say(frame, spoken)
    frame.element.find(f".//{qn('a:tableStyleId')}").text = BARE
    frame.table.horz_banding = False
    for column, width in zip(frame.table.columns, _widths(columns, place), strict=True):
        column.width = Inches(width)
    lines = ([name for name, _ in columns], *rows)
    for number, (line, values) in enumerate(zip(frame.table.rows, lines, strict=True)):
        line.height = Inches(heights[number])
        for cell, value in zip(line.cells, values, strict=True):
            _write(cell, value, is_head=number == 0)


def pages(columns: Sequence[Column], rows: Sequence[Any], place: tuple[int, int] = FULL) -> Iterable[Sequence[Any]]:
    """The rows in as many pieces as it takes for each to fit on a slide."""
    page: list[Any] = []
    left = room = ROOM / Inches(1) - PADDING - LINE
    for row in rows:
        height = _height(columns, row, place)
        if page and height > left:
            yield page
            page, left = [], room
        page.append(row)
        left -= height
    if page:
        yield page


def shortened(text: str) -> str:
    text = " ".join(plain(text).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _chart(slide: Any, kind: Any, data: Any, spoken: str, place: tuple[int, int]) -> Any:
    """A bar chart without axis of values and grid, the first category at the top."""
    frame = slide.shapes.add_chart(kind, place[0], TOP, place[1], ROOM, data)
    _say(frame, spoken)
    chart = frame.chart
    chart.font.size, chart.font.color.rgb = Pt(14), RGBColor.from_string(office.INK)
    chart.plots[0].gap_width = 45
    values, names = chart.value_axis, chart.category_axis
    values.visible, values.has_major_gridlines = False, False
    names.reverse_order, names.major_tick_mark = True, XL_TICK_MARK.NONE
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.format.line.color.rgb = RGBColor.from_string(office.RULE_STRONG)
    return chart


def _label(text: str) -> str:
    """A name in the chart's own workbook, where nothing may be a formula."""
    return str(escaped(shortened(text)))


def _fill(form: Any, status: str) -> None:
    """The fill of a status as everywhere: light and dark petrol, stripes and dots."""
    if status == Status.NOT_RELEVANT:
        status = Status.NOT_STARTED
    fill, edge, _ = FILLS[status]
    if status in PATTERNS:
        form.fill.patterned()
        form.fill.pattern = PATTERNS[status]
        form.fill.fore_color.rgb, form.fill.back_color.rgb = _colour(edge), _colour(fill)
    else:
        form.fill.solid()
        form.fill.fore_color.rgb = _colour(fill)
    form.line.color.rgb, form.line.width = _colour(edge or "#ffffff"), Pt(0.75)
    if status == NOT_ASSESSED:
        form.line.dash_style = MSO_LINE.DASH


def _plain_below(labels: Any, colour: str) -> None:
    """No stripes and dots behind the numbers."""
    labels._element.find(qn("c:numFmt")).addnext(
        parse_xml(
            f'<c:spPr {nsdecls("c", "a")}><a:solidFill><a:srgbClr val="{_colour(colour)}"/></a:solidFill></c:spPr>'
        )
    )


def _colour(name: str) -> RGBColor:
    digits = name.lstrip("#")
    return RGBColor.from_string((digits if len(digits) == 6 else "".join(2 * digit for digit in digits)).upper())


def _widths(columns: Sequence[Column], place: tuple[int, int]) -> list[float]:
    total = sum(share for _, share in columns)
    return [place[1] / Inches(1) * share / total for _, share in columns]


def _height(columns: Sequence[Column], row: Sequence[Any], place: tuple[int, int]) -> float:
    """About how high the row becomes, in inches."""
    rooms = [max(int((width - 0.16) / LETTER), 1) for width in _widths(columns, place)]
    lines = max(math.ceil(len(shown(value)) / room) for value, room in zip(row, rooms, strict=True))
    return PADDING + LINE * max(lines, 1)


def _write(cell: Any, value: Any, *, is_head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(0.08)
    cell.margin_top = cell.margin_bottom = Inches(PADDING / 2)
    cell.text_frame.text = shown(value)
    for paragraph in cell.text_frame.paragraphs:
        paragraph.font.size, paragraph.font.bold = Pt(12), is_head
        paragraph.font.color.rgb = RGBColor.from_string("FFFFFF" if is_head else office.INK)
    if is_head:
        cell.fill.solid()
        cell.fill.fore_color.rgb = RGBColor.from_string(office.PETROL)
    else:
        _underline(cell)


def _underline(cell: Any) -> None:
    properties = cell._tc.get_or_add_tcPr()
    line = properties.makeelement(qn("a:lnB"), {"w": str(Emu(Pt(0.75)))})
    fill = line.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": office.RULE}))
    line.append(fill)
    properties.insert(0, line)


def _say(frame: Any, spoken: str) -> None:
    """What a figure says, for those who hear it."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", plain(spoken))
