"""Narrative: sentences computed from stat tables, in French and in English."""

from atelier.narrative.sentences import Sentence, build_narrative

__all__ = ["Sentence", "build_narrative"]
