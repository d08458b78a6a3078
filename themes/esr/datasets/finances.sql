-- From the ministry's wide table (one row per operator and financial year) to one row per institution and year, a figure
-- left blank by an institution being missing, never zero.

WITH listed AS (
  SELECT
    CAST(exercice AS INTEGER) AS year,
    "id - paysage" AS institution,
    -- A budget is not accounts: SDMX calls it a forecast.
    CASE source WHEN 'Comptes financiers' THEN 'A' WHEN 'Budget' THEN 'F' ELSE source END AS status,
    CAST("Produits de fonctionnement encaissables" AS DOUBLE) AS resources,
    CAST("Ressources propres encaissables" AS DOUBLE) AS own,
    CAST("Charges de personnel" AS DOUBLE) AS staff,
    CAST("Charges de personnel / Produits encaissables" AS DOUBLE) AS staff_rate,
    -- An institution that spends or invests nothing at all in a year has left a blank typed as a zero.
    nullif(CAST("Charges de fonctionnement décaissables" AS DOUBLE), 0) AS cash_costs,
    nullif(CAST("Acquisitions d'immobilisations" AS DOUBLE), 0) AS investment,
    CAST("Capacité d'autofinancement" AS DOUBLE) AS self_financing,
    CAST("Fonds de roulement net global" AS DOUBLE) AS working_capital,
    CAST("Trésorerie" AS DOUBLE) AS cash,
    CAST("Résultat net comptable hors SIE" AS DOUBLE) AS net_result,
    CAST("Solde budgétaire" AS DOUBLE) AS budget_balance,
    -- Published for accounts; the one value of a budget is no rate.
    CASE WHEN source <> 'Budget' THEN CAST("Taux de rémunération des permanents" AS DOUBLE) / 100 END AS permanent_pay_rate,
    CAST("Droits d'inscription" AS DOUBLE)
    + CAST("Formation continue, diplômes propres et VAE" AS DOUBLE)
    + CAST("Taxe d'apprentissage" AS DOUBLE) AS tuition,
  FROM raw
),

accounts AS (
  SELECT
    * EXCLUDE (own, staff, staff_rate),
    -- Own resources are a part of the whole: one row of 2012 has more of them than of the whole.
    CASE WHEN own <= resources THEN own END AS own_resources,
    -- Before 2018 the table gives the share of staff costs, with all its digits, instead of their amount.
    coalesce(staff, staff_rate * resources / 100) AS staff_costs,
  FROM listed
  WHERE (institution, year) NOT IN (
    -- The institution that was to be born on the 1st of January, beside those it replaced: the sum of the others.
    ('90I54', 2013), -- Bordeaux
    ('7yd5d', 2014), -- Montpellier
    ('FvH4k', 2016), -- Clermont Auvergne
    -- Flows of two years in one: twice those of the years around.
    ('V13Pk', 2013), ('BOl78', 2013)
  )
  UNION ALL BY NAME
  SELECT * FROM (
    -- Institutions merged since, open that year, whose row is not in the table: without them the sum would pass for
    -- whole. Then those whose row was left out above for its flows.
    VALUES
      (2010, 'L1wsu', 'O'), (2010, 'dBV2u', 'O'), (2010, 'frILl', 'O'), (2010, '4JIV8', 'O'), -- Lorraine
      (2010, 'n1E6T', 'O'), -- Clermont Auvergne
      (2011, 'XfV3j', 'O'), -- Grenoble Alpes
      (2013, 'V13Pk', 'O'), (2013, 'BOl78', 'O')
  ) AS silent (year, institution, status)
),

carriers AS (
  -- The experimental institution that counts the students of each component: the source names no carrier, decision 63
  -- tells how each was found.
  SELECT * FROM (
    VALUES
      ('2ALYK', 'Y7ch7'), ('851ij', 'Y7ch7'), -- Grenoble Alpes
      ('6kk6n', 'G2qA7'), ('m84Aa', 'G2qA7'), -- Paris-Saclay
      ('8618D', 'PpsCQ'), ('C6Ps7', 'PpsCQ'), ('QXnpG', 'PpsCQ'), ('tr5VV', 'PpsCQ'), ('uhDO3', 'PpsCQ'), ('wAASR', 'PpsCQ'), -- PSL
      ('RdQr7', '5cZyU'), -- Paris Cité
      ('J3Mu2', 'EW53M'), -- Hauts-de-France
      ('S8ntZ', 'K4lR3'), -- Clermont Auvergne
      ('F77ic', 'U8a0v'), ('T6qPJ', 'U8a0v'), -- Lille
      ('GJYxj', 'evv7S'), -- Montpellier
      ('gCAyK', 'qUCQp'), -- Nantes
      ('SsRkf', '91D9w'), ('JaqkX', '91D9w'), ('3GxJ8', '91D9w'), ('j5bS4', '91D9w'), ('kFcnq', '91D9w'), -- Rennes
      ('dQaK0', '542Id'), ('wc3zx', '542Id') -- Toulouse Capitole
  ) AS carrier (institution, carrier)
),

components AS (
  -- Institutions that keep accounts of their own while their students are counted in an experimental institution, from
  -- the first year set against such an autumn. The enrolment table marks their rows as double counts.
  SELECT
    "Identifiant interne de l'établissement" AS institution,
    least(min(CAST(rentree AS INTEGER)), any_value(unmarked.autumn)) + 1 AS since
  FROM headcounts LEFT JOIN (
    -- Counted within Hauts-de-France from its creation on, marked a year later.
    VALUES ('J3Mu2', 2019)
  ) AS unmarked (institution, autumn) ON "Identifiant interne de l'établissement" = unmarked.institution
  WHERE starts_with("Attention", '* Attention')
  GROUP BY ALL
  UNION ALL
  -- Has no row from the autumn of 2019 on, the first of Paris Cité.
  SELECT 'RdQr7', 2020
),

placed AS (
  SELECT accounts.*, CASE WHEN since IS NOT NULL THEN coalesce(carrier, 'unknown') END AS counted_within
  FROM accounts
  LEFT JOIN components ON accounts.institution = components.institution AND year >= since
  LEFT JOIN carriers ON accounts.institution = carriers.institution
),

wholes AS (
  -- What stands against students: an institution with its components, missing where one of them lacks the figure.
  SELECT
    year,
    coalesce(counted_within, institution) AS institution,
    CASE WHEN count(resources) = count(*) THEN sum(resources) END AS resources_with_components,
    CASE WHEN count(own_resources) = count(*) THEN sum(resources - own_resources) END AS subsidy_with_components,
    CASE WHEN count(tuition) = count(*) THEN sum(tuition) END AS tuition_with_components,
  FROM placed
  GROUP BY ALL
)

SELECT * FROM placed LEFT JOIN wholes USING (year, institution)
