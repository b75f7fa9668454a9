"""Model versions: which one judges, and which one does so in the shadow."""
