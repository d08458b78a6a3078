"""Diverging bars: gaps on both sides of zero, each name on the side its bar leaves free."""

from atelier.figures.palette import AXIS, CONTEXT, INK_SOFT, PAPER, signed
from atelier.figures.specification import Figure, Mark
from atelier.figures.svg.canvas import LEADING, rule, tag, text, text_width, title, wrap
from atelier.figures.svg.drawing import Drawing, size_for, told
from atelier.figures.svg.scales import NARROW, Scale

_BAR, _GAP = 17.0, 9.0
_LABEL_SHARE = 0.34
_UNSURE = 0.45
"""Opacity of a value that is provisional or rests on a small number."""


def draw_diverging(figure: Figure, width: float, height: float | None, name: str) -> Drawing:
    """Return bars around zero; on a phone each name is written above its bar."""
    del height, name
    size, narrow = size_for(width), width < NARROW
    marks = figure.series[0].marks
    room = width if narrow else _LABEL_SHARE * width
    names = {mark.key: wrap(mark.label, room, size, lines=2, bold=True) for mark in marks}
    x = _scale(figure, width, {} if narrow else names, size)
    body, y = [], 2.0
    for mark in marks:
        lines = names[mark.key]
        label = len(lines) * size * LEADING
        tall = label + _BAR if narrow else max(label, _BAR)
        top = y + label if narrow else y + (tall - _BAR) / 2
        if narrow:
            body.append(text(0.0, y + size, lines, size=size, bold=mark.highlighted, halo=True))
        else:
            baseline = y + tall / 2 - (len(lines) - 1) * size * LEADING / 2 + size * 0.35
            on_left = (mark.value or 0.0) >= 0
            at = x(0) - 8 if on_left else x(0) + 8
            body.append(text(at, baseline, lines, size=size, anchor="end" if on_left else None, bold=mark.highlighted))
        body += _bar(figure, mark, x, top, size)
        y += tall + _GAP
    axis = rule(x(0), 0.0, x(0), y - _GAP + 2, AXIS)
    return Drawing((axis, *body), y)


def bar_color(figure: Figure, mark: Mark) -> str:
    """Return the colour of a gap: its side's, or grey when another bar is the one the figure is about."""
    if mark.highlighted or not any(one.highlighted for one in figure.series[0].marks):
        return signed(mark.value)
    return CONTEXT


def _scale(figure: Figure, width: float, names: dict[str, list[str]], size: float) -> Scale:
    """Return the scale that leaves room for values at the ends of bars and names on the free sides."""
    marks = figure.series[0].marks
    values = [mark.value for mark in marks if mark.value is not None]
    low, high = min([*values, 0.0]), max([*values, 0.0])
    value_left = max((text_width(mark.text, size, bold=True) for mark in marks if (mark.value or 0) < 0), default=0)
    value_right = max((text_width(mark.text, size, bold=True) for mark in marks if (mark.value or 0) >= 0), default=0)

    def name_room(*, above: bool) -> float:
        own = [names[mark.key] for mark in marks if ((mark.value or 0.0) >= 0) is above and mark.key in names]
        return max((text_width(line, size, bold=True) for lines in own for line in lines), default=0.0) + 10

    left_name, right_name = (name_room(above=True), name_room(above=False)) if names else (0.0, 0.0)
    # The bars of one side and the names of the other share it: the scale shrinks until both fit.
    steps = 40
    for step in range(steps):
        span = (width - value_left - value_right - 16) * (1 - step / steps)
        scale = span / (high - low or 1.0)
        left = max(-low * scale + value_left + 8, left_name)
        right = max(high * scale + value_right + 8, right_name)
        if left + right <= width:
            break
    zero = left + (0.0 if names else (width - left - right) / 2)
    return Scale(low, high or 1e-9, zero + low * scale, zero + (high or 1e-9) * scale)


def _bar(figure: Figure, mark: Mark, x: Scale, top: float, size: float) -> list[str]:
    baseline = top + _BAR / 2 + size * 0.35
    if mark.value is None:
        return [text(x(0) + 6, baseline, mark.text, size=size, fill=INK_SOFT)]
    left, right = sorted((x(0), x(mark.value)))
    color = bar_color(figure, mark)
    look: dict[str, object] = {"fill": color, "fill_opacity": _UNSURE if mark.status in ("P", "U") else None}
    if mark.is_forecast:
        look = {"fill": PAPER, "stroke": color, "stroke_width": 1.5, "stroke_dasharray": "3 2"}
    words = title(told(figure, figure.series[0], mark))
    body = [tag("rect", words, x=left, y=top, width=right - left, height=_BAR, **look)]
    at, anchor = (left - 6, "end") if mark.value < 0 else (right + 6, None)
    body.append(text(at, baseline, mark.text, size=size, anchor=anchor, bold=mark.highlighted))
    return body
