-- Kinds of diploma that SISE tells apart, then the fields of the licence and of the master that the ministry codes. SISE
-- gives labels only: codes and English labels are ours, so a new label keeps itself for a code until it gets one.

WITH named (label, code, label_en, successor, split_into) AS (
  VALUES
    ('Licence', 'licence', 'Bachelor''s (licence)', 'licence-other', NULL),
    ('Autres licences', 'licence-other', 'Bachelor''s (licence), other than with health access', NULL, NULL),
    ('Licence accès santé', 'licence-health-access', 'Bachelor''s with access to health studies (LAS)', NULL, NULL),
    ('Licence sciences pour la santé (majeure santé)', 'licence-health-sciences', 'Bachelor''s in sciences for health', NULL, NULL),
    ('CPES', 'cpes', 'Selective preparatory bachelor''s (CPES)', NULL, NULL),
    ('Licence professionnelle', 'licence-professional', 'Vocational bachelor''s', 'licence-professional-one-year', NULL),
    ('Licence professionnelle en 1 an', 'licence-professional-one-year', 'Vocational bachelor''s in one year', NULL, NULL),
    ('Licence professionnelle en 2 ou 3 ans', 'licence-professional-longer', 'Vocational bachelor''s in two or three years', NULL, NULL),
    ('Diplôme universitaire de technologie', 'dut', 'University diploma in technology (DUT)', NULL, NULL),
    ('Bachelor universitaire de technologie', 'but', 'University bachelor of technology (BUT)', NULL, NULL),
    ('Post-DUT', 'post-dut', 'Course after the DUT', NULL, NULL),
    ('Diplôme d''études universitaires scientifiques et techniques', 'deust', 'Two-year science and technology diploma (DEUST)', NULL, NULL),
    ('Capacité en droit', 'law-capacity', 'Law certificate (capacité)', NULL, NULL),
    ('Diplôme d''accès aux études universitaires', 'daeu', 'University access diploma (DAEU)', NULL, NULL),
    ('CPGE', 'cpge', 'Preparatory classes (CPGE)', NULL, NULL),
    ('Dispositif rebond', 'rebound', 'Second-chance course (rebond)', NULL, NULL),
    ('Passeport pour réussir et s''orienter', 'pareo', 'Orientation year (PaRéO)', NULL, NULL),
    ('Passerelle', 'bridge', 'Bridging course', NULL, NULL),
    ('PACES et PluriPASS', 'paces-pass', 'First year of health studies (PACES, PluriPASS)', NULL, 'paces pass'),
    ('PACES', 'paces', 'First year of health studies (PACES)', NULL, NULL),
    ('PASS et PluriPASS', 'pass', 'Health access year (PASS, PluriPASS)', NULL, NULL),
    ('Autres formations de santé', 'health-other', 'Other health courses', NULL, NULL),
    ('Formations paramédicales', 'paramedical', 'Paramedical courses', NULL, NULL),
    ('Diplôme d''État d''infirmier', 'nursing', 'State nursing diploma', NULL, NULL),
    ('Diplôme de comptabilité et de gestion', 'dcg', 'Accounting and management diploma (DCG)', NULL, NULL),
    ('Diplôme supérieur de comptabilité et de gestion', 'dscg', 'Higher accounting and management diploma (DSCG)', NULL, NULL),
    ('Autres masters', 'master', 'Master''s, other than for teaching, up to 2016', 'master-other', NULL),
    ('Masters hors enseignement', 'master-other', 'Master''s, other than for teaching', NULL, NULL),
    ('Master enseignement', 'master-teaching', 'Master''s for teaching', NULL, NULL),
    ('Magistère homologué', 'magistere', 'Magistère', NULL, NULL),
    ('Formations d''ingénieurs', 'engineering', 'Engineering degree', NULL, NULL),
    ('Formations d''IEP', 'iep', 'Institutes of political studies, up to 2016', 'political-studies', NULL),
    ('Formations d''instituts d''études politiques', 'political-studies', 'Institutes of political studies', NULL, NULL),
    ('Diplôme de l''École normale supérieure', 'ens', 'Diploma of an École normale supérieure', NULL, NULL),
    ('Préparations aux concours pour devenir enseignant et certifications', 'teaching-exams', 'Preparation for teaching examinations', NULL, NULL),
    ('Diplômes conférant le grade de Licence', 'bachelor-grade', 'Diploma conferring the bachelor''s grade', NULL, NULL),
    ('Diplômes nationaux conférant le grade de Licence', 'bachelor-grade-national', 'National diploma conferring the bachelor''s grade', NULL, NULL),
    ('Diplômes de grand établissement conférant le grade de Licence', 'bachelor-grade-grand', 'Diploma of a grand établissement, bachelor''s grade', NULL, NULL),
    ('Diplômes conférant le grade de Master', 'master-grade', 'Diploma conferring the master''s grade', NULL, NULL),
    ('Diplômes nationaux conférant le grade de Master', 'master-grade-national', 'National diploma conferring the master''s grade', NULL, NULL),
    ('Diplômes de grand établissement conférant le grade de Master', 'master-grade-grand', 'Diploma of a grand établissement, master''s grade', NULL, NULL),
    ('Diplômes de management conférant le grade de Master', 'master-grade-management', 'Management diploma conferring the master''s grade', NULL, NULL),
    ('Diplômes visés niveau BAC + 5', 'five-year', 'Recognised five-year diploma', NULL, NULL),
    ('Bachelor OF', 'bachelor-of', 'Bachelor of', NULL, NULL),
    ('Titres homologués RNCP', 'rncp', 'Title registered in the national directory (RNCP)', NULL, NULL),
    ('Diplôme inter-universitaire', 'inter-university', 'Inter-university diploma', NULL, NULL),
    ('Diplômes d''établissement', 'institution', 'Diploma of an institution, up to 2016', NULL, NULL),
    ('Autres formations', 'other', 'Other courses', NULL, NULL),
    ('Doctorat', 'doctorate', 'Doctorate', NULL, NULL),
    ('HDR', 'hdr', 'Accreditation to supervise research (HDR)', NULL, NULL)
),

