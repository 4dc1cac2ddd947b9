import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lamha.models.vision.gallery import Gallery


def things(count: int, photos: int, size: int = 64, spread: float = 0.1) -> tuple[np.ndarray, list[int]]:
    """Photos of things, all of which differ far more along the first directions than the things do."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(count, size))
    centres[:, : size // 2] *= 0.1
    moved = draw.normal(size=(count, photos, size)) * spread
    moved[:, :, : size // 2] *= 20
    return (centres[:, None] + moved).reshape(-1, size).astype(np.float32), [
        at for at in range(count) for _ in range(photos)
    ]


def test_nothing_is_known() -> None:
    assert Gallery(np.zeros((0, 0), np.float32), []).rank(np.ones(4, np.float32)) == []


def test_one_thing() -> None:
    gallery = Gallery(np.eye(4, dtype=np.float32)[:1], [7])
    same, other = gallery.rank(np.eye(4, dtype=np.float32)[0]), gallery.rank(np.eye(4, dtype=np.float32)[1])
    assert same[0].label == other[0].label == 7
    assert same[0].confidence > 0.75 > 0.2 > other[0].confidence


def test_what_varies_within_things_counts_less() -> None:
    vectors, labels = things(20, 6)
    shown, asked = np.arange(len(labels)) % 6 != 0, np.arange(len(labels)) % 6 == 0
    gallery = Gallery(vectors[shown], [label for label, kept in zip(labels, shown, strict=True) if kept])
    right = [gallery.rank(vectors[at])[0].label == labels[at] for at, wanted in enumerate(asked) if wanted]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = (unit[asked] @ unit[shown].T).argmax(axis=1)
    plain = np.asarray(labels)[shown][nearest] == np.asarray(labels)[asked]
    assert np.mean(right) > max(0.9, float(np.mean(plain)))


@settings(deadline=None)
@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 12), st.just(5)), elements=st.floats(-9, 9, width=32)),
    st.lists(st.integers(0, 3), min_size=12, max_size=12),
)
def test_any_vectors(vectors: np.ndarray, labels: list[int]) -> None:
    ranked = Gallery(vectors, labels[: len(vectors)]).rank(vectors[0])
    assert sorted(each.label for each in ranked) == sorted(set(labels[: len(vectors)]))
    assert all(0 <= each.confidence <= 1 for each in ranked)
    similar = [each.similarity for each in ranked]
    assert similar == sorted(similar, reverse=True)


def test_two_alike_leave_a_doubt() -> None:
    eye = np.eye(4, dtype=np.float32)
    gallery = Gallery(eye[:2], [0, 1])
    between = gallery.rank(eye[0] + eye[1])
    assert between[0].confidence == pytest.approx(between[1].confidence)
    assert between[0].confidence < 0.5 < 0.75 < gallery.rank(eye[0])[0].confidence
