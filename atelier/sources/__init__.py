"""Connectors: how a raw table reaches us. One module per kind; ``fetch_source`` chooses."""

from pathlib import Path

from atelier.declarations import Source
from atelier.errors import DataError, Problem
from atelier.settings import Settings


def fetch_source(source: Source, settings: Settings) -> Path:
    """Return the path of a raw table, ready to be stored as a snapshot.

    A file is looked for in the raw data folder, then in the project's folder.

    Raises:
        DataError: The file is nowhere; the message says where it was looked for.
    """
    places = [settings.raw_data / source.path, settings.home / source.path]
    for place in places:
        if place.is_file():
            return place
    looked = " and ".join(str(place.parent) for place in places)
    advice = f"put it there, or set ATELIER_RAW_DATA. It is published at {source.page}"
    raise DataError("raw data", [Problem(source.path, "", f"not found in {looked}: {advice}")])
