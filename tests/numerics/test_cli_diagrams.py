"""The command `cooperon diagrams`: to the screen, to a file, and its refusals."""

import xml.etree.ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner

from numerics.cli_diagrams import diagrams

app = typer.Typer()
app.command()(diagrams)
runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, [str(a) for a in arguments], catch_exceptions=False)


def test_list_of_a_family_is_printed():
    lines = run("--order", 3, "--family", "hikami").stdout.splitlines()
    assert len(lines) == 3
    assert lines[0] == "R[x 1 2 3 y] A[y 1 2 3 x]  order 1  1 Cooperon"


def test_second_order_is_the_default():
    assert len(run().stdout.splitlines()) == 15


def test_count_is_printed_for_a_family_too_large_to_list():
    result = run("--order", 12, "--count")
    assert result.stdout == "The family all has 7905853580625 diagrams with 12 impurity lines.\n"


def test_limit_ends_the_list():
    assert len(run("--order", 8, "--limit", 4).stdout.splitlines()) == 4


@pytest.mark.parametrize("extra", [(), ("--skeletons",)])
def test_svg_and_tikz_are_printed_whole(extra):
    ET.fromstring(run("--family", "rungs", "--format", "svg", *extra).stdout)
    tex = run("--family", "rungs", "--format", "tikz", *extra).stdout
    assert tex.startswith("\\documentclass")
    assert tex.endswith("\\end{document}\n")


def test_skeletons_have_shaded_blocks():
    assert (
        r"\draw[Cooperon]" in run("--family", "crossed", "--format", "tikz", "--skeletons").stdout
    )


def test_one_diagram_can_be_given_in_text():
    text = "R[x 1 2 y] A[y 2 1 x]"
    assert run(text).stdout == f"{text}  order 0  1 diffuson\n"
    assert run(text, "--format", "svg").stdout.count("stroke-dasharray") == 1


def test_file_is_written_and_not_replaced_without_force(tmp_path):
    path = tmp_path / "rungs.svg"
    arguments = ("--family", "rungs", "--format", "svg", "--output", path)
    assert run(*arguments).stdout == f"wrote {path}\n"
    ET.parse(path)
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="--force"):
        run(*arguments)
    assert path.read_text() == "mine"
    run(*arguments, "--force")
    ET.parse(path)


def test_nothing_is_written_when_the_request_is_refused(tmp_path):
    path = tmp_path / "all.svg"
    with pytest.raises(ValueError, match="has 10395 diagrams"):
        run("--order", 5, "--format", "svg", "--output", path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--family", "lader"], "choose one of"),
        (["--format", "png"], "choose one of text, tikz, svg"),
        (["--order", "-1"], "not -1"),
        (["--limit", "0"], "not 0"),
        (["R[x 1 y] A[y x]"], "alone on their line"),
        (["bubble"], "does not follow"),
    ],
)
def test_bad_input_is_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        run(*arguments)
