import type { AcceleratorClass, StagePool } from "@troupe/kinds";
import { millicores, quantity } from "../inventory/index.ts";

type Share = StagePool["spec"]["share"];
type Resources = StagePool["spec"]["template"]["resources"];

/** How a pod asks for its share of a device. */
export interface DeviceRequest {
  /** Claimed by a ResourceClaim that all containers of the pack share. */
  readonly deviceClassName?: string;
  /** A device plugin gives a device to one container alone: stages that share it run there, in one process. */
  readonly oneContainer: boolean;
  /** Resources of one of so many containers. */
  resources(template: Resources, containers: number): object;
}

/**
 * A share of the processor is a request, split over the containers; a device with a device class is a claim; any other is one unit of
 * its extended resource.
 */
export function deviceOf(share: Share, acceleratorClass: AcceleratorClass | undefined): DeviceRequest {
  if (share.cpuMillicores !== undefined) {
    const all = share.cpuMillicores;
    return {
      oneContainer: false,
      resources: ({ requests, limits }, containers) => ({
        requests: { ...requests, cpu: `${Math.max(1, Math.floor(all / containers))}m` },
        limits: { ...limits },
      }),
    };
  }
  const spec = acceleratorClass?.spec;
  const part = share.partition === undefined ? spec?.match : spec?.partitions.find(({ name }) => name === share.partition);
  if (part?.deviceClassName !== undefined) {
    const claims = [{ name: "device" }];
    return { deviceClassName: part.deviceClassName, oneContainer: false, resources: (template) => ({ ...template, claims }) };
  }
  const unit = part?.resourceName === undefined ? {} : { [part.resourceName]: 1 };
  return {
    oneContainer: true,
    resources: ({ requests, limits }) => ({ requests: { ...requests, ...unit }, limits: { ...limits, ...unit } }),
  };
}

/** Resources for so many stages in one container, by those of one. */
export function timesOf({ requests, limits }: Resources, stages: number): Resources {
  if (stages === 1) return { requests, limits };
  const times = (amounts: Resources["requests"]): Resources["requests"] =>
    Object.fromEntries(
      Object.entries(amounts).map(([name, amount]) => [
        name,
        name === "cpu" ? `${millicores(amount) * stages}m` : `${quantity(amount) * stages}`,
      ]),
    );
  return { requests: times(requests), limits: times(limits) };
}
