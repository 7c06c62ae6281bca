import { create, equals } from "@bufbuild/protobuf";
import { type OutputSettings, OutputSettingsSchema } from "@troupe/contracts";
import { isServiceError, ServiceError } from "@troupe/errors";
import { logThrown } from "@troupe/service";
import type { Principal } from "../access/principal.ts";
import type { LiveDeps } from "../http/live-deps.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { SessionEvent } from "../session/session-event.ts";
import { carryOut } from "./carry-out.ts";
import { instructSession } from "./carry-out-responses.ts";
import { ClientAudio } from "./client-audio.ts";
import { closeCodes } from "./close-codes.ts";
import type { ConnectionRequest } from "./connection-options.ts";
import type { RealtimeLimits } from "./limits.ts";
import type { ClientEvent, ClientEventOf } from "./protocol/client-event.ts";
import { errorEvent } from "./protocol/error-event.ts";
import { readClientEvent } from "./protocol/read-client-event.ts";
import { refuseUnsupported } from "./protocol/session-update.ts";
import { checkMotion, findSession, openSession, SessionLink } from "./session-link.ts";
import { sessionObject } from "./session-object.ts";
import { outputOf, type SessionOptions, turnDetectionOf, updated, withTroupe } from "./session-options.ts";
import { Translation } from "./translation/translation.ts";
import type { Outbox } from "./transport/outbox.ts";
import type { Pace } from "./transport/pace.ts";

export interface ClientDeps {
  readonly live: LiveDeps;
  readonly limits: RealtimeLimits;
  readonly principal: Principal;
  readonly request: ConnectionRequest;
  readonly out: Pick<Outbox, "event" | "packet" | "leavesOut">;
  readonly pace: Pick<Pace, "limit" | "remaining" | "resetSeconds">;
  /** The session is known: whoever followed it before gives way. */
  readonly onSession: (session: LiveSession) => void;
  readonly close: (code: number, reason: string) => void;
}

/** A report of a response that came before its last sound waits so long for it. */
const lastSoundMs = 500;

