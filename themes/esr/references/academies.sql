-- The ministry's own codes: no other public list of académies carries them.

SELECT ltrim(etablissement_id_academie, 'A') AS code, any_value(etablissement_academie) AS label
FROM raw
WHERE etablissement_id_academie IS NOT NULL
GROUP BY code
