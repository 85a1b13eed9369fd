"""A canary key through failing paths: it reaches the server, and nothing else."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from colour_model import Said, plain_frames
from fault_server import FAULTS, FaultServer
from served_fixtures import QUICK, client_of

from longtake.index.video.errors import LongtakeError, UsageError
from longtake.models.client.client import EndpointClient, open_client
from longtake.models.client.transport.credentials import Key, read_key
from longtake.models.vlm.request import FrameRequest
from longtake.models.vlm.served import ServedVLM

CANARY = "sk-canary-7f3a9d51e2c84b06"
ODD = ("denied", "forbidden", "unknown", "moved", "strange")
ONCE = replace(QUICK, attempts=2, read=0.2, attempt=0.3)


class Everything:
    """All that a failing path left behind."""

    def __init__(self, caplog, capsys, places: Path) -> None:
        self.caplog, self.capsys, self.places = caplog, capsys, places
        self.said: list[str] = []

    def fail(self, path: Callable[[], Any], with_locals: bool = True) -> BaseException | None:
        """Walk a path; keep what its error shows, with the values of all local variables."""
        try:
            self.said.append(repr(path()))
        except Exception as error:
            shown = traceback.TracebackException.from_exception(error, capture_locals=with_locals)
            self.said += [str(error), repr(error), repr(vars(error)), *shown.format()]
            return error
        return None

    def assert_clean(self) -> None:
        printed = self.capsys.readouterr()
        records = [
            f"{record.getMessage()} {record.args} {record.exc_text}"
            for record in self.caplog.records
        ]
        files = [path for path in self.places.rglob("*") if path.is_file()]
        on_disk = [path.read_bytes().decode("utf-8", "replace") for path in files]
        commands = [_command(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
        for place in (self.said, [printed.out, printed.err], records, on_disk, commands):
            for text in place:
                assert CANARY not in text
                assert CANARY[-12:] not in text


def _command(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


@pytest.fixture
def everything(caplog, capsys, own_places, monkeypatch):
    monkeypatch.setenv("CANARY_KEY", CANARY)
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2"):
        caplog.set_level(logging.DEBUG, name)
    return Everything(caplog, capsys, own_places)


@pytest.mark.parametrize("fault", [*FAULTS, *ODD])
def test_no_fault_brings_the_key_to_light(fault: str, everything) -> None:
    """Two paths for each fault: words from the client, and a verdict from the VLM."""
    with FaultServer(rate=1.0, kinds=[fault], echo=True) as server:
        client = client_of(server, ONCE, key=read_key("CANARY_KEY"))
        vlm = ServedVLM(client)
        frames = plain_frames("red")
        for path in (
            lambda: client.complete(FrameRequest("Hello."), max_tokens=8),
            lambda: vlm.judge([frames], "a red fish"),
        ):
            error = everything.fail(path)
            assert error is None or isinstance(error, LongtakeError), repr(error)
        everything.fail(lambda: [client, vlm, vars(client), vars(vlm), client._http])
    assert len(everything.caplog.records) > 2
    everything.assert_clean()


def test_the_server_does_get_the_key() -> None:
    from pydantic import SecretStr

    with FaultServer(key=CANARY) as server:
        client = client_of(server, key=Key(SecretStr(CANARY)))
        assert client.complete(FrameRequest("Hello."), max_tokens=8).text == "Hello."


def test_a_changed_environment_brings_a_new_client(monkeypatch) -> None:
    name = "endpoint:m@http://127.0.0.1:9/v1"
    monkeypatch.setenv("CANARY_KEY", CANARY)
    first = open_client(name, "CANARY_KEY")
    assert open_client(name, "CANARY_KEY") is first
    monkeypatch.setenv("CANARY_KEY", CANARY + "-renewed")
    renewed = open_client(name, "CANARY_KEY")
    assert renewed is not first
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:10")
    assert open_client(name, "CANARY_KEY") not in (first, renewed)


def test_an_answer_that_repeats_the_key_is_struck_out(everything) -> None:
    class Parrot:
        def reply(self, asked):
            return Said(f"I was told {CANARY}.")

    with FaultServer(Parrot(), key=CANARY) as server:
        vlm = ServedVLM(client_of(server, key=read_key("CANARY_KEY")))
        reply = vlm.caption(plain_frames("red"))
        everything.fail(lambda: reply)
    assert reply.text == "I was told ***."
    everything.assert_clean()


def test_what_is_remembered_of_a_server_holds_no_key(everything, own_places) -> None:
    with FaultServer(key=CANARY, echo=True) as server:
        client = client_of(server, key=read_key("CANARY_KEY"))
        everything.fail(lambda: client.complete(FrameRequest("Hello."), max_tokens=8))
    assert list(own_places.rglob("endpoints/*.json"))
    everything.assert_clean()


@pytest.mark.parametrize("value", ["short", f"two {CANARY}", f"{CANARY}\nmore", f"{CANARY}é", ""])
def test_an_unusable_key_is_refused_without_repeating_it(
    value: str, everything, monkeypatch
) -> None:
    monkeypatch.setenv("BAD_KEY", value)
    error = everything.fail(lambda: read_key("BAD_KEY"))
    assert isinstance(error, UsageError) or value == ""
    everything.assert_clean()


def test_wrong_places_for_a_key_are_refused_without_repeating_it(
    everything, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FROM_FILE", "")
    monkeypatch.setenv("FROM_FILE_FILE", str(tmp_path))
    for path in (
        lambda: read_key(CANARY),
        lambda: read_key("FROM_FILE"),
        lambda: EndpointClient(f"http://user:{CANARY}@127.0.0.1:9/v1", "m"),
        lambda: EndpointClient(f"http://{CANARY}@127.0.0.1:9/v1", "m"),
        lambda: EndpointClient(f"http://127.0.0.1:9/v1?api_key={CANARY}", "m"),
        lambda: open_client(f"endpoint:m@http://x:{CANARY}@127.0.0.1:9/v1", "CANARY_KEY"),
        lambda: EndpointClient("http://127.0.0.1:9/v1", "m", read_key("CANARY_KEY"), ONCE).complete(
            FrameRequest("Hello."), max_tokens=8
        ),
    ):
        # whoever wrote the key into an argument has it in a local variable of their own
        assert isinstance(everything.fail(path, with_locals=False), LongtakeError)
    everything.assert_clean()


def test_a_key_may_come_from_a_file(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{CANARY}\n")
    monkeypatch.setenv("FILED_KEY_FILE", str(tmp_path / "key"))
    key = read_key("FILED_KEY")
    assert key
    assert key.header() == f"Bearer {CANARY}"
    assert repr(key) == "Key(***)"
    assert not read_key("NO_SUCH_KEY")


def test_commands_that_fail_keep_the_key(
    everything, monkeypatch, longtake_here, own_places
) -> None:
    monkeypatch.setenv("LONGTAKE_KEY_ENV", "CANARY_KEY")
    with FaultServer(rate=1.0, kinds=["denied"], echo=True) as server:
        for more in ([], ["--json"], ["--model", "other"]):
            done = longtake_here("doctor", "--endpoint", server.url, *more)
            assert done.code == 5
            everything.said += [done.out, done.err]
        assert "key_env" in everything.said[-1]
    everything.assert_clean()
    assert CANARY in os.environ["CANARY_KEY"]
