"""What servers say when they refuse, in their own forms: each is taken for what it means.

The words are in the manner of each server, written down from memory and shortened.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longtake.models.client.completion import read_completion
from longtake.models.client.transport.error_body import marks_of, message_of
from longtake.models.client.transport.fault import Fault
from longtake.models.client.transport.refusals import kind_of

DATA = Path(__file__).with_name("data") / "server_refusals.jsonl"
# server: status, body, what it means
REFUSALS: dict[str, tuple[int, Any, str]] = {
    row["server"]: (row["status"], row["body"], row["means"])
    for row in map(json.loads, DATA.read_text().splitlines())
}
# what a second attempt, or a smaller request, cannot mend
FINAL = {"quota", "denied", "missing", "refused", "no_images"}


@pytest.mark.parametrize("server", sorted(REFUSALS))
def test_a_refusal_is_taken_for_what_it_means(server: str) -> None:
    status, body, meaning = REFUSALS[server]
    said = f"{message_of(body)} {marks_of(body)}"
    assert kind_of(0 if status == 200 else status, {}, said, images=8) == meaning
    assert said.strip()


@pytest.mark.parametrize("server", sorted(REFUSALS))
def test_the_same_refusal_inside_a_reply_of_status_200_keeps_its_words(server: str) -> None:
    status, body, meaning = REFUSALS[server]
    if isinstance(body, str) or status in (401, 403, 404, 413, 429) or status >= 500:
        pytest.skip("the status alone says what it means, or it is no JSON")
    first = body[0] if isinstance(body, list) else body
    inside = first if "error" in first else {"error": first}
    with pytest.raises(Fault) as fault:
        read_completion([inside] if isinstance(body, list) else inside, images=8)
    words = message_of(inside["error"]).split()[:4]
    assert all(word in str(fault.value) for word in words)
    if meaning in FINAL - {"refused"}:
        assert fault.value.kind == meaning
