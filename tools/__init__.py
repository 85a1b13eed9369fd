"""What the agent may do: every tool by name, and the one way to call them."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ..index.video.errors import UsageError
from ..world.tools.enumerate import ENUMERATE
from .caption import CAPTION_CLIP
from .compare import COMPARE
from .context import ToolContext
from .finish import FINISH
from .overview import OVERVIEW
from .read_text import READ_TEXT
from .read_transcript import READ_SPEECH
from .search import SEARCH_CLIPS, SEARCH_SPEECH
from .types import ErrorCode, Observation, Tool, ToolFailed, ToolRetry
from .verify import VERIFY
from .zoom_space import ZOOM_SPACE
from .zoom_time import ZOOM_TIME

__all__ = ["TOOLS", "ToolContext", "call_tool", "in_words"]

TOOLS: dict[str, Tool] = {
    "overview": OVERVIEW,
    "search_clips": SEARCH_CLIPS,
    "search_speech": SEARCH_SPEECH,
    "read_speech": READ_SPEECH,
    "caption_clip": CAPTION_CLIP,
    "zoom_time": ZOOM_TIME,
    "zoom_space": ZOOM_SPACE,
    "read_text": READ_TEXT,
    "compare": COMPARE,
    "enumerate": ENUMERATE,
    "verify": VERIFY,
    "finish": FINISH,
}


def call_tool(name: str, args: dict[str, Any], ctx: ToolContext) -> Observation:
    """Call a tool by name; what a planner can mend comes back as an observation.

    Args:
        name: one of `TOOLS`.
        args: its arguments as plain JSON.
        ctx: what it may use.

    Returns:
        What it found, or an observation whose `error` is set and whose text says what to do.

    Raises:
        LongtakeError: the film or a model endpoint cannot be used at all.
    """
    tool = TOOLS.get(name)
    if tool is None:
        return _refused(name, args, f"tool = {name!r}: use one of {', '.join(TOOLS)}")
    try:
        return tool.run(tool.args.model_validate(args), ctx)
    except ValidationError as error:
        return _refused(name, args, in_words(name, tool, error))
    except (ToolRetry, ToolFailed) as error:
        return _refused(name, args, str(error), error.code)
    except UsageError as error:
        return _refused(name, args, str(error))


def _refused(
    name: str, args: dict[str, Any], text: str, code: ErrorCode = "bad_argument"
) -> Observation:
    return Observation(name, args, text, error=code)


def in_words(name: str, tool: Tool, error: ValidationError) -> str:
    """Say which argument is off, what was given, and what the tool takes."""
    parts = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "arguments"
        given = "" if item["type"] == "missing" else f" (got {item['input']!r:.80})"
        parts.append(f"{where}: {item['msg']}{given}")
    return f"{name}: {'; '.join(parts[:4])}. It takes: {', '.join(tool.args.model_fields)}"
