"""The documents' code runs: Python blocks as they stand, shell blocks on the real model."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETS_ITSELF_UP = ("make ",)  # what runs this very test


def _blocks(page: Path, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall(page.read_text()) if kind == language]


def _with(language: str) -> list[Path]:
    return [page for page in PAGES if _blocks(page, language)]


def _commands(page: Path) -> Iterator[str]:
    for block in _blocks(page, "sh"):
        yield from (line for line in block.splitlines() if line and not line.startswith(SETS_ITSELF_UP))


@pytest.mark.parametrize("page", _with("python"), ids=lambda page: page.name)
def test_python_blocks_run_in_order(page: Path) -> None:
    namespace: dict[str, object] = {}
    for block in _blocks(page, "python"):
        exec(compile(block, str(page), "exec"), namespace)  # noqa: S102 - our own documents


@pytest.mark.model
@pytest.mark.parametrize("page", _with("sh"), ids=lambda page: page.name)
def test_shell_blocks_run_in_order(page: Path, tmp_path: Path, real_cache: Path, trained: object) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "LAMHA_CACHE": str(real_cache)}
    for command in _commands(page):
        done = subprocess.run(  # noqa: S602 - our own documents
            command.replace(".venv/bin/", ""),
            shell=True,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        assert done.stdout, command


def test_links_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} → {target}"
