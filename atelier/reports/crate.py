"""The record of a run as an RO-Crate: one notebook run once, with its parameters, its data and what came out.

It follows the Workflow Run RO-Crate profile 0.5 (https://w3id.org/ro/wfrun/workflow/0.5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atelier.parameters import Value
from atelier.reports.document import Document, datasets
from atelier.reports.report import Report

FILE = "ro-crate-metadata.json"
NOTEBOOK, EXECUTED = "notebook.ipynb", "executed.ipynb.gz"
_CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
_PYTHON = "https://w3id.org/workflowhub/workflow-ro-crate#jupyter"
_FORMATS = {"html": "text/html", "pdf": "application/pdf", "json": "application/json"}
_TYPES = {"str": "Text", "int": "Integer", "float": "Float", "bool": "Boolean", "list": "Text"}


@dataclass(frozen=True)
class Circumstances:
    """When and with what a run was made.

    Attributes:
        ended: When it ended, ISO 8601.
        commit: Commit of the project; empty when it is not under git.
        engine: Version of dataESR.
    """

    ended: str
    commit: str
    engine: str


def build_crate(
    report: Report,
    document: Document,
    values: Mapping[str, Value],
    files: Mapping[str, bytes],
    circumstances: Circumstances,
) -> dict[str, Any]:
    """Return the RO-Crate of an edition as JSON-LD.

    Args:
        report: The report.
        document: What was published.
        values: The parameters.
        files: The files published, by name.
        circumstances: When and with what.
    """
    known = datasets(document.answers)
    licences = sorted({one["licence"] for one in known.values()})
    sources = [
        {
            "@id": one["page"],
            "@type": "Dataset",
            "name": one["dataset_title"][document.language],
            "identifier": one["dataset_id"],
            "version": one["vintage"],
            "license": one["licence"],
            "sha256": sorted(set(one["snapshots"].values())),
        }
        for one in known.values()
    ]
    outputs: list[dict[str, Any]] = [
        {
            "@id": name,
            "@type": "File",
            "name": document.title,
            "encodingFormat": _FORMATS[name.rpartition(".")[2]],
            "contentSize": len(content),
        }
        for name, content in files.items()
    ]
    parts = [{"@id": name} for name in (NOTEBOOK, EXECUTED, *files)]
    formal = [
        {
            "@id": f"#parameter-{one.name}",
            "@type": "FormalParameter",
            "additionalType": _TYPES[one.type],
            "name": one.name,
            "description": one.help[document.language],
        }
        for one in report.parameters.declared
    ]
    actual = [
        {
            "@id": f"#value-{name}",
            "@type": "PropertyValue",
            "name": name,
            "value": value,
            "exampleOfWork": {"@id": f"#parameter-{name}"},
        }
        for name, value in values.items()
    ]
    graph: list[dict[str, Any]] = [
        {
            "@id": FILE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [
                {"@id": "https://w3id.org/ro/crate/1.1"},
                {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
            ],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": document.title,
            "description": document.description,
            "datePublished": circumstances.ended,
            "inLanguage": document.language,
            "license": ", ".join(licences) or "–",
            "publisher": {"@id": "#publisher"},
            "conformsTo": [{"@id": profile} for profile in _PROFILES],
            "hasPart": parts,
            "mainEntity": {"@id": NOTEBOOK},
            "mentions": [{"@id": "#run"}],
        },
        *(
            {"@id": one, "@type": "CreativeWork", "name": name, "version": one.rpartition("/")[2]}
            for one, name in _PROFILES.items()
        ),
        {"@id": "#publisher", "@type": "Organization", "name": document.author},
        {
            "@id": NOTEBOOK,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "name": report.title[document.language],
            "programmingLanguage": {"@id": _PYTHON},
            "input": [{"@id": one["@id"]} for one in formal],
            "sha256": report.sha256,
            "version": circumstances.commit or report.sha256,
        },
        {"@id": _PYTHON, "@type": "ComputerLanguage", "name": "Jupyter Notebook", "url": "https://jupyter.org/"},
        {
            "@id": "#engine",
            "@type": "SoftwareApplication",
            "name": "dataESR",
            "softwareVersion": circumstances.engine,
            "version": circumstances.commit or circumstances.engine,
        },
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"{report.path}: {document.title}",
            "instrument": {"@id": NOTEBOOK},
            "agent": {"@id": "#engine"},
            "endTime": circumstances.ended,
            "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
            "object": [{"@id": one["@id"]} for one in (*actual, *sources)],
            "result": [{"@id": one["@id"]} for one in outputs],
        },
        {"@id": EXECUTED, "@type": "File", "name": "Executed notebook", "encodingFormat": "application/gzip"},
        *formal,
        *actual,
        *sources,
        *outputs,
    ]
    return {"@context": _CONTEXT, "@graph": graph}
