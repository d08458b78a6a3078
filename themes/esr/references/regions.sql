-- Regions of the official geographic code; the ministry's figures code all overseas collectivities "00", and
-- institutions abroad "99".
-- Only names that English writes its own way are given.

SELECT code, nom AS label, coalesce(english.label_en, nom) AS label_en
FROM (
  SELECT code, nom FROM raw
  UNION ALL
  SELECT * FROM (VALUES ('00', 'Collectivités d’outre-mer'), ('99', 'Étranger'))
)
LEFT JOIN (
  VALUES
    ('00', 'Overseas collectivities'),
    ('03', 'French Guiana'),
    ('04', 'Réunion'),
    ('28', 'Normandy'),
    ('53', 'Brittany'),
    ('94', 'Corsica'),
    ('984', 'French Southern and Antarctic Lands'),
    ('986', 'Wallis and Futuna'),
    ('987', 'French Polynesia'),
    ('988', 'New Caledonia'),
    ('989', 'Clipperton Island'),
    ('99', 'Abroad')
) AS english (code, label_en) USING (code)
