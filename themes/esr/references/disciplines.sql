-- Disciplinary sectors and the broad field that holds each, as the ministry classifies the students of SISE. The source
-- gives labels only: codes and English labels are ours, so a new label keeps itself for a code until it gets one.

WITH named (sector, code, label_en) AS (
  VALUES
    ('Administration économique et sociale', 'economic-social-administration', 'Economic and social administration (AES)'),
    ('Aménagement', 'planning', 'Urban and regional planning'),
    ('Archéologie, ethnologie, préhistoire', 'archaeology-ethnology', 'Archaeology, ethnology, prehistory'),
    ('Arts', 'arts', 'Arts'),
    ('Chimie', 'chemistry', 'Chemistry'),
    ('Cultures et langues régionales', 'regional-languages', 'Regional languages and cultures'),
    ('Formation générale aux métiers de l''ingénieur', 'general-engineering', 'General engineering'),
    ('Français, langue étrangère', 'french-foreign-language', 'French as a foreign language'),
    ('Génie civil', 'civil-engineering', 'Civil engineering'),
    ('Génie des procédés', 'process-engineering', 'Process engineering'),
    ('Géographie', 'geography', 'Geography'),
    ('Histoire', 'history', 'History'),
    ('Informatique', 'computer-science', 'Computer science'),
    ('Interdisciplinaire', 'interdisciplinary', 'Interdisciplinary'),
    ('Langues et littératures anciennes', 'ancient-languages', 'Ancient languages and literature'),
    ('Langues et littératures françaises', 'french-literature', 'French language and literature'),
    ('Langues et littératures étrangères', 'foreign-literature', 'Foreign languages and literature'),
    ('Langues étrangères appliquées', 'applied-languages', 'Applied foreign languages'),
    ('Littérature générale et comparée', 'comparative-literature', 'General and comparative literature'),
    ('Mathématique et informatique', 'mathematics-computing', 'Mathematics and computing'),
    ('Mathématiques', 'mathematics', 'Mathematics'),
    ('Mathématiques appliquées et sciences sociales', 'mathematics-social-sciences', 'Mathematics applied to social sciences'),
    ('Mécanique, génie mécanique', 'mechanical-engineering', 'Mechanics and mechanical engineering'),
    ('Médecine', 'medicine', 'Medicine'),
    ('Non déterminé', 'undetermined', 'Undetermined'),
    ('Odontologie', 'dentistry', 'Dentistry'),
    ('Pharmacie', 'pharmacy', 'Pharmacy'),
    ('Philosophie, épistémologie', 'philosophy', 'Philosophy, epistemology'),
    ('Physique', 'physics', 'Physics'),
    ('Physique et chimie', 'physics-chemistry', 'Physics and chemistry'),
    ('Pluridisciplinaire droit, sciences politiques', 'multi-law-politics', 'Multidisciplinary: law, political science'),
    ('Pluridisciplinaire droit, sciences économiques, AES', 'multi-law-economics', 'Multidisciplinary: law, economics, administration'),
    ('Pluridisciplinaire langues', 'multi-languages', 'Multidisciplinary: languages'),
    ('Pluridisciplinaire lettres, langues, sciences humaines', 'multi-humanities', 'Multidisciplinary: arts, languages, humanities'),
    ('Pluridisciplinaire lettres, sciences du langage, arts', 'multi-letters-arts', 'Multidisciplinary: literature, linguistics, arts'),
    ('Pluridisciplinaire santé', 'multi-health', 'Multidisciplinary: health'),
    ('Pluridisciplinaire sciences', 'multi-sciences', 'Multidisciplinary: science'),
    ('Pluridisciplinaire sciences de la vie, de la santé, de la terre et de l''univers', 'multi-life-earth-sciences', 'Multidisciplinary: life, health, earth and space sciences'),
    ('Pluridisciplinaire sciences fondamentales et applications', 'multi-fundamental-sciences', 'Multidisciplinary: fundamental sciences and applications'),
    ('Pluridisciplinaire sciences humaines et sociales', 'multi-social-sciences', 'Multidisciplinary: humanities and social sciences'),
    ('Pluridisciplinaire sciences économiques et gestion', 'multi-economics-management', 'Multidisciplinary: economics and management'),
    ('Psychologie', 'psychology', 'Psychology'),
    ('STAPS', 'sports', 'Sport science'),
    ('Sciences de gestion', 'management', 'Management'),
    ('Sciences de l''information et la communication', 'information-communication', 'Information and communication'),
    ('Sciences de l''univers', 'earth-space-sciences', 'Earth and space sciences'),
    ('Sciences de l''éducation', 'education', 'Education'),
    ('Sciences de la vie', 'life-sciences', 'Life sciences'),
    ('Sciences du langage, linguistique', 'linguistics', 'Linguistics'),
    ('Sciences juridiques', 'law', 'Law'),
    ('Sciences politiques', 'politics', 'Political science'),
    ('Sciences religieuses', 'religious-studies', 'Religious studies'),
    ('Sciences économiques', 'economics', 'Economics'),
    ('Sociologie, démographie', 'sociology-demography', 'Sociology, demography'),
    ('Technologie et sciences industrielles', 'technology', 'Technology and industrial sciences'),
    ('Théologie catholique', 'catholic-theology', 'Catholic theology'),
    ('Électronique, génie électrique', 'electrical-engineering', 'Electronics, electrical engineering')
)

SELECT
  coalesce(code, raw."Secteur.disciplinaire") AS code,
  CASE raw."Secteur.disciplinaire" WHEN 'STAPS' THEN 'Staps' ELSE raw."Secteur.disciplinaire" END AS label,
  coalesce(any_value(label_en), raw."Secteur.disciplinaire") AS label_en,
  CASE any_value("Grande.discipline")
    WHEN 'Droit, sciences économiques, AES' THEN 'law-economics'
    WHEN 'Lettres, langues et sciences humaines' THEN 'humanities'
    WHEN 'Sciences et sciences de l''ingénieur' THEN 'sciences'
    WHEN 'STAPS' THEN 'sports'
    WHEN 'Santé' THEN 'health'
    WHEN 'Interdisciplinaire' THEN 'interdisciplinary'
    WHEN 'Théologie' THEN 'theology'
    WHEN 'Non déterminé' THEN 'undetermined'
    ELSE any_value("Grande.discipline")
  END AS discipline,
  min("Rentrée") AS first_year,
  max("Rentrée") AS last_year,
FROM raw LEFT JOIN named ON sector = "Secteur.disciplinaire"
GROUP BY code, "Secteur.disciplinaire"
