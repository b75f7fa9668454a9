"""Who may do what, and what was done: users, sessions, keys of the HTTP API, the audit."""
