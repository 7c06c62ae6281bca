import { create } from "@bufbuild/protobuf";
import { type OutputSettings, OutputSettingsSchema, type SessionContext, type SessionRecord, type Start } from "@troupe/contracts";
import { OwnedSession, type OwnedSessionDeps, type StageSettings } from "@troupe/stage";
import type { Principal } from "../access/principal.ts";
import type { RecordKeeper } from "../records/record-keeper.ts";
import { adoptedConversation, adoptedState, adoptedTranscript, adoptedUsage, recordOf } from "../records/session-record.ts";
import type { SessionRecords, TakenSession } from "../records/session-records.ts";
import { Conversation } from "./conversation.ts";
import type { ConversationDeps } from "./conversation-deps.ts";
import { type EndReason, LiveSession, type LiveSessionDeps } from "./live-session.ts";

/** What a session is opened from. */
export interface SessionWanted {
  readonly start: Start;
  readonly principal: Principal;
  readonly context: SessionContext;
  readonly settings: StageSettings;
  /** Another gateway began it; with the token that its client showed. */
  readonly adopted?: { readonly taken: TakenSession; readonly token: string };
}

export interface OpenSessionDeps
  extends Omit<
      ConversationDeps,
      "owned" | "emit" | "adopted" | "sampleRateHz" | "language" | "onExpire" | "onHealth" | "onHeard" | "onUnderrun"
    >,
    Pick<LiveSessionDeps, "clock"> {
  readonly client: OwnedSessionDeps;
  readonly resumeWindowMs: number;
  /** Undefined: sessions cannot be adopted. */
  readonly records: SessionRecords | undefined;
  /** Wall clock, in milliseconds since 1970. */
  readonly utcNowMs: () => number;
  readonly onEnd: (session: OpenedSession, reason: EndReason) => void;
  /** The form of a session's output changed, to that step of the ladder. */
  readonly onStep: (step: number, reason: string) => void;
}

/** A session that runs here: what the person sees of it, its stages, and its record. */
export interface OpenedSession {
  readonly live: LiveSession;
  readonly owned: OwnedSession;
}

/**
 * Opens every stage, begins the record, and lets the session wait for its first connection.
 * @param onOwned called before the stages open, since the beats of a lease must begin with the first of them
 */
export async function openSession(
  deps: OpenSessionDeps,
  wanted: SessionWanted,
  onOwned: (owned: OwnedSession) => void,
): Promise<OpenedSession> {
  const { start, principal, context, adopted } = wanted;
  const record = adopted?.taken.record;
  const settings = record ? withStart(wanted.settings, record) : wanted.settings;
  const owned = new OwnedSession(deps.client, context, settings, record && adoptedState(record));
  let keeper: RecordKeeper | undefined;
  const { avatar, seed, session: id } = context;
  const openedUnixMs = record ? Number(record.openedUnixMs) : deps.utcNowMs();
  const lastedMs = Math.max(0, deps.utcNowMs() - openedUnixMs);
  const form = { label: labelOf(settings), output: outputOf(settings) };
  const facts = { id, principal, avatar, seed, ...form, resumeWindowMs: deps.resumeWindowMs, openedUnixMs };
  const earlier = adopted && {
    resumeToken: adopted.token,
    lastedMs,
    transcript: adoptedTranscript(adopted.taken.record),
    usage: adoptedUsage(adopted.taken.record),
  };
  const opened: { owned: OwnedSession; live: LiveSession } = { owned, live: undefined as unknown as LiveSession };
  const onEnd = async (live: LiveSession, reason: EndReason) => {
    deps.onEnd(opened, reason);
    const over = keeper === undefined || (await settle(keeper, reason, () => recordOf(recorded, "")));
    await live.conversation.close();
    return over;
  };
  const live = new LiveSession({ clock: deps.clock, onEnd, onChange: () => keeper?.changed(), onStep: deps.onStep }, facts, earlier);
  opened.live = live;
  const recorded = { start, owned, live };
  onOwned(owned);
  if (record) await owned.release(record.bindings);
  const { bus, clock, logger, vad, turnPolicy, endpointPolicy, times, onSpeculation } = deps;
  const conversation = await Conversation.open({
    owned,
    bus,
    clock,
    logger,
    vad,
    turnPolicy,
    endpointPolicy,
    sampleRateHz: start.sampleRateHz || 16_000,
    language: start.language,
    emit: (event) => live.event(event),
    maxTextLength: principal.limits.maxTextLength,
    onExpire: (reason) => void live.end(reason),
    onHealth: (health) => live.health(health),
    onUnderrun: () => live.congested(),
    onHeard: (seconds) => live.usage.heard(seconds),
    ...(times && { times: { ...times, lastedSeconds: lastedMs / 1000 } }),
    ...(onSpeculation && { onSpeculation }),
    ...(record && { adopted: adoptedConversation(record) }),
  });
  if (start.turnDetection) conversation.setTurnDetection(start.turnDetection);
  live.begin(conversation);
  const read = () => recordOf(recorded, context.owner);
  const onTaken = () => void live.end("taken");
  try {
    keeper = adopted ? adopted.taken.keep(read, onTaken) : await deps.records?.create(id, read, onTaken);
  } catch (thrown) {
    await live.end("removed");
    throw thrown;
  }
  return opened;
}

/** What becomes of the record. @returns whether the session is over for good */
async function settle(keeper: RecordKeeper, reason: EndReason, last: () => SessionRecord): Promise<boolean> {
  if (reason === "taken") keeper.abandon();
  else if (reason === "drained" || reason === "moved") await keeper.release(last());
  else return await keeper.remove();
  return false;
}

/** The presenter goes on where the one before was, in the form that was last asked for. */
function withStart(settings: StageSettings, { presentedUs, state }: SessionRecord): StageSettings {
  const { compositor } = settings;
  if (compositor.case !== "presentation") return settings;
  const { $typeName: _, revision: __, ...form } = state?.output ?? create(OutputSettingsSchema, outputOf(settings));
  return { ...settings, compositor: { case: "presentation", value: { ...compositor.value, ...form, startPtsUs: presentedUs } } };
}

function labelOf({ compositor }: StageSettings): string {
  return compositor.case === "presentation" ? compositor.value.label : "";
}

function outputOf({ compositor }: StageSettings): OutputSettings {
  const value = compositor.case === "presentation" ? compositor.value : undefined;
  if (!value) return create(OutputSettingsSchema);
  const { width, height, framesPerSecond, videoBitrateBps, motion, captions, audioCodec, videoCodec } = value;
  return create(OutputSettingsSchema, { width, height, framesPerSecond, videoBitrateBps, motion, captions, audioCodec, videoCodec });
}
