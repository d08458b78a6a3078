-- From the ministry's wide table (one row per institution and autumn, 164 columns) to the long schema: one row per
-- institution, autumn and member of one dimension, "_T" standing for the total of each other dimension.

WITH kept AS (
  -- Component institutions are already counted in the experimental institution they belong to.
  SELECT * FROM raw WHERE NOT starts_with("Attention", '* Attention')
),

totals AS (
  SELECT
    rentree AS year,
    "Identifiant interne de l'établissement" AS institution,
    NULL AS category,
    "Nombre d'étudiants inscrits (inscriptions principales) hors doubles inscriptions CPGE" AS students,
    "Nombre d'étudiants inscrits (inscriptions principales) y compris doubles inscriptions CPGE" AS students_with_cpge,
    "Nombre total d'étudiants inscrits (inscriptions principales et secondes) hors doubles inscriptions CPGE" AS enrolments,
    "Nombre de nouveaux bacheliers inscrits hors doubles inscriptions CPGE" AS new_entrants,
    coalesce("Etudiants en mobilité internationale", '0') AS mobile_students,
  FROM kept
),

margins AS (
  SELECT * FROM kept UNPIVOT INCLUDE NULLS (students FOR category IN (
    "Sexe : Femmes" AS "sex=women",
    "Sexe : Hommes" AS "sex=men",
    "Cycle universitaire (cursus LMD) : L (1er cycle)" AS "level=bachelor",
    "Cycle universitaire (cursus LMD) : M (2ème cycle)" AS "level=master",
    "Cycle universitaire (cursus LMD) : D (3ème cycle)" AS "level=doctorate",
    "Grande discipline : Droit, sciences économiques, AES" AS "discipline=law-economics",
    "Grande discipline : Lettres, langues et sciences humaines" AS "discipline=humanities",
    "Grande discipline : Sciences et sciences de l'ingénieur" AS "discipline=sciences",
    "Grande discipline : STAPS" AS "discipline=sports",
    "Grande discipline : Santé" AS "discipline=health",
    "Grande discipline : Interdisciplinaire" AS "discipline=interdisciplinary",
    "Degré d’études : Inférieur ou égal au baccalauréat" AS "degree_year=below-bac",
    "Degré d’études : BAC + 1" AS "degree_year=1",
    "Degré d’études : BAC + 2" AS "degree_year=2",
    "Degré d’études : BAC + 3" AS "degree_year=3",
    "Degré d’études : BAC + 4" AS "degree_year=4",
    "Degré d’études : BAC + 5" AS "degree_year=5",
    "Degré d’études : BAC + 6 et plus" AS "degree_year=6-plus",
    "Degré d’études : Non connu" AS "degree_year=unknown",
    "Type de diplôme : Diplômes nationaux" AS "diploma_type=national",
    "Type de diplôme : Diplômes d'établissement" AS "diploma_type=institution",
    "Diplôme préparé : Diplôme d'accès aux études universitaires" AS "diploma=daeu",
    "Diplôme préparé : Capacité en droit" AS "diploma=law-capacity",
    "Diplôme préparé : Licence hors LAS" AS "diploma=licence",
    "Diplôme préparé : Licence accès santé" AS "diploma=las",
    "Diplôme préparé : Licence sciences pour la santé (majeure santé)" AS "diploma=health-licence",
    "Diplôme préparé : Licence CPES" AS "diploma=cpes",
    "Diplôme préparé : Diplôme universitaire de technologie" AS "diploma=dut",
    "Diplôme préparé : Bachelor universitaire de technologie" AS "diploma=but",
    "Diplôme préparé : Post-DUT" AS "diploma=post-dut",
    "Diplôme préparé : CPGE universitaire" AS "diploma=university-cpge",
    "Diplôme préparé : Licence professionnelle en 1 an" AS "diploma=professional-licence",
    "Diplôme préparé : Licence professionnelle en 2 ou 3 ans" AS "diploma=professional-licence-long",
    "Diplôme préparé : Master enseignement" AS "diploma=teaching-master",
    "Diplôme préparé : Formations d'ingénieurs" AS "diploma=engineering",
    "Diplôme préparé : Autres masters" AS "diploma=other-master",
    "Diplôme préparé : Formations d'IEP" AS "diploma=iep",
    "Diplôme préparé : PASS et PluriPASS" AS "diploma=pass",
    "Diplôme préparé : PACES" AS "diploma=paces",
    "Diplôme préparé : Formations paramédicales" AS "diploma=paramedical",
    "Diplôme préparé : Autres formations de santé" AS "diploma=other-health",
    "Diplôme préparé : Diplôme inter-universitaire" AS "diploma=inter-university",
    "Diplôme préparé : Doctorat" AS "diploma=doctorate",
    "Diplôme préparé : HDR" AS "diploma=hdr",
    "Bac : Séries générales" AS "bac=general",
    "Bac : Séries STMG" AS "bac=stmg",
    "Bac : Autres séries technologiques" AS "bac=other-technological",
    "Bac : Baccalauréat professionnel" AS "bac=vocational",
    "Bac : Dispensés" AS "bac=exempted",
    "Âge au baccalauréat : En avance au bac d'un an ou plus" AS "bac_age=early",
    "Âge au baccalauréat : A l'heure" AS "bac_age=on-time",
    "Âge au baccalauréat : En retard au bac d'un an ou plus" AS "bac_age=late",
    "Âge au baccalauréat : Non renseigné ou non bachelier" AS "bac_age=unknown",
    "Attractivité départementale (département d'obtention du baccalauréat) : Même département" AS "bac_origin=same-department",
    "Attractivité départementale (département d'obtention du baccalauréat) : Départements limitrophes" AS "bac_origin=neighbouring",
    "Attractivité départementale (département d'obtention du baccalauréat) : Autres départements français" AS "bac_origin=other-department",
    "Attractivité départementale (département d'obtention du baccalauréat) : Etranger" AS "bac_origin=abroad",
    "Attractivité départementale (département d'obtention du baccalauréat) : Non renseigné" AS "bac_origin=unknown",
    "Attractivité départementale (département d'obtention du baccalauréat) : Non bacheliers" AS "bac_origin=exempted"
  ))
),

