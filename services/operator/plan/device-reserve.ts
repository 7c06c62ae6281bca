import { type HostState, placeKey } from "./ledger.ts";
import type { Shape } from "./units.ts";

export interface Reserved {
  readonly millicores: number;
  readonly memoryMebibytes: number;
}

/** What of a machine is kept from packs on CPU, because its free devices are of no use without it. */
export type DeviceReserve = (host: HostState) => Reserved;

const nothing: Reserved = { millicores: 0, memoryMebibytes: 0 };

export const noReserve: DeviceReserve = () => nothing;

/** Keeps for each free place what the one of these shapes takes of its machine that takes most; for places that none of them uses, nothing. */
export function createDeviceReserve(shapes: Iterable<Shape>): DeviceReserve {
  const needs = new Map<string, Reserved>();
  for (const { acceleratorClass, shareKind, sessions, hostMillicores, hostMemoryMebibytes } of shapes) {
    if (!sessions) continue;
    const key = placeKey(acceleratorClass, shareKind);
    const most = needs.get(key) ?? nothing;
    needs.set(key, {
      millicores: Math.max(most.millicores, hostMillicores),
      memoryMebibytes: Math.max(most.memoryMebibytes, hostMemoryMebibytes),
    });
  }
  return ({ offers }) => {
    let { millicores, memoryMebibytes } = nothing;
    for (const [key, { left }] of offers) {
      const need = needs.get(key) ?? nothing;
      millicores += left * need.millicores;
      memoryMebibytes += left * need.memoryMebibytes;
    }
    return { millicores, memoryMebibytes };
  };
}
