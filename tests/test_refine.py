"""Words and pictures answer apart: agreement ends it, rivals are asked again under their letters."""

from agent_doubles import Toolbox, brought, run_double, seen, verdict, zoomed

from longtake.agent.planners.base import Done
from longtake.agent.runs.record import RunFolder
from longtake.agent.runs.trace import read_trace
from longtake.index.video.span import Span
from longtake.world.grammar.question import read_question
from longtake.world.planner.branches import spread
from longtake.world.planner.findings import Sighting
from longtake.world.planner.refine import CONTESTED, needs_refining

COLOURS = ["red", "blue", "green", "white"]
QUESTION = "What colour is the hammer on the quiet hill?"
SPOKEN, PICTURED = (100.0, 106.0), (300.0, 306.0)


def hit(span, score=0.9):
    middle = sum(span) / 2
    return {
        "start": span[0],
        "end": span[1],
        "score": score,
        "second": middle,
        "modality": "visual",
    }


class Unsure:
    """A planner that has no idea; what is found decides."""

    name = "unsure"
    patience = 2

    def next(self, steps, reading, left):
        return Done("white", "D", 0.3)

    def conclude(self, steps, reading, reason):
        return Done("white", "D", 0.3)


def toolbox(words, pictures, last=None):
    """Branches that answer so: option probabilities of each look."""

    def search(args, frames):
        line = seen(
            "search_clips", *SPOKEN, "the hammer on the quiet hill has a colour", kind="speech"
        )
        return brought("search_clips", {"hits": [hit(PICTURED)], "known": 1.0}, [line])

    def zoom(args, frames):
        start = args["spans"][0]["start"]
        return zoomed("zoom_time", start, start + 3, words if start < 200 else pictures, "so")

    def compare(args, frames):
        return zoomed("compare", 100, 103, last or {}, "so")

    return Toolbox(
        {
            "search_clips": search,
            "zoom_time": zoom,
            "compare": compare,
            "verify": lambda args, frames: verdict(),
        }
    )


def ask(folder, tools, **kwargs):
    return run_double(folder, tools, QUESTION, COLOURS, planner=Unsure(), **kwargs)


def test_branches_that_agree_end_it_after_two_calls(tmp_path):
    tools = toolbox({"A": 0.1, "B": 0.9}, {"B": 0.8, "C": 0.2})
    answer = ask(tmp_path, tools)
    assert (answer.choice, answer.answer) == ("B", "blue")
    assert len(tools.calls("zoom_time")) == 2
    assert tools.calls("compare") == []
    assert answer.confidence.method == "consensus"
    assert answer.evidence
    assert answer.evidence[0].supports == "B"


def test_rivals_are_asked_again_with_their_own_two_letters_on_all_the_evidence(tmp_path):
    tools = toolbox({"B": 0.9}, {"C": 0.8}, {"B": 0.1, "C": 0.9})
    answer = ask(tmp_path, tools)
    (again,) = tools.calls("compare")
    assert again["only"] == ["B", "C"]
    assert [span["start"] < 200 for span in again["spans"]] == [True, False]
    assert answer.choice == "C"
    assert CONTESTED not in answer.caveats
    trace = read_trace(RunFolder.find(tmp_path, "r1").trace)
    votes = [(event["voter"], event["choice"]) for event in trace if event["type"] == "vote"]
    assert votes[:2] == [("zoom_time 3", "B"), ("zoom_time 4", "C")]


def test_when_the_last_look_settles_nothing_the_surer_branch_stands_contested(tmp_path):
    answer = ask(tmp_path, toolbox({"B": 0.9}, {"C": 0.8}, {}))
    assert answer.choice == "B"
    assert CONTESTED in answer.caveats
    assert answer.confidence.raw <= 0.5


def test_looks_that_do_not_tell_the_options_apart_are_no_opinions(tmp_path):
    level = dict.fromkeys("ABCD", 0.25)
    tools = toolbox(level, level)
    answer = ask(tmp_path, tools)
    assert answer.choice == "D"
    assert answer.confidence.method != "consensus"


def test_on_footage_that_the_eye_does_not_know_it_is_not_asked(tmp_path):
    tools = toolbox({"B": 0.9}, {"B": 0.9})
    tools.script["search_clips"] = lambda args, frames: brought(
        "search_clips", {"hits": [hit(PICTURED)], "known": 0.1}
    )
    assert ask(tmp_path, tools).choice == "D"
    assert tools.calls("zoom_time") == []


def test_one_branch_alone_changes_nothing(tmp_path):
    answer = ask(tmp_path, toolbox({}, {"C": 0.8}))
    assert answer.choice == "D"


def test_where_no_words_match_the_hits_are_described(tmp_path):
    tools = toolbox({"B": 0.9}, {"B": 0.9})
    tools.script["search_clips"] = lambda args, frames: brought(
        "search_clips", {"hits": [hit(SPOKEN), hit(PICTURED, 0.5)], "known": 1.0}
    )
    tools.script["caption_clip"] = lambda args, frames: brought(
        "caption_clip", {"caption": "on the hill: a blue hammer"}, frames=4
    )
    assert ask(tmp_path, tools).choice == "B"
    assert len(tools.calls("caption_clip")) == 2


def test_a_sure_planner_an_abstention_and_a_count_over_time_are_left_alone():
    reading = read_question(QUESTION, COLOURS)
    assert needs_refining(reading, Done("red", "A", 0.4), [])
    assert not needs_refining(reading, Done("red", "A", 0.95), [])
    assert not needs_refining(reading, Done(None, abstain=True), [])
    assert not needs_refining(read_question(QUESTION, []), Done("red", None, 0.4), [])
    order = read_question("Which of these appears first?", ["the red fish", "the blue cup"])
    assert not needs_refining(order, Done("the red fish", "A", 0.4), [])


def test_the_budget_ends_it(tmp_path):
    from longtake.agent.cost.budget import Budget

    tools = toolbox({"B": 0.9}, {"B": 0.8})
    ask(tmp_path, tools, budget=Budget(max_frames=30))
    assert sum(cost for cost in (8 * len(tools.calls("zoom_time")),)) <= 30


def test_spans_of_a_branch_are_of_different_parts_of_the_film():
    items = [Sighting(Span(s, s + 4), score, None, s) for s, score in
             ((0, 0.9), (5, 0.8), (100, 0.5), (200, 0.7), (300, 0.1))]  # fmt: skip
    assert [item.span.start for item in spread(items, 3)] == [0, 100, 200]
