"""The siamese model and its parts: what they compute, learn, and are after saving."""

from pathlib import Path

import keras
import numpy as np
import pytest

from nophoto.models.vision.triplet.head import build_embedding, build_head, join
from nophoto.models.vision.triplet.siamese import SiameseModel

SIZE = 12


def tiny_backbone() -> keras.Model:
    inputs = keras.Input((SIZE, SIZE, 3), name="pixels")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = keras.layers.Conv2D(8, 3, 2, "same", activation="relu")(x)
    return keras.Model(inputs, x, name="tiny")


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Noisy tiles of four colours, and which colour: (64, 12, 12, 3), (64,)."""
    rng = np.random.default_rng(5)
    labels = np.tile(np.arange(4), 16)
    colours = np.array([[220, 40, 40], [40, 200, 60], [50, 60, 210], [200, 190, 40]])
    noise = rng.normal(0, 40, (64, SIZE, SIZE, 3))
    return np.clip(colours[labels][:, None, None] + noise, 0, 255).astype(np.float32), labels


@pytest.fixture
def triplets(pictures: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Anchors, positives and negatives, (64, 12, 12, 3) each."""
    tiles, labels = pictures
    rng = np.random.default_rng(6)
    positives = [rng.choice(np.flatnonzero(labels == label)) for label in labels]
    negatives = [rng.choice(np.flatnonzero(labels != label)) for label in labels]
    return tiles, tiles[positives], tiles[negatives]


def test_the_head_gives_vectors_of_length_one() -> None:
    keras.utils.set_random_seed(1)
    features = np.random.default_rng(0).normal(size=(5, 3, 4, 7)).astype(np.float32)
    embeddings = np.asarray(build_head((3, 4, 7), 16)(features))
    assert embeddings.shape == (5, 16)
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


def test_the_head_takes_pooled_features_as_well() -> None:
    head = build_head((7,), 16, hidden=(9, 8))
    assert head.output_shape == (None, 16)
    assert [layer.name for layer in head.layers if "hidden" in layer.name] == [
        "hidden_1",
        "hidden_1_bn",
        "hidden_2",
        "hidden_2_bn",
    ]


def test_a_map_is_averaged_over_its_places() -> None:
    keras.utils.set_random_seed(2)
    head = build_head((2, 2, 3), 4, hidden=())
    features = np.random.default_rng(1).normal(size=(3, 2, 2, 3)).astype(np.float32)
    kernel, bias = head.get_layer("projection").get_weights()
    projected = features.mean(axis=(1, 2)) @ kernel + bias
    expected = projected / np.linalg.norm(projected, axis=1, keepdims=True)
    assert np.allclose(np.asarray(head(features)), expected, atol=1e-5)


def test_joining_shares_the_weights() -> None:
    backbone = tiny_backbone()
    head = build_head(backbone.output_shape[1:], 4, hidden=())
    network = join(backbone, head)
    pixels = np.full((1, SIZE, SIZE, 3), 200, np.float32)
    before = np.asarray(network(pixels))
    head.get_layer("projection").kernel.assign_add(np.eye(8, 4, dtype=np.float32))
    assert not np.allclose(np.asarray(network(pixels)), before)
    assert np.allclose(np.asarray(network(pixels)), np.asarray(head(backbone(pixels))))


@pytest.mark.parametrize("margin", [0.5, None])
def test_evaluation_gives_the_mean_loss_and_the_share_of_right_triplets(
    margin: float | None, triplets: tuple[np.ndarray, ...]
) -> None:
    keras.utils.set_random_seed(3)
    model = SiameseModel(build_embedding(tiny_backbone(), 4), margin)
    model.compile(optimizer="adam")
    # Batches of unequal size: each triplet must weigh the same.
    found = model.evaluate(_batches(triplets, 24), return_dict=True, verbose=0)
    anchor, positive, negative = (np.asarray(model.embedding(part)) for part in triplets)
    ap = ((anchor - positive) ** 2).sum(axis=1)
    an = ((anchor - negative) ** 2).sum(axis=1)
    losses = np.log1p(np.exp(ap - an)) if margin is None else np.maximum(ap - an + margin, 0)
    assert found["loss"] == pytest.approx(float(losses.mean()), rel=1e-4)
    assert found["accuracy"] == pytest.approx(float((an > ap).mean()))


def test_training_on_triplets_lowers_the_loss(triplets: tuple[np.ndarray, ...]) -> None:
    keras.utils.set_random_seed(4)
    model = SiameseModel(build_embedding(tiny_backbone(), 4, hidden=(16,)))
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    history = model.fit(_batches(triplets, 16), epochs=6, shuffle=False, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert history["accuracy"][-1] > 0.95


def test_a_frozen_part_is_not_trained(triplets: tuple[np.ndarray, ...]) -> None:
    backbone = tiny_backbone()
    backbone.trainable = False
    before = [weight.copy() for weight in backbone.get_weights()]
    model = SiameseModel(build_embedding(backbone, 4))
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    model.fit(_batches(triplets, 32), epochs=1, shuffle=False, verbose=0)
    for left, right in zip(before, backbone.get_weights(), strict=True):
        assert np.array_equal(left, right)


@pytest.mark.parametrize("margin", [0.3, None])
def test_a_saved_siamese_model_is_the_same_again(
    margin: float | None, tmp_path: Path, triplets: tuple[np.ndarray, ...]
) -> None:
    model = SiameseModel(build_embedding(tiny_backbone(), 4), margin, name="twins")
    model.compile(optimizer="adam")
    model.fit(_batches(triplets, 32), epochs=1, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert isinstance(again, SiameseModel)
    assert (again.margin, again.name) == (margin, "twins")
    for left, right in zip(model(triplets), again(triplets), strict=True):
        assert np.allclose(np.asarray(left), np.asarray(right), atol=1e-6)


def _batches(triplets: tuple[np.ndarray, ...], size: int) -> "object":
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(triplets).batch(size)
