"""Whisper (Radford et al. 2022, arXiv:2212.04356) as two ONNX graphs.

encoder: mel float32 [B, 80, 3000] -> per decoder layer the keys and values of its cross-attention,
    cross_key_<l> float32 [B, heads, head size, 1500] and cross_value_<l> [B, heads, 1500, head size].
decoder: tokens int64 [B, N], states int64 [B] (how many of the encoder's states each row has; the others are padding),
    past_key_<l> and past_value_<l> float32 [B, heads, P, head size] and the cross keys and values -> logits float32 [B, N, vocabulary], present_key_<l> and present_value_<l>
    [B, heads, P + N, head size], and alignment float32 [B, alignment heads, N, 1500]: the cross-attention
    weights of the heads that follow the words in time.
Fewer mel frames than 3000 (an even number) are accepted; every 1500 is then half of them.
"""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from graph_builder import CONTRIB, GraphBuilder

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


@dataclass(frozen=True)
class Whisper:
    """variables as in a CTranslate2 file; alignment_heads are pairs of layer and head."""

    variables: dict[str, np.ndarray]
    alignment_heads: tuple[tuple[int, int], ...]

    def weight(self, name: str) -> np.ndarray:
        return self.variables[name].astype(np.float32)

    def layers(self, side: str) -> int:
        return sum(name.startswith(f"{side}/layer_") and name.endswith("/ffn/linear_0/bias") for name in self.variables)

    @property
    def heads(self) -> int:
        return int(self.variables["decoder/num_heads"])

    @property
    def width(self) -> int:
        return self.variables["decoder/layer_norm/gamma"].shape[0]

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class _Layers:
    """The blocks that both sides share."""

    def __init__(self, whisper: Whisper, name: str, batched: bool) -> None:
        self.whisper = whisper
        self.graph = GraphBuilder(name)
        self._product = self.graph.block_linear if batched else self.graph.linear

    def norm(self, x: str, scope: str) -> str:
        weight = self.whisper.weight
        return self.graph.layer_norm(x, scope, weight(f"{scope}/gamma"), weight(f"{scope}/beta"))

    def linear(self, x: str, scope: str) -> str:
        weight = self.whisper.weight
        return self._product(x, scope, weight(f"{scope}/weight"), weight(f"{scope}/bias"))

    def feed_forward(self, x: str, scope: str) -> str:
        hidden = self.graph.node("Gelu", [self.linear(self.norm(x, f"{scope}/layer_norm"), f"{scope}/linear_0")])
        return self.graph.node("Add", [x, self.linear(hidden, f"{scope}/linear_1")])

    def split(self, x: str, parts: int) -> list[str]:
        return self.graph.node("Split", [x], outputs=parts, axis=2, num_outputs=parts)

    def to_heads(self, x: str, order: tuple[int, ...] = (0, 2, 1, 3)) -> str:
        """[B, T, width] -> [B, heads, T, head size], or another order of those axes."""
        shape = self.graph.integers(0, 0, self.whisper.heads, self.whisper.head_width)
        return self.graph.node("Transpose", [self.graph.node("Reshape", [x, shape])], perm=order)

    def from_heads(self, x: str) -> str:
        transposed = self.graph.node("Transpose", [x], perm=(0, 2, 1, 3))
        return self.graph.node("Reshape", [transposed, self.graph.integers(0, 0, self.whisper.width)])


def build_encoder(whisper: Whisper) -> bytes:
    layers = _Layers(whisper, "whisper_encoder", batched=False)
    graph = layers.graph
    x = graph.input("mel", FLOAT, ["batch", 80, "frames"])
    for name, stride in (("conv1", 1), ("conv2", 2)):
        weight = graph.constant(f"{name}/weight", whisper.weight(f"encoder/{name}/weight"))
        bias = graph.constant(f"{name}/bias", whisper.weight(f"encoder/{name}/bias"))
        x = graph.node("Gelu", [graph.node("Conv", [x, weight, bias], kernel_shape=[3], pads=[1, 1], strides=[stride])])
    x = graph.node("Transpose", [x], perm=(0, 2, 1))
    positions = graph.constant("positions", whisper.weight("encoder/position_encodings/encodings"))
    length = graph.node("Shape", [x], start=1, end=2)
    x = graph.node("Add", [x, graph.node("Slice", [positions, graph.integers(0), length, graph.integers(0)])])
    for index in range(whisper.layers("encoder")):
        scope = f"encoder/layer_{index}"
        attention = f"{scope}/self_attention"
        parts = layers.split(layers.linear(layers.norm(x, f"{attention}/layer_norm"), f"{attention}/linear_0"), 3)
        mixed = graph.node("MultiHeadAttention", parts, domain=CONTRIB, num_heads=whisper.heads)
        x = graph.node("Add", [x, layers.linear(mixed, f"{attention}/linear_1")])
        x = layers.feed_forward(x, f"{scope}/ffn")
    x = layers.norm(x, "encoder/layer_norm")
    for index in range(whisper.layers("decoder")):
        key, value = layers.split(layers.linear(x, f"decoder/layer_{index}/attention/linear_1"), 2)
        heads, size = whisper.heads, whisper.head_width
        graph.output(layers.to_heads(key, (0, 2, 3, 1)), f"cross_key_{index}", FLOAT, ["batch", heads, size, "states"])
        graph.output(layers.to_heads(value), f"cross_value_{index}", FLOAT, ["batch", heads, "states", size])
    return graph.serialise()


