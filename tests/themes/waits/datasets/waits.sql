SELECT "Année" AS year, "Code" AS library, "Support" AS support, "Lecteurs" AS readers, "Attente" AS median_wait,
  "Satisfaits" AS satisfied, "Statut" AS median_wait_status
FROM raw
