"""The Gradio pages for people who look rather than read: try, review, references, queue, models."""
