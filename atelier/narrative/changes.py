"""A change between two years, told with a verb chosen by its size."""

from dataclasses import dataclass
from typing import Literal

from atelier.indicators.table import StatTable
from atelier.language import format_share
from atelier.narrative.naming import name_measure, write_flags, write_points, write_value
from atelier.narrative.series import Known
from atelier.narrative.wording import Sentence, build_sentence, say

Scale = Literal["step", "span"]
"""From one year to the next, or since the first one."""

_WRITTEN = 3  # decimals of a ratio once written in per cent: what a reader sees decides of the verb


@dataclass(frozen=True)
class Change:
    """Two points that compare.

    Attributes:
        table: The table they come from.
        before: The earlier one.
        after: The later one.
    """

    table: StatTable
    before: Known
    after: Known

    @property
    def difference(self) -> float:
        """The later value less the earlier one."""
        return self.after.value - self.before.value

    @property
    def is_share(self) -> bool:
        """Whether it is told in percentage points."""
        return self.table.card.unit.kind == "share"

    @property
    def amount(self) -> float:
        """How large it is: a difference of shares, or a ratio of the earlier value."""
        return abs(self.difference) if self.is_share else abs(self.difference / self.before.value)

    @property
    def is_plain(self) -> bool:
        """Whether only both values tell it: the earlier one is too small, null or negative to be a base."""
        if self.is_share:
            return False
        is_small = self.table.card.unit.kind == "count" and self.before.value < self.table.telling.sizes.small
        return is_small or self.before.value <= 0 or "U" in (self.before.status, self.after.status)

    @property
    def is_seen(self) -> bool:
        """Whether it shows once values are rounded."""
        before, after = (write_value(self.table, one.value) for one in (self.before, self.after))
        return before != after and write_points(self.table, abs(self.difference)) != write_points(self.table, 0)

    def is_stable(self, scale: Scale) -> bool:
        """Return whether it is too small for a verb."""
        return not self.is_seen or (not self.is_plain and round(self.amount, _WRITTEN) < self._sizes(scale)[0])

    def manner(self, scale: Scale) -> tuple[str, str]:
        """Return how it is told, ``stable``, ``slightly`` or ``by``, and the verb."""
        stable, slight, sharp = self._sizes(scale)
        amount = round(self.amount, _WRITTEN)
        if amount < stable:
            return "stable", "stable"
        verbs = ("rose", "soared") if self.difference > 0 else ("fell", "plunged")
        is_thin = self.before.base is not None and self.before.base < self.table.telling.sizes.small
        return "slightly" if amount < slight else "by", verbs[amount >= sharp and not is_thin]

    def _sizes(self, scale: Scale) -> tuple[float, float, float]:
        sizes = self.table.telling.sizes
        if self.is_share:
            return sizes.step_of_share if scale == "step" else sizes.span_of_share
        return sizes.step if scale == "step" else sizes.span


def tell_change(change: Change, kind: str, scale: Scale, *, named: str = "") -> Sentence:
    """Return the sentence that tells a change.

    Args:
        change: The change.
        kind: Kind of the sentence.
        scale: Whether it runs from one year to the next, or since the first.
        named: What changes; the measure by default.
    """
    table, language = change.table, change.table.language
    if change.is_seen and change.is_plain:
        return tell_ends(change, kind, "change.plain", named=named)
    manner, verb = change.manner(scale) if change.is_seen else ("same", "stable")
    detail, numbers = _detail(change, manner)
    amount = ""
    if manner in ("slightly", "by"):
        amount = write_points(table, change.amount) if change.is_share else format_share(change.amount, language)
        numbers = (change.amount, *numbers)
    text = say(
        f"change.{manner}",
        table,
        when=_when(change, scale),
        subject=named or name_measure(table),
        verb=say(f"verb.{scale}.{verb}", table),
        amount=amount,
        details=_flags(change, detail),
    )
    return build_sentence(kind, text, language, numbers)


def tell_ends(change: Change, kind: str, key: str, *, named: str = "") -> Sentence:
    """Return the sentence that gives both values and judges nothing.

    Args:
        change: The change.
        kind: Kind of the sentence.
        key: Words of the sentence.
        named: What changes; the measure by default.
    """
    table = change.table
    text = say(
        key,
        table,
        when=_when(change, "step"),
        subject=named or name_measure(table),
        before=write_value(table, change.before.value, bare=True),
        after=write_value(table, change.after.value, bare=True),
        details=_flags(change),
    )
    return build_sentence(kind, text, table.language, (change.before.value, change.after.value))


def _detail(change: Change, manner: str) -> tuple[str, tuple[float, ...]]:
    """Return what brackets add: a count's difference, or how much a stable value moved."""
    is_count = change.table.card.unit.kind == "count"
    if manner == "same" or not (is_count or manner == "stable"):
        return "", ()
    difference, is_more = abs(change.difference), change.difference > 0
    if is_count:
        key, amount = "more" if is_more else "fewer", write_value(change.table, difference, bare=True)
    else:
        key, amount = "up" if is_more else "down", write_points(change.table, difference)
    return say(f"change.{key}", change.table, amount=amount), (difference,)


def _flags(change: Change, *texts: str) -> str:
    return write_flags(change.table, (change.before.status, change.after.status), *texts)


def _when(change: Change, scale: Scale) -> str:
    key = "time.since" if scale == "span" else "time.pair"
    return say(key, change.table, start=change.before.year, end=change.after.year)
