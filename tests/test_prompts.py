"""Prompts: every file fills, and filling is strict."""

from __future__ import annotations

import pytest

from longtake.prompts import Prompts, digest, holes, names, render


@pytest.mark.parametrize("name", names())
def test_every_prompt_fills(name):
    text = render(name, **{hole: f"<{hole}>" for hole in holes(name)})
    assert text
    assert all(f"<{hole}>" in text for hole in holes(name))
    assert len(digest(name)) == 12


def test_missing_and_unused_values_are_errors():
    with pytest.raises(ValueError, match="missing values \\['answer'\\]"):
        render("claim", question="Who?")
    with pytest.raises(ValueError, match="unused values \\['colour'\\]"):
        render("claim", question="Who?", answer="nobody", colour="red")


def test_an_unknown_prompt_names_the_known_ones():
    with pytest.raises(KeyError, match="claim"):
        render("no_such_prompt")


def test_a_dollar_in_a_value_stays():
    assert "$5 $words" in render("claim", question="How much?", answer="$5 $words")


def test_prompts_of_another_folder_are_as_strict(tmp_path):
    (tmp_path / "greet.md").write_text("Hello $name\n")
    prompts = Prompts(tmp_path)
    assert prompts.names() == ["greet"]
    assert prompts.render("greet", name="you") == "Hello you"
    with pytest.raises(ValueError, match="missing values"):
        prompts.render("greet")
