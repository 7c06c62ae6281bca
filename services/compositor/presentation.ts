import { createFace, type Face } from "@troupe/avatar";
import { type AvFeedbackPacket, Pacing, type PresentationSettings } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeWriter, type InStream, type StageInstance, type StageSession, type StreamEdge, toStreamError } from "@troupe/stage";
import { Health } from "./health.ts";
import { readMotion, readSpeech } from "./inputs.ts";
import type { CompositorMetrics } from "./metrics.ts";
import { createEarcon, mixIn } from "./output/earcon.ts";
import { isVoiceOnly, type OutputForm } from "./output/output-form.ts";
import { OutputSwitch, type PreparedOutput } from "./output/output-switch.ts";
import { Tracks } from "./output/tracks.ts";
import { presentedBody } from "./presented-body.ts";
import type { Scene } from "./scene/scene.ts";
import { LivePace } from "./timeline/live-pace.ts";
import { Presenter } from "./timeline/presenter.ts";
import type { PresenterEvent, Tick } from "./timeline/tick.ts";

export interface PresentationDeps {
  readonly session: StageSession;
  readonly settings: PresentationSettings;
  readonly form: OutputForm;
  /** Undefined: no picture. */
  readonly scene: Scene | undefined;
  readonly openScene: (form: OutputForm) => Promise<Scene | undefined>;
  readonly metrics: CompositorMetrics;
}

const motionWaitMs = 120;
/** Unpaced: idle time before the first and after each last response. */
const restMs = 400;
const maxPendingPictures = 2;
/** Of one session, while it catches up. */
const maxTicksATurn = 4;

/** One session at the presenter: streams in, access units and reports out, paced by the wall clock or by its inputs. */
export class Presentation implements StageInstance {
  readonly #deps: PresentationDeps;
  readonly #presenter: Presenter;
  readonly #face: Face;
  readonly #tracks: Tracks;
  readonly #switch: OutputSwitch;
  readonly #health: Health;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #isUnpaced: boolean;
  #scene: Scene | undefined;
  #wake: () => void = () => undefined;
  /** Unpaced: until where time passes though nothing is owed. */
  #restUntil: number;
  /** Where the session was last reported to be. */
  #reportedAt: number;
  #earcon: { readonly sound: Int16Array; readonly at: number } | undefined;

