"""The console in a real Chromium: its speed and memory, and the pictures of its pages."""
