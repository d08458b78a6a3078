-- Departments of the official geographic code; a collectivity that is in no region goes with code "00", and "999" stands
-- for institutions abroad, as in the ministry's tables. Only names that English writes its own way are given.

SELECT code, label, coalesce(english.label_en, label) AS label_en, region
FROM (
  SELECT code, nom AS label, coalesce(region, '00') AS region
  FROM raw
  UNION ALL
  SELECT * FROM (
    VALUES ('987', 'Polynésie française', '00'), ('988', 'Nouvelle-Calédonie', '00'), ('999', 'Étranger', '99')
  ) AS beyond (code, label, region)
  WHERE code NOT IN (SELECT code FROM raw)
)
LEFT JOIN (
  VALUES
    ('973', 'French Guiana'),
    ('974', 'Réunion'),
    ('987', 'French Polynesia'),
    ('988', 'New Caledonia'),
    ('999', 'Abroad')
) AS english (code, label_en) USING (code)
