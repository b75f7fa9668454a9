"""Looking after references, the allow list and moderators' reviews."""
