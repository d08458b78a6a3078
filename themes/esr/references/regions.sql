-- Regions of the official geographic code; the ministry's enrolment figures code all overseas collectivities "00".
-- Only names that English writes its own way are given.

SELECT code, nom AS label, coalesce(english.label_en, nom) AS label_en
FROM (
  SELECT code, nom FROM raw
  UNION ALL
  SELECT '00', 'Collectivités d’outre-mer'
)
LEFT JOIN (
  VALUES
    ('00', 'Overseas collectivities'),
    ('03', 'French Guiana'),
    ('04', 'Réunion'),
    ('28', 'Normandy'),
    ('53', 'Brittany'),
    ('94', 'Corsica')
) AS english (code, label_en) USING (code)
