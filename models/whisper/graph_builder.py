"""Builds an ONNX graph node by node, with fixed names, so that the same weights give the same bytes."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
# ONNX Runtime's own operators, for the fused attention and the products with weights in blocks.
CONTRIB = "com.microsoft"
# Inputs of a row that share a scale. 32 is slower by a fifth to a half.
BLOCK = 64


class GraphBuilder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes = []
        self._constants: dict[str, np.ndarray] = {}
        self._inputs = []
        self._outputs = []

    def input(self, name: str, dtype: int, shape: list) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, value: str, name: str, dtype: int, shape: list) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [name], name=name))
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def constant(self, name: str, value: np.ndarray) -> str:
        self._constants.setdefault(name, value)
        return name

    def integers(self, *values: int) -> str:
        return self.constant("int64_" + "_".join(str(value) for value in values), np.array(values, np.int64))

    def node(self, op: str, inputs: list[str], domain: str = "", outputs: int = 1, **attributes) -> str | list[str]:
        name = f"{op}_{len(self._nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(op, inputs, names, name=name, domain=domain, **attributes))
        return name if outputs == 1 else names

    def layer_norm(self, x: str, scope: str, gamma: np.ndarray, beta: np.ndarray) -> str:
        scale = self.constant(f"{scope}/gamma", gamma)
        bias = self.constant(f"{scope}/beta", beta)
        return self.node("LayerNormalization", [x, scale, bias], axis=-1, epsilon=1e-5)

    def quantised_weight(self, scope: str, weight: np.ndarray) -> tuple[str, str]:
        """Symmetric int8 with a scale per output.

        weight: float32 [outputs, inputs]. Returns the names of int8 [inputs, outputs] and float32 [outputs].
        """
        scale = (np.abs(weight).max(axis=1) / np.float32(127)).astype(np.float32)
        scale[scale == 0] = 1
        quantised = np.clip(np.rint(weight / scale[:, None]), -127, 127).astype(np.int8)
        return (
            self.constant(f"{scope}/int8", np.ascontiguousarray(quantised.T)),
            self.constant(f"{scope}/scale", scale),
        )

    def linear(self, x: str, scope: str, weight: np.ndarray, bias: np.ndarray | None) -> str:
        """x times the transposed weight plus bias; x is quantised to uint8 as a whole, which is fastest for many rows."""
        weight_int8, weight_scale = self.quantised_weight(scope, weight)
        x_uint8, x_scale, x_zero = self.node("DynamicQuantizeLinear", [x], outputs=3)
        product = self.node("MatMulInteger", [x_uint8, weight_int8, x_zero])
        product = self.node("Cast", [product], to=TensorProto.FLOAT)
        product = self.node("Mul", [product, self.node("Mul", [x_scale, weight_scale])])
        return product if bias is None else self.node("Add", [product, self.constant(f"{scope}/bias", bias)])

    def block_weight(self, scope: str, weight: np.ndarray) -> tuple[str, str]:
        """Symmetric 8 bit with a scale per block of inputs, as MatMulNBits takes it: 128 stands for zero.

        weight: float32 [outputs, inputs]. Returns the names of uint8 [outputs, blocks, BLOCK] and float32 [outputs, blocks].
        """
        blocks = weight.reshape(weight.shape[0], -1, BLOCK)
        scale = (np.abs(blocks).max(axis=2) / np.float32(127)).astype(np.float32)
        scale[scale == 0] = 1
        quantised = (np.clip(np.rint(blocks / scale[:, :, None]), -127, 127) + 128).astype(np.uint8)
        return self.constant(f"{scope}/blocks", quantised), self.constant(f"{scope}/scale", scale)

    def block_linear(self, x: str, scope: str, weight: np.ndarray, bias: np.ndarray | None) -> str:
        """Like linear, but every row of x is quantised by itself, so that a row's result does not depend on its batch."""
        blocks, scale = self.block_weight(scope, weight)
        outputs, inputs = weight.shape
        product = self.node(
            "MatMulNBits",
            [x, blocks, scale],
            domain=CONTRIB,
            K=inputs,
            N=outputs,
            bits=8,
            block_size=BLOCK,
            accuracy_level=4,
        )
        return product if bias is None else self.node("Add", [product, self.constant(f"{scope}/bias", bias)])

    def serialise(self) -> bytes:
        graph = helper.make_graph(
            self._nodes,
            self._name,
            self._inputs,
            self._outputs,
            [numpy_helper.from_array(value, name) for name, value in self._constants.items()],
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="troupe")
        return model.SerializeToString(deterministic=True)
