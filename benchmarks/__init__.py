"""Every speed and memory figure that the README quotes, each by one command."""
