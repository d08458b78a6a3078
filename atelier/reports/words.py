"""The words a report adds to those of its theme and its notebook."""

from collections.abc import Mapping

from atelier.language import Text

WORDS: Mapping[str, Text] = {
    "scope": Text(fr="Champ : {scope}", en="Scope: {scope}"),
    "source": Text(fr="Source : {source}", en="Source: {source}"),
    "data": Text(fr="Les chiffres de cette figure", en="The numbers in this figure"),
    "page": Text(fr="Page", en="Page"),
    "contents": Text(fr="Sommaire", en="Contents"),
    "skip": Text(fr="Aller au contenu", en="Skip to content"),
    "calculation": Text(fr="Calcul", en="Calculation"),
    "autumn": Text(fr="Rentrée {year}", en="Autumn {year}"),
    "one-year": Text(fr="sur 1 an", en="in 1 yr"),
    "five-years": Text(fr="sur 5 ans", en="in 5 yr"),
    "change": Text(fr="Évolution {period}", en="Change {period}"),
    "parts": Text(fr="{numerator} sur {denominator}", en="{numerator} of {denominator}"),
    "points": Text(fr="pt", en="pt"),
    "key-figures": Text(fr="Chiffres clés", en="Key figures"),
    "automatic-report": Text(
        fr="Document produit automatiquement à partir de données publiques, sans relecture particulière à "
        "l’établissement.",
        en="Produced automatically from public data; nobody has reviewed this document for this institution.",
    ),
    "automatic-text": Text(
        fr="Texte écrit automatiquement à partir des chiffres.", en="Text written automatically from the figures."
    ),
    "earlier-year": Text(
        fr="Aucun chiffre n’existe pour la rentrée {asked} : ce document porte sur la dernière rentrée connue, {year}.",
        en="There are no figures for autumn {asked}: this document is about the last autumn known, {year}.",
    ),
    "one-autumn": Text(
        fr="Sans objet : une seule rentrée est connue, il n’y a pas encore d’évolution à montrer.",
        en="Not applicable: a single autumn is known, so there is no change to show yet.",
    ),
    "no-figures": Text(
        fr="Sans objet : la source ne donne aucun chiffre.", en="Not applicable: no figures in the source."
    ),
    "no-peers": Text(
        fr="Sans objet : aucun autre établissement du même groupe n’a de chiffres cette rentrée.",
        en="Not applicable: no other institution of the same group has figures for this autumn.",
    ),
    "rank": Text(
        fr="{subject} occupe le {rank} rang sur {count} ({group}) : {value}.",
        en="{subject} ranks {rank} of {count} ({group}): {value}.",
    ),
    "compared-title": Text(fr="{label} : {names}", en="{label}: {names}"),
    "compared-title-year": Text(fr="{label}, {year} : {names}", en="{label}, {year}: {names}"),
    "indicator": Text(fr="Indicateur", en="Indicator"),
    "predecessors": Text(fr="Porte aussi les chiffres de", en="Also carries the figures of"),
    "code": Text(fr="Identifiant", en="Identifier"),
    "provenance": Text(fr="Provenance", en="Provenance"),
    "report": Text(fr="Rapport", en="Report"),
    "parameters": Text(fr="Paramètres", en="Parameters"),
    "notebook": Text(fr="Carnet", en="Notebook"),
    "dataset": Text(fr="Données", en="Data"),
    "producer": Text(fr="Producteur", en="Producer"),
    "vintage": Text(fr="Millésime", en="Vintage"),
    "licence": Text(fr="Licence", en="Licence"),
    "snapshot": Text(fr="Empreinte", en="Fingerprint"),
    "engine": Text(fr="Moteur", en="Engine"),
}


def say(word: str, language: str, **values: object) -> str:
    """Return one of the words above in ``language``, with its ``{names}`` filled."""
    return WORDS[word].format(values)[language] if values else WORDS[word][language]
