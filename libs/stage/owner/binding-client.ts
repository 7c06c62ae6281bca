import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import {
  type Announcement,
  CloseRequestSchema,
  OpenReplySchema,
  OpenRequestSchema,
  OwnerBeatSchema,
  type ReplicaBeat,
  ReplicaBeatSchema,
  type SessionContext,
  type SessionState,
  type StageOpen,
  StageOpenSchema,
} from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import type { Grants } from "@troupe/session";
import type { StageName } from "../edges.ts";
import type { Registry } from "./registry.ts";

/** One stage of one session at one replica, as its owner sees it. */
export interface Binding {
  readonly stage: StageName;
  readonly replica: string;
  readonly boot: string;
  readonly epoch: number;
}

export interface OpenWanted {
  readonly context: SessionContext;
  readonly stage: StageName;
  readonly settings: StageOpen["settings"];
  readonly epoch: number;
  readonly fromNumber: number;
  readonly state: SessionState;
  readonly without?: ReadonlySet<string>;
}

export interface BindingClientDeps {
  readonly bus: Bus;
  readonly site: string;
  readonly grants: Grants;
  readonly registry: Registry;
  /** Of the replicas that take sessions those that may serve this one, the best first. Default: all. */
  readonly route?: (context: SessionContext, stage: StageName, replicas: readonly Announcement[]) => readonly Announcement[];
}

const openTimeoutMs = 3000;
const closeTimeoutMs = 1000;
const beatTimeoutMs = 400;
const maxTries = 3;

/** Replicas at which a stage of a session may be opened, the best first. */
export function candidatesFor(
  { registry, route }: Pick<BindingClientDeps, "registry" | "route">,
  context: SessionContext,
  stage: StageName,
  without?: ReadonlySet<string>,
): readonly Announcement[] {
  const replicas = registry.candidates(stage, without);
  return route ? route(context, stage, replicas) : replicas;
}

/** Opens at the best replica, and at the next best when it declines. @throws ServiceError NO_REPLICA, NO_CAPACITY, or the last refusal */
export async function openBinding(deps: BindingClientDeps, wanted: OpenWanted): Promise<Binding> {
  const { context, stage, settings, epoch, fromNumber, state } = wanted;
  const candidates = candidatesFor(deps, context, stage, wanted.without).slice(0, maxTries);
  if (candidates.length === 0)
    throw new ServiceError("NO_REPLICA", `no ${stage} replica takes sessions`, { retryAfterMs: 1000, metadata: { stage } });
  const grant = await deps.grants.sign({ tenant: context.tenant, session: context.session, stage });
  const open = create(StageOpenSchema, { context, epoch, fromNumber, state, settings });
  const request = toBinary(OpenRequestSchema, create(OpenRequestSchema, { grant, stage, open }));
  let refusal: unknown;
  for (const candidate of candidates) {
    try {
      const reply = await deps.bus.request(inbox(deps, candidate, "open"), request, { timeoutMs: openTimeoutMs });
      return { stage, replica: candidate.replica, boot: fromBinary(OpenReplySchema, reply.data).boot, epoch };
    } catch (thrown) {
      refusal = thrown;
      // It may open all the same, too late.
      if (isServiceError(thrown, "DEADLINE")) void closeBinding(deps, context, { stage, replica: candidate.replica, boot: "", epoch });
      const passing = ["NO_CAPACITY", "DRAINING", "NO_RESPONDERS", "DEADLINE"] as const;
      if (!passing.some((reason) => isServiceError(thrown, reason))) break;
    }
  }
  // A replica that has just died is announced for some seconds more.
  if (isServiceError(refusal, "NO_RESPONDERS") && refusal.metadata["edge"] === undefined)
    throw new ServiceError("NO_REPLICA", `no ${stage} replica answers`, { retryAfterMs: 1000, metadata: { stage }, cause: refusal });
  throw refusal;
}

/** Lets go of a binding; one whose replica is gone counts as closed. */
export async function closeBinding(deps: BindingClientDeps, context: SessionContext, binding: Binding): Promise<void> {
  const { tenant, session } = context;
  const grant = await deps.grants.sign({ tenant, session, stage: binding.stage });
  const request = create(CloseRequestSchema, { tenant, session, epoch: binding.epoch, grant, stage: binding.stage });
  await deps.bus
    .request(inbox(deps, binding, "close"), toBinary(CloseRequestSchema, request), { timeoutMs: closeTimeoutMs })
    .catch(() => undefined);
}

export async function sendBeat(
  deps: BindingClientDeps,
  replica: string,
  owner: string,
  sessions: NonNullable<MessageInitShape<typeof OwnerBeatSchema>["sessions"]>,
  partial = false,
): Promise<ReplicaBeat> {
  const beat = create(OwnerBeatSchema, { owner, sessions, partial });
  const reply = await deps.bus.request(inbox(deps, { replica }, "beat"), toBinary(OwnerBeatSchema, beat), { timeoutMs: beatTimeoutMs });
  return fromBinary(ReplicaBeatSchema, reply.data);
}

const inbox = (deps: BindingClientDeps, { replica }: Pick<Announcement, "replica">, what: string) =>
  infrastructureSubject(deps.site, "replica", replica, what);
