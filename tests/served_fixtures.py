"""A served VLM over the fault server, quick to give up and quick to try again."""

from __future__ import annotations

from typing import Any

from fault_server import MODEL, FaultServer

from longtake.models.client.capabilities import Capabilities
from longtake.models.client.client import EndpointClient
from longtake.models.client.transport.retry import Limits
from longtake.models.vlm.served import ServedVLM

QUICK = Limits(
    connect=2.0,
    read=1.0,
    attempt=1.2,
    total=60.0,
    first_wait=0.01,
    longest_wait=0.05,
    breaker_rest=0.2,
)


def client_of(server: FaultServer, limits: Limits = QUICK, **options: Any) -> EndpointClient:
    return EndpointClient(server.url, MODEL, limits=limits, **options)


def known_client(server: Any, limits: Limits = QUICK, **known: Any) -> EndpointClient:
    """Return the client of a server of which this is known, so that nothing is looked up."""
    return client_of(server, limits, known=Capabilities(**known))


def served_vlm(server: FaultServer, limits: Limits = QUICK, **options: Any) -> ServedVLM:
    return ServedVLM(client_of(server, limits), **options)
