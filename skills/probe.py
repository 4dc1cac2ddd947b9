"""A linear probe: from the model's state after an utterance to what the wearer means.

Ridge regression in its dual form, classes weighted alike (a few dozen examples, a thousand features: a fit
takes milliseconds). Leave-one-out predictions come in closed form (Allen's PRESS, 1974) and calibrate it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Matrix = NDArray[np.float32]

RIDGE = 0.2
SHARPNESS = np.geomspace(0.5, 16, 31)


@dataclass(frozen=True)
class Probe:
    """Fitted weights. `sharpness` turns scores into probabilities, fitted on left-out examples."""

    labels: tuple[str, ...]
    centre: Matrix
    scale: Matrix
    weights: Matrix
    sharpness: float
    left_out: float
    """The share of its own examples that it gets right when each is left out."""

    def probabilities(self, features: Matrix) -> dict[str, float]:
        """How likely each label is, for features of shape (views, width)."""
        scores = _normal(features[None], self.centre, self.scale)[0] @ self.weights
        odds = _softmax(self.sharpness * scores)
        return dict(zip(self.labels, map(float, odds), strict=True))


def fit(features: Matrix, names: Sequence[str]) -> Probe:
    """Fit to features of shape (examples, views, width); every view weighs the same."""
    labels = tuple(sorted(set(names)))
    truth = np.array([labels.index(name) for name in names])
    centre = features.mean(0)
    scale = np.sqrt(((features - centre) ** 2).sum(2).mean(0)) * np.sqrt(features.shape[1]) + 1e-6
    data = _normal(features, centre, scale)
    weight = np.sqrt(len(truth) / (len(labels) * np.bincount(truth)[truth]))[:, None]
    target = (2 * np.eye(len(labels))[truth] - 1) * weight
    gram = (data * weight) @ (data * weight).T
    inverse = np.linalg.inv(gram + RIDGE * np.eye(len(truth)))
    dual = inverse @ target
    left_out = (target - dual / np.diag(inverse)[:, None]) / weight
    weights = ((data * weight).T @ dual).astype(np.float32)
    right = float((left_out.argmax(1) == truth).mean())
    return Probe(labels, centre, scale, weights, _sharpness(left_out, truth), right)


def _normal(features: Matrix, centre: Matrix, scale: Matrix) -> Matrix:
    """Features of shape (examples, views·width + 1), centred, each view of mean length 1/√views.

    The last one is always 1: without it the fit spends the features on what all scores have in common.
    """
    normal = ((features - centre) / scale[:, None]).reshape(len(features), -1)
    return np.hstack([normal, np.ones((len(normal), 1), normal.dtype)])


def _sharpness(scores: Matrix, truth: NDArray[np.intp]) -> float:
    """The factor under which the left-out examples are likeliest (temperature scaling, Guo et al. 2017)."""

    def likelihood(factor: float) -> float:
        odds = _softmax(factor * scores)
        return float(np.log(odds[np.arange(len(truth)), truth] + 1e-9).sum())

    return float(max(SHARPNESS, key=likelihood))


def _softmax(scores: Matrix) -> Matrix:
    odds = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(odds / odds.sum(-1, keepdims=True))
