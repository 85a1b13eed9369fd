"""`longtake eval datasets`: benchmarks, licences, and whether their files are in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longtake.cli.helptext import Command, examples
from longtake.cli.options import Json, Quiet
from longtake.cli.output import OUT, bold

if TYPE_CHECKING:
    from longtake.eval.datasets.spec import Dataset, Loaded

SHOWN = 20  # refused rows and missing films that are named


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command(
        "datasets",
        cls=Command,
        epilog=examples(
            "longtake eval datasets",
            "longtake eval datasets lvbench",
            "longtake eval datasets lvbench --data ~/lvbench",
        ),
    )(datasets)


def datasets(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One benchmark; all when left out.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Its folder: read it, and count what is there.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="A split of it.")] = None,
    json_: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the benchmarks: licence, what to download, where to put it. Nothing is downloaded."""
    from longtake.eval.datasets.registry import DATASETS, dataset_named, load_dataset
    from longtake.index.video.errors import UsageError

    OUT.configure(quiet=quiet, as_json=json_)
    if data is not None:
        if name is None:
            raise UsageError("data: a folder of which benchmark?", "name it before --data")
        chosen = split or dataset_named(name).splits[0]
        _say_loaded(name, chosen, load_dataset(name, data, chosen), as_json=json_)
        return
    if split is not None:
        raise UsageError(f"split = {split!r}: of which folder?", "give it with --data FOLDER")
    known = [dataset_named(name)] if name else list(DATASETS.values())
    if json_:
        OUT.document([_described(dataset) for dataset in known])
        return
    for dataset in known:
        _say(dataset)


def _described(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "title": dataset.title,
        "splits": list(dataset.splits),
        "size": dataset.size,
        "licence": dataset.licence,
        "paper": dataset.paper or None,
        "sources": [{"what": s.what, "where": s.where, "put": s.put} for s in dataset.sources],
        "submission_file": dataset.export is not None,
    }


def _say(dataset: Dataset) -> None:
    OUT.say(f"{bold(dataset.name)}  {dataset.title}: {dataset.size}")
    OUT.say(f"    licence: {dataset.licence}")
    OUT.say(f"    splits: {', '.join(dataset.splits)}")
    for source in dataset.sources:
        OUT.say(f"    {source.what}: {source.where}")
        OUT.say(f"        put at: {source.put}")


def _say_loaded(name: str, split: str, loaded: Loaded, *, as_json: bool) -> None:
    films = {sample.video.id: sample.video.path for sample in loaded.samples}
    missing = [path for path in films.values() if not Path(path).is_file()]
    found = {
        "name": name,
        "split": split,
        "revision": loaded.samples[0].revision,
        "rows": loaded.rows,
        "samples": len(loaded.samples),
        "with_answer": sum(sample.has_truth for sample in loaded.samples),
        "refused": [str(refusal) for refusal in loaded.refused],
        "flags": dict(loaded.flags),
        "films": len(films),
        "missing_films": missing,
    }
    if as_json:
        OUT.document(found)
        return
    OUT.say(f"{name}, {split}: {found['samples']} of {loaded.rows} rows are questions")
    OUT.say(f"    {found['with_answer']} with a public answer, about {len(films)} films")
    for flag, count in loaded.flags.most_common():
        OUT.say(f"    {flag}: {count}")
    for refusal in loaded.refused[:SHOWN]:
        OUT.say(f"    refused: {refusal}")
    if len(loaded.refused) > SHOWN:
        OUT.say(f"    refused: {len(loaded.refused) - SHOWN} more")
    OUT.say(f"    films missing: {len(missing)}")
    for path in missing[:3]:
        OUT.say(f"        {path}")
