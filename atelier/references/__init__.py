"""References: dated code lists, what each code became, search, and export as a Data Package."""

from atelier.references.codes import UNMATCHED, UNMATCHED_LABEL, CodeList, Succession, load_references
from atelier.references.package import FORMATS, write_package

__all__ = [
    "FORMATS",
    "UNMATCHED",
    "UNMATCHED_LABEL",
    "CodeList",
    "Succession",
    "load_references",
    "write_package",
]
