"""The commands of `nophoto`, one module each."""
