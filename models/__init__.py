"""What is learnt (vision) and what is stored (records)."""
