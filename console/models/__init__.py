"""What the pages of model versions work with."""
