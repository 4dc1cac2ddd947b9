"""The wheel holds what the tree holds, and works where nothing else of lamha is."""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("benchmarks", "device", "models", "skills")


def _packages() -> set[str]:
    folders = (file.parent for layer in LAYERS for file in (ROOT / layer).rglob("__init__.py"))
    return {"lamha." + ".".join(folder.relative_to(ROOT).parts) for folder in folders}


def test_the_packages_listed_are_those_of_the_tree() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert listed == sorted(listed)
    assert set(listed) == _packages()


def test_every_package_is_marked_as_typed() -> None:
    unmarked = [
        package
        for package in _packages()
        if not (ROOT / "/".join(package.split(".")[1:]) / "py.typed").is_file()
    ]
    assert not unmarked


def test_checkers_find_every_layer_through_the_links() -> None:
    links = {link.name: link.resolve() for link in (ROOT / ".types/lamha").iterdir()}
    assert links == {layer: ROOT / layer for layer in LAYERS}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a clean environment with the built wheel; only its dependencies come from here."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a build leaves its scraps in the tree, and packs those it finds there
    shutil.copytree(
        ROOT, source, symlinks=True, ignore=shutil.ignore_patterns(".*", "build", "out", "*.egg-info")
    )
    _run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env/bin/python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python))
    _run(*pip, "install", "--no-index", "--no-deps", "--quiet", str(wheel))
    # A path file adds our dependencies; the editable lamha beside them is not seen through it.
    site = next((folder / "env/lib").glob("python*")) / "site-packages"
    here = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (site / "dependencies.pth").write_text(f"{here}\n")
    return python


def test_the_wheel_runs_in_a_clean_environment(installed: Path) -> None:
    where = _run(str(installed), "-c", "import lamha.skills.router as r; print(r.__file__)")
    assert Path(where.strip()).is_relative_to(installed.parent.parent)
    assert "reminders.add" in _run(str(installed.parent / "lamha"), "skills", "list")


def test_the_wheel_carries_its_data(installed: Path) -> None:
    listed = _run(str(installed.parent / "lamha"), "models", "list")
    assert "qwen2.5-coder-0.5b" in listed
    code = "from pathlib import Path; from lamha.skills.storage import Storage; Storage(Path('x.db')).close()"
    _run(str(installed), "-c", code, cwd=installed.parent)


def _run(*command: str, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd or "/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