field_named (source_code, label_en) AS (
  VALUES
    ('DSA', 'Law, economics, management, AES'), ('LLSH', 'Arts, languages, humanities, social sciences'),
    ('SI', 'Science and engineering'), ('STAPS', 'Sport science'), ('SANTE', 'Health'),
    ('DEG', 'Law, economics, management'), ('LLA', 'Literature, languages, arts'), ('SHS', 'Humanities and social sciences'),
    ('STS', 'Science, technology, health'), ('MEEF', 'Teaching'),
    ('disc02', 'Law'), ('disc03', 'Economics'), ('disc04', 'Management'), ('disc05', 'Other law, economics and management'),
    ('disc06', 'Literature, languages, arts'), ('disc08', 'History and geography'), ('disc09', 'Psychology'),
    ('disc10', 'Information and communication'), ('disc11', 'Other humanities and social sciences'),
    ('disc13', 'Life and earth sciences'), ('disc14', 'Fundamental sciences'), ('disc15', 'Engineering sciences'),
    ('disc16', 'Computer science'), ('disc17', 'Other science, technology, health'), ('disc18', 'Teaching'),
    ('disc19', 'Teaching: primary'), ('disc20', 'Teaching: secondary and student welfare')
),

by_level AS (
  SELECT "Diplôme" AS label, CAST(LMD AS VARCHAR) AS level, sum(Etudiants) AS students
  FROM raw GROUP BY ALL
),

kinds AS (
  SELECT
    coalesce(any_value(named.code), "Diplôme") AS code,
    "Diplôme" AS label,
    coalesce(any_value(named.label_en), "Diplôme") AS label_en,
    'diploma' AS kind,
    NULL AS parent,
    NULL AS source_code,
    any_value(levels.level) AS level,
    CASE string_agg(DISTINCT DN_DE, '' ORDER BY DN_DE) WHEN 'DN' THEN 'national' WHEN 'DU' THEN 'institution' ELSE 'both' END AS awarded,
    min("Rentrée") AS first_year,
    max("Rentrée") AS last_year,
    -- A label in the last autumn lives; one in the first may be older than the table.
    nullif(min("Rentrée"), (SELECT min("Rentrée") FROM raw)) AS valid_from,
    nullif(max("Rentrée"), (SELECT max("Rentrée") FROM raw)) AS valid_to,
    any_value(named.successor) AS successor,
    any_value(named.split_into) AS split_into,
  FROM raw
  LEFT JOIN named ON named.label = "Diplôme"
  LEFT JOIN (
    SELECT label, CASE arg_max(level, students) WHEN 'L' THEN 'bachelor' WHEN 'M' THEN 'master' WHEN 'D' THEN 'doctorate' END AS level
    FROM by_level GROUP BY label
  ) AS levels ON levels.label = "Diplôme"
  GROUP BY "Diplôme"
),

fields AS (
  SELECT 'licence' AS diploma, 'domain' AS kind, NULL AS parent, gd_discipline AS source_code, gd_discipline_lib AS label,
    CAST(cohorte_reussite AS INTEGER) AS year
  FROM licence
  UNION ALL
  SELECT 'licence', 'domain', NULL, gd_discipline, gd_discipline_lib, CAST(cohorte_passage AS INTEGER) FROM licence
  UNION ALL
  SELECT CASE diplome WHEN 'MASTER ENS' THEN 'master-teaching' ELSE 'master-other' END, 'domain', NULL, code_du_domaine, domaine,
    CAST(annee AS INTEGER)
  FROM graduates
  UNION ALL
  SELECT CASE diplome WHEN 'MASTER ENS' THEN 'master-teaching' ELSE 'master-other' END, 'discipline', code_du_domaine,
    code_de_la_discipline, discipline, CAST(annee AS INTEGER)
  FROM graduates
  WHERE NOT starts_with(discipline, 'Ensemble') -- the domain itself, written a second time
),

coded AS (
  SELECT
    CASE WHEN diploma = 'licence' THEN 'licence-' ELSE 'master-' END || lower(source_code) AS code,
    label,
    coalesce(label_en, label) AS label_en,
    kind,
    coalesce('master-' || lower(parent), diploma) AS parent,
    source_code,
    CASE WHEN diploma = 'licence' THEN 'bachelor' ELSE 'master' END AS level,
    'national' AS awarded,
    min(year) AS first_year,
    max(year) AS last_year,
  FROM fields LEFT JOIN field_named USING (source_code)
  GROUP BY ALL
)

SELECT * FROM kinds
UNION ALL BY NAME
SELECT * FROM coded
