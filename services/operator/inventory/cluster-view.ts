/** The parts of a Kubernetes Node that an inventory reads; an informer's object fits as it is. */
export interface NodeView {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The parts of a ResourceSlice (resource.k8s.io/v1) that an inventory reads. */
export interface ResourceSliceView {
  readonly spec?: {
    readonly driver: string;
    readonly nodeName?: string;
    readonly pool: { readonly name: string; readonly generation: number; readonly resourceSliceCount: number };
    readonly devices?: readonly ResourceSliceDevice[];
  };
}

export interface ResourceSliceDevice {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, DeviceAttribute>>;
  readonly capacity?: Readonly<Record<string, { readonly value: string }>>;
  readonly consumesCounters?: readonly { readonly counterSet: string }[];
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

export interface DeviceAttribute {
  readonly string?: string;
  readonly bool?: boolean;
  readonly int?: number;
  readonly version?: string;
}

/** What pods that are not ours hold on a node, summed over their requests. */
export interface ForeignUse {
  readonly node: string;
  readonly millicores: number;
  readonly memoryMebibytes: number;
  /** Extended resource -> amount. */
  readonly resources: Readonly<Record<string, number>>;
  /** Devices that claims of others hold, as `driver/pool/device`. */
  readonly devices?: readonly string[];
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: string;
}

/** What an AcceleratorClass says; all knowledge of vendors is in here. */
export interface AcceleratorClassView {
  readonly name: string;
  readonly kind: "cpu" | "gpu" | "npu" | "other";
  readonly memoryMebibytes: number;
  readonly partitions: readonly PartitionView[];
  /** Hardware video encoders of one device. */
  readonly videoEncoders: number;
  readonly match: {
    readonly nodeLabels?: Readonly<Record<string, string>>;
    /** Extended resource of whole devices. */
    readonly resourceName?: string;
    /** DRA: the class that claims name. */
    readonly deviceClassName?: string;
    /** DRA: the driver that publishes the devices. */
    readonly driver?: string;
    /** DRA: attributes that a whole device of this class has. */
    readonly deviceAttributes?: Readonly<Record<string, string>>;
  };
  readonly sharing: {
    readonly allowTimeSliced: boolean;
    /** Sharers of one device for which its capacity was measured. */
    readonly measuredSharesPerDevice?: number;
    readonly signs?: readonly SharingSign[];
  };
  /** Per device and hour (cpu: per core and hour), in millionths of the currency. */
  readonly pricePerHourMicros: number;
}

export interface PartitionView {
  readonly name: string;
  readonly resourceName?: string;
  readonly deviceClassName?: string;
  readonly deviceAttributes?: Readonly<Record<string, string>>;
  readonly memoryMebibytes: number;
  /** How many of it one device yields when it is cut into nothing else. */
  readonly perDevice: number;
}

/** A node label that tells of shared devices: it is there, with none of the values that mean "not shared". */
export interface SharingSign {
  readonly label: string;
  readonly exclusiveValues: readonly string[];
}

/** A site of this cluster. */
export interface SiteView {
  readonly name: string;
  /** Which nodes are in it; empty: all. */
  readonly nodeSelector: Readonly<Record<string, string>>;
}
