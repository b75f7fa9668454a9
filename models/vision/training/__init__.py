"""Trains a network, calibrates its threshold and exports it as a model version."""

import os

# Before Keras is first imported: training and export are TensorFlow's.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# TensorFlow logs what it found of the processor, at every start.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
