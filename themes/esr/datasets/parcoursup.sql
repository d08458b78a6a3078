-- From one row per course to one per department, course type and sector. The last four columns of the raw table are not
-- the ministry's: nothing here reads them. Its percentages are not read either: they change denominator from one session
-- to the next; the counts behind them do not.

WITH courses AS (
  SELECT
    "Session" AS year,
    "Code.départemental.de.l.établissement" AS department,
    "Région.de.l.établissement" AS region_name,
    "Académie.de.l.établissement" AS academy_name,
    "Filière.de.formation.très.agrégée" AS programme_name,
    "Filière.de.formation" AS detail_name,
    "Statut.de.l.établissement.de.la.filière.de.formation..public..privé.." AS sector_name,
    "Capacité.de.l.établissement.par.formation" AS places,
    "Effectif.total.des.candidats.en.phase.principale" AS wishes,
    "Rang.du.dernier.appelé" AS last_rank,
    "Effectif.total.des.candidats.ayant.accepté.la.proposition.de.l.établissement..admis." AS admitted,
    "Dont.effectif.des.candidates.admises" AS admitted_women,
    "Effectif.des.admis.néo.bacheliers" AS admitted_leavers,
    "Dont.effectif.des.admis.boursiers.néo.bacheliers" AS admitted_bursary,
    "Dont.effectif.des.admis.néo.bacheliers.avec.mention.Très.Bien.au.bac" AS admitted_highest,
    "Dont.effectif.des.admis.issus.de.la.même.académie" AS admitted_same_academy,
    "Dont.effectif.des.admis.issus.de.la.même.académie..Paris.Créteil.Versailles.réunies." AS admitted_same_area,
  FROM raw
),

regions (region_name, region) AS (
  VALUES
    ('Auvergne-Rhône-Alpes', '84'), ('Bourgogne-Franche-Comté', '27'), ('Bretagne', '53'),
    ('Centre-Val de Loire', '24'), ('Corse', '94'), ('Etranger', '99'), ('Grand Est', '44'), ('Guadeloupe', '01'), ('Guyane', '03'),
    ('Hauts-de-France', '32'), ('Ile-de-France', '11'), ('La Réunion', '04'), ('Martinique', '02'), ('Mayotte', '06'),
    ('Normandie', '28'), ('Nouvelle-Aquitaine', '75'), ('Occitanie', '76'), ('Pays de la Loire', '52'),
    ('Polynésie française', '00'), ('Provence Alpes Côte d''Azur', '93')
),

-- Caen and Rouen became one académie, Normandie, in 2020.
academies (academy_name, academy) AS (
  VALUES
    ('Aix-Marseille', '02'), ('Amiens', '20'), ('Besancon', '03'), ('Bordeaux', '04'), ('Caen', '70'),
    ('Clermont-Ferrand', '06'), ('Corse', '27'), ('Créteil', '24'), ('Dijon', '07'), ('Etranger', '00'), ('Grenoble', '08'),
    ('Guadeloupe', '32'), ('Guyane', '33'), ('Lille', '09'), ('Limoges', '22'), ('Lyon', '10'), ('Martinique', '31'),
    ('Mayotte', '43'), ('Montpellier', '11'), ('Nancy-Metz', '12'), ('Nantes', '17'), ('Nice', '23'),
    ('Orléans-Tours', '18'), ('Paris', '01'), ('Poitiers', '13'), ('Polynésie Française', '41'), ('Reims', '19'),
    ('Rennes', '14'), ('Réunion', '28'), ('Rouen', '70'), ('Strasbourg', '15'), ('Toulouse', '16'), ('Versailles', '25')
),

programmes (programme_name, programme) AS (
  VALUES
    ('BTS', 'bts'), ('DUT', 'dut'), ('Licence', 'licence'), ('PACES', 'paces'), ('CPGE', 'cpge'),
    ('IFSI', 'nursing'), ('EETS', 'social-work'), ('Autre formation', 'other')
),

-- What is left out of this list is small, or named in one session only: it is counted under "other".
details (detail_name, detail) AS (
  VALUES
    ('BTS - Production', 'bts-production'), ('BTS - Services', 'bts-services'), ('BTSA', 'bts-agriculture'),
    ('DUT - Production', 'dut-production'), ('DUT - Service', 'dut-services'),
    ('Licence - Arts-lettres-langues', 'licence-arts'),
    ('Licence - Droit-économie-gestion', 'licence-law-economics'),
    ('Licence - Sciences humaines et sociales', 'licence-social-sciences'),
    ('Licence - Sciences - technologies - santé', 'licence-sciences'),
    ('Classe préparatoire scientifique', 'cpge-sciences'),
    ('Classe préparatoire économique et commerciale', 'cpge-business'),
    ('Classe préparatoire littéraire', 'cpge-humanities'),
    ('Formations d''ingénieurs', 'engineering'), ('DN MADE', 'arts-crafts'), ('DCG', 'accounting'),
    ('DEUST', 'deust'), ('Ecole d''architecture', 'architecture'), ('Mention complémentaire', 'complementary'),
    ('BPJEPS', 'sports-leadership')
),

placed AS (
  SELECT
    *,
    CASE
      WHEN programme IN ('paces', 'nursing', 'social-work') THEN programme
      WHEN detail IS NOT NULL THEN detail
      WHEN programme = 'licence' THEN 'licence-other'
      ELSE 'other'
    END AS programme_detail,
  FROM courses
  LEFT JOIN regions USING (region_name)
  LEFT JOIN academies USING (academy_name)
  LEFT JOIN programmes USING (programme_name)
  LEFT JOIN details USING (detail_name)
)

SELECT
  year,
  CASE department WHEN '99' THEN '999' ELSE department END AS department,
  coalesce(region, region_name) AS region,
  coalesce(academy, academy_name) AS academy,
  coalesce(programme, programme_name) AS programme,
  programme_detail,
  CASE sector_name WHEN 'Public' THEN 'public' WHEN 'Privé' THEN 'private' ELSE coalesce(sector_name, 'unknown') END AS sector,
  sum(places) AS places,
  sum(wishes) AS wishes,
  sum(admitted) AS admitted,
  coalesce(sum(admitted) FILTER (WHERE places IS NOT NULL), 0) AS admitted_over_places,
  sum(last_rank) AS last_ranks,
  coalesce(sum(wishes) FILTER (WHERE last_rank IS NOT NULL), 0) AS ranked_wishes,
  sum(admitted_women) AS admitted_women,
  sum(admitted_leavers) AS admitted_leavers,
  sum(admitted_bursary) AS admitted_bursary,
  sum(admitted_highest) AS admitted_highest,
  sum(admitted_same_academy) AS admitted_same_academy,
  sum(admitted_same_area) AS admitted_same_area,
FROM placed
GROUP BY ALL
