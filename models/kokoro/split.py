"""Cuts the Kokoro graph where its two halves meet, so that a clause is planned once and sounded piece by piece.

kokoro-prosody.onnx: tokens int64 [1, T], style float32 [1, 256], speed float32 [1]
  -> durations float32 [1, T] in frames of 25 ms, features float32 [1, 512, F], pitch_hz and energy float32 [1, 2F]
kokoro-decoder.onnx: features, pitch_hz, energy, style, statistics float32 [1, 35860, 1], weight float32 [1]
  -> audio float32 [600 F] at 24 kHz, statistics_used float32 [1, 35860, 1]

The decoder's adaptive instance normalisations (Huang & Belongie, 2017) take mean and variance over the time they are given, so a short
piece would sound unlike the whole. Here they are given + weight * (own - given): weight 1 is the published graph, weight 0 makes the
decoder local in time.
Run as: python3 split.py <input folder> <output folder>
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

RENAMED = {
    "/encoder/Round_output_0": "durations",
    "/encoder/MatMul_1_output_0": "features",
    "/encoder/Reshape_output_0": "pitch_hz",
    "/encoder/Reshape_1_output_0": "energy",
}
STATISTICS = 35860

TENSORS = {
    "tokens": (TensorProto.INT64, [1, "tokens"]),
    "style": (TensorProto.FLOAT, [1, 256]),
    "speed": (TensorProto.FLOAT, [1]),
    "durations": (TensorProto.FLOAT, [1, "tokens"]),
    "features": (TensorProto.FLOAT, [1, 512, "frames"]),
    "pitch_hz": (TensorProto.FLOAT, [1, "half_frames"]),
    "energy": (TensorProto.FLOAT, [1, "half_frames"]),
    "statistics": (TensorProto.FLOAT, [1, STATISTICS, 1]),
    "weight": (TensorProto.FLOAT, [1]),
    "audio": (TensorProto.FLOAT, ["samples"]),
    "statistics_used": (TensorProto.FLOAT, [1, STATISTICS, 1]),
}


def rename(graph: onnx.GraphProto) -> None:
    for node in graph.node:
        node.input[:] = [RENAMED.get(name, name) for name in node.input]
        node.output[:] = [RENAMED.get(name, name) for name in node.output]


def channels_of(node: NodeProto, graph: onnx.GraphProto) -> int:
    """How many channels a normalisation has: half the outputs of the layer that scales and shifts it."""
    layer = node.name.rsplit("/", 1)[0].strip("/").replace("/", ".") + ".fc.bias"
    return next(weight.dims[0] for weight in graph.initializer if weight.name == layer) // 2


def blend_statistics(graph: onnx.GraphProto) -> None:
    """Puts given + weight * (own - given) in the place of every mean and variance."""
    own = [node for node in graph.node if node.op_type == "ReduceMean" and node.name.startswith("/decoder/")]
    sizes = [channels_of(node, graph) for node in own]
    if sum(sizes) != STATISTICS:
        raise ValueError(f"the decoder has {sum(sizes)} statistics, not {STATISTICS}")
    given = [f"given_{index}" for index in range(len(own))]
    graph.initializer.append(numpy_helper.from_array(np.array(sizes, np.int64), "statistics_sizes"))
    nodes = [helper.make_node("Split", ["statistics", "statistics_sizes"], given, axis=1, name="statistics_split")]
    used = []
    for node in graph.node:
        nodes.append(node)
        if node.op_type != "ReduceMean" or not node.name.startswith("/decoder/"):
            continue
        index, blended = len(used), node.output[0]
        node.output[0] = f"own_{index}"
        nodes += [
            helper.make_node("Sub", [f"own_{index}", given[index]], [f"apart_{index}"]),
            helper.make_node("Mul", [f"apart_{index}", "weight"], [f"share_{index}"]),
            helper.make_node("Add", [f"share_{index}", given[index]], [blended]),
        ]
        used.append(blended)
    nodes.append(helper.make_node("Concat", used, ["statistics_used"], axis=1, name="statistics_concat"))
    del graph.node[:]
    graph.node.extend(nodes)


def part(model: onnx.ModelProto, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    """The nodes between the inputs and the outputs, in their order, with the weights they use."""
    producer = {name: node for node in model.graph.node for name in node.output}
    seen = set(inputs)
    kept: set[int] = set()
    open_names = list(outputs)
    while open_names:
        name = open_names.pop()
        node = producer.get(name)
        if name in seen or node is None:
            continue
        seen.add(name)
        kept.add(id(node))
        open_names.extend(node.input)
    nodes = [node for node in model.graph.node if id(node) in kept]
    used = {name for node in nodes for name in node.input}
    weights = [weight for weight in model.graph.initializer if weight.name in used]
    values = {name: helper.make_tensor_value_info(name, *TENSORS[name]) for name in [*inputs, *outputs]}
    graph = helper.make_graph(nodes, "kokoro", [values[name] for name in inputs], [values[name] for name in outputs], weights)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def main(input_dir: Path, output_dir: Path) -> None:
    model = onnx.load(input_dir / "kokoro-v1.0.int8.onnx")
    rename(model.graph)
    blend_statistics(model.graph)
    between = ["features", "pitch_hz", "energy"]
    halves = {
        "kokoro-prosody.onnx": part(model, ["tokens", "style", "speed"], ["durations", *between]),
        "kokoro-decoder.onnx": part(model, [*between, "style", "statistics", "weight"], ["audio", "statistics_used"]),
    }
    for name, half in halves.items():
        (output_dir / name).write_bytes(half.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
