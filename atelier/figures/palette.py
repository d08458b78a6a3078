"""Colours: few, readable on white, told apart by readers with any of the three colour deficiencies.

The categorical colours were searched for together: each has a contrast of 3 or more on white, and any two stay apart
(0.10 in OKLab) as seen with protanopia, deuteranopia and tritanopia. A test computes both. A colour is never the only
carrier of a meaning: lines and parts are labelled where they are drawn.
"""

INK = "#161631"
INK_SOFT = "#4a4a63"
ACCENT = "#0b5cad"
PAPER = "#ffffff"
GRID = "#e1e4ea"
AXIS = "#7c8598"
CONTEXT = "#8a8f9c"
"""Series shown for context behind a highlighted one; 3:1 on white."""
EMPTY = "#eceef2"
"""A territory without a figure."""

ABOVE, BELOW = ACCENT, "#b5410f"
"""Gaps on either side of zero: a direction, never a judgement."""
BAND, BAND_CORE = "#dfe5ee", "#b3c1d4"
"""The range of a group, and its middle half, behind the dots set against it."""

CATEGORICAL = ("#0b5cad", "#d17a00", "#8c1d40", "#1f9e89", "#9a7bd1", "#4b2a7b", "#b5410f")
_SEQUENTIAL_ENDS = ("#d3e4f5", "#0a2f5c")
_ORDINAL_ENDS = ("#0a2a52", "#5896d6")
_MIDDLE = "#3f86c9"
READABLE = 4.5
_DARK = 0.04045
"""Under it, sRGB is straight."""


def categorical(count: int) -> tuple[str, ...]:
    """Return ``count`` colours in the order series take them; beyond the palette, grey."""
    return tuple(CATEGORICAL[rank] if rank < len(CATEGORICAL) else CONTEXT for rank in range(count))


def signed(value: float | None) -> str:
    """Return the colour of a gap: one above zero, another below."""
    return BELOW if value is not None and value < 0 else ABOVE


def sequential(count: int) -> tuple[str, ...]:
    """Return blues from light to dark for the classes of a map."""
    light, dark = _SEQUENTIAL_ENDS
    return _ramp((light, _MIDDLE, dark), count)


def ordinal(count: int) -> tuple[str, ...]:
    """Return blues from dark to light for categories in order, each with 3:1 on white."""
    return _ramp(_ORDINAL_ENDS, count)


def contrast(one: str, other: str = PAPER) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_color(color: str) -> str:
    """Return ``color`` darkened just enough to be read as text on white."""
    mixed = color
    for step in range(20):
        if contrast(mixed) >= READABLE:
            return mixed
        mixed = _mix(color, INK, (step + 1) / 20)
    return INK


def text_over(color: str) -> str:
    """Return white or ink, whichever is read best over ``color``."""
    return max((PAPER, INK), key=lambda text: contrast(text, color))


def _ramp(stops: tuple[str, ...], count: int) -> tuple[str, ...]:
    if count == 1:
        return (stops[len(stops) // 2],)
    colors = []
    for rank in range(count):
        place = rank / (count - 1) * (len(stops) - 1)
        left = min(int(place), len(stops) - 2)
        colors.append(_mix(stops[left], stops[left + 1], place - left))
    return tuple(colors)


def _mix(one: str, other: str, share: float) -> str:
    parts = (round(a + (b - a) * share) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _DARK else float(((channel + 0.055) / 1.055) ** 2.4)
