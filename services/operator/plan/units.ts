import { type Share, shareKind } from "../inventory/index.ts";
import type { ModelNeed, PlanInput, PlanModel, PlanStage, Profile } from "./plan-input.ts";

/** A stage with its models, as one replica serves it; equal ones of several pipelines share pools. */
export interface Unit {
  readonly key: string;
  readonly member: PlanStage;
  readonly stage: string;
  /** One for each class and kind of share that all its models can run on. */
  readonly shapes: readonly Shape[];
  /** Why it can run nowhere at all. */
  readonly flaw: { readonly reason: string; readonly message: string } | undefined;
}

/** What a unit needs on one class, and what it does there. */
export interface Shape {
  readonly unit: Unit;
  readonly acceleratorClass: string;
  readonly share: Share;
  readonly shareKind: string;
  readonly memoryMebibytes: number;
  readonly videoEncoders: number;
  readonly hostMillicores: number;
  readonly hostMemoryMebibytes: number;
  /** Concurrent sessions of a replica that does nothing else; undefined: not measured yet. */
  readonly sessions: number | undefined;
}

export type Units = (stage: PlanStage) => Unit;

export const unitKey = ({ stage, backend, models }: PlanStage): string =>
  `${stage}${backend ? `/${backend}` : ""}=${[...models].sort().join("+")}`;

/** Looks units up; each is worked out once. */
export function createUnits(input: Pick<PlanInput, "models" | "profiles" | "templates">): Units {
  const models = new Map(input.models.map((model) => [model.name, model]));
  const profiles = Map.groupBy(input.profiles, ({ model, acceleratorClass }) => `${model}@${acceleratorClass}`);
  const known = new Map<string, Unit>();
  return (stage) => {
    const key = unitKey(stage);
    const before = known.get(key);
    if (before) return before;
    const names = [...stage.models].sort();
    const found = names.map((name) => models.get(name));
    const flaw = flawOf(stage.stage, names, found);
    const unit: Unit & { shapes: Shape[] } = { key, member: { ...stage, models: names }, stage: stage.stage, shapes: [], flaw };
    if (!flaw) {
      const of = (name: string, acceleratorClass: string) => profiles.get(`${name}@${acceleratorClass}`) ?? [];
      unit.shapes.push(...shapesOf(unit, found as readonly PlanModel[], input.templates[stage.stage], of));
    }
    known.set(key, unit);
    return unit;
  };
}

function flawOf(stage: string, names: readonly string[], found: readonly (PlanModel | undefined)[]): Unit["flaw"] {
  if (names.length === 0) return { reason: "NoModel", message: `stage ${stage} names no model` };
  const missing = names.find((_, at) => !found[at]);
  if (missing) return { reason: "ModelUnknown", message: `there is no Model ${missing}` };
  const unverified = found.find((model) => !model?.verified);
  return unverified && { reason: "ModelNotVerified", message: `Model ${unverified.name} is not verified` };
}

type Template = PlanInput["templates"][string] | undefined;

function shapesOf(
  unit: Unit,
  models: readonly PlanModel[],
  template: Template,
  profilesOf: (model: string, acceleratorClass: string) => readonly Profile[],
): Shape[] {
  const [first, ...others] = models;
  const shapes: Shape[] = [];
  for (const need of first?.needs ?? []) {
    const needs = [need, ...others.map((model) => model.needs.find((one) => samePlace(one, need)))];
    if (needs.some((one) => !one)) continue;
    const all = needs as readonly ModelNeed[];
    const share = sumShare(all);
    const onCpu = "cpuMillicores" in share;
    const measured = models.map((model) => sessionsOf(profilesOf(model.name, need.acceleratorClass), share, template));
    shapes.push({
      unit,
      acceleratorClass: need.acceleratorClass,
      share,
      shareKind: shareKind(share),
      memoryMebibytes: all.reduce((sum, one) => sum + one.memoryMebibytes, 0),
      videoEncoders: all.some((one) => one.videoEncoder) ? 1 : 0,
      hostMillicores: onCpu ? 0 : (template?.hostMillicores ?? 0),
      hostMemoryMebibytes: onCpu ? 0 : (template?.hostMemoryMebibytes ?? 0),
      sessions: measured.some((sessions) => sessions === undefined) ? undefined : Math.min(...(measured as number[])),
    });
  }
  return shapes;
}

const samePlace = (a: ModelNeed, b: ModelNeed): boolean =>
  a.acceleratorClass === b.acceleratorClass && shareKind(a.share) === shareKind(b.share);

/** A session uses one model of its stage at a time, so CPU is the most that one of them needs; memory adds up. */
function sumShare(needs: readonly ModelNeed[]): Share {
  const share = needs[0]?.share ?? { whole: true };
  if (!("cpuMillicores" in share)) return share;
  return { cpuMillicores: Math.max(...needs.map((need) => ("cpuMillicores" in need.share ? need.share.cpuMillicores : 0))) };
}

/** The lowest that was measured of this image on this share: one that ran beside loud neighbours must not be ignored. */
function sessionsOf(profiles: readonly Profile[], share: Share, template: Template): number | undefined {
  const fitting = profiles.filter(
    (profile) =>
      (!template?.image || profile.image === template.image) && (!profile.share || shareKind(profile.share) === shareKind(share)),
  );
  const sessions = fitting.map((profile) => Math.floor(profile.sessions));
  return sessions.length > 0 ? Math.min(...sessions) : undefined;
}
