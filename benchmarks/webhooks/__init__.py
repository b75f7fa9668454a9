"""How many webhooks a second one sender gets through, and whether any is ever lost."""