def build_decoder(whisper: Whisper) -> bytes:
    layers = _Layers(whisper, "whisper_decoder", batched=True)
    graph = layers.graph
    count, heads, size = whisper.layers("decoder"), whisper.heads, whisper.head_width
    tokens = graph.input("tokens", INT64, ["batch", "new"])
    states = graph.input("states", INT64, ["batch"])
    past_keys, past_values, cross_keys, cross_values = [
        [graph.input(f"{name}_{index}", FLOAT, ["batch", heads, *shape]) for index in range(count)]
        for name, shape in (
            ("past_key", ("past", size)),
            ("past_value", ("past", size)),
            ("cross_key", (size, "states")),
            ("cross_value", ("states", size)),
        )
    ]
    past = graph.node("Shape", [past_keys[0]], start=2, end=3)
    total = graph.node("Add", [past, graph.node("Shape", [tokens], start=1, end=2)])
    embedding, embedding_scale = graph.block_weight("embedding", whisper.weight("decoder/embeddings/weight"))
    x = _embed(graph, tokens, embedding, embedding_scale)
    positions = graph.constant("positions", whisper.weight("decoder/position_encodings/encodings"))
    x = graph.node("Add", [x, graph.node("Slice", [positions, past, total, graph.integers(0)])])
    mask = _causal_mask(graph, past, total)
    padding_mask = _padding_mask(graph, states, cross_keys[0])
    scale = graph.constant("query_scale", np.array(size**-0.5, np.float32))
    attended = {}
    for index in range(count):
        scope = f"decoder/layer_{index}"
        own = f"{scope}/self_attention"
        query, key, value = layers.split(layers.linear(layers.norm(x, f"{own}/layer_norm"), f"{own}/linear_0"), 3)
        key = graph.node("Concat", [past_keys[index], layers.to_heads(key)], axis=2)
        value = graph.node("Concat", [past_values[index], layers.to_heads(value)], axis=2)
        graph.output(key, f"present_key_{index}", FLOAT, ["batch", heads, "total", size])
        graph.output(value, f"present_value_{index}", FLOAT, ["batch", heads, "total", size])
        scores = graph.node(
            "MatMul",
            [graph.node("Mul", [layers.to_heads(query), scale]), graph.node("Transpose", [key], perm=(0, 1, 3, 2))],
        )
        weights = graph.node("Softmax", [graph.node("Add", [scores, mask])], axis=-1)
        mixed = layers.from_heads(graph.node("MatMul", [weights, value]))
        x = graph.node("Add", [x, layers.linear(mixed, f"{own}/linear_1")])
        cross = f"{scope}/attention"
        query = layers.linear(layers.norm(x, f"{cross}/layer_norm"), f"{cross}/linear_0")
        scores = graph.node("MatMul", [graph.node("Mul", [layers.to_heads(query), scale]), cross_keys[index]])
        attended[index] = graph.node("Softmax", [graph.node("Add", [scores, padding_mask])], axis=-1)
        mixed = layers.from_heads(graph.node("MatMul", [attended[index], cross_values[index]]))
        x = graph.node("Add", [x, layers.linear(mixed, f"{cross}/linear_2")])
        x = layers.feed_forward(x, f"{scope}/ffn")
    x = layers.norm(x, "decoder/layer_norm")
    vocabulary = whisper.variables["decoder/embeddings/weight"].shape[0]
    logits = graph.block_linear(x, "embedding", whisper.weight("decoder/embeddings/weight"), None)
    graph.output(logits, "logits", FLOAT, ["batch", "new", vocabulary])
    picked = [graph.node("Gather", [attended[layer], graph.integers(head)], axis=1) for layer, head in whisper.alignment_heads]
    alignment = graph.node("Concat", picked, axis=1)
    graph.output(alignment, "alignment", FLOAT, ["batch", len(picked), "new", "states"])
    return graph.serialise()


def _embed(graph: GraphBuilder, tokens: str, embedding: str, scale: str) -> str:
    """Takes rows of the matrix in blocks, so that it is stored once, for the logits as well."""
    blocks = graph.node("Cast", [graph.node("Gather", [embedding, tokens], axis=0)], to=FLOAT)
    centred = graph.node("Sub", [blocks, graph.constant("block_zero", np.array(128, np.float32))])
    scales = graph.node("Unsqueeze", [graph.node("Gather", [scale, tokens], axis=0), graph.integers(3)])
    return graph.node("Reshape", [graph.node("Mul", [centred, scales]), graph.integers(0, 0, -1)])


def _padding_mask(graph: GraphBuilder, states: str, cross_key: str) -> str:
    """float32 [B, 1, 1, states]: 0 where a row has a state of its own, else a large negative number."""
    zero, one = graph.constant("zero", np.array(0, np.int64)), graph.constant("one", np.array(1, np.int64))
    longest = graph.node("Squeeze", [graph.node("Shape", [cross_key], start=3, end=4)])
    columns = graph.node("Range", [zero, longest, one])
    padding = graph.node("GreaterOrEqual", [columns, graph.node("Unsqueeze", [states, graph.integers(1, 2, 3)])])
    return graph.node("Where", [padding, *_mask_values(graph)])


def _causal_mask(graph: GraphBuilder, past: str, total: str) -> str:
    """float32 [N, P + N]: 0 where a token may look, else a large negative number."""
    zero, one = graph.constant("zero", np.array(0, np.int64)), graph.constant("one", np.array(1, np.int64))
    scalar_past, scalar_total = graph.node("Squeeze", [past]), graph.node("Squeeze", [total])
    columns = graph.node("Range", [zero, scalar_total, one])
    rows = graph.node("Unsqueeze", [graph.node("Range", [scalar_past, scalar_total, one]), graph.integers(1)])
    return graph.node("Where", [graph.node("Greater", [columns, rows]), *_mask_values(graph)])


def _mask_values(graph: GraphBuilder) -> tuple[str, str]:
    return graph.constant("blocked", np.array(-1e9, np.float32)), graph.constant("free", np.array(0, np.float32))
