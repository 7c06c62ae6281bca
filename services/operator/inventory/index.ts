export type {
  AcceleratorClassView,
  ForeignUse,
  NodeView,
  PartitionView,
  ResourceSliceDevice,
  ResourceSliceView,
  SharingSign,
  SiteView,
  Toleration,
} from "./cluster-view.ts";
export { type Host, type Inventory, type InventoryInput, type Offer, type Quarantine, takeInventory } from "./inventory.ts";
export { isSelected } from "./node-labels.ts";
export { mebibytes, millicores, quantity } from "./quantity.ts";
export { cpuKind, partitionKind, type Share, shareKind, shareText, wholeKind } from "./share.ts";
