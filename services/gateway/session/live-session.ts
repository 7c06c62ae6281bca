import { randomBytes, timingSafeEqual } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  EndedSchema,
  OutputChangedSchema,
  type OutputSettings,
  type PresenterHealth,
  StartedSchema,
  type Track,
  type TrackHeaderSchema,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import type { Clock } from "@troupe/timeline";
import type { Principal } from "../access/principal.ts";
import { hashToken } from "../records/session-record.ts";
import type { Conversation } from "./conversation.ts";
import { climb, defaultLadderPolicy, initialLadder, rungsOf } from "./output-ladder.ts";
import { type Attachment, avEvent, type SessionEvent } from "./session-event.ts";
import { type EarlierTranscript, SessionTranscript } from "./session-transcript.ts";
import { type EarlierUsage, SessionUsage } from "./session-usage.ts";

/** Why a session ended. */
export type EndReason =
  | "finished"
  | "client"
  | "idle"
  | "session_limit"
  | "lost"
  | "removed"
  /** The gateway leaves: another may adopt it. */
  | "drained"
  /** Another gateway asked for it. */
  | "moved"
  /** Another gateway took it. */
  | "taken";

export interface LiveSessionFacts {
  readonly id: string;
  readonly principal: Principal;
  readonly avatar: string;
  /** Of the idle face. */
  readonly seed: number;
  /** Text of the visible label. */
  readonly label: string;
  readonly output: OutputSettings;
  /** How long it waits for a client that is gone. */
  readonly resumeWindowMs: number;
  /** When it was opened, here or at another gateway, in Unix milliseconds. */
  readonly openedUnixMs: number;
}

/** What a session was at other gateways. */
export interface EarlierLife {
  readonly resumeToken: string;
  /** How long ago it was opened, in milliseconds. */
  readonly lastedMs: number;
  readonly transcript: EarlierTranscript;
  readonly usage: EarlierUsage;
}

export interface LiveSessionDeps {
  readonly clock: Clock;
  /** @returns whether it is over for good: no other gateway has it, or may take it */
  readonly onEnd: (session: LiveSession, reason: EndReason) => Promise<boolean>;
  /** The form of the output changed. */
  readonly onStep?: (step: number, reason: string) => void;
  /** Something changed that the next owner would need. */
  readonly onChange?: () => void;
}

const watchMs = 1000;
/** WHIP's microphone may be connected before WHEP's picture and sound. */
const listenerWaitMs = 5000;
/** About a second of both tracks. */
const maxBeginning = 96;
/** Share of a second's pictures that may be left out before less is sent. */
const tolerableDrop = 0.2;

/**
 * One running session and the connections attached to it. Connections come and go; the session ends when it is told to, or when
 * nobody has been attached for the resume window.
 */
export class LiveSession {
  readonly facts: LiveSessionFacts;
  readonly transcript: SessionTranscript;
  readonly usage: SessionUsage;
  /** Secret; lets its holder attach again. */
  readonly resumeToken: string;
  /** Resolves with the reason as soon as it is over here. */
  readonly ended: Promise<EndReason>;
  /** Resolves once its end here is settled: true where it is over for good, false where another gateway has it, or may take it. */
  readonly concluded: Promise<boolean>;
  readonly #deps: LiveSessionDeps;
  readonly #attachments = new Set<Attachment>();
  readonly #observers = new Set<(event: SessionEvent) => void>();
  readonly #headers = new Map<Track, ReturnType<typeof create<typeof TrackHeaderSchema>>>();
  readonly #ending = Promise.withResolvers<EndReason>();
  readonly #concluding = Promise.withResolvers<boolean>();
  #conversation: Conversation | undefined;
  #output: OutputSettings;
  /** Picture and sound from the first unit on, while nobody has attached and little has come. */
  #beginning: SessionEvent[] | undefined = [];
  #rungs: readonly OutputSettings[];
  #ladder = initialLadder(defaultLadderPolicy);
  #seen = { congested: false, late: false };
  #cancelWatch: () => void = () => undefined;
  #cancelWindow: () => void = () => undefined;
  #cancelListenerWait: () => void = () => undefined;
  #over = false;

  constructor(deps: LiveSessionDeps, facts: LiveSessionFacts, earlier?: EarlierLife) {
    this.#deps = deps;
    this.facts = facts;
    this.resumeToken = earlier?.resumeToken ?? `${facts.id}.${randomBytes(24).toString("base64url")}`;
    this.#output = facts.output;
    this.#rungs = rungsOf(facts.output);
    this.ended = this.#ending.promise;
    this.concluded = this.#concluding.promise;
    const startMs = deps.clock.nowMs() - (earlier?.lastedMs ?? 0);
    this.transcript = new SessionTranscript(deps.clock, startMs, earlier?.transcript);
    this.usage = new SessionUsage(deps.clock, startMs, earlier?.usage);
  }

  get id(): string {
    return this.facts.id;
  }

