"""The tiles of a map and the rows of its table, written without a template for each: ``{% load tilemap %}``.

What stands in them is seldom new, so each is drawn once for what it says.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from initiatives.tilemap import Tile, TileMap

from .status import status_line

register = template.Library()

TILE = (
    '<a href="{}"><title>{}: {}</title><svg class="tilemap__cell tilemap__cell--{}" x="{}" y="{}" width="1" height="1"'
    ' viewBox="0 0 46 46" aria-hidden="true"><rect x="1.5" y="1.5" width="43" height="43" rx="2"/>'
    '<text x="23" y="18">{}</text>{}</svg></a>'
)
SIGN = '<use href="#tile-{}" x="13" y="21" width="20" height="20"/>'
NUMBER = '<text class="tilemap__number" x="23" y="36">{}</text>'
BORDER = '<line class="tilemap__border" x1="{}" y1="{}" x2="{}" y2="{}"/>'
ROW = '<tr><th scope="row"><a href="{}">{}</a></th>{}</tr>'

# What is safe text in one of the places above is so always: the cache does not tell safe text from other.
_once = lru_cache(maxsize=5000)(format_html)


@register.simple_tag
def tiles(map: TileMap) -> SafeString:
    """The tiles, each a link whose title is its name."""
    drawn = (
        _once(TILE, tile.url, tile.municipality.name, tile.spoken, tile.css_class, *_place(tile), _picture(tile))
        for tile in map.tiles
    )
    return mark_safe("\n  ".join(drawn))


def _place(tile: Tile) -> tuple[int, int, str]:
    return tile.column, tile.row, tile.municipality.tile_name


def _picture(tile: Tile) -> SafeString:
    """The sign of a status, or the number."""
    return _once(SIGN, tile.css_class) if tile.status else _once(NUMBER, tile.text)


@register.simple_tag
def borders(map: TileMap) -> SafeString:
    """The edges between the KKR."""
    return mark_safe("".join(_once(BORDER, line.x1, line.y1, line.x2, line.y2) for line in map.borders))


@register.simple_tag
def tile_rows(map: TileMap) -> SafeString:
    """The same as rows of a table."""
    return mark_safe("".join(_once(ROW, tile.url, tile.municipality.name, _said(tile)) for tile in map.tiles))


def _said(tile: Tile) -> SafeString:
    if tile.status:
        return _once("<td>{}</td>", status_line(tile.status, tile.signal))
    return _once('<td class="numeric">{}</td>', tile.value[:1].upper() + tile.value[1:])
