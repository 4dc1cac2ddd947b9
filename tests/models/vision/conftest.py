"""The real encoder, where its weights are here."""

import pytest

from lamha.models.errors import ModelMissing
from lamha.models.paths import models_dir
from lamha.models.store import Store
from lamha.models.vision.encoder import EfficientNet

MODELS = models_dir()  # read before a test points the folders elsewhere


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> EfficientNet:
    try:
        weights = Store(MODELS).path("efficientnet-lite1")
    except ModelMissing as missing:
        pytest.skip(str(missing))
    return EfficientNet(weights, tmp_path_factory.mktemp("encoders"))
