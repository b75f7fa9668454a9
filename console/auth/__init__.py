"""Who may do what: login, sessions, roles and the middleware that asks for them."""
