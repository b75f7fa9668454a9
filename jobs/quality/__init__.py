"""How good the verdicts are, and how far moderators agree: measured on a random sample."""
