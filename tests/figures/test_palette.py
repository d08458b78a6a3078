"""Colours hold A07: contrast on white, and apart for the three colour deficiencies."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.figures.classes import class_bounds, class_rank
from atelier.figures.palette import (
    AXIS,
    CATEGORICAL,
    CONTEXT,
    INK,
    INK_SOFT,
    contrast,
    ordinal,
    sequential,
    text_color,
    text_over,
)

# Machado, Oliveira and Fernandes (2009), full deficiency, on linear RGB.
DEFICIENCIES = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
APART = 0.10


def oklab(color: str, seen: list[list[float]]) -> np.ndarray:
    """Return a colour, as it is seen, in Björn Ottosson's OKLab."""
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(seen) @ linear, 0, 1)
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return lab @ np.cbrt(cones @ linear)


@pytest.mark.parametrize("color", [*CATEGORICAL, *ordinal(9), CONTEXT, AXIS])
def test_what_is_drawn_has_three_to_one_on_white(color: str) -> None:
    """WCAG 1.4.11."""
    assert contrast(color) >= 3


@pytest.mark.parametrize("color", [*map(text_color, (*CATEGORICAL, *ordinal(9))), INK_SOFT])
def test_what_is_written_has_four_and_a_half_to_one_on_white(color: str) -> None:
    """WCAG 1.4.3: a label takes its line's colour, darkened as needed."""
    assert contrast(color) >= 4.5


@pytest.mark.parametrize("color", [*CATEGORICAL, *ordinal(9), *sequential(5)])
def test_what_is_written_over_a_colour_is_read(color: str) -> None:
    """White or ink, whichever is read best; large bold figures need 3, others 4.5."""
    assert contrast(text_over(color), color) >= 4.0


@pytest.mark.parametrize("seen", DEFICIENCIES.values(), ids=DEFICIENCIES)
def test_categories_stay_apart(seen: list[list[float]]) -> None:
    """Any two of the seven, for each deficiency."""
    for one, other in combinations(CATEGORICAL, 2):
        assert np.linalg.norm(oklab(one, seen) - oklab(other, seen)) >= APART, (one, other)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_classes_cover_every_value_and_are_never_empty(values: list[float]) -> None:
    """At most five, each holding a territory."""
    bounds = class_bounds(values, 2)
    ranks = {class_rank(value, bounds) for value in values}
    assert len(bounds) <= 6
    assert bounds[0] == min(values)
    assert bounds[-1] == max(values)
    assert list(bounds) == sorted(bounds)
    assert ranks <= set(range(len(bounds) - 1)) or len(bounds) == 2


def test_skewed_values_are_classed_by_quantiles() -> None:
    """One giant must not leave all others in one colour."""
    values = [*range(1, 20), 10_000]
    sizes = [0] * 5
    bounds = class_bounds([float(value) for value in values], 0)
    for value in values:
        sizes[class_rank(value, bounds)] += 1
    assert max(sizes) == 4


def test_even_values_keep_equal_classes() -> None:
    """Classes of equal width are the easiest to read."""
    bounds = class_bounds([float(value) for value in range(101)], 0)
    assert bounds == (0, 20, 40, 60, 80, 100)


SHEET = Path(__file__).resolve().parents[2] / "templates" / "site" / "atelier.css"
# The matrix of hue-rotate(180deg), Filter Effects Module Level 1.
TURNED = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])


def in_the_dark(color: str) -> tuple[str, str]:
    """Return a colour after the filter of the sheet, and the dark paper it lies on."""
    sheet = SHEET.read_text("utf-8")
    [share] = set(re.findall(r"--drawing: invert\((\.\d+)\) hue-rotate\(180deg\)", sheet))
    [paper] = set(re.findall(r"--paper: (#[0-9a-f]{6})", sheet))
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    turned = np.clip(TURNED @ (channels + float(share) * (1 - 2 * channels)), 0, 1)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in turned), paper


@pytest.mark.parametrize("color", [*CATEGORICAL, *ordinal(9), CONTEXT, AXIS])
def test_what_is_drawn_has_three_to_one_in_the_dark(color: str) -> None:
    """WCAG 1.4.11, through the filter that turns drawings over."""
    assert contrast(*in_the_dark(color)) >= 3


@pytest.mark.parametrize("color", [INK, INK_SOFT, *(text_color(one) for one in CATEGORICAL)])
def test_words_of_a_drawing_are_read_in_the_dark(color: str) -> None:
    """WCAG 1.4.3."""
    assert contrast(*in_the_dark(color)) >= 4.5
