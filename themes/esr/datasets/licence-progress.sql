-- One row per sector of study, baccalauréat series, age, sex and honours; the cohort is the year. The same raw table
-- gives the success of another cohort: see licence-success.sql. A blank is a group the cohort does not have.

WITH licence_rows AS (
-- include shared/licence-rows.sql
)

SELECT
  cohorte_passage AS year,
  discipline, field, subject, bac_series, bac_age, sex, honours,
  effectif_neobacheliers_passage AS entrants,
  passage_en_l2_1_an AS second_year_after_one,
  redoublement_en_l1 AS first_year_again,
  passage_en_l2_2_ans AS second_year_after_two,
  reorientation_en_dut_1_an AS dut_after_one,
  reorientation_en_dut_2_ans AS dut_after_two,
FROM licence_rows
WHERE effectif_neobacheliers_passage IS NOT NULL