/** One client of the protocol, without its socket: reads what it says, tells it what happens. */
export class RealtimeClient {
  readonly #deps: ClientDeps;
  readonly #audio = new ClientAudio();
  readonly #id = `sess_${crypto.randomUUID().replaceAll("-", "").slice(0, 21)}`;
  #options: SessionOptions;
  #translation: Translation | undefined;
  #link: SessionLink | undefined;
  #opening: Promise<void> | undefined;
  #cancelOpening: () => void = () => undefined;
  #cancelSettling: (() => void) | undefined;
  /** Output that was asked for last; the session may give less. */
  #asked: OutputSettings | undefined;
  #left = false;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
    this.#options = deps.request.options;
  }

  /** Greets the client; a session opens now where it comes back to one, else when it has said what it wants. */
  start(): void {
    const { live, limits, request, principal } = this.#deps;
    this.#deps.out.event({ type: "session.created", session: this.#sessionObject() });
    const open = () => void this.#open().catch(() => undefined);
    if (request.resumeToken !== undefined || principal.clientSecret?.sessionId !== undefined) open();
    else this.#cancelOpening = live.clock.setTimer(limits.openAfterMs, open);
  }

  /** Carries out one message; never rejects. */
  async message(text: string): Promise<void> {
    const read = readClientEvent(text, this.#deps.limits.maxMessageLength);
    if ("error" in read) return this.#deps.out.event(errorEvent(read.error, read.eventId));
    try {
      await this.#carryOut(read.event);
    } catch (thrown) {
      this.#report(thrown, read.eventId);
    }
  }

  /** An event that is no text. */
  refuse(error: ServiceError): void {
    this.#deps.out.event(errorEvent(error));
  }

  /** The socket is gone. A client that cannot come back ends its session. */
  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    this.#cancelOpening();
    this.#cancelSettling?.();
    this.#audio[Symbol.dispose]();
    await this.#link?.leave(!this.#options.aware);
  }

  async #carryOut(event: ClientEvent): Promise<void> {
    if (this.#left) return;
    if (event.type === "troupe.ping") return this.#deps.out.event({ type: "troupe.pong", t: event.t });
    if (event.type === "session.update") return await this.#update(event);
    if (event.type.startsWith("troupe.")) this.#becomeAware();
    await this.#open();
    const { session } = this.#openLink();
    if (event.type === "troupe.end") return await session.end("client");
    if (event.type === "troupe.output.update") return this.#changeOutput(withTroupe(this.#options, { output: event.output }));
    const translation = this.#translation as Translation;
    const { input, heard } = await this.#audio.ready(this.#options);
    await carryOut(
      {
        session,
        translation,
        input,
        heard,
        maxTextLength: this.#deps.principal.limits.maxTextLength,
        send: (sent) => this.#deps.out.event(sent),
      },
      event,
    );
  }

  async #update({ session: settings }: ClientEventOf<"session.update">): Promise<void> {
    refuseUnsupported(settings);
    const next = updated(this.#options, settings);
    checkMotion(this.#deps.principal, next);
    if (this.#opening === undefined) {
      this.#options = next;
      await this.#open();
    } else {
      await this.#opening;
      await this.#change(next, settings.troupe !== undefined);
    }
    this.#deps.out.event({ type: "session.updated", session: this.#sessionObject() });
  }

  async #change(next: SessionOptions, ours: boolean): Promise<void> {
    const { session } = this.#openLink();
    const before = this.#options;
    await this.#audio.ready(next);
    this.#options = { ...next, aware: before.aware };
    if (ours) this.#becomeAware();
    if (next.instructions !== before.instructions) instructSession(session, next.instructions);
    if (next.turnDetection !== before.turnDetection) session.conversation.setTurnDetection(turnDetectionOf(next));
    if (ours) this.#changeOutput(this.#options);
    if (next.media !== before.media) {
      for (const track of (next.media === "none" ? [] : this.#translation?.tracks()) ?? []) this.#deps.out.event(track);
      session.conversation.requestKeyframe(0);
    }
  }

  #changeOutput(next: SessionOptions): void {
    checkMotion(this.#deps.principal, next);
    this.#options = { ...next, aware: this.#options.aware };
    const { session } = this.#openLink();
    const output = outputOf(next);
    if (sameForm(output, this.#asked ?? session.output)) return;
    this.#asked = output;
    session.setOutput(output);
  }

  /** It is one of ours: from now on it is told everything. */
  #becomeAware(): void {
    if (this.#options.aware) return;
    this.#options = { ...this.#options, aware: true };
    for (const event of this.#translation?.introduction() ?? []) this.#deps.out.event(event);
  }

  #open(): Promise<void> {
    this.#cancelOpening();
    this.#opening ??= this.#openNow();
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    const { live, principal, request } = this.#deps;
    const deps = { gateway: live.gateway, principal };
    try {
      await this.#audio.ready(this.#options);
      const found = await findSession(deps, request.resumeToken);
      const session = found ?? (await openSession(deps, this.#options));
      if (this.#left) return await (found ? undefined : session.end("client"));
      this.#begin(session, found !== undefined);
    } catch (thrown) {
      this.#report(thrown);
      const reason = ServiceError.from(thrown).reason;
      this.#deps.close(retryable.includes(reason) ? closeCodes.tryLater : closeCodes.refused, reason);
      throw thrown;
    }
  }

  #begin(session: LiveSession, resumed: boolean): void {
    const { limits } = this.#deps;
    const link = new SessionLink(session);
    const translation = new Translation({
      session: session.id,
      options: () => this.#options,
      audio: () => (this.#options.media === "none" ? this.#audio.output : undefined),
      maxItems: limits.maxItems,
    });
    if (resumed) translation.recall(session.transcript.entries);
    this.#link = link;
    this.#asked = resumed ? session.output : outputOf(this.#options);
    this.#translation = translation;
    this.#deps.onSession(session);
    const options = () => this.#options;
    const attachment = {
      event: (event: SessionEvent) => this.#onEvent(event),
      get resumable() {
        return options().aware;
      },
    };
    link.attach(attachment, resumed);
    const { greeting, language, greetingUninterruptible } = this.#options;
    if (resumed) return;
    if (this.#options.instructions !== "") instructSession(session, this.#options.instructions);
    if (greeting !== "") session.conversation.say(greeting, language, greetingUninterruptible);
  }

  /** Neither blocks nor throws, whatever happens. */
  #onEvent(event: SessionEvent): void {
    try {
      this.#tell(event);
    } catch (thrown) {
      logThrown(this.#deps.live.logger, thrown, "an event could not be told");
      this.#deps.close(closeCodes.internal, "INTERNAL");
    }
  }

  #tell(event: SessionEvent): void {
    const { out, close } = this.#deps;
    const translation = this.#translation as Translation;
    if (event.case === "av" && this.#options.media !== "none" && out.leavesOut(event.value)) return;
    const { events, packet } = translation.event(event);
    for (const told of events) {
      out.event(told);
      if (told.type === "response.created") this.#tellLimits();
    }
    if (packet) out.packet(packet);
    this.#settleLater(translation);
    if (event.case === "ended") close(elsewhere.includes(event.value.reason) ? closeCodes.leaving : closeCodes.ended, event.value.reason);
  }

  #settleLater({ responses }: Translation): void {
    if (!responses.ending) {
      this.#cancelSettling?.();
      this.#cancelSettling = undefined;
    } else
      this.#cancelSettling ??= this.#deps.live.clock.setTimer(lastSoundMs, () => {
        this.#cancelSettling = undefined;
        for (const event of responses.settle()) this.#deps.out.event(event);
      });
  }

  #tellLimits(): void {
    const { pace, out } = this.#deps;
    const { limit, remaining, resetSeconds } = pace;
    out.event({ type: "rate_limits.updated", rate_limits: [{ name: "requests", limit, remaining, reset_seconds: resetSeconds }] });
  }

  #report(thrown: unknown, eventId?: string): void {
    if (this.#left) return;
    if (isServiceError(ServiceError.from(thrown), "INTERNAL")) logThrown(this.#deps.live.logger, thrown, "a client event failed");
    this.#deps.out.event(errorEvent(thrown, eventId));
  }

  #openLink(): SessionLink {
    if (!this.#link) throw new ServiceError("SESSION_UNKNOWN", "the session is not open");
    return this.#link;
  }

  #sessionObject(): object {
    const { principal, live } = this.#deps;
    const seconds = principal.limits.maxSessionSeconds;
    const nowSeconds = (performance.timeOrigin + live.clock.nowMs()) / 1000;
    const lastedSeconds = this.#link?.session.usage.report().sessionSeconds ?? 0;
    return sessionObject(this.#options, {
      id: this.#id,
      expiresAt: Number.isFinite(seconds) ? Math.floor(nowSeconds - lastedSeconds + seconds) : undefined,
      avatar: this.#link?.session.facts.avatar,
      language: this.#options.language,
    });
  }
}

const retryable: readonly string[] = [
  "NO_CAPACITY",
  "DRAINING",
  "NO_REPLICA",
  "NOT_READY",
  "QUEUE_FULL",
  "BUS_DISCONNECTED",
  "DEADLINE",
  "LIMIT_REACHED",
];

/** Reasons of an end after which another gateway has the session, or takes it. */
const elsewhere: readonly string[] = ["drained", "moved", "taken"];

const sameForm = (one: OutputSettings, other: OutputSettings): boolean =>
  equals(
    OutputSettingsSchema,
    create(OutputSettingsSchema, { ...one, revision: 0 }),
    create(OutputSettingsSchema, { ...other, revision: 0 }),
  );
