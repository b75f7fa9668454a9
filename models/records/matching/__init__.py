"""What references are matched by beside their embeddings: the cohort, the allow-list, the guard."""
