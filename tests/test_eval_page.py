"""The report's page in a real browser, and the report of many samples in little time."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request

import pytest

from longtake.eval.reports import write_report
from longtake.eval.result import FramesUsed, Result
from longtake.eval.runner.config import RunConfig
from longtake.eval.runner.folder import RunFolder
from longtake.eval.sample import Sample, Video

SHARES = {"agent": 0.8, "blind": 0.3, "uniform:64": 0.6}


def make_run(path, count, films, systems=("agent", "blind", "uniform:64")):
    """Write the folder of a run with made-up answers, right in a set share of the cases."""
    samples = [
        Sample(
            dataset="jsonl",
            revision="r",
            split="test",
            sample_id=f"q{number}",
            video=Video(id=f"film {number % films}", path=f"/nowhere/{number % films}.mp4"),
            question=f"Which <b>thing</b> of part {number} is shown after the other? </script>",
            options=("the red one", "the blue one", "the green one", "none of them"),
            answer_index=number % 4,
            task_type=(f"kind.{number % 3}",),
        )
        for number in range(count)
    ]
    config = RunConfig(
        dataset="jsonl",
        split="test",
        revision="r",
        models={"vlm": "endpoint:model@http://host/v1"},
        versions={"longtake": "0", "decoder": "d"},
    )
    folder = RunFolder.prepare(path, config, systems, samples, {"epochs": 1})
    hashes = folder.record()["systems"]
    with folder.results_path.open("w") as file:
        for place, name in enumerate(systems):
            for number, sample in enumerate(samples):
                # a low-discrepancy sequence, different for each system
                spread = (number * 0.6180339887 + place * 0.37) % 1.0
                right = spread < SHARES[name]
                result = Result(
                    run_id="run",
                    config_hash=hashes[name],
                    system=name,
                    dataset="jsonl",
                    sample_id=sample.sample_id,
                    film=sample.video.id,
                    status="ok",
                    raw_text="the red one",
                    pred_index=(number + (not right)) % 4,
                    parse_rule="choice",
                    confidence=0.9 - spread / 2,
                    usage={"tokens_in": 1000 * (place + 1), "tokens_out": 50, "usd": 0.01},
                    timing={"seconds": 1.0 + spread},
                    frames=FramesUsed(
                        decoded=64, shown=64, pts=tuple(k * 1.5 for k in range(64)), backend="b"
                    ),
                )
                file.write(result.model_dump_json() + "\n")
    return folder


class Browser:
    """Headless Chromium, spoken to through the DevTools protocol."""

    def __init__(self, program, folder):
        self._process = subprocess.Popen(
            [
                *(
                    program,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--window-size=1200,1400",
                ),
                *("--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = folder / "DevToolsActivePort"
        until = time.monotonic() + 120
        while not (port.exists() and port.read_text()) and time.monotonic() < until:
            time.sleep(0.1)
        number = port.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/json") as reply:
            pages = [page for page in json.load(reply) if page["type"] == "page"]
        from websockets.sync.client import connect

        self._socket = connect(pages[0]["webSocketDebuggerUrl"], max_size=None, open_timeout=60)
        self._id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def call(self, method, **given):
        self._id += 1
        self._socket.send(json.dumps({"id": self._id, "method": method, "params": given}))
        while True:
            reply = json.loads(self._socket.recv(timeout=120))
            if reply.get("id") == self._id:
                return reply["result"]

    def run(self, script):
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def open(self, address):
        self.call("Page.navigate", url=address)
        until = time.monotonic() + 120
        blank = json.dumps(address == "about:blank")
        there = (
            f"document.readyState === 'complete' && (location.href === 'about:blank') === {blank}"
        )
        while not self.run(there):
            assert time.monotonic() < until, f"{address} does not open"
            time.sleep(0.1)

    def click(self, selector):
        box = self.run(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView();"
            " const b = e.getBoundingClientRect(); return [b.x + 12, b.y + b.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=box[0],
                y=box[1],
                button="left",
                clickCount=1,
            )

    def choose(self, field, value):
        self.run(
            f"(() => {{ const e = document.getElementById({field!r}); e.value = {value!r};"
            " e.dispatchEvent(new Event('change')); e.dispatchEvent(new Event('input')) })()"
        )

    def text(self, selector):
        return self.run(f"document.querySelector({selector!r}).textContent")


@pytest.mark.browser
def test_the_page_filters_opens_and_pages_in_a_browser(tmp_path):
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium here")
    pytest.importorskip("websockets")
    make_run(tmp_path / "run", 120, 40)
    summary = write_report(tmp_path / "run")
    wrong = round(120 * (1 - summary["systems"][0]["strict"]["value"]))
    with Browser(program, tmp_path / "browser") as browser:
        browser.open(f"file://{tmp_path}/run/report.html")
        assert browser.text("#count") == "120 of 120 questions"
        assert browser.text("#place") == "page 1 of 3"
        browser.click("#after")
        assert browser.text("#place") == "page 2 of 3"
        browser.choose("f-verdict", "wrong")
        assert browser.text("#count") == f"{wrong} of 120 questions"
        browser.choose("f-kind", "kind.1")
        few = int(browser.text("#count").split()[0])
        assert 0 < few < wrong
        assert browser.run("location.hash") == "#verdict=wrong&kind=kind.1"
        browser.click("tr.sample")
        detail = browser.text(".detail")
        assert "D. none of them" in detail
        assert "← agent" in detail
        assert "<b>thing</b>" in browser.text("tr.sample td.q")
        shot = tmp_path / "report.png"
        shot.write_bytes(base64.b64decode(browser.call("Page.captureScreenshot")["data"]))
        assert shot.stat().st_size > 20_000
        browser.click("#clear")
        assert browser.text("#count") == "120 of 120 questions"
        browser.open("about:blank")
        browser.open(f"file://{tmp_path}/run/report.html#system=blind&verdict=right&q=part 1")
        assert browser.run("document.getElementById('f-system').value") == "blind"
        assert 0 < int(browser.text("#count").split()[0]) < 60


def test_ten_thousand_answers_are_reported_in_little_time_and_memory(tmp_path):
    make_run(tmp_path / "run", 10_000, 700, systems=("agent",))
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from longtake.eval.reports import write_report\n"
        "summary = write_report(Path(sys.argv[1]))\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        # ru_maxrss would count the pages of the process that started this one
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(summary['systems'][0]['n'], used.ru_utime + used.ru_stime, int(peak) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    count, seconds, mebibytes = done.stdout.split()
    assert int(count) == 10_000
    # processor seconds: what a machine busy with other things adds is not ours
    assert float(seconds) < 20
    assert float(mebibytes) < 500