stacked AS (
  SELECT * FROM totals
  UNION ALL BY NAME
  SELECT
    rentree AS year,
    "Identifiant interne de l'établissement" AS institution,
    category,
    coalesce(students, '0') AS students,  -- the source leaves a category blank where nobody is in it
  FROM margins
  -- Before 2008 the origin of nearly all students is unknown: no figure rather than a false one.
  WHERE NOT (starts_with(category, 'bac_origin=') AND rentree < '2008')
)

SELECT
  year,
  institution,
  CASE WHEN starts_with(category, 'sex=') THEN split_part(category, '=', 2) ELSE '_T' END AS sex,
  CASE WHEN starts_with(category, 'level=') THEN split_part(category, '=', 2) ELSE '_T' END AS level,
  CASE WHEN starts_with(category, 'discipline=') THEN split_part(category, '=', 2) ELSE '_T' END AS discipline,
  CASE WHEN starts_with(category, 'degree_year=') THEN split_part(category, '=', 2) ELSE '_T' END AS degree_year,
  CASE WHEN starts_with(category, 'diploma_type=') THEN split_part(category, '=', 2) ELSE '_T' END AS diploma_type,
  CASE WHEN starts_with(category, 'diploma=') THEN split_part(category, '=', 2) ELSE '_T' END AS diploma,
  CASE WHEN starts_with(category, 'bac=') THEN split_part(category, '=', 2) ELSE '_T' END AS bac,
  CASE WHEN starts_with(category, 'bac_age=') THEN split_part(category, '=', 2) ELSE '_T' END AS bac_age,
  CASE WHEN starts_with(category, 'bac_origin=') THEN split_part(category, '=', 2) ELSE '_T' END AS bac_origin,
  students,
  students_with_cpge,
  enrolments,
  new_entrants,
  mobile_students,
FROM stacked
