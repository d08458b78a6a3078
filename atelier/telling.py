"""What a theme may say of its own about sentences: ``narrative.toml``, which the room ``narrative`` reads.

Everything has a value without it: a theme writes only what its subject needs, a better word, another size for
"sharply", a sentence for a value that matters.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from atelier.declarations import Declaration, Identifier
from atelier.language import Text

Fact = Literal["value", "change", "since"]
"""The latest value, its change from the year before, its change since the first year that compares with it."""

Share = Annotated[float, Field(gt=0, le=1)]


class Sizes(Declaration):
    """From what size a change is told by which verb, and what is too small to be told.

    Attributes:
        step: Relative change in one year: stable under the first, slight under the second, sharp from the third on.
        span: The same since the first year.
        step_of_share: The same for shares, in differences: 0.015 is one and a half percentage points.
        span_of_share: The same since the first year.
        jump: A relative change in one year beyond this is told as a possible change of scope, never as growth or fall.
        jump_of_share: The same for shares, in differences.
        small: Under this, a count is too small for percentages to tell anything, or for a jump to be one.
        record: Years that a record needs behind it.
        run: Changes in a row, one way, that make a turn worth telling.
        peers: A rank among fewer is not told.
    """

    step: tuple[float, float, float] = (0.01, 0.03, 0.15)
    span: tuple[float, float, float] = (0.01, 0.05, 0.50)
    step_of_share: tuple[float, float, float] = (0.005, 0.015, 0.05)
    span_of_share: tuple[float, float, float] = (0.005, 0.02, 0.10)
    jump: Share = 0.30
    jump_of_share: Share = 0.15
    small: int = Field(default=100, ge=1)
    record: int = Field(default=5, ge=2)
    run: int = Field(default=3, ge=2)
    peers: int = Field(default=5, ge=2)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("step", "span", "step_of_share", "span_of_share"):
            sizes = getattr(self, name)
            if not 0 < sizes[0] < sizes[1] < sizes[2]:
                raise ValueError(f"{name}: give three sizes above zero, from the smallest to the largest")
        return self


class SentenceRule(Declaration):
    """A sentence that a theme adds where a fact lies in a range.

    Attributes:
        indicators: Indicators it is about.
        fact: What is looked at.
        above: The fact must be above it, and
        below: under it; in the indicator's unit, a share in 0..1, a change of a count or amount as a ratio.
        text: The sentence. ``{place}``, ``{year}``, ``{measure}`` and ``{value}`` are filled in.
    """

    indicators: tuple[Identifier, ...] = Field(min_length=1)
    fact: Fact = "value"
    above: float | None = None
    below: float | None = None
    text: Text

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("it would always be told: give above, below or both")
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise ValueError(f"no value is above {self.above:g} and below {self.below:g}: change one")
        return self

    def holds(self, fact: float) -> bool:
        """Return whether a fact lies in the range."""
        return (self.above is None or fact > self.above) and (self.below is None or fact < self.below)


class NarrativeFile(Declaration):
    """``narrative.toml``.

    Attributes:
        words: Words in the place of the engine's, by their key in its vocabulary: ``"verb.step.soared"``.
        articles: French words for bodies that take an article, with what stands before, alone and after "à":
            ``académie = ["l’", "à l’"]``.
        sizes: Sizes of changes.
        sentences: Sentences of the theme, by name.
    """

    words: dict[str, Text] = Field(default_factory=dict)
    articles: dict[str, tuple[str, str]] = Field(default_factory=dict)
    sizes: Sizes = Sizes()
    sentences: dict[Identifier, SentenceRule] = Field(default_factory=dict)
