"""Model versions: the registry, stores and the shipped one."""
