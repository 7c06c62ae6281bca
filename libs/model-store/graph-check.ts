import type { GraphTensors, TensorShape } from "./manifest.ts";
import type { DeclaredTensor, DeclaredTensors } from "./onnx-graph.ts";

/**
 * Compares what goes into and comes out of an ONNX graph with the manifest. What the graph leaves open is not compared, nor the
 * names of dynamic axes.
 * @param found a sentence when there is no graph
 * @returns the first difference, in words; undefined when there is none
 */
export function graphDifference(found: DeclaredTensors | string, expected: GraphTensors): string | undefined {
  if (typeof found === "string") return found;
  return differenceOf("input", expected.inputs, found.inputs) ?? differenceOf("output", expected.outputs, found.outputs);
}

function differenceOf(kind: string, expected: readonly TensorShape[], found: readonly DeclaredTensor[]): string | undefined {
  for (const tensor of expected) {
    const same = found.find((candidate) => candidate.name === tensor.name);
    if (!same) return `the graph has no ${kind} ${tensor.name}; it has ${found.map((candidate) => candidate.name).join(", ") || "none"}`;
    if (same.type !== undefined && same.type !== tensor.type) return `${kind} ${tensor.name} is ${same.type} instead of ${tensor.type}`;
    if (same.shape !== undefined && !fits(tensor.shape, same.shape)) {
      return `${kind} ${tensor.name} has the shape [${same.shape.join(", ")}] instead of [${tensor.shape.join(", ")}]`;
    }
  }
  const extra = kind === "input" ? found.find((candidate) => !expected.some((tensor) => tensor.name === candidate.name)) : undefined;
  return extra && `the graph also wants the input ${extra.name}`;
}

/** Every length the manifest promises must be possible: an axis it calls open may not be fixed in the graph. */
function fits(expected: TensorShape["shape"], found: TensorShape["shape"]): boolean {
  if (expected.length !== found.length) return false;
  return expected.every((axis, index) => typeof found[index] === "string" || axis === found[index]);
}
