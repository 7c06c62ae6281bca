import type { AcceleratorClass, StagePool } from "@troupe/kinds";

type Share = StagePool["spec"]["share"];
type Resources = StagePool["spec"]["template"]["resources"];

/** How a pod asks for its share of a device. */
export interface DeviceRequest {
  /** Claimed by a ResourceClaim that all containers of the pack share. */
  readonly deviceClassName?: string;
  /** Resources of the container at `index` of `count`. */
  resources(template: Resources, index: number, count: number): object;
}

/**
 * A share of the processor is a request, split over the containers; a device with a device class is a claim; any other is one unit of
 * its extended resource, in the first container.
 */
export function deviceOf(share: Share, acceleratorClass: AcceleratorClass | undefined): DeviceRequest {
  if (share.cpuMillicores !== undefined) {
    const millicores = share.cpuMillicores;
    return {
      resources: ({ requests, limits }, _, count) => ({
        requests: { ...requests, cpu: `${Math.max(1, Math.floor(millicores / count))}m` },
        limits: { ...limits },
      }),
    };
  }
  const spec = acceleratorClass?.spec;
  const part = share.partition === undefined ? spec?.match : spec?.partitions.find(({ name }) => name === share.partition);
  if (part?.deviceClassName !== undefined) {
    const claims = [{ name: "device" }];
    return { deviceClassName: part.deviceClassName, resources: (template) => ({ ...template, claims }) };
  }
  const resourceName = part?.resourceName;
  return {
    resources: ({ requests, limits }, index) => {
      const unit = resourceName !== undefined && index === 0 ? { [resourceName]: 1 } : {};
      return { requests: { ...requests, ...unit }, limits: { ...limits, ...unit } };
    },
  };
}
