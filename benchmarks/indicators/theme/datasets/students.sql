SELECT year, institution, discipline, level, sex, students FROM raw
