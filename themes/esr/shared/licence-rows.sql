-- Rows of the licence table, its codes put in words; the two cohorts of each row stay apart.
SELECT
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
  COLUMNS('^(cohorte|effectif|passage|redoublement|reorientation|reussite)_'),
FROM raw
