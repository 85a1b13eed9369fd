"""How `--help` looks: options in groups, examples as they are typed.

Plain text rather than rich's panels: rich's markdown and syntax modules alone cost more than all
that `longtake --help` may take.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose options come in groups and whose examples keep their lines."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, a section for each group."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
            name = getattr(parameter, "rich_help_panel", None) or kind
            sections.setdefault(name, []).append(record)
        for name, records in sections.items():
            with formatter.section(name):
                formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_lines(self.epilog, formatter)


class Group(TyperGroup):
    """A command with sub-commands, its examples as they are typed."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_lines(self.epilog, formatter)


def examples(*commands: str, after: str = "") -> str:
    """Return the epilog that shows these command lines."""
    lines = ["Examples:", *(f"  {command}" for command in commands)]
    return "\n".join([*lines, *(["", after] if after else [])])


def _write_lines(text: str | None, formatter: Any) -> None:
    if text:
        formatter.write("\n")
        for line in text.splitlines():
            formatter.write(f"{line}\n")
