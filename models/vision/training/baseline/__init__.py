"""The recipe of the project's seed: ResNet50 and offline triplets of 100 anchors, mended."""
