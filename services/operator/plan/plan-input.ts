import type { Inventory, Share } from "../inventory/index.ts";
import type { Plan } from "./plan.ts";

/** Everything a plan is made of. Names are those of the objects; pipelines are `namespace/name`. */
export interface PlanInput {
  /** On the clock that `exclusions` are on. */
  readonly nowMs: number;
  readonly inventory: Inventory;
  readonly sites: readonly PlanSite[];
  readonly classes: readonly PlanClass[];
  readonly models: readonly PlanModel[];
  readonly pipelines: readonly PlanPipeline[];
  readonly tenants: readonly PlanTenant[];
  readonly demand: readonly PlanDemand[];
  /** What replicas measured of themselves; what is missing is measured first. */
  readonly profiles: readonly Profile[];
  readonly pools: readonly ExistingPool[];
  readonly exclusions: readonly Exclusion[];
  /** The plan before this one: sessions stay where it put them as far as they can. undefined: none is known, after a restart. */
  readonly previous?: Pick<Plan, "routes" | "pools">;
  /** By stage. */
  readonly templates: Readonly<Record<string, StageTemplate>>;
  readonly options: PlanOptions;
}

export interface PlanOptions {
  /** Sessions planned beyond the demand, where there is room, in percent of it. */
  readonly headroomPercent: number;
  /** Running packs that one plan may move to save money. */
  readonly maxMoves: number;
  /** A move must save at least so much of the price of what it moves. */
  readonly minSavingPercent: number;
}

export interface StageTemplate {
  /** Profiles of another image don't count; undefined: all do. */
  readonly image?: string;
  /** What a pack on an accelerator needs of its machine beside the device, for this stage. */
  readonly hostMillicores: number;
  readonly hostMemoryMebibytes: number;
}

export interface PlanSite {
  readonly name: string;
  /** Regions that the site lies in. */
  readonly residency: readonly string[];
  readonly roundTrips: readonly { readonly site: string; readonly milliseconds: number }[];
  readonly priceFactorPercent: number;
  /** paused, cut: what runs stays, nothing new. lost: nothing there counts any more. */
  readonly state: "open" | "paused" | "cut" | "lost";
}

export interface PlanClass {
  readonly name: string;
  /** Per device (cpu: per core) and hour. */
  readonly pricePerHourMicros: number;
  readonly partitions: readonly { readonly name: string; readonly perDevice: number }[];
}

export interface PlanModel {
  readonly name: string;
  readonly stage: string;
  /** False: its files did not verify. */
  readonly verified: boolean;
  readonly needs: readonly ModelNeed[];
}

/** What one copy of a model needs on one class. */
export interface ModelNeed {
  readonly acceleratorClass: string;
  /** Of the device; with cpuMillicores, of the machine. */
  readonly memoryMebibytes: number;
  readonly share: Share;
  readonly videoEncoder: boolean;
}

export interface PlanPipeline {
  readonly name: string;
  /** Stages that need a place; those with an endpoint of their own are left out. */
  readonly stages: readonly PlanStage[];
  readonly roundTripLimitMs: number;
  /** Regions it may run in; empty: any. */
  readonly residency: readonly string[];
  /** Sites it may run at; undefined: any. */
  readonly sites?: readonly string[];
}

/** A stage with the models that one replica of it serves. */
export interface PlanStage {
  readonly stage: string;
  /** Where it is not the stage's usual one. */
  readonly backend?: string;
  readonly models: readonly string[];
}

export interface PlanTenant {
  readonly name: string;
  readonly residency: readonly string[];
  readonly quotas: readonly { readonly pipeline: string; readonly guaranteed: number; readonly limit: number; readonly weight: number }[];
}

/** Sessions of a tenant at the gateway of a site: those there are and those refused. */
export interface PlanDemand {
  readonly pipeline: string;
  readonly tenant: string;
  readonly site: string;
  readonly sessions: number;
}

/** So many concurrent sessions keep their deadlines on one replica. Measured, never configured. */
export interface Profile {
  readonly model: string;
  readonly acceleratorClass: string;
  readonly image: string;
  /** The share it was measured on; undefined: the one that the model needs. */
  readonly share?: Share;
  readonly sessions: number;
}

export interface ExistingPool {
  readonly name: string;
  readonly site: string;
  readonly acceleratorClass: string;
  readonly share: Share;
  readonly members: readonly PlanStage[];
  /** Made by the planner. Others are counted as they are and left alone. */
  readonly managed: boolean;
  readonly replicas: readonly ExistingReplica[];
}

export interface ExistingReplica {
  readonly name: string;
  /** undefined: not bound yet. */
  readonly node?: string;
  /** leaving: it drains and holds its place until it is gone. */
  readonly state: "running" | "pending" | "leaving";
}

/** The plan was contradicted here: until then, nothing new of this kind. */
export interface Exclusion {
  readonly site: string;
  readonly acceleratorClass: string;
  readonly share: Share;
  /** undefined: the whole site. */
  readonly node?: string;
  readonly untilMs: number;
  readonly message: string;
}
