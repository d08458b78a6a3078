-- One row per code of an institution, with the institution that carries its students today. Codes are the ministry's
-- own (paysage). Those of the enrolment table come first: it tells successors. A predecessor has one successor; an
-- institution that was split keeps its own code. Then come the codes that only other tables of the ministry know.

WITH autumns AS (
  SELECT
    "Identifiant interne de l'établissement" AS id,
    CAST(rentree AS INTEGER) AS year,
    rtrim("Établissement", ' *') AS label,
    "Identifiant(s) UAI" AS uai,
    "Identifiant wikidata" AS wikidata,
    "Identifiant Research Organization Registry (ROR)" AS ror,
    "Type d'établissement" AS type,
    "Typologie de l'établissement" AS typology,
    etablissement_id_region AS region,
    etablissement_id_academie AS academy,
    etablissement_id_departement AS department,
    etablissement_commune AS town,
    etablissement_id_paysage_actuel AS today,
    "Dernier établissement" AS today_label,
    starts_with("Attention", '* Attention') AS inside_another,
  FROM raw
),

seen AS (
  SELECT
    id,
    arg_max(label, year) AS label,
    arg_max(uai, year) AS uai,
    arg_max(wikidata, year) AS wikidata,
    arg_max(ror, year) AS ror,
    arg_max(type, year) AS type,
    arg_max(typology, year) AS typology,
    arg_max(region, year) AS region,
    arg_max(academy, year) AS academy,
    arg_max(department, year) AS department,
    arg_max(town, year) AS town,
    arg_max(today, year) AS today,
    arg_max(today_label, year) AS today_label,
    min(year) AS first_year,
    max(year) AS last_year,
  FROM autumns
  WHERE NOT inside_another
  GROUP BY id
),

linked AS (
  SELECT
    * EXCLUDE (today),
    CASE WHEN today <> id AND NOT contains(today, ';') THEN today END AS successor,
    CASE WHEN contains(today, ';') THEN today END AS split_into,
    CASE WHEN today <> id THEN last_year END AS valid_to,
  FROM seen
),

components AS (
  SELECT
    id,
    arg_max(label, year) AS label,
    arg_max(uai, year) AS uai,
    arg_max(wikidata, year) AS wikidata,
    arg_max(ror, year) AS ror,
    arg_max(type, year) AS type,
    min(year) AS first_year,
    max(year) AS last_year,
  FROM autumns
  WHERE inside_another
  GROUP BY id
),

unseen AS (
  -- A successor that the table only counts inside another institution takes the place of its last predecessor.
  SELECT
    successor AS id,
    arg_max(today_label, linked.last_year) AS label,
    arg_max(type, linked.last_year) AS type,
    arg_max(region, linked.last_year) AS region,
    arg_max(academy, linked.last_year) AS academy,
    arg_max(department, linked.last_year) AS department,
    arg_max(town, linked.last_year) AS town,
    max(linked.last_year) + 1 AS first_year,
  FROM linked
  WHERE successor NOT IN (SELECT id FROM seen)
  GROUP BY successor
),

enrolled AS (
  SELECT *, 1 AS rank FROM linked
  UNION ALL BY NAME
  SELECT unseen.*, components.last_year, components.uai, components.wikidata, components.ror, 1 AS rank
  FROM unseen LEFT JOIN components USING (id)
),

reissued AS (
  -- Since 2017 the table of students by discipline files some institutions under the code they were to get in 2023
  -- to 2025: same name, same autumn, same students. A code that only the survey of graduates knows has a known UAI.
  SELECT pid AS id, arg_max(own, counted) AS same_as
  FROM (
    SELECT pid, autumns.id AS own, sum("Etudiants") AS counted
    FROM students JOIN autumns ON "Etablissement" = autumns.label AND "Rentrée" = autumns.year
    WHERE NOT inside_another AND pid NOT IN (SELECT id FROM enrolled)
    GROUP BY ALL
  )
  GROUP BY pid
  UNION ALL
  SELECT DISTINCT id_paysage, catalogue."identifiant interne"
  FROM graduates JOIN catalogue ON numero_de_l_etablissement = catalogue."uai - identifiant"
  WHERE id_paysage NOT IN (SELECT id FROM enrolled)
    AND id_paysage NOT IN (SELECT "identifiant interne" FROM catalogue)
),

