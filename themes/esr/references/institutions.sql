-- One row per institution ever seen, with the institution that carries its students today. Identifiers are the
-- ministry's own (paysage). A predecessor has one successor; an institution that was split keeps its own code.

WITH seen AS (
  SELECT
    "Identifiant interne de l'établissement" AS id,
    arg_max("Établissement", rentree) AS label,
    arg_max("Identifiant(s) UAI", rentree) AS uai,
    arg_max("Identifiant wikidata", rentree) AS wikidata,
    arg_max("Identifiant Research Organization Registry (ROR)", rentree) AS ror,
    arg_max("Type d'établissement", rentree) AS type,
    arg_max(etablissement_id_region, rentree) AS region,
    arg_max(etablissement_id_academie, rentree) AS academy,
    arg_max(etablissement_id_departement, rentree) AS department,
    arg_max(regexp_replace(etablissement_commune, '\s+', ' ', 'g'), rentree) AS town,
    arg_max(etablissement_id_paysage_actuel, rentree) AS today,
    arg_max("Dernier établissement", rentree) AS today_label,
    min(rentree) AS first_year,
    max(rentree) AS last_year,
  FROM raw
  WHERE NOT starts_with("Attention", '* Attention')
  GROUP BY id
),

linked AS (
  SELECT * EXCLUDE (today), CASE WHEN today = id OR contains(today, ';') THEN NULL ELSE today END AS successor
  FROM seen
),

unseen AS (
  -- A successor that the table only counts inside another institution takes the place of its last predecessor.
  SELECT
    successor AS id,
    arg_max(today_label, last_year) AS label,
    NULL AS uai, NULL AS wikidata, NULL AS ror,
    arg_max(type, last_year) AS type,
    arg_max(region, last_year) AS region,
    arg_max(academy, last_year) AS academy,
    arg_max(department, last_year) AS department,
    arg_max(town, last_year) AS town,
    NULL AS successor,
    min(first_year) AS first_year,
    max(last_year) AS last_year,
  FROM linked
  WHERE successor NOT IN (SELECT id FROM seen)
  GROUP BY linked.successor
)

SELECT
  id,
  rtrim(label, ' *') AS label,
  CASE type
    WHEN 'Université' THEN 'university'
    WHEN 'Grand établissement' THEN 'grand-etablissement'
    WHEN 'École' THEN 'school'
    WHEN 'Autre établissement' THEN 'other'
    ELSE type
  END AS institution_type,
  ltrim(region, 'R') AS region,
  ltrim(academy, 'A') AS academy,
  regexp_replace(department, '^D0?', '') AS department,
  town,
  successor,
  uai,
  wikidata,
  ror,
  first_year,
  last_year,
FROM (SELECT * EXCLUDE (today_label) FROM linked UNION ALL BY NAME SELECT * FROM unseen)
