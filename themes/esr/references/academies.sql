-- The ministry's own codes: no other public list of académies carries them. Its enrolment table counts Caen and Rouen
-- in Normandie for all years; its accounts still name them. Code "00" stands for institutions abroad.

SELECT
  ltrim(etablissement_id_academie, 'A') AS code,
  any_value(etablissement_academie) AS label,
  coalesce(any_value(english.label_en), label) AS label_en,
  ltrim(mode(etablissement_id_region), 'R') AS region,
  CASE code WHEN '70' THEN 2020 END AS valid_from,
  NULL AS valid_to,
  NULL AS successor,
  NULL AS succeeded_in,
FROM raw
LEFT JOIN (
  VALUES
    ('A27', 'Corsica'),
    ('A28', 'Réunion'),
    ('A33', 'French Guiana'),
    ('A40', 'New Caledonia'),
    ('A41', 'French Polynesia'),
    ('A70', 'Normandy')
) AS english (id, label_en) ON english.id = etablissement_id_academie
WHERE etablissement_id_academie IS NOT NULL
GROUP BY code
UNION ALL
SELECT * FROM (
  VALUES
    ('00', 'Étranger', 'Abroad', '99', NULL, NULL, NULL, NULL),
    ('05', 'Caen', 'Caen', '28', NULL, 2019, '70', 2020),
    ('21', 'Rouen', 'Rouen', '28', NULL, 2019, '70', 2020)
)
