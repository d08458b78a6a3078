-- One row per sector of study, baccalauréat series, age, sex and honours; the cohort is the year. The same raw table
-- gives the success of another cohort: see licence-success.sql. A blank is a group the cohort does not have.

SELECT
  cohorte_passage AS year,
  CASE gd_discipline
    WHEN 'DSA' THEN 'law-economics'
    WHEN 'LLSH' THEN 'humanities'
    WHEN 'SI' THEN 'sciences'
    WHEN 'STAPS' THEN 'sports'
    WHEN 'SANTE' THEN 'health'
    ELSE gd_discipline
  END AS discipline,
  discipline AS field,
  lpad(sect_disciplinaire, 2, '0') AS subject,
  CASE serie_bac
    WHEN '1' THEN 'l'
    WHEN '2' THEN 'es'
    WHEN '3' THEN 's'
    WHEN '4' THEN 'stmg'
    WHEN '5' THEN 'other-technological'
    WHEN '6' THEN 'vocational'
    ELSE serie_bac
  END AS bac_series,
  CASE age_au_bac
    WHEN 'R0' THEN 'on-time'
    WHEN 'R1' THEN 'late-one'
    WHEN 'R2' THEN 'late-more'
    WHEN 'R4' THEN 'not-counted'
    ELSE age_au_bac
  END AS bac_age,
  CASE sexe WHEN '1' THEN 'men' WHEN '2' THEN 'women' ELSE sexe END AS sex,
  CASE mention_bac
    WHEN 'A' THEN 'highest'
    WHEN 'B' THEN 'high'
    WHEN 'C' THEN 'honours'
    WHEN 'D' THEN 'pass'
    WHEN 'P' THEN 'second-round'
    WHEN 'Q' THEN 'unknown'
    ELSE mention_bac
  END AS honours,
  effectif_neobacheliers_passage AS entrants,
  passage_en_l2_1_an AS second_year_after_one,
  redoublement_en_l1 AS first_year_again,
  passage_en_l2_2_ans AS second_year_after_two,
  reorientation_en_dut_1_an AS dut_after_one,
  reorientation_en_dut_2_ans AS dut_after_two,
FROM raw
WHERE effectif_neobacheliers_passage IS NOT NULL
