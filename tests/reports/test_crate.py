"""P04: the record of a run is a Workflow Run RO-Crate, and everything it points to is there."""

import gzip
import json
from typing import Any

import pytest

from atelier.reports.production import Edition


@pytest.fixture(scope="module")
def graph(strasbourg: Edition) -> dict[str, dict[str, Any]]:
    """The entities of a real edition's crate, by identifier."""
    crate = json.loads((strasbourg.folder / "ro-crate-metadata.json").read_text("utf-8"))
    assert crate["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    entities = {one["@id"]: one for one in crate["@graph"]}
    assert len(entities) == len(crate["@graph"]), "an identifier is used twice"
    return entities


def references(value: Any) -> list[str]:
    """Return every identifier that a value points to."""
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else references(list(value.values()))
    return []


def test_the_crate_says_which_profiles_it_follows(graph: dict[str, dict[str, Any]]) -> None:
    """Process Run, Workflow Run and Workflow RO-Crate, each declared and described."""
    profiles = [one["@id"] for one in graph["./"]["conformsTo"]]
    assert "https://w3id.org/ro/wfrun/process/0.5" in profiles
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert set(profiles) <= set(graph)
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert graph["./"]["datePublished"]
    assert graph["./"]["license"]


def test_the_run_tells_its_notebook_its_parameters_its_data_and_its_files(graph: dict[str, dict[str, Any]]) -> None:
    """One action: instrument, objects, results, end."""
    run = graph["#run"]
    assert run["@type"] == "CreateAction"
    assert run["instrument"] == graph["./"]["mainEntity"] == {"@id": "notebook.ipynb"}
    assert "ComputationalWorkflow" in graph["notebook.ipynb"]["@type"]
    objects = [graph[one["@id"]] for one in run["object"]]
    values = {one["name"]: one["value"] for one in objects if one["@type"] == "PropertyValue"}
    assert values == {"institution": "4k25D", "year": 2022, "lang": "fr"}
    assert [one["version"] for one in objects if one["@type"] == "Dataset"] == ["2006-2022"]
    assert "index.html" in [one["@id"] for one in run["result"]]
    assert run["endTime"]


def test_every_identifier_leads_somewhere(graph: dict[str, dict[str, Any]], strasbourg: Edition) -> None:
    """To an entity of the crate or to the web; a file to a file."""
    outside = ("https://w3id.org/", "http://schema.org/")
    for entity in graph.values():
        for found in references([value for key, value in entity.items() if key != "@id"]):
            assert found in graph or found.startswith(outside), found
        if "File" in entity["@type"]:
            assert (strasbourg.folder / entity["@id"]).is_file()


def test_the_executed_notebook_is_kept_for_audit(strasbourg: Edition) -> None:
    """With the parameters as they were run and the outputs as they came; readers are never sent it."""
    executed = json.loads(gzip.decompress((strasbourg.folder / "executed.ipynb.gz").read_bytes()))
    (injected,) = [cell for cell in executed["cells"] if "injected-parameters" in cell["metadata"].get("tags", [])]
    assert 'institution = "4k25D"' in injected["source"]
    assert any(cell.get("outputs") for cell in executed["cells"])
    record = json.loads((strasbourg.folder / "provenance.json").read_text("utf-8"))
    assert set(record["files"]) == {"index.html", "institution-4k25D.pdf", "answers.json"}
