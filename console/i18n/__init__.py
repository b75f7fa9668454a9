"""The console's texts in every language."""