  /** What the person and the avatar do; present once the session is open. */
  get conversation(): Conversation {
    if (!this.#conversation) throw new Error("the session is not open yet");
    return this.#conversation;
  }

  get attached(): number {
    return this.#attachments.size;
  }

  /** Whether every client attached would come back to another gateway. */
  get resumable(): boolean {
    return [...this.#attachments].every((attachment) => attachment.resumable === true);
  }

  get output(): OutputSettings {
    return this.#output;
  }

  /** The stages are open; the window for the first connection begins. */
  begin(conversation: Conversation): void {
    this.#conversation = conversation;
    this.#waitForClient();
    this.#watch();
  }

  /** @returns whether the token is this session's */
  admits(token: string): boolean {
    return timingSafeEqual(hashToken(token), hashToken(this.resumeToken));
  }

  /**
   * A connection begins to follow the session: it is told `started`, the tracks there are, and everything from then on; a keyframe
   * is asked for. One that comes at once misses nothing of the beginning. A response that waited for a lost client goes on.
   * @returns detaches; the last one to go starts the resume window
   */
  attach(attachment: Attachment, options: { readonly resumed?: boolean } = {}): () => void {
    this.#cancelWindow();
    const { id: session, avatar, seed, label, resumeWindowMs } = this.facts;
    const started = create(StartedSchema, {
      session,
      avatar,
      resumeToken: this.resumeToken,
      resumeWindowSeconds: Math.round(resumeWindowMs / 1000),
      resumed: options.resumed ?? false,
      seed,
      label,
      output: this.#output,
    });
    attachment.event({ case: "started", value: started });
    const listens = attachment.listens ?? true;
    const beginning = listens ? this.#beginning : undefined;
    for (const event of beginning ?? [...this.#headers.values()].map((value) => avEvent({ case: "header", value })))
      attachment.event(event);
    this.#attachments.add(attachment);
    if (listens) {
      if (!beginning) this.conversation.requestKeyframe(0);
      this.#beginning = undefined;
    }
    this.#welcome(listens);
    this.#deps.onChange?.();
    return () => {
      if (!this.#attachments.delete(attachment) || this.#over) return;
      this.#deps.onChange?.();
      if (this.#attachments.size > 0) return;
      this.#cancelListenerWait();
      this.conversation.left();
      this.#waitForClient();
    };
  }

  /** What waited goes on for who listens; for who does not, after a time in which a listener of the same client may come. */
  #welcome(listens: boolean): void {
    if (listens) {
      this.#cancelListenerWait();
      this.#cancelListenerWait = () => undefined;
      return this.conversation.returned();
    }
    if (this.#attachments.size > 1) return;
    this.#cancelListenerWait = this.#deps.clock.setTimer(listenerWaitMs, () => this.conversation.returned());
  }

  /** Sees each event without being a client: the session waits, and ends, as if nobody looked. Must neither block nor throw. */
  observe(observer: (event: SessionEvent) => void): void {
    this.#observers.add(observer);
  }

  /**
   * The client wants another form of picture and sound.
   * @throws ServiceError NOT_PERMITTED where its key does not let it draw the avatar itself
   */
  setOutput(output: OutputSettings): void {
    if (output.motion && !this.facts.principal.motionOnly)
      throw new ServiceError("NOT_PERMITTED", "the API key does not allow the avatar's motion", { metadata: { permission: "motionOnly" } });
    this.#rungs = rungsOf(output);
    this.#ladder = initialLadder(defaultLadderPolicy);
    this.#change(output, "requested");
  }

  /** Pictures were left out on the way to a client, or its sound ran out: unless that was all, less will be sent. */
  congested(): void {
    this.#seen.congested = true;
  }

  /** How the presenter kept its time in the last second. */
  health({ dueFrames, droppedFrames }: PresenterHealth): void {
    this.#seen.late ||= droppedFrames > dueFrames * tolerableDrop;
  }

  /** What the conversation tells goes to every connection. */
  event(event: SessionEvent): void {
    if (event.case === "av" && event.value.body.case === "header") this.#headers.set(event.value.body.value.track, event.value.body.value);
    if (!passing.has(event.case)) this.#deps.onChange?.();
    this.transcript.event(event);
    this.usage.event(event);
    this.#keepBeginning(event);
    for (const observe of this.#observers) observe(event);
    for (const attachment of this.#attachments) attachment.event(event);
  }

  #keepBeginning(event: SessionEvent): void {
    if (event.case !== "av" || !this.#beginning) return;
    this.#beginning.push(event);
    if (this.#beginning.length > maxBeginning) this.#beginning = undefined;
  }

  /** Idempotent. Every connection gets `ended` as its last event. */
  async end(reason: EndReason): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#cancelWindow();
    this.#cancelWatch();
    this.#cancelListenerWait();
    this.event({ case: "ended", value: create(EndedSchema, { reason }) });
    this.#attachments.clear();
    this.#ending.resolve(reason);
    const closing = this.#deps.onEnd(this, reason);
    this.#concluding.resolve(closing.catch(() => true));
    await closing;
  }

  /** Each second, a step down the ladder when that second was bad, or up when many were good. */
  #watch(): void {
    this.#cancelWatch = this.#deps.clock.setTimer(watchMs, () => {
      const congested = this.#seen.congested || [...this.#attachments].some((attachment) => attachment.congested === true);
      const seen = { nowMs: this.#deps.clock.nowMs(), late: this.#seen.late, congested };
      this.#seen = { congested: false, late: false };
      const { state, reason } = climb(this.#ladder, seen, this.#rungs.length, defaultLadderPolicy);
      this.#ladder = state;
      if (reason) this.#change(this.#rungs[state.step] as OutputSettings, reason);
      this.#watch();
    });
  }

  #change(output: OutputSettings, reason: string): void {
    this.#output = this.conversation.setOutput(output);
    const { step } = this.#ladder;
    this.#deps.onStep?.(step, reason);
    this.event({ case: "outputChanged", value: create(OutputChangedSchema, { output: this.#output, step, reason }) });
  }

  #waitForClient(): void {
    this.#cancelWindow = this.#deps.clock.setTimer(this.facts.resumeWindowMs, () => void this.end("lost"));
  }
}

/** Events that leave nothing to remember. */
const passing: ReadonlySet<SessionEvent["case"]> = new Set(["av", "caption", "notice", "error", "moved", "ended"]);
