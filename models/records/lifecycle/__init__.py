"""The life of an upload: taken in or refused, replaced, pruned, erased."""
