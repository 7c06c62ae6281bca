import type { AcceleratorClass } from "@troupe/kinds";
import type { AcceleratorClassView } from "../inventory/index.ts";

/** What the inventory reads of a class. A class of CPUs has its nodes' memory, so none of its own. */
export function classView({ metadata, spec }: AcceleratorClass): AcceleratorClassView {
  return { ...spec, name: metadata.name, memoryMebibytes: spec.memoryMebibytes ?? 0, match: spec.match ?? {} };
}
