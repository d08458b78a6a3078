-- From SISE (one row per institution, autumn, diploma, sector, sex, level and origin) to one row per institution, autumn,
-- sector, sex, level and year of the level. Diplomas are left out: they are not named alike before and from 2017. Sectors
-- get the codes of the reference, a new one keeping its label until the reference names it.

SELECT
  "Rentrée" AS year,
  pid AS institution,
  CASE "Secteur.disciplinaire"
    WHEN 'Administration économique et sociale' THEN 'economic-social-administration'
    WHEN 'Aménagement' THEN 'planning'
    WHEN 'Archéologie, ethnologie, préhistoire' THEN 'archaeology-ethnology'
    WHEN 'Arts' THEN 'arts'
    WHEN 'Chimie' THEN 'chemistry'
    WHEN 'Cultures et langues régionales' THEN 'regional-languages'
    WHEN 'Formation générale aux métiers de l''ingénieur' THEN 'general-engineering'
    WHEN 'Français, langue étrangère' THEN 'french-foreign-language'
    WHEN 'Génie civil' THEN 'civil-engineering'
    WHEN 'Génie des procédés' THEN 'process-engineering'
    WHEN 'Géographie' THEN 'geography'
    WHEN 'Histoire' THEN 'history'
    WHEN 'Informatique' THEN 'computer-science'
    WHEN 'Interdisciplinaire' THEN 'interdisciplinary'
    WHEN 'Langues et littératures anciennes' THEN 'ancient-languages'
    WHEN 'Langues et littératures françaises' THEN 'french-literature'
    WHEN 'Langues et littératures étrangères' THEN 'foreign-literature'
    WHEN 'Langues étrangères appliquées' THEN 'applied-languages'
    WHEN 'Littérature générale et comparée' THEN 'comparative-literature'
    WHEN 'Mathématique et informatique' THEN 'mathematics-computing'
    WHEN 'Mathématiques' THEN 'mathematics'
    WHEN 'Mathématiques appliquées et sciences sociales' THEN 'mathematics-social-sciences'
    WHEN 'Mécanique, génie mécanique' THEN 'mechanical-engineering'
    WHEN 'Médecine' THEN 'medicine'
    WHEN 'Non déterminé' THEN 'undetermined'
    WHEN 'Odontologie' THEN 'dentistry'
    WHEN 'Pharmacie' THEN 'pharmacy'
    WHEN 'Philosophie, épistémologie' THEN 'philosophy'
    WHEN 'Physique' THEN 'physics'
    WHEN 'Physique et chimie' THEN 'physics-chemistry'
    WHEN 'Pluridisciplinaire droit, sciences politiques' THEN 'multi-law-politics'
    WHEN 'Pluridisciplinaire droit, sciences économiques, AES' THEN 'multi-law-economics'
    WHEN 'Pluridisciplinaire langues' THEN 'multi-languages'
    WHEN 'Pluridisciplinaire lettres, langues, sciences humaines' THEN 'multi-humanities'
    WHEN 'Pluridisciplinaire lettres, sciences du langage, arts' THEN 'multi-letters-arts'
    WHEN 'Pluridisciplinaire santé' THEN 'multi-health'
    WHEN 'Pluridisciplinaire sciences' THEN 'multi-sciences'
    WHEN 'Pluridisciplinaire sciences de la vie, de la santé, de la terre et de l''univers' THEN 'multi-life-earth-sciences'
    WHEN 'Pluridisciplinaire sciences fondamentales et applications' THEN 'multi-fundamental-sciences'
    WHEN 'Pluridisciplinaire sciences humaines et sociales' THEN 'multi-social-sciences'
    WHEN 'Pluridisciplinaire sciences économiques et gestion' THEN 'multi-economics-management'
    WHEN 'Psychologie' THEN 'psychology'
    WHEN 'STAPS' THEN 'sports'
    WHEN 'Sciences de gestion' THEN 'management'
    WHEN 'Sciences de l''information et la communication' THEN 'information-communication'
    WHEN 'Sciences de l''univers' THEN 'earth-space-sciences'
    WHEN 'Sciences de l''éducation' THEN 'education'
    WHEN 'Sciences de la vie' THEN 'life-sciences'
    WHEN 'Sciences du langage, linguistique' THEN 'linguistics'
    WHEN 'Sciences juridiques' THEN 'law'
    WHEN 'Sciences politiques' THEN 'politics'
    WHEN 'Sciences religieuses' THEN 'religious-studies'
    WHEN 'Sciences économiques' THEN 'economics'
    WHEN 'Sociologie, démographie' THEN 'sociology-demography'
    WHEN 'Technologie et sciences industrielles' THEN 'technology'
    WHEN 'Théologie catholique' THEN 'catholic-theology'
    WHEN 'Électronique, génie électrique' THEN 'electrical-engineering'
    ELSE "Secteur.disciplinaire"
  END AS sector,
  CASE Sexe WHEN 'F' THEN 'women' WHEN 'M' THEN 'men' ELSE Sexe END AS sex,
  CASE LMD WHEN 'L' THEN 'bachelor' WHEN 'M' THEN 'master' WHEN 'D' THEN 'doctorate' ELSE CAST(LMD AS VARCHAR) END AS level,
  CASE Niveau WHEN '01' THEN '1' WHEN '02' THEN '2' WHEN '03' THEN '3' WHEN 'XX' THEN 'other' ELSE Niveau END AS level_year,
  sum(Etudiants) AS students,
FROM raw
GROUP BY ALL
HAVING sum(Etudiants) > 0  -- secondary enrolments alone
