"""The Gradio pages for people who look rather than read.

Try a picture, review, references, allow-list, queue and models.
"""
