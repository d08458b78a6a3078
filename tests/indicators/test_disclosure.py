"""Q07: under 5 hidden, 5 to 19 flagged, 20 and over normal; the rule is the theme's to set."""

import pandas as pd
import pytest
from pydantic import ValidationError

from atelier.declarations import Disclosure
from atelier.indicators.disclosure import protect
from atelier.language import Text


@pytest.mark.parametrize(
    ("base", "status"), [(0, "A"), (1, "Q"), (4, "Q"), (5, "U"), (19, "U"), (20, "A"), (5000, "A")]
)
def test_a_count_is_its_own_base(base: int, status: str) -> None:
    """A count of zero reveals nobody and is shown."""
    cells = pd.DataFrame({"value": [base], "numerator": [base], "denominator": [None]})
    safe = protect(cells, Disclosure(), base=cells["numerator"], is_ratio=False)
    assert safe["status"].tolist() == [status]
    assert pd.isna(safe["value"].iloc[0]) == (status == "Q")


@pytest.mark.parametrize(("base", "status"), [(0, "M"), (1, "Q"), (4, "Q"), (5, "U"), (19, "U"), (20, "A")])
def test_the_base_of_a_ratio_is_its_denominator(base: int, status: str) -> None:
    """Q09: the rate is hidden with its numerator and denominator."""
    cells = pd.DataFrame({"value": [0.5 if base else None], "numerator": [1], "denominator": [base]})
    safe = protect(cells, Disclosure(), base=cells["denominator"], is_ratio=True)
    assert safe["status"].tolist() == [status]
    if status in "QM":
        assert safe[["value", "numerator", "denominator"]].isna().all(axis=None)


def test_a_theme_sets_its_own_thresholds() -> None:
    """A rule at 20 and 50 hides and flags accordingly."""
    cells = pd.DataFrame({"value": [19, 20, 49, 50]}).assign(numerator=lambda c: c["value"], denominator=None)
    safe = protect(cells, Disclosure(hide_under=20, flag_under=50), base=cells["numerator"], is_ratio=False)
    assert safe["status"].tolist() == ["Q", "U", "U", "A"]


def test_a_cell_that_would_tell_of_another_is_hidden_like_it() -> None:
    """Same letter, nothing left; what the source lacks stays missing."""
    cells = pd.DataFrame({"value": [300.0, 0, None, 300]}).assign(numerator=lambda c: c["value"], denominator=None)
    telling = pd.Series([True, True, True, False])
    safe = protect(cells, Disclosure(), base=cells["numerator"], is_ratio=False, telling=telling)
    assert safe["status"].tolist() == ["Q", "Q", "O", "A"]
    assert safe.loc[safe["status"] == "Q", ["value", "numerator"]].isna().all(axis=None)


def test_leaving_totals_in_clear_needs_a_reason() -> None:
    """A reader of the theme learns why hidden cells may be computed."""
    with pytest.raises(ValidationError, match="give the reason"):
        Disclosure(secondary=False)
    assert not Disclosure(secondary=False, reason=Text(fr="Publié en clair", en="In clear at the source")).secondary


def test_what_the_source_lacks_is_missing() -> None:
    """Q05: missing is neither zero nor hidden."""
    cells = pd.DataFrame({"value": [None, 0], "numerator": [None, 0], "denominator": [None, None]})
    assert protect(cells, Disclosure(), base=cells["numerator"], is_ratio=False)["status"].tolist() == ["O", "A"]
