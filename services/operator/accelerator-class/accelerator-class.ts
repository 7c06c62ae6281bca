import { type AcceleratorClass, fieldManager, kinds } from "@troupe/kinds";
import { type Inventory, takeInventory } from "../inventory/index.ts";
import {
  applyOwnStatus,
  type Controller,
  deviceTextOf,
  type Informer,
  type KubeApi,
  type Node,
  objectKey,
  type ResourceSlice,
  refOf,
  type WorkQueue,
} from "../kube/index.ts";
import { classStatus } from "./class-status.ts";
import { classView } from "./class-view.ts";

export interface AcceleratorClassDeps {
  readonly api: Pick<KubeApi, "applyStatus">;
  readonly classes: Informer<AcceleratorClass>;
  readonly nodes: Informer<Node>;
  readonly slices: Informer<ResourceSlice>;
  /** Milliseconds since 1970. */
  readonly utcNowMs: () => number;
}

/** Nodes come and go in crowds; the counts follow a moment later. */
const gatherMs = 200;
/** Every node is counted, whatever site it is in. */
const everywhere = [{ name: "everywhere", nodeSelector: {} }];

/** Owns Matched, Quarantined and the counts of each AcceleratorClass. */
export function createAcceleratorClassController(deps: AcceleratorClassDeps): Controller {
  const { api, classes, nodes, slices, utcNowMs } = deps;
  const manager = fieldManager("accelerator-class");
  const inventory = createInventory(deps);
  return {
    name: "accelerator-class",
    async reconcile(key, signal) {
      const one = classes.get(refOf(key));
      if (!one) return undefined;
      const status = classStatus(one, inventory(), utcNowMs());
      await applyOwnStatus(api, kinds.acceleratorClasses, one, { ...status }, { fieldManager: manager, signal });
      return undefined;
    },
  };

  /** Taken once for all classes, until something in it changes. */
  function createInventory({ classes: all }: Pick<AcceleratorClassDeps, "classes">): () => Inventory {
    let taken: { readonly of: readonly unknown[]; readonly inventory: Inventory } | undefined;
    return () => {
      const of = [...nodes.list(), ...slices.list(), ...all.list()];
      if (!taken || taken.of.length !== of.length || of.some((object, index) => taken?.of[index] !== object)) {
        const input = { nodes: nodes.list(), resourceSlices: slices.list() as never, classes: all.list().map(classView) };
        taken = { of, inventory: takeInventory({ ...input, sites: everywhere, foreign: [], tolerations: [] }) };
      }
      return taken.inventory;
    };
  }
}

/** @returns what ends it */
export function triggerAcceleratorClasses({ classes, nodes, slices }: Omit<AcceleratorClassDeps, "api">, queue: WorkQueue): () => void {
  const all = () => {
    for (const one of classes.list()) queue.addAfter(objectKey(one), gatherMs);
  };
  const ends = [
    // A class also takes devices from another one.
    classes.on(({ type, object, old }) => {
      if (type !== "deleted") queue.add(objectKey(object));
      if (old?.metadata.generation !== object.metadata.generation) all();
    }),
    nodes.on(({ object, old }) => {
      if (!old || deviceTextOf(old) !== deviceTextOf(object)) all();
    }),
    slices.on(all),
  ];
  return () => {
    for (const end of ends) end();
  };
}
