-- One row per year of graduation, date of the survey, institution, domain and discipline, as published: rates and
-- medians are copied, never computed. "_T" stands for all universities, and for all disciplines of a domain.
-- Each measure has its own status: a row may give a rate and hide a salary.

WITH named AS (
  SELECT
    *,
    taux_dinsertion AS insertion_rate,
    emplois_cadre_ou_professions_intermediaires AS intermediate_jobs,
    emplois_cadre AS executive_jobs,
    emplois_stables AS stable_jobs,
    emplois_a_temps_plein AS full_time_jobs,
    emplois_exterieurs_a_la_region_de_luniversite AS jobs_elsewhere,
    salaire_net_median_des_emplois_a_temps_plein AS median_salary,
    CASE
      -- Champollion is known under the identifier it has had since it became an institution of its own: same UAI.
      WHEN id_paysage = 'X58LX' THEN 'Hm42K'
      WHEN numero_de_l_etablissement = 'UNIV' THEN '_T'
      ELSE id_paysage
    END AS institution,
    CASE
      WHEN remarque LIKE '%plus fragiles%' THEN 'fragile'
      WHEN remarque LIKE '%effectif est trop petit%' THEN 'small'
      WHEN remarque LIKE '%taux de réponse obtenu est insuffisant%' THEN 'few-answers'
      WHEN remarque LIKE '%pas participé%' THEN 'absent'
      ELSE remarque
    END AS remark,
  FROM raw
),

-- A domain's total is its row "Ensemble…", or its only discipline, which is then a discipline as well.
placed AS (
  SELECT *, '_T' AS place FROM named
  WHERE code_de_la_discipline IN ('disc01', 'disc06', 'disc07', 'disc12', 'disc18')
  UNION ALL
  SELECT *, code_de_la_discipline AS place FROM named
  WHERE code_de_la_discipline NOT IN ('disc01', 'disc07', 'disc12')
)

SELECT
  annee AS year,
  regexp_extract(situation, '^\d+') AS situation,
  institution,
  lower(code_du_domaine) AS domain,
  CASE place
    WHEN '_T' THEN '_T'
    WHEN 'disc02' THEN 'law'
    WHEN 'disc03' THEN 'economics'
    WHEN 'disc04' THEN 'management'
    WHEN 'disc05' THEN 'other-law-economics'
    WHEN 'disc06' THEN 'humanities'
    WHEN 'disc08' THEN 'history-geography'
    WHEN 'disc09' THEN 'psychology'
    WHEN 'disc10' THEN 'communication'
    WHEN 'disc11' THEN 'other-social-sciences'
    WHEN 'disc13' THEN 'life-earth-sciences'
    WHEN 'disc14' THEN 'fundamental-sciences'
    WHEN 'disc15' THEN 'engineering'
    WHEN 'disc16' THEN 'computing'
    WHEN 'disc17' THEN 'other-sciences'
    WHEN 'disc18' THEN 'teaching'
    WHEN 'disc19' THEN 'teaching-primary'
    WHEN 'disc20' THEN 'teaching-secondary'
    ELSE place
  END AS discipline,
  nombre_de_reponses AS responses,
  taux_de_reponse::DOUBLE / 100 AS response_rate,
  nullif(nullif(COLUMNS('^(insertion_rate|intermediate_jobs|executive_jobs|stable_jobs|full_time_jobs|jobs_elsewhere)$'), 'ns'), 'nd')::DOUBLE / 100 AS '\1',
  nullif(nullif(median_salary, 'ns'), 'nd') AS median_salary,
  CASE COLUMNS('^(insertion_rate|intermediate_jobs|executive_jobs|stable_jobs|full_time_jobs|jobs_elsewhere|median_salary)$')
    WHEN 'ns' THEN 'Q'  -- not significant: fewer than some thirty answers
    WHEN 'nd' THEN 'O'  -- not available: no answer, or not asked that year
    ELSE CASE
      WHEN remark = 'small' THEN 'Q'
      WHEN remark IN ('few-answers', 'absent') THEN 'O'
      WHEN COLUMNS('^(insertion_rate|intermediate_jobs|executive_jobs|stable_jobs|full_time_jobs|jobs_elsewhere|median_salary)$') IS NULL THEN 'O'
      WHEN remark = 'fragile' THEN 'U'
    END
  END AS '\1_status',
  remark,
FROM placed
