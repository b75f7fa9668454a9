"""What happens by the clock: the night's rescoring and pruning, the sweep, a look at the health."""
