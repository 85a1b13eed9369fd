"""What the decode child gives up before it touches a film.

Runs inside the child only. Each measure that the kernel may refuse (namespaces, Landlock) is tried
and reported, never required; the resource limits always hold.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
# every file right of Landlock's first version, and both network rights of its fourth
_LANDLOCK_FS, _LANDLOCK_NET = (1 << 13) - 1, 3


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64)]


def limit_resources(memory_bytes: int, max_files: int = 64) -> None:
    """Cap memory and files, forbid core dumps and growing any file."""
    for name, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, max_files),
    ):
        _, hard = resource.getrlimit(name)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))


def leave_network() -> bool:
    """Move into an empty network namespace; say whether the kernel allowed it."""
    if platform.system() != "Linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    # real root needs no user namespace; everybody else gets the network one only inside it
    return libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0


def close_doors(parent: int) -> bool:
    """Forbid new processes and opening any path, and die with the parent.

    Call after the last import: nothing can be loaded from disk afterwards.

    Args:
        parent: process id of the parent.

    Returns:
        Whether the kernel's Landlock now denies every path.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, hard))
    if platform.system() != "Linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # after the namespaces: a change of credentials clears the death signal
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    rules = _Ruleset(_LANDLOCK_FS, _LANDLOCK_NET)
    ruleset = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(rules), 16, 0)
    if ruleset < 0:  # a kernel before 6.7 knows the file rights only
        ruleset = libc.syscall(_LANDLOCK_CREATE, ctypes.byref(rules), 8, 0)
    denied = ruleset >= 0 and libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    if ruleset >= 0:
        os.close(ruleset)
    return denied
