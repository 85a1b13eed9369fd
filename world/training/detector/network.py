"""The group detector's network in torch, and how it becomes an ONNX graph."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from longtake.world.perception.group_detector import GRAPH, WEIGHTS, Maps
from longtake.world.training.onnx_graph import Graph, given

WIDTH = 48
DILATIONS = (1, 2, 4, 8, 2, 1)
FLOAT = 1  # of ONNX's types


class GroupDetector(nn.Module):
    """A convolutional network from RGB to a map of middles and a map of sizes, at 1/8."""

    def __init__(self) -> None:
        super().__init__()
        sides = ((3, 16, 5), (16, 24, 3), (24, WIDTH, 3))
        self.stem = nn.Sequential(*(_layer(a, b, kernel, 2) for a, b, kernel in sides))
        self.blocks = nn.ModuleList(_layer(WIDTH, WIDTH, 3, 1, gap) for gap in DILATIONS)
        self.out = nn.Conv2d(WIDTH, 2, 1)
        with torch.no_grad():  # middles are rare
            self.out.bias = nn.Parameter(torch.tensor([-4.0, 0.0]))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits of middles and logarithms of sides in cells, [N, h, w] each.

        Args:
            pictures: float32 [N, 3, 8 h, 8 w], 0 to 1.
        """
        x = self.stem(pictures * 2 - 1)
        for block in self.blocks:
            x = x + block(x)
        return self.out(x).unbind(1)


def _layer(inner: int, outer: int, kernel: int, stride: int, gap: int = 1) -> nn.Sequential:
    pad = gap * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inner, outer, kernel, stride, pad, gap, bias=False),
        nn.BatchNorm2d(outer),
        nn.ReLU(inplace=True),
    )


def maps_of(net: GroupDetector) -> Maps:
    """Return the network as `detect_groups` wants it."""

    @torch.inference_mode()
    def maps(pixels: np.ndarray) -> np.ndarray:
        pictures = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 255
        return torch.stack(net(pictures), 1).numpy()

    return maps


def export(folder: Path) -> None:
    """Write the graph beside the weights of a folder."""
    graph = Graph(folder / WEIGHTS)
    x = graph.op("Cast", "pixels", to=FLOAT)
    x = graph.op("Sub", graph.op("Div", x, graph.constant(127.5)), graph.constant(1.0))
    x = graph.op("Transpose", x, perm=[0, 3, 1, 2])
    for number, kernel in enumerate((5, 3, 3)):
        x = _convolved(graph, x, f"stem.{number}", kernel, stride=2)
    for number, gap in enumerate(DILATIONS):
        x = graph.op("Add", x, _convolved(graph, x, f"blocks.{number}", 3, gap=gap))
    out = graph.op("Conv", x, graph.weight("out.weight"), graph.weight("out.bias"))
    inputs = [given("pixels", ["n", "height", "width", 3], "UINT8")]
    graph.save(folder / GRAPH, inputs, {out: ["n", 2, "rows", "columns"]})


def _convolved(graph: Graph, x: str, layer: str, kernel: int, stride: int = 1, gap: int = 1) -> str:
    x = graph.op(
        "Conv",
        x,
        graph.weight(f"{layer}.0.weight"),
        strides=[stride] * 2,
        pads=[gap * (kernel // 2)] * 4,
        dilations=[gap] * 2,
    )
    names = ("weight", "bias", "running_mean", "running_var")
    scaled = (graph.weight(f"{layer}.1.{name}") for name in names)
    return graph.op("Relu", graph.op("BatchNormalization", x, *scaled, epsilon=1e-5))


if __name__ == "__main__":
    export(Path(sys.argv[1]))
