"""The Python blocks of the README run, one after the other, as a reader would type them."""

import re
from pathlib import Path

import jax
import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def restored_precision():
    before = jax.config.jax_enable_x64
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.mark.slow
def test_readme_blocks_run_and_print_what_they_say(
    tmp_path, monkeypatch, capsys, restored_precision
):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec("\n".join(blocks), {"__name__": "readme"})
    printed = capsys.readouterr().out
    assert len(blocks) == 10
    assert "class AII" in printed
    assert "-0.3724" in printed
    assert "The fit converged" in printed
    assert {path.name for path in tmp_path.iterdir()} == {
        "crossed.svg",
        "curves.png",
        "fit.png",
        "magnetoconductance.py",
    }


def test_readme_has_two_commands_that_install_and_run():
    text = README.read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.*?)\n```", text, re.DOTALL)
    assert commands == ["pip install . && cooperon demo", 'pip install ".[test]" && pytest']