schools_of_education (id, successor) AS (
  -- Écoles supérieures du professorat et de l'éducation, 2013 to 2016, which the enrolment table counts inside a
  -- university: for 23 of them in 2015, its count is that of the other table plus the school's, to the student. The
  -- other nine go where the ministry puts the training institute (IUFM) of the same académie.
  VALUES
    ('39cGg', 'qUCQp'), ('39jG7', '7Mpgt'), ('45g5M', 'zepT6'), ('49xLF', 'HqAYu'), ('58dQ3', 'xJdyB'),
    ('68SKK', '90I54'), ('76xsv', 'HCBvW'), ('ASiVr', 'Z2FY5'), ('DGwMY', 'G4572'), ('EqtZx', 'U8a0v'),
    ('Fe3rB', 'hy4EW'), ('KK7hH', 'nkbwh'), ('KT6Wc', '57OsX'), ('M8Y6c', 'RS4WF'), ('QOggm', 'hlX1r'),
    ('QgvQ6', 'vb71K'), ('RIRbW', '06SE7'), ('Rb9OR', 'evv7S'), ('VUz2Y', 'Lr94O'), ('Ve8hU', 'cEt92'),
    ('WjV5I', 'z3hdL'), ('X3ml2', '4k25D'), ('cb6n7', 'K4lR3'), ('iFa3N', 's3t8T'), ('iyM2P', 't6Cq5'),
    ('j2I1q', 'NLCOF'), ('lZH01', 'bxPQe'), ('mNtOh', 'p25Q3'), ('qCGMW', 'z3hdL'), ('qVqhv', 'Y7ch7'),
    ('y61Kl', 'etBz7'), ('y7W8e', '8j5s2')
),

listed AS (
  -- A row of the catalogue without a name says nothing: it is left out.
  SELECT
    "identifiant interne" AS id,
    "libellé" AS label,
    "nom court" AS short_label,
    sigle AS acronym,
    uo_lib_officiel AS official_label,
    "English name" AS english_label,
    "type d'établissement" AS type,
    "typologie d'universités et assimilés" AS typology,
    CASE "secteur d'établissement" WHEN 'public' THEN 'public' WHEN 'privé' THEN 'private' END AS sector,
    "Code région" AS region,
    "Code académie" AS academy,
    "Code département" AS department,
    "Commune" AS town,
    date_creation AS creation_date,
    "uai - identifiant" AS uai,
    replace("anciens codes uai", ',', ';') AS former_uai,
    replace(siret, ',', ';') AS siret,
    "Identifiant wikidata" AS wikidata,
    "Identifiant ROR" AS ror,
    identifiant_idref AS idref,
    "Identifiant ETER" AS eter,
    CAST(split_part("géolocalisation", ',', 1) AS DOUBLE) AS latitude,
    CAST(split_part("géolocalisation", ',', 2) AS DOUBLE) AS longitude,
  FROM catalogue
  WHERE "libellé" IS NOT NULL
),

elsewhere AS (
  SELECT id, label, type, first_year, last_year, uai, wikidata, ror, 2 AS rank FROM components
  UNION ALL BY NAME
  SELECT id, label, type, 3 AS rank FROM listed
  UNION ALL BY NAME
  SELECT
    pid AS id,
    arg_max("Etablissement", "Rentrée") AS label,
    arg_max("Type.d.établissement", "Rentrée") AS type,
    min("Rentrée") AS first_year,
    max("Rentrée") AS last_year,
    4 AS rank
  FROM students
  GROUP BY pid
  UNION ALL BY NAME
  -- The accounts of a year are set against the autumn before.
  SELECT
    "id - paysage" AS id,
    arg_max("Etablissement", exercice) AS label,
    arg_max("uai - identifiant", exercice) AS uai,
    arg_max("code de la region", exercice) AS region,
    arg_max("code de l'academie", exercice) AS academy,
    arg_max(commune, exercice) AS town,
    min(CAST(exercice AS INTEGER)) - 1 AS first_year,
    max(CAST(exercice AS INTEGER)) - 1 AS last_year,
    5 AS rank
  FROM accounts
  GROUP BY "id - paysage"
  UNION ALL BY NAME
  SELECT
    id_paysage AS id,
    arg_max(etablissement, annee) AS label,
    arg_max(numero_de_l_etablissement, annee) AS uai,
    min(CAST(annee AS INTEGER)) AS first_year,
    max(CAST(annee AS INTEGER)) AS last_year,
    6 AS rank
  FROM graduates
  WHERE id_paysage IS NOT NULL
  GROUP BY id_paysage
),

