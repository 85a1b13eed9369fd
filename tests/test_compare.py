"""Comparing selectors and presenters: what is scored, what is paired, what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from longtake.cli.evaluation.compare import named, numbers
from longtake.eval.compare import Group, Row, draw_pareto, load_items, tables
from longtake.eval.compare.pareto import front_of
from longtake.eval.compare.report import gain_over
from longtake.eval.compare.run import Pair, pairs_of
from longtake.eval.compare.search_score import near_shares, score_search
from longtake.eval.runner.lines import drop_torn_line, read_records
from longtake.index.video.errors import InputError, UsageError
from longtake.index.video.span import Span


def instants(*seconds: float) -> list[Span]:
    return [Span(second, second + 1e-9) for second in seconds]


def test_precision_recall_and_f1_are_those_of_lv_haystack() -> None:
    spans = instants(12, 95, 300)
    precision, recall = near_shares(np.array([10.0, 50.0, 90.0, 200.0]), spans)
    assert precision == pytest.approx(0.5)
    assert recall == pytest.approx(2 / 3)
    groups = [Group(((span,),)) for span in spans]
    found = score_search([10, 50, 90, 200], groups)
    assert found.f1 == pytest.approx(4 / 7)
    assert found.evidence == 0.0  # near is not inside


def test_silence_is_scored_as_nothing_found() -> None:
    found = score_search([], [Group(((Span(3, 5),),))])
    assert (found.evidence, found.precision, found.recall, found.f1) == (0, 0, 0, 0)
    assert not found.complete
    with pytest.raises(ValueError, match="nothing to score"):
        score_search([1.0], [])


def test_a_group_is_hit_by_as_many_facts_as_it_needs() -> None:
    facts = ((Span(0, 10),), (Span(20, 30), Span(50, 60)), (Span(40, 45),))
    assert score_search([5, 55], [Group(facts, at_least=2)]).complete
    # two instants of one fact are one fact
    assert not score_search([25, 55], [Group(facts, at_least=2)]).complete
    half = score_search([5.0], [Group((facts[0],)), Group((facts[2],))])
    assert half.evidence == 0.5
    # a span ends before its end
    assert not score_search([45.0], [Group((facts[2],))]).complete


def row(**values: object) -> Row:
    plain = {
        "film": "a/film.mp4",
        "item": "colour-01",
        "kind": "colour",
        "needs": (),
        "vlm": "simulated-vl",
        "encoder": "simulated/1",
        "selector": "topk",
        "presenter": "frames",
        "budget": 32,
        "unit": "frames",
        "evidence": 1.0,
        "complete": True,
        "precision": 0.5,
        "recall": 1.0,
        "f1": 2 / 3,
        "choice": 1,
        "correct": True,
        "decoded": 32,
        "shown": 32,
        "pictures": 32,
        "tokens": 8000,
        "calls": 1,
        "select_ms": 3.0,
        "seconds": 1.0,
    }
    return Row.model_validate({**plain, **values})


def test_methods_are_paired_about_the_same_questions_only() -> None:
    mine = [row(item=f"q{k}", film=f"f{k % 2}", correct=k < 6) for k in range(8)]
    theirs = [row(item=f"q{k}", film=f"f{k % 2}", correct=False) for k in range(2, 8)]
    found = gain_over(mine, theirs, lambda one: float(bool(one.correct)))
    assert found is not None
    assert found.n == 6
    assert found.value == pytest.approx(4 / 6)
    assert found.low <= found.value <= found.high
    assert gain_over(mine, [row(item="other")], lambda one: 1.0) is None


def test_the_tables_say_what_is_simulated_and_what_is_gained() -> None:
    films = ("a", "b")
    rows = [
        row(
            film=f,
            item=f"q{k}",
            selector="uniform",
            correct=False,
            evidence=0.0,
            complete=False,
            tokens=9000,
        )
        for f in films
        for k in range(4)
    ]
    rows += [
        row(film=f, item=f"q{k}", correct=k > 0, needs=("read",)) for f in films for k in range(4)
    ]
    said = tables(rows)
    assert "Simulated VLM" in said
    assert "| topk | 100 | 100 | 75 (" in said
    assert "+75 (+75 to +75)" in said
    assert "read (n = 8)" in said
    assert "colour (n = 8)" in said
    only = tables([row(correct=None, choice=None, selector=s) for s in ("uniform", "topk")])
    assert "+0 (+0 to +0) (evidence)" in only


def test_the_front_holds_what_no_other_one_beats() -> None:
    points = [(1.0, 10.0), (2.0, 30.0), (2.0, 20.0), (3.0, 30.0), (4.0, 31.0), (5.0, 5.0)]
    assert front_of(points) == [0, 1, 4]
    assert front_of([]) == []


def test_a_plot_is_drawn_from_rows(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = [
        row(selector=s, budget=b, tokens=250 * b, item=f"q{k}", correct=k < n)
        for s, n in (("uniform", 2), ("topk", 5), ("mixed", 6))
        for b in (8, 32)
        for k in range(8)
    ]
    with Image.open(draw_pareto(rows, tmp_path / "deep" / "plot.png")) as picture:
        assert min(picture.size) > 500
        assert np.asarray(picture.convert("L")).std() > 5
    with pytest.raises(UsageError, match="nothing to draw"):
        draw_pareto([], tmp_path / "none.png")


def test_result_lines_are_read_back_but_for_a_torn_last_one(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    assert read_records(file, Row) == []
    rows = [row(item=f"q{k}") for k in range(2)]
    text = "".join(one.model_dump_json() + "\n" for one in rows)
    file.write_text(text + text[:40], encoding="utf-8")
    assert read_records(file, Row) == rows
    drop_torn_line(file)
    assert file.read_text(encoding="utf-8") == text
    file.write_text("nonsense\n" + text, encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_records(file, Row)
    for other in (b"nonsense\n", b'{"a": 1}', text.encode() + b"nonsense\n", b"\xff\xfe"):
        file.write_bytes(other)
        with pytest.raises(InputError, match="line"):
            read_records(file, Row)
    strange = [row(item="a\u2028b")]
    file.write_text(strange[0].model_dump_json() + "\n", encoding="utf-8")
    assert read_records(file, Row) == strange


def test_pairs_try_one_thing_at_a_time_unless_all_are_wanted() -> None:
    some = pairs_of(["uniform", "topk", "mixed"], ["frames", "grid"])
    assert some == [Pair("uniform"), Pair("topk"), Pair("mixed"), Pair("mixed", "grid")]
    assert len(pairs_of(["uniform", "topk"], ["frames", "grid"], every=True)) == 4


def test_names_and_budgets_that_do_not_exist_are_refused() -> None:
    assert named("--selectors", "all", ["a", "b"]) == ["a", "b"]
    assert named("--selectors", "b, a,b", ["a", "b"]) == ["b", "a"]
    with pytest.raises(UsageError, match="--selectors 'c'"):
        named("--selectors", "c", ["a", "b"])
    assert numbers("--frames", "32,8,8") == [8, 32]
    assert numbers("--tokens", "8000") == [8000]
    for bad in ("0", "513", "x", ""):
        with pytest.raises(UsageError, match="--frames"):
            numbers("--frames", bad)


def test_a_film_without_a_truth_beside_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no questions with known evidence"):
        load_items(tmp_path / "film.mp4")
