-- One row per sector of study, baccalauréat series, age, sex and honours; the cohort is the year. The same raw table
-- gives the progress of another cohort: see licence-progress.sql. A blank is a group the cohort does not have.

WITH licence_rows AS (
-- include shared/licence-rows.sql
)

SELECT
  cohorte_reussite AS year,
  discipline, field, subject, bac_series, bac_age, sex, honours,
  effectif_neobacheliers_reussite AS entrants,
  reussite_3_ans AS graduates_in_three,
  reussite_4_ans AS graduates_in_four,
FROM licence_rows
WHERE effectif_neobacheliers_reussite IS NOT NULL
