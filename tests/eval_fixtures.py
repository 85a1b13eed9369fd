"""A small benchmark of one's own, and a server that answers the same question always the same."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from film_fixtures import make_film
from recording_server import RecordingServer, letters_of, text_of

OPTIONS = ["the red one", "the blue one", "the green one", "none of them"]


class SteadyServer(RecordingServer):
    """Answers by a hash of the options' lines, so that repetition changes nothing.

    Args:
        delay: seconds before every reply, as a distant model would take.
    """

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__()
        self.delay = delay

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a completion."""
        time.sleep(self.delay)
        options = "\n".join(letters_of(text_of(body)))
        place = int(hashlib.sha256(options.encode()).hexdigest(), 16)
        values = {
            "answer": "ABCD"[place % 4],
            "confidence": 0.5 + (place % 50) / 100,
            "enough": True,
            "seconds": [2.0],
        }
        self.values = values  # the same for the same request, whoever asks meanwhile
        return super().reply(body)


def make_questions(folder: Path, films: int = 2, each: int = 6) -> Path:
    """Write films of five seconds and questions with four options about them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for film in range(films):
        noise = f"testsrc2=s=160x96:r=10:d=5,noise=alls=12:allf=t:all_seed={film}"
        make_film(folder / f"film{film}.mp4", source=noise)
        for number in range(each):
            rows.append(
                {
                    "id": f"f{film}q{number}",
                    "video": f"film{film}.mp4",
                    "question": f"Which one is shown in part {number} of test {film}?",
                    "options": [f"{option} {number}{film}" for option in OPTIONS],
                    "answer_index": (number + film) % 4,
                    "type": "what" if number % 2 else "where",
                    "evidence": [[1.0, 2.0]],
                }
            )
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def served(server: RecordingServer) -> dict[str, str]:
    """Return the environment that puts the server's model into every role."""
    return {
        "LONGTAKE_VLM": server.name,
        "LONGTAKE_ENCODER": "none",
        "LONGTAKE_TEXT_ENCODER": "none",
        "LONGTAKE_OCR": "none",
        "LONGTAKE_ASR": "none",
    }


def numbers(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a report without what two runs cannot have in common: seconds, names, dates."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            left_out = ("seconds", "run", "command", "index", "created")
            return {k: plain(v) for k, v in value.items() if k not in left_out}
        return [plain(item) for item in value] if isinstance(value, list) else value

    return plain(summary)
