"""Tools of the drawn world, on top of the common ones: `TOOLS | WORLD_TOOLS`.

Public names: `WORLD_TOOLS`. `enumerate` and `verify` replace the common tools on the drawn world's
films and leave other films to them; `zoom_time` takes a question in place of the user's; `footage`
tells whether this is the drawn world, `option_shares` how much of it shows each choice.
"""

from __future__ import annotations

from ...tools.tool import Tool
from .enumerate import ENUMERATE
from .footage import FOOTAGE
from .option_shares import OPTION_SHARES
from .replaced import VERIFY, ZOOM_TIME

__all__ = ["WORLD_TOOLS"]

WORLD_TOOLS: dict[str, Tool] = {
    "enumerate": ENUMERATE,
    "footage": FOOTAGE,
    "option_shares": OPTION_SHARES,
    "verify": VERIFY,
    "zoom_time": ZOOM_TIME,
}
