"""The encoder as an ONNX graph with the 4-bit weights as they are: ids to the hidden states of the last layer."""

import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from packed_model import BLOCK, PackedModel

CONTRIB = "com.microsoft"


class _Graph:
    def __init__(self, model: PackedModel) -> None:
        self.model = model
        self.nodes = []
        self.constants: dict[str, np.ndarray] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = value
        return name

    def node(self, op: str, inputs: list[str], domain: str = "", **attributes) -> str:
        name = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def linear(self, x: str, name: str, outputs: int, inputs: int) -> str:
        """accuracy_level 4: activations as int8 in blocks, as the weights were meant to be used."""
        scales, halves = self.model.blocks(f"{name}.w", outputs, inputs)
        packed = (halves[:, 0::2] | (halves[:, 1::2] << 4)).reshape(outputs, inputs // BLOCK, BLOCK // 2)
        product = self.node(
            "MatMulNBits",
            [
                x,
                self.constant(f"{name}.packed", packed),
                self.constant(f"{name}.scales", scales.astype(np.float32).reshape(-1)),
            ],
            CONTRIB,
            K=inputs,
            N=outputs,
            bits=4,
            block_size=BLOCK,
            accuracy_level=4,
        )
        return self.node("Add", [product, self.constant(f"{name}.b", self.model.floats(f"{name}.b", outputs))])

    def layer_norm(self, x: str, name: str) -> str:
        hidden = self.model.hidden
        scale = self.constant(f"{name}.w", self.model.floats(f"{name}.w", hidden))
        bias = self.constant(f"{name}.b", self.model.floats(f"{name}.b", hidden))
        return self.node("LayerNormalization", [x, scale, bias], axis=-1, epsilon=self.model.epsilon)

    def embeddings(self, ids: str) -> str:
        model = self.model
        scales, halves = model.blocks("emb.word", model.vocabulary, model.hidden)
        table = self.constant("emb.word", (halves.astype(np.int8) - 8).astype(ml_dtypes.int4))
        words = self.node(
            "GatherBlockQuantized",
            [table, ids, self.constant("emb.scales", scales)],
            CONTRIB,
            gather_axis=0,
            quantize_axis=1,
            block_size=BLOCK,
        )
        words = self.node("Cast", [words], to=TensorProto.FLOAT)
        places = model.floats("emb.pos", model.positions, model.hidden) + model.floats("emb.type", model.hidden)
        length = self.node("Shape", [ids], start=1, end=2)
        zero = self.constant("zero", np.zeros(1, np.int64))
        places = self.node("Slice", [self.constant("emb.pos", places.astype(np.float32)), zero, length])
        return self.layer_norm(self.node("Add", [words, places]), "emb.ln")

    def layer(self, x: str, name: str) -> str:
        hidden, wide = self.model.hidden, self.model.feed_forward
        query, key, value = (self.linear(x, f"{name}.{part}", hidden, hidden) for part in "qkv")
        mixed = self.node("MultiHeadAttention", [query, key, value], CONTRIB, num_heads=self.model.heads)
        x = self.layer_norm(self.node("Add", [x, self.linear(mixed, f"{name}.ao", hidden, hidden)]), f"{name}.aln")
        inner = self.node("Gelu", [self.linear(x, f"{name}.fi", wide, hidden)])
        return self.layer_norm(self.node("Add", [x, self.linear(inner, f"{name}.fo", hidden, wide)]), f"{name}.oln")


def encoder_graph(model: PackedModel) -> bytes:
    """Input `input_ids` int64 [1, tokens], at most model.positions; output `last_hidden_state` float32 [1, tokens, hidden]."""
    graph = _Graph(model)
    x = graph.embeddings("input_ids")
    for layer in range(model.layers):
        x = graph.layer(x, f"l{layer}")
    graph.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"], name="last_hidden_state"))
    proto = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [1, "tokens", model.hidden])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in graph.constants.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(proto, opset_imports=opsets, ir_version=10, producer_name="troupe").SerializeToString(deterministic=True)
