"""Narrative: sentences computed from stat tables, in French and in English."""

from atelier.narrative.remarks import check_words
from atelier.narrative.sentences import Sentence, build_narrative

__all__ = ["Sentence", "build_narrative", "check_words"]