  constructor(deps: PresentationDeps) {
    this.#deps = deps;
    const { session, settings, form } = deps;
    const { sampleRateHz } = settings;
    this.#isUnpaced = settings.pacing === Pacing.UNPACED;
    const startSample = Math.round((Number(settings.startPtsUs) / 1e6) * sampleRateHz);
    this.#presenter = new Presenter({
      framesPerSecond: form.framesPerSecond,
      sampleRateHz,
      state: session.state,
      startSample,
      fromResponse: session.fromNumber,
      motionWaitMs,
      leadMs: this.#isUnpaced ? restMs : 0,
    });
    this.#reportedAt = startSample;
    this.#restUntil = this.#isUnpaced ? this.#restEnd : startSample;
    this.#face = createFace(session.context.seed);
    this.#health = new Health(deps.metrics);
    this.#scene = deps.scene;
    const writer = session.writer("av");
    this.#tracks = new Tracks(form, {
      sampleRateHz,
      write: (body) => writer.writeNow(session.epoch, body),
      sourceAt: (ptsUs) => this.#presenter.pieces.at(this.#sampleAt(ptsUs)),
      onError: (error) => session.logger.error({ stage: "compositor", reason: error.reason }, error.message),
    });
    this.#switch = new OutputSwitch({ form, state: session.state, logger: session.logger, openScene: deps.openScene });
    if (isVoiceOnly(form) && startSample === 0) this.#soundEarcon();
    const running = this.#isUnpaced ? this.#runUnpaced() : this.#runLive();
    this.#running = running.catch((thrown: unknown) => this.#fail(ServiceError.from(thrown)));
  }

  onStream(stream: InStream<StreamEdge>): void {
    const { settings, session } = this.#deps;
    const deps = { presenter: this.#presenter, sampleRateHz: settings.sampleRateHz, clock: session.clock, wake: () => this.#wake() };
    if (stream.edge === "speech") void readSpeech(stream as unknown as InStream<"speech">, deps);
    if (stream.edge === "motion") void readMotion(stream as unknown as InStream<"motion">, deps);
  }

  onState(): void {
    this.#switch.onState();
    this.#wake();
  }

  onFeedback(feedback: AvFeedbackPacket): void {
    if (feedback.keyframe) this.#tracks.requestKeyframe();
    if (feedback.videoBitrateBps > 0) this.#tracks.setBitrate(feedback.videoBitrateBps);
  }

  async idle(): Promise<void> {
    const { signal } = this.#stop;
    const tickMs = 1000 / this.#tracks.form.framesPerSecond;
    while (!signal.aborted && (this.#presenter.owes || this.#isResting)) await this.#deps.session.clock.sleep(tickMs);
    if (!signal.aborted) await this.#tracks.flush();
  }

  async close(): Promise<void> {
    this.#stop.abort(new ServiceError("CANCELLED", "the session is closed"));
    await this.#running;
    this.#tracks.close();
  }

  /** A tick when its sound is due. Late ticks, and those the encoder is behind with, drop their picture, never their sound. */
  async #runLive(): Promise<void> {
    const { session, settings, metrics } = this.#deps;
    const { clock } = session;
    let lateTicks = 0;
    const pace = new LivePace(clock.nowMs(), this.#presenter.sample, settings.sampleRateHz);
    for (;;) {
      const { lateMs, givenUpMs } = pace.step(clock.nowMs(), this.#presenter.sample);
      if (givenUpMs > 0) {
        metrics.clockResets.inc();
        session.logger.warn({ stage: "compositor", lateMs: Math.round(givenUpMs) }, "the presenter fell behind and set its clock anew");
      }
      if (lateMs < 0) await clock.sleep(-lateMs, this.#stop.signal);
      // Encoders, inputs and other sessions have their turn however late it is.
      else if (++lateTicks % maxTicksATurn === 0) await turn();
      this.#stop.signal.throwIfAborted();
      this.#present(Math.max(0, lateMs, givenUpMs));
    }
  }

  /** A tick as soon as its inputs are there; time stands while nothing is owed. */
  async #runUnpaced(): Promise<void> {
    const { clock } = this.#deps.session;
    for (;;) {
      this.#stop.signal.throwIfAborted();
      const resting = this.#isResting && (this.#presenter.isLeadIn || !this.#presenter.owes);
      if (!resting && !this.#presenter.complete) await this.#woken();
      else if (this.#tracks.pendingPictures > maxPendingPictures) await clock.sleep(1, this.#stop.signal);
      else {
        const { events } = this.#present(0);
        if (events.some((event) => event.kind === "finished")) this.#restUntil = this.#restEnd;
        await turn();
      }
    }
  }

  /** Nothing more is presented: the owner must open a presenter elsewhere. */
  #fail(error: ServiceError): void {
    if (error.reason === "CANCELLED") return;
    const { session } = this.#deps;
    session.logger.error({ stage: "compositor", reason: error.reason, err: error }, "the presenter stopped");
    this.#stop.abort(error);
    session.writer("presented").end(session.epoch, { error: toStreamError(error, "compositor") });
  }

  get #isResting(): boolean {
    return this.#presenter.sample < this.#restUntil;
  }

  get #restEnd(): number {
    return this.#presenter.sample + this.#sampleAt(restMs * 1000);
  }

  #woken(): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const onAbort = () => woken.reject(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", onAbort, { once: true });
    return woken.promise.finally(() => this.#stop.signal.removeEventListener("abort", onAbort));
  }

  #present(lateMs: number): Tick {
    const { session } = this.#deps;
    const next = this.#switch.take();
    if (next) this.#changeOutput(next);
    const tick = this.#presenter.tick();
    const ptsUs = this.#us(tick.sessionSample);
    // Sound first: however long the picture takes, it must not wait.
    if (this.#earcon) mixIn(tick.samples, tick.sessionSample, this.#earcon.sound, this.#earcon.at);
    this.#tracks.encodeSound(tick.samples, ptsUs);
    const picture = this.#draw(tick, ptsUs, lateMs);
    const writer = session.writer("presented");
    for (const event of tick.events) this.#report(writer, event);
    if (!this.#isUnpaced) this.#health.observe({ lateMs, picture, offsetUs: this.#tracks.offsetUs });
    if (this.#presenter.sample - this.#reportedAt >= this.#deps.settings.sampleRateHz) this.#reportSession(writer, ptsUs);
    return tick;
  }

  #draw(tick: Tick, ptsUs: number, lateMs: number): "drawn" | "dropped" | undefined {
    const { form, pendingPictures } = this.#tracks;
    if (!this.#scene && !form.motion) return undefined;
    const pose = this.#face(tick, ptsUs / 1e6, this.#deps.session.state.listening);
    if (form.motion) this.#tracks.sendMotion(pose, ptsUs);
    if (!this.#scene) return undefined;
    if (!this.#isUnpaced && (lateMs > 1000 / form.framesPerSecond || pendingPictures >= maxPendingPictures)) return "dropped";
    const startMs = performance.now();
    this.#tracks.encodePicture(this.#scene.draw(pose, form.captions ? tick.caption : ""), ptsUs);
    this.#deps.metrics.frameSeconds.observe((performance.now() - startMs) / 1000);
    return "drawn";
  }

  /** Between two frames: the sound goes on where it is. */
  #changeOutput({ form, scene }: PreparedOutput): void {
    const becomesVoiceOnly = isVoiceOnly(form) && !isVoiceOnly(this.#tracks.form);
    this.#presenter.setFrameRate(form.framesPerSecond);
    this.#tracks.change(form);
    this.#scene = scene;
    if (becomesVoiceOnly) this.#soundEarcon();
    this.#deps.metrics.outputChanges.inc();
  }

  #soundEarcon(): void {
    this.#earcon = { sound: createEarcon(this.#deps.settings.sampleRateHz), at: this.#presenter.sample };
  }

  #report(writer: EdgeWriter<"presented">, event: PresenterEvent): void {
    const { session } = this.#deps;
    if (event.kind === "started") event.track.stageMs.compositor = session.clock.nowMs() - event.track.firstSpeechMs;
    if (event.kind === "finished") event.track.span?.end();
    const body = presentedBody(
      event,
      (sample) => this.#us(sample),
      (thrown) => toStreamError(thrown, "compositor"),
    );
    writer.writeNow(session.epoch, body);
  }

  #reportSession(writer: EdgeWriter<"presented">, ptsUs: number): void {
    const { epoch } = this.#deps.session;
    this.#reportedAt = this.#presenter.sample;
    const value = { $typeName: "troupe.presentation.v1.SessionPosition", sessionPtsUs: BigInt(ptsUs) } as const;
    writer.writeNow(epoch, { case: "session", value });
    if (!this.#isUnpaced) writer.writeNow(epoch, this.#health.report());
  }

  #us(sample: number): number {
    return Math.round((sample / this.#deps.settings.sampleRateHz) * 1e6);
  }

  #sampleAt(us: number): number {
    return Math.round((us / 1e6) * this.#deps.settings.sampleRateHz);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
