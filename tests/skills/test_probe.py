import numpy as np
import pytest

from lamha.skills import probe
from lamha.skills.probe import RIDGE, Matrix, fit

NAMES = ("ask", "draft", "none")


def some_examples(seed: int, noise: float = 1.0) -> tuple[Matrix, list[str]]:
    """Thirty examples of three classes of different sizes, in two views of unlike scale."""
    random = np.random.default_rng(seed)
    names = [NAMES[min(i % 7, 2)] for i in range(30)]
    centres = {name: random.normal(size=(2, 8)) for name in NAMES}
    features = np.stack([centres[name] + noise * random.normal(size=(2, 8)) for name in names])
    return (features * np.array([1, 50])[:, None] + 7).astype(np.float32), names


@pytest.mark.parametrize("seed", range(3))
def test_left_out_in_closed_form_is_what_refitting_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Matrix] = []
    monkeypatch.setattr(probe, "_sharpness", lambda scores, _truth: closed.append(scores) or 1.0)
    features, names = some_examples(seed)
    fitted = fit(features, names)
    data = probe._normal(features, fitted.centre, fitted.scale).astype(float)
    truth = np.array([fitted.labels.index(name) for name in names])
    weight = len(truth) / (len(NAMES) * np.bincount(truth)[truth])
    target = 2.0 * np.eye(len(NAMES))[truth] - 1
    for left in range(len(names)):
        kept = np.arange(len(names)) != left
        weighted = data[kept] * weight[kept][:, None]
        normal = weighted.T @ data[kept] + RIDGE * np.eye(data.shape[1])
        refitted = np.linalg.solve(normal, weighted.T @ target[kept])
        np.testing.assert_allclose(closed[0][left], data[left] @ refitted, atol=1e-3)
    right = (closed[0].argmax(1) == truth).mean()
    assert fitted.left_out == pytest.approx(right)


def test_probabilities_sum_to_one_and_name_every_label() -> None:
    features, names = some_examples(0)
    fitted = fit(features, names)
    for each in (*features, np.zeros_like(features[0]), features[0] * 1000):
        odds = fitted.probabilities(each)
        assert set(odds) == set(NAMES)
        assert sum(odds.values()) == pytest.approx(1)
        assert all(0 <= chance <= 1 for chance in odds.values())


def test_it_knows_its_own_examples() -> None:
    features, names = some_examples(1, noise=0.3)
    fitted = fit(features, names)
    for each, name in zip(features, names, strict=True):
        odds = fitted.probabilities(each)
        assert max(odds, key=odds.__getitem__) == name


def test_noise_is_left_unsure() -> None:
    """Where the left-out examples are guesses, so are the probabilities."""
    features, names = some_examples(2, noise=100)
    assert fit(features, names).sharpness == probe.SHARPNESS[0]


def test_what_all_examples_share_says_nothing() -> None:
    """Many examples of one class must not push every left-out score to the other classes."""
    features, names = some_examples(3, noise=0.5)
    none = features[np.array(names) == "none"]
    more = np.concatenate([features, *(none + shift for shift in (0.1, -0.1, 0.2))])
    assert fit(more, names + ["none"] * 3 * len(none)).left_out > 0.9


def test_features_that_never_vary_do_no_harm() -> None:
    features, names = some_examples(4)
    features[:, 0] = 3
    odds = fit(features, names).probabilities(features[0])
    assert np.isfinite(list(odds.values())).all()
