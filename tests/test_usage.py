"""What calls to a model server cost reaches whoever asked for it."""

from __future__ import annotations

import pytest

from longtake.models.client.usage import Meter, Usage, metered, note, side_by_side, spend


def test_meters_nest_and_follow_work_into_threads() -> None:
    spend(Usage(requests=1))  # nobody asked
    with metered() as outer:
        with metered() as inner:
            side_by_side(lambda k: spend(Usage(requests=k)), [1, 2, 3], 3)
        note("so it is")
        note("so it is")
    assert inner.total == Usage(requests=6)
    assert outer.total == Usage(requests=6, notes=("so it is",))
    assert Meter().total == Usage()


def test_work_side_by_side_keeps_its_order_and_passes_errors_on() -> None:
    assert side_by_side(lambda k: k * k, range(20), 4) == [k * k for k in range(20)]
    assert side_by_side(lambda k: k, [], 4) == []
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda k: 1 // k, [1, 0, 1], 2)
