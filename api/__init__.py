"""The HTTP API: a door for backends in any language. It calls what is in `jobs`."""
