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
        fr="Document produit automatiquement à partir de données publiques, sans relecture particulière.",
        en="Produced automatically from public data; nobody has reviewed this very document.",
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
    "rank-of-all": Text(
        fr="{subject} occupe le {rank} rang sur {count} : {value}.", en="{subject} ranks {rank} of {count}: {value}."
    ),
    "others": Text(fr="{count} autres ne sont pas montrés.", en="{count} others are not shown."),
    "compared-title": Text(fr="{label} : {names}", en="{label}: {names}"),
    "compared-title-year": Text(fr="{label}, {year} : {names}", en="{label}, {year}: {names}"),
    "indicator": Text(fr="Indicateur", en="Indicator"),
    "predecessors": Text(fr="Porte aussi les chiffres de", en="Also carries the figures of"),
    "code": Text(fr="Identifiant", en="Identifier"),
    "unit": Text(fr="Unité", en="Unit"),
    "covers": Text(fr="Champ", en="Scope"),
    "definition": Text(fr="Définition", en="Definition"),
    "interpretation": Text(fr="Comment le lire", en="How to read it"),
    "identifier": Text(fr="Identifiant", en="Identifier"),
    "description": Text(fr="Contenu", en="Contents"),
    "rows": Text(fr="Nombre de lignes", en="Number of rows"),
    "indicators": Text(fr="Indicateurs calculés", en="Indicators computed"),
    "column": Text(fr="Colonne", en="Column"),
    "label": Text(fr="Libellé", en="Label"),
    "role": Text(fr="Rôle", en="Role"),
    "holds": Text(fr="Codes ou unité", en="Codes or unit"),
    "role-time": Text(fr="période", en="period"),
    "role-dimension": Text(fr="dimension", en="dimension"),
    "role-measure": Text(fr="mesure", en="measure"),
    "role-status": Text(fr="statut", en="status"),
    "role-attribute": Text(fr="attribut", en="attribute"),
    "check": Text(fr="Contrôle", en="Check"),
    "fault": Text(fr="Ce qu’il détecterait", en="What it would find"),
    "severity": Text(fr="Effet", en="Effect"),
    "severity-error": Text(fr="bloque la publication", en="blocks publication"),
    "severity-warning": Text(fr="signale", en="warns"),
    "checks-note": Text(
        fr="Les données publiées ont passé tous les contrôles qui bloquent la publication.",
        en="The data published have passed every check that blocks publication.",
    ),
    "no-checks": Text(
        fr="Aucun contrôle propre à ces données : seuls s’appliquent les types, les codes et les contraintes des "
        "colonnes.",
        en="No check of its own: only the types, codes and constraints of its columns apply.",
    ),
    "no-breaks": Text(fr="Aucune rupture de série n’est connue.", en="No break in series is known."),
    "no-limits": Text(fr="Aucune limite particulière n’est connue.", en="No particular limit is known."),
    "no-codes": Text(fr="Aucune nomenclature n’est nécessaire.", en="No code list is needed."),
    "provisional-years": Text(
        fr="Chiffres provisoires, qui peuvent encore être révisés : {years}.",
        en="Provisional figures, which may still be revised: {years}.",
    ),
    "codes-among": Text(fr="{first}… ({count} codes)", en="{first}… ({count} codes)"),
    "codes-matched": Text(
        fr="{column} : {count} codes, tous connus de la nomenclature « {reference} ».",
        en="{column}: {count} codes, all known to the code list “{reference}”.",
    ),
    "codes-unmatched": Text(
        fr="{column} : {count} codes connus de la nomenclature « {reference} » ; d’autres n’y figurent pas et sont "
        "comptés sous « Non rattaché ».",
        en="{column}: {count} codes known to the code list “{reference}”; others are not in it and are counted under "
        "“Not matched”.",
    ),
    "not-asked": Text(
        fr="Sans objet : la source ne donne pas cet indicateur selon cette dimension.",
        en="Not applicable: the source does not give this indicator by this dimension.",
    ),
    "not-asked-whole": Text(
        fr="Sans objet : la source ne donne pas cet indicateur pour l’ensemble.",
        en="Not applicable: the source does not give this indicator for the whole.",
    ),
    "not-drawn": Text(
        fr="Sans objet : il y aurait trop de valeurs pour être lues sur une figure.",
        en="Not applicable: there would be too many values to be read in a figure.",
    ),
    "no-story": Text(
        fr="Sans objet : cet indicateur est une répartition, qui se lit sur la figure.",
        en="Not applicable: this indicator is a breakdown, to be read in the figure.",
    ),
    "figure": Text(fr="Figure {number}", en="Figure {number}"),
    "table": Text(fr="Tableau {number}", en="Table {number}"),
    "signs": Text(fr="Signes conventionnels", en="Symbols"),
    "cite": Text(fr="Citer ce document", en="How to cite"),
    "citation": Text(
        fr="{author}, {title}. Données : {data}. {address}", en="{author}, {title}. Data: {data}. {address}"
    ),
    "corrections-at": Text(
        fr="Les corrections apportées aux chiffres publiés sont annoncées à l’adresse",
        en="Corrections of published figures are announced at",
    ),
    "what-changed": Text(fr="Ce qui a changé", en="What changed"),
    "changes-told": Text(fr="Depuis l’édition du {day} : {changes}.", en="Since the edition of {day}: {changes}."),
    "revised": Text(fr="{count} chiffres révisés", en="{count} numbers revised"),
    "revised-one": Text(fr="{count} chiffre révisé", en="{count} number revised"),
    "added": Text(fr="{count} chiffres nouveaux", en="{count} new numbers"),
    "added-one": Text(fr="{count} chiffre nouveau", en="{count} new number"),
    "removed": Text(fr="{count} chiffres retirés", en="{count} numbers withdrawn"),
    "removed-one": Text(fr="{count} chiffre retiré", en="{count} number withdrawn"),
    "why-new-year": Text(fr="nouvelle année", en="new year"),
    "why-correction": Text(fr="correction annoncée", en="correction announced"),
    "why-method": Text(fr="changement de définition", en="change of definition"),
    "why-revision": Text(fr="révision de la source", en="revision by the source"),
    "why-perimeter": Text(fr="changement des listes de codes", en="change of code lists"),
    "why-document": Text(fr="changement du document", en="change of the document"),
    "why-other": Text(fr="changement de l’outil de calcul", en="change of the computing engine"),
    "changes-table": Text(fr="Chiffres révisés ou retirés", en="Numbers revised or withdrawn"),
    "changed-number": Text(fr="Chiffre", en="Number"),
    "before": Text(fr="Avant", en="Before"),
    "after": Text(fr="Après", en="After"),
    "difference": Text(fr="Écart", en="Difference"),
    "why": Text(fr="Raison", en="Reason"),
    "removed-cell": Text(fr="retiré", en="withdrawn"),
    "more-changes": Text(
        fr="Les plus forts écarts ; {count} autres ne sont pas montrés.",
        en="The largest differences; {count} others are not shown.",
    ),
    "index-from": Text(fr="base {year}", en="base {year}"),
    "as-it-was": Text(fr="établissements d’alors", en="institutions as they were"),
    "correction-told": Text(
        fr="Correction du {day}. {title} : {what} {why}", en="Correction of {day}. {title}: {what} {why}"
    ),
    "read-more": Text(fr="Toutes les corrections", en="All corrections"),
    "live": Text(fr="Tableau de bord en direct", en="Live dashboard"),
    "live-alt": Text(
        fr="Code QR qui ouvre le tableau de bord en direct sur la même sélection",
        en="QR code that opens the live dashboard on the same selection",
    ),
    "provenance": Text(fr="Provenance", en="Provenance"),
    "report": Text(fr="Rapport", en="Report"),
    "notebook": Text(fr="Empreinte du carnet", en="Fingerprint of the notebook"),
    "dataset": Text(fr="Données", en="Data"),
    "producer": Text(fr="Producteur", en="Producer"),
    "vintage": Text(fr="Millésime", en="Vintage"),
    "licence": Text(fr="Licence", en="Licence"),
    "snapshot": Text(fr="Empreinte des données", en="Fingerprint of the data"),
    "engine": Text(fr="Moteur", en="Engine"),
}


def say(word: str, language: str, **values: object) -> str:
    """Return one of the words above in ``language``, with its ``{names}`` filled."""
    return WORDS[word].format(values)[language] if values else WORDS[word][language]
