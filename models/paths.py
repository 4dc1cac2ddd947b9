"""Where lamha keeps things: the XDG folders, or what the environment names instead."""

import os
from pathlib import Path

import platformdirs


def models_dir() -> Path:
    """Weights: `LAMHA_MODELS`, else the XDG cache."""
    return _folder("LAMHA_MODELS", platformdirs.user_cache_path("lamha") / "models")


def cache_dir() -> Path:
    """What can be computed again: `LAMHA_CACHE`, else the XDG cache."""
    return _folder("LAMHA_CACHE", platformdirs.user_cache_path("lamha"))


def data_dir() -> Path:
    """What the wearer would miss: `LAMHA_HOME`, else the XDG data folder."""
    return _folder("LAMHA_HOME", platformdirs.user_data_path("lamha"))


def _folder(variable: str, default: Path) -> Path:
    named = os.environ.get(variable)
    return Path(named).expanduser() if named else default
