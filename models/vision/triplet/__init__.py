"""The triplet network: an embedding head, distances, losses, mining and the siamese model."""

import os

# Before Keras is first imported: the siamese model's own train step is TensorFlow's.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
