"""What the agent may do: every tool by name, and the one way to call them.

Public names: `TOOLS` (name to `Tool`), `call_tool`, `ToolContext` (what a call may touch),
`ToolResult` (what it returns). The video LLM's protocol is in `protocols`, typed payloads are in
`results`; `select` and `present` say which frames are looked at, and how they are laid out. A
profile may pass tools of its own: `call_tool(name, args, ctx, tools=TOOLS | OTHERS)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ..index.video.errors import UsageError
from .caption_clip import CAPTION_CLIP
from .compare import COMPARE
from .context import ToolContext
from .enumerate import ENUMERATE
from .find.search import SEARCH_CLIPS, SEARCH_WORDS
from .finish import FINISH
from .overview import OVERVIEW
from .results import ToolResult
from .tool import ErrorCode, Tool, ToolFailed, ToolRetry
from .verify import VERIFY
from .words.answer_words import ANSWER_WORDS
from .words.read_text import READ_TEXT
from .words.read_transcript import READ_TRANSCRIPT
from .zoom_space import ZOOM_SPACE
from .zoom_time import ZOOM_TIME

__all__ = ["TOOLS", "ToolContext", "ToolResult", "call_tool"]

TOOLS: dict[str, Tool] = {
    "overview": OVERVIEW,
    "search_clips": SEARCH_CLIPS,
    "search_words": SEARCH_WORDS,
    "read_transcript": READ_TRANSCRIPT,
    "answer_words": ANSWER_WORDS,
    "caption_clip": CAPTION_CLIP,
    "zoom_time": ZOOM_TIME,
    "zoom_space": ZOOM_SPACE,
    "read_text": READ_TEXT,
    "compare": COMPARE,
    "enumerate": ENUMERATE,
    "verify": VERIFY,
    "finish": FINISH,
}


def call_tool(
    name: str, args: dict[str, Any], ctx: ToolContext, tools: Mapping[str, Tool] = TOOLS
) -> ToolResult:
    """Call a tool by name; what a planner can correct comes back as a result with an error.

    Args:
        name: one of `tools`.
        args: its arguments as plain JSON.
        ctx: what it may use.
        tools: the tools of the profile.

    Returns:
        What it found, or a result whose `error` is set and whose text says what to do.

    Raises:
        LongtakeError: the film or a model endpoint cannot be used at all.
    """
    tool = tools.get(name)
    if tool is None:
        return _refused(name, args, f"tool = {name!r}: use one of {', '.join(tools)}")
    try:
        return tool.run(tool.args.model_validate(args), ctx)
    except ValidationError as error:
        return _refused(name, args, in_words(name, tool, error))
    except ToolRetry as error:
        return _refused(name, args, str(error), error.code)
    except ToolFailed as error:
        return replace(_refused(name, args, str(error), error.code), notes=error.notes)
    except UsageError as error:
        return _refused(name, args, str(error))


def _refused(
    name: str, args: dict[str, Any], text: str, code: ErrorCode = "bad_argument"
) -> ToolResult:
    return ToolResult(name, args, text, error=code)


def in_words(name: str, tool: Tool, error: ValidationError) -> str:
    """Say which argument is wrong, what was given, and what the tool takes."""
    parts = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "arguments"
        given = "" if item["type"] == "missing" else f" (got {item['input']!r:.80})"
        parts.append(f"{where}: {item['msg']}{given}")
    return f"{name}: {'; '.join(parts[:4])}. It takes: {', '.join(tool.args.model_fields)}"
