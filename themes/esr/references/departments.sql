-- Departments of the official geographic code; a collectivity that is in no region goes with code "00".

SELECT code, nom AS label, coalesce(region, '00') AS region
FROM raw
UNION ALL
SELECT * FROM (
  VALUES ('987', 'Polynésie française', '00'), ('988', 'Nouvelle-Calédonie', '00')
) AS beyond (code, label, region)
WHERE code NOT IN (SELECT code FROM raw)
