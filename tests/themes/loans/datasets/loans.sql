SELECT "Année" AS year, "Code" AS library, support, age, "Prêts" AS loans
FROM raw
