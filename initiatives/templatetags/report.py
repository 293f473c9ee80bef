"""The pictures that only a report has: ``{% load report %}``."""

from typing import Any

from django import template

from initiatives.reports.parts import MapTile, PlacesMap

register = template.Library()

TILE = 46  # units of the drawing
WIDEST, SHOWN_TILE = 640, 38  # pixels: of the page, and of a tile where there is room

# Fill and ink of the classes, and the dashes of the edge for those that have one.
CLASS_FILLS: dict[str, tuple[str, str, str | None]] = {
    "q0": ("#fff", "#1a1a1a", ""),
    "q1": ("#e1eef1", "#1a1a1a", None),
    "q2": ("#b7d8df", "#1a1a1a", None),
    "q3": ("#82b3bf", "#1a1a1a", None),
    "q4": ("#357a8a", "#fff", None),
    "q5": ("#0f4c5c", "#fff", None),
    "unk": ("#fff", "#1a1a1a", "3 2"),
}


@register.inclusion_tag("components/place_map.html")
def place_map(part: PlacesMap) -> dict[str, Any]:
    """The municipalities as equal tiles, with heavy lines between the KKR and their names."""
    left, top, columns, rows = part.box
    shown = min(SHOWN_TILE, WIDEST / columns)
    return {
        "spoken": part.spoken,
        "width": f"{shown * columns:g}",
        "height": f"{shown * rows:g}",
        "right": TILE * columns,
        "bottom": TILE * rows,
        "tiles": [_tile(tile, left, top) for tile in part.tiles],
        "borders": [
            (TILE * (x1 - left), TILE * (y1 - top), TILE * (x2 - left), TILE * (y2 - top))
            for x1, y1, x2, y2 in ((line.x1, line.y1, line.x2, line.y2) for line in part.borders)
        ],
        "names": [(TILE * (name.column - left) + 4, TILE * (name.row - top) + 28, name.text) for name in part.names],
    }


def _tile(tile: MapTile, left: int, top: int) -> dict[str, Any]:
    x, y = TILE * (tile.column - left), TILE * (tile.row - top)
    fill, ink, dashes = CLASS_FILLS[tile.css_class]
    return {
        "x": f"{x + 1.5:g}",
        "y": f"{y + 1.5:g}",
        "middle": x + 23,
        "name_at": y + 18,
        "number_at": y + 36,
        "name": tile.short,
        "text": tile.text,
        "fill": fill,
        "ink": ink,
        "dashes": dashes,
    }
