"""Plots cost against series, with lines for proportional growth."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import report

WIDTH, HEIGHT, GAP = 300, 240, 70
TOP, BOTTOM = 60, 50
INK, FAINT, LINE, STRAIGHT = "#333333", "#d9d9d9", "#1f60c4", "#999999"

PANELS: list[tuple[str, Callable[[dict], float]]] = [
    ("CPU-s a poll", lambda moving: moving["cpu_seconds"]),
    ("poll, s", lambda moving: statistics.median(moving["poll_seconds"])),
    ("resident MB at the peak", lambda moving: moving["peak_mb"]),
]

Point = tuple[float, float]


def write(entries: list[dict], file: Path) -> None:
    """Returns nothing for fewer than two sizes."""
    results = {name: entry["result"] for name, entry in report.latest(entries).items() if "live" not in name}
    found = [result["moving"] for result in results.values() if "moving" in result]
    found.sort(key=lambda moving: moving["series"])
    if len(found) < 2:
        return
    total = len(PANELS) * (WIDTH + GAP) + GAP // 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {TOP + HEIGHT + BOTTOM}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">',
        f'<rect width="{total}" height="{TOP + HEIGHT + BOTTOM}" fill="white"/>',
    ]
    for number, (title, figure) in enumerate(PANELS):
        points = [(moving["series"], figure(moving)) for moving in found]
        left = GAP + number * (WIDTH + GAP)
        parts.append(f'<g transform="translate({left},{TOP})">{panel(title, points)}</g>')
    parts.append(f'<text x="{total - GAP // 2}" y="20" text-anchor="end">dashed: in proportion to the series</text>')
    file.write_text("\n".join([*parts, "</svg>\n"]))


def panel(title: str, points: list[Point]) -> str:
    """Both axes are logarithmic, with powers of ten."""
    series, values = zip(*points)
    x_low, x_high = decades(series)
    y_low, y_high = decades(values)

    def at(point: Point) -> Point:
        x = (math.log10(point[0]) - x_low) / (x_high - x_low) * WIDTH
        y = HEIGHT - (math.log10(point[1]) - y_low) / (y_high - y_low) * HEIGHT
        return x, y

    parts = [f'<text x="0" y="-14" font-size="14">{escape(title)}</text>']
    for power in range(x_low, x_high + 1):
        x, _ = at((10**power, 10**y_low))
        parts.append(line(x, 0, x, HEIGHT, FAINT))
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT + 18}" text-anchor="middle">{number(power)}</text>')
    for power in range(y_low, y_high + 1):
        _, y = at((10**x_low, 10**power))
        parts.append(line(0, y, WIDTH, y, FAINT))
        parts.append(f'<text x="-8" y="{y + 4:.1f}" text-anchor="end">{number(power)}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 38}" text-anchor="middle">series on the page</text>')
    parts.append(proportional(points[-1], at, x_low, y_low))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, points))
    parts.append(f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"/>' for x, y in map(at, points)]
    return "\n".join(parts)


def proportional(through: Point, at: Callable[[Point], Point], x_low: int, y_low: int) -> str:
    """Returns the line of proportional growth through a point."""
    down = min(math.log10(through[0]) - x_low, math.log10(through[1]) - y_low)
    x, y = at((through[0] / 10**down, through[1] / 10**down))
    to_x, to_y = at(through)
    return line(x, y, to_x, to_y, STRAIGHT, 'stroke-dasharray="4 4"')


def decades(values: tuple[float, ...]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def number(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"


def line(x: float, y: float, to_x: float, to_y: float, color: str, more: str = "") -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{color}" {more}/>'
