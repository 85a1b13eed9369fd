"""Fetching weights from the hub: only when asked to; resumed, and checked against its checksums."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..index.storage.os_faults import Place, refused
from ..index.video.errors import EndpointError, UsageError
from .client.transport.problems import setting_problem
from .weights import hub_cache, is_open_clip, repository_of, size_text

# other frameworks' copies of the same weights
_LEFT_OUT = ("*.msgpack", "*.h5", "*.ot", "*.tflite", "*.mlmodel", "*.onnx_data", "*.gguf")
_OLDER = ("*.bin", "*.pt", "*.pth")
_OFFLINE = "HF_HUB_OFFLINE"
_CACHE = Place("HF_HUB_CACHE", UsageError)


@dataclass(frozen=True, slots=True)
class Offer:
    """What fetching a model means.

    Attributes:
        repository: its name on the hub.
        revision: the commit that is fetched.
        files: name to (bytes, sha256 where the hub tells one).
    """

    repository: str
    revision: str
    files: dict[str, tuple[int, str | None]]

    @property
    def size(self) -> int:
        """Of all files, bytes."""
        return sum(size for size, _ in self.files.values())


@contextmanager
def nothing_fetched() -> Iterator[None]:
    """Keep the hub's client from the network inside the block: what is missing fails at once."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def find_offer(name: str) -> Offer:
    """Ask the hub what a model consists of.

    Raises:
        UsageError: the name is none of the hub's.
        EndpointError: the hub cannot be reached, or has no such model.
    """
    from huggingface_hub import HfApi, close_session
    from huggingface_hub.errors import RepositoryNotFoundError

    repository = repository_of(name) or _of_open_clip(name)
    if repository is None:
        raise UsageError(
            f"NAME = {name!r}", "name a model of the hub as OWNER/NAME, or one of: longtake models"
        )
    close_session()  # an older one has the proxies and certificates of the time it was opened
    try:
        info = HfApi().model_info(repository, files_metadata=True, timeout=20)
    except RepositoryNotFoundError as error:
        raise EndpointError(f"the hub has no model {repository}", "see longtake models") from error
    except Exception as error:  # the client's, the HTTP library's and the system's own
        raise _problem(repository, error) from error
    files = {item.rfilename: _facts(item) for item in info.siblings or ()}
    return Offer(repository, info.sha or "main", _needed(files))


def fetch(offer: Offer) -> Path:
    """Fetch the files that are not there yet, check them, and return their folder.

    What an earlier try has fetched is not fetched again. Progress is drawn on stderr.

    Raises:
        EndpointError: the hub cannot be reached, or a file does not match its checksum.
        UsageError: the files cannot be written.
    """
    from huggingface_hub import snapshot_download

    try:
        folder = Path(
            snapshot_download(
                offer.repository, revision=offer.revision, allow_patterns=list(offer.files)
            )
        )
    except Exception as error:
        if type(error).__module__ == "builtins" and isinstance(error, OSError):
            raise refused(error, hub_cache(), _CACHE) from error
        raise _problem(offer.repository, error) from error
    for name, (size, sha256) in offer.files.items():
        _check(folder / name, size, sha256)
    return folder


def _of_open_clip(name: str) -> str | None:
    """Return the repository that open_clip takes a model's weights from; None where it has none."""
    if not is_open_clip(name):
        return None
    from .clip_encoder import pretrained_repository

    return pretrained_repository(name)


def _facts(item: Any) -> tuple[int, str | None]:
    return int(item.size or 0), getattr(item.lfs, "sha256", None)


def _needed(files: dict[str, tuple[int, str | None]]) -> dict[str, tuple[int, str | None]]:
    """Leave out other frameworks' weights, and the older format where there is the newer one."""
    safe = any(name.endswith(".safetensors") for name in files)
    left_out = (*_LEFT_OUT, *_OLDER) if safe else _LEFT_OUT
    return {
        name: facts
        for name, facts in files.items()
        if not any(Path(name).match(pattern) for pattern in left_out)
    }


def _check(path: Path, size: int, sha256: str | None) -> None:
    """Compare a file with what the hub says of it, and remove one that differs.

    Raises:
        EndpointError: it differs.
    """
    good = path.is_file() and path.stat().st_size == size
    if good and sha256 is not None:
        with path.open("rb") as file:
            good = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    if not good:
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise EndpointError(
            f"{path.name} came damaged: it does not match the hub's checksum",
            "the same command again fetches it anew",
        )


def _problem(repository: str, error: Exception) -> UsageError | EndpointError:
    """Return what keeps a model from being fetched: a setting of this machine, or the hub."""
    own = type(error).__module__ in ("builtins", "ssl")
    # the address of the hub is good: only a proxy's can be no address
    no_address = type(error).__name__ == "InvalidURL"
    if no_address or (own and isinstance(error, ImportError | OSError | ValueError)):
        return setting_problem(error)
    if os.environ.get(_OFFLINE):
        why = f"{_OFFLINE} is set"
    else:
        cause = error.__cause__ or error
        why = str(cause).strip().splitlines()[0][:160] if str(cause).strip() else repr(cause)
    return EndpointError(
        f"{repository} cannot be fetched: {why}",
        "see that the hub can be reached and run the same command again: what came is kept",
    )


def shown(offer: Offer) -> str:
    """Return what is fetched, how much and to where, for the person who is asked."""
    return (
        f"{offer.repository}: {len(offer.files)} files, {size_text(offer.size)}, to {hub_cache()}"
    )