gathered AS (
  -- The enrolment table has the last word on its own codes; elsewhere, the first table that tells.
  SELECT * FROM enrolled
  UNION ALL BY NAME
  SELECT
    id,
    arg_min(label, rank) AS label,
    arg_min(type, rank) AS type,
    arg_min(uai, rank) AS uai,
    arg_min(wikidata, rank) AS wikidata,
    arg_min(ror, rank) AS ror,
    arg_min(region, rank) AS region,
    arg_min(academy, rank) AS academy,
    arg_min(town, rank) AS town,
    arg_min(first_year, rank) AS first_year,
    arg_min(last_year, rank) AS last_year,
    any_value(schools.successor) AS successor,
    CASE WHEN any_value(schools.successor) IS NOT NULL THEN arg_min(last_year, rank) END AS valid_to,
    any_value(reissued.same_as) AS same_as,
  FROM elsewhere
  LEFT JOIN schools_of_education AS schools USING (id)
  LEFT JOIN reissued USING (id)
  WHERE id NOT IN (SELECT id FROM enrolled)
  GROUP BY id
),

places AS (
  -- A UAI begins with the three digits of its department.
  SELECT substr(department, 2) AS prefix, department, mode(region) AS region, mode(academy) AS academy
  FROM (SELECT department, region, academy FROM autumns UNION ALL SELECT department, region, academy FROM listed)
  WHERE department IS NOT NULL AND department <> 'D999'
  GROUP BY department
),

located AS (
  SELECT
    gathered.* EXCLUDE (region, academy, department, town, uai, wikidata, ror, typology, rank, today_label),
    coalesce(gathered.uai, listed.uai) AS uai,
    coalesce(gathered.wikidata, listed.wikidata) AS wikidata,
    coalesce(gathered.ror, listed.ror) AS ror,
    coalesce(gathered.typology, listed.typology) AS typology,
    coalesce(gathered.department, listed.department, places.department) AS department,
    coalesce(CASE WHEN gathered.department IS NOT NULL THEN gathered.region END, listed.region, places.region, gathered.region) AS region,
    coalesce(CASE WHEN gathered.department IS NOT NULL THEN gathered.academy END, listed.academy, places.academy, gathered.academy) AS academy,
    coalesce(gathered.town, listed.town) AS town,
    listed.* EXCLUDE (id, label, type, typology, region, academy, department, town, uai, wikidata, ror),
  FROM gathered
  LEFT JOIN listed USING (id)
  -- No table says where AgroSup Dijon is.
  LEFT JOIN places ON places.prefix
    = CASE gathered.id WHEN 'upGa1' THEN '021' ELSE substr(coalesce(gathered.uai, listed.uai), 1, 3) END
)

SELECT
  located.id,
  located.label,
  located.short_label,
  located.acronym,
  located.official_label,
  located.english_label,
  CASE coalesce(carrier.type, located.type)
    WHEN 'Université' THEN 'university'
    WHEN 'Grand établissement' THEN 'grand-etablissement'
    WHEN 'École' THEN 'school'
    ELSE 'other'
  END AS institution_type,
  located.typology,
  located.sector,
  ltrim(coalesce(located.region, carrier.region, heir.region), 'R') AS region,
  ltrim(coalesce(located.academy, carrier.academy, heir.academy), 'A') AS academy,
  regexp_replace(coalesce(located.department, carrier.department, heir.department), '^D0?', '') AS department,
  regexp_replace(coalesce(located.town, carrier.town, heir.town), '\s+', ' ', 'g') AS town,
  located.latitude,
  located.longitude,
  located.creation_date,
  located.first_year,
  located.last_year,
  located.valid_to,
  located.successor,
  greatest(located.valid_to + 1, heir.first_year) AS succeeded_in,
  located.split_into,
  located.same_as,
  located.uai,
  located.former_uai,
  located.siret,
  located.wikidata,
  located.ror,
  located.idref,
  located.eter,
FROM located
LEFT JOIN located AS carrier ON carrier.id = located.same_as
LEFT JOIN located AS heir ON heir.id = located.successor
