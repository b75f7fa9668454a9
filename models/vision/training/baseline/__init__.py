"""The baseline: the Keras siamese example, ResNet50 and offline triplets of 100 anchors, mended."""
