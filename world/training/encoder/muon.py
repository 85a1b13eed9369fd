"""The optimizers of the encoder and the VLM: Muon for the matrices of the blocks, AdamW for all else."""

from __future__ import annotations

import torch
from torch import nn

from longtake.world.training.encoder.replicas import Replicas


class Muon:
    """Momentum with orthogonalised updates (Jordan et al. 2024, "Muon"), in single precision.

    torch.optim.Muon computes in bfloat16, which CPUs without bfloat16 units emulate slowly.
    Matrices of one shape are handled together, and shared out among replicas.
    """

    def __init__(
        self,
        matrices: list[nn.Parameter],
        decay: float,
        momentum: float = 0.95,
        replicas: Replicas | None = None,
    ) -> None:
        self.replicas = replicas
        self.groups: dict[torch.Size, list[nn.Parameter]] = {}
        for p in matrices:
            self.groups.setdefault(p.shape, []).append(p)
        self.decay, self.momentum = decay, momentum
        self.speed = {
            s: torch.zeros(len(ps), *s, device=ps[0].device) for s, ps in self.groups.items()
        }

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Apply one update at this rate and drop the gradients."""
        for shape, params in self.groups.items():
            if params[0].grad is None:
                continue
            grads = torch.stack([p.grad for p in params if p.grad is not None])
            speed = self.speed[shape].mul_(self.momentum).add_(grads)
            update = grads.add(speed, alpha=self.momentum)
            update = (
                self.replicas.share(update, orthogonal) if self.replicas else orthogonal(update)
            )
            # the size of AdamW's updates, so that one rate serves both
            size = 0.2 * max(shape) ** 0.5
            for p, u in zip(params, update, strict=True):
                p.mul_(1 - lr * self.decay).sub_(u, alpha=lr * size)
                p.grad = None

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return the momenta by shape."""
        return {str(tuple(shape)): value for shape, value in self.speed.items()}

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Take over momenta that `state_dict` returned."""
        for shape in self.speed:
            self.speed[shape].copy_(state[str(tuple(shape))])


def orthogonal(stack: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Return the nearest near-orthogonal matrices of a stack [N, a, b] by Newton-Schulz."""
    tall = stack.shape[1] > stack.shape[2]
    x = stack.mT if tall else stack
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * (gram @ gram)) @ x
    return x.mT if tall else x


class Steppers:
    """Both optimizers of a run, stepped together.

    Args:
        modules: whose parameters are stepped.
        lr: the base rate.
        plain: AdamW's share of it.
        replicas: that step the same parameters by the same gradients.
    """

    def __init__(
        self,
        modules: list[nn.Module],
        lr: float,
        plain: float = 1.0,
        replicas: Replicas | None = None,
    ) -> None:
        blocks, decayed, rest = [], [], []
        for module in modules:
            for name, p in module.named_parameters():
                if ("blocks." in name or "layers." in name) and p.ndim == 2:
                    blocks.append(p)
                elif p.ndim >= 2 and "embed" not in name:
                    decayed.append(p)
                else:
                    rest.append(p)
        groups = [{"params": decayed, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0.0}]
        self.muon = Muon(blocks, decay=0.05, replicas=replicas)
        self.adam = torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.98))
        self.lr, self.plain = lr, plain

    def step(self, share: float) -> None:
        """Step with `share` of the base rate and forget the gradients."""
        for group in self.adam.param_groups:
            group["lr"] = self.lr * share * self.plain
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        self.muon.step(self.lr * share)

    def state_dict(self) -> dict[str, object]:
        """Return what is needed to go on."""
        return {"adam": self.adam.state_dict(), "muon": self.muon.state_dict()}

    def load_state_dict(self, state: dict[str, dict[str, object]]) -> None:
        """Go on from a state that `state_dict` returned."""
        self.adam.load_state_dict(state["adam"])
        self.muon.load_state_dict(state["muon"])  # type: ignore[arg-type]
