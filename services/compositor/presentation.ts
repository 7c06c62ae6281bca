import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AudioCodec, type AvFeedbackPacket, Pacing, type PresentationSettings, Track, TrackHeaderSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { type EdgeWriter, type InStream, type StageInstance, type StageSession, type StreamEdge, toStreamError } from "@troupe/stage";
import { createSoundEncoder, type SoundEncoder } from "./encode/audio-encoder.ts";
import { createPictureEncoder, type EncodedUnit, type PictureEncoder, type TrackDescription } from "./encode/video-encoder.ts";
import { createFace } from "./face.ts";
import { readMotion, readSpeech } from "./inputs.ts";
import { presentedBody } from "./presented-body.ts";
import type { Scene } from "./scene/scene.ts";
import { Presenter, type PresenterEvent, type Tick } from "./timeline/presenter.ts";

export interface PresentationDeps {
  readonly session: StageSession;
  readonly settings: PresentationSettings;
  /** Lowest response that is presented here. */
  readonly fromResponse: number;
  /** Undefined: voice only. */
  readonly scene: Scene | undefined;
  readonly onTick?: (renderMs: number) => void;
}

const motionWaitMs = 120;
const keyframeIntervalMs = 2000;
/** Unpaced: idle time before the first and after each last response. */
const restMs = 400;
/** Live: beyond this much lateness the clock is set anew instead of catching up. */
const maxCatchUpMs = 500;
const maxPendingFrames = 2;

/** One session at the presenter: streams in, access units and reports out, paced by the wall clock or by its inputs. */
export class Presentation implements StageInstance {
  readonly #deps: PresentationDeps;
  readonly #presenter: Presenter;
  readonly #face: ReturnType<typeof createFace>;
  readonly #sound: SoundEncoder;
  readonly #picture: PictureEncoder | undefined;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #tickMs: number;
  #wake: () => void = () => undefined;
  #keyframeWanted = true;
  #lastKeyframeMs = 0;
  /** Unpaced: ticks to make before the clock stands. */
  #restTicks: number;
  #ticks = 0;

  constructor(deps: PresentationDeps) {
    this.#deps = deps;
    const { session, settings } = deps;
    const { framesPerSecond, sampleRateHz } = settings;
    this.#tickMs = 1000 / framesPerSecond;
    const unpaced = settings.pacing === Pacing.UNPACED;
    this.#restTicks = unpaced ? this.#fullRest : 0;
    this.#presenter = new Presenter({
      framesPerSecond,
      sampleRateHz,
      state: session.state,
      startSample: Math.round((Number(settings.startPtsUs) / 1e6) * sampleRateHz),
      fromResponse: deps.fromResponse,
      motionWaitTicks: Math.ceil(motionWaitMs / this.#tickMs),
      leadTicks: this.#restTicks,
    });
    this.#face = createFace(session.context.seed, framesPerSecond);
    const onError = (error: ServiceError) => session.logger.error({ stage: "compositor", reason: error.reason }, error.message);
    const onUnit = (track: Track) => (unit: EncodedUnit, description: TrackDescription) => this.#emit(track, unit, description);
    this.#sound = createSoundEncoder({ codec: settings.audioCodec || AudioCodec.AAC, sampleRateHz, onUnit: onUnit(Track.AUDIO), onError });
    if (deps.scene) {
      const { width, height, videoBitrateBps: bitrateBps } = settings;
      this.#picture = createPictureEncoder({ width, height, framesPerSecond, bitrateBps, onUnit: onUnit(Track.VIDEO), onError });
    }
    this.#running = (unpaced ? this.#runUnpaced() : this.#runLive()).catch((thrown: unknown) => this.#fail(ServiceError.from(thrown)));
  }

  onStream(stream: InStream<StreamEdge>): void {
    const { settings, session } = this.#deps;
    const deps = { presenter: this.#presenter, sampleRateHz: settings.sampleRateHz, clock: session.clock, wake: () => this.#wake() };
    if (stream.edge === "speech") void readSpeech(stream as unknown as InStream<"speech">, deps);
    if (stream.edge === "motion") void readMotion(stream as unknown as InStream<"motion">, deps);
  }

  onState(): void {
    this.#wake();
  }

  onFeedback(feedback: AvFeedbackPacket): void {
    if (feedback.keyframe) this.#keyframeWanted = true;
    if (feedback.videoBitrateBps > 0) this.#picture?.setBitrate(feedback.videoBitrateBps);
  }

  async idle(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && (this.#presenter.owes || this.#restTicks > 0)) await this.#deps.session.clock.sleep(this.#tickMs);
    if (!signal.aborted) await Promise.all([this.#sound.flush(), this.#picture?.flush()]);
  }

  async close(): Promise<void> {
    this.#stop.abort(new ServiceError("CANCELLED", "the session is closed"));
    await this.#running;
    this.#sound.close();
    this.#picture?.close();
  }

  /** A tick each 1/fps of wall time. Late ticks, and those the encoder is behind with, drop their picture, never their sound. */
  async #runLive(): Promise<void> {
    const { clock } = this.#deps.session;
    let startMs = clock.nowMs();
    let ticks = 0;
    for (;;) {
      const dueMs = startMs + ticks * this.#tickMs;
      const lateMs = clock.nowMs() - dueMs;
      if (lateMs > maxCatchUpMs) {
        startMs += lateMs;
        this.#deps.session.logger.warn(
          { stage: "compositor", lateMs: Math.round(lateMs) },
          "the presenter fell behind and set its clock anew",
        );
      } else if (lateMs < 0) await clock.sleep(-lateMs, this.#stop.signal);
      this.#stop.signal.throwIfAborted();
      const behind = lateMs > 2 * this.#tickMs || (this.#picture?.pending ?? 0) >= maxPendingFrames;
      this.#present(this.#presenter.tick(), behind);
      ticks++;
    }
  }

  /** A tick as soon as its inputs are there; time stands while nothing is owed. */
  async #runUnpaced(): Promise<void> {
    const { clock } = this.#deps.session;
    for (;;) {
      this.#stop.signal.throwIfAborted();
      const resting = this.#restTicks > 0 && (this.#ticks < this.#fullRest || !this.#presenter.owes);
      if (!resting && !this.#presenter.complete) await this.#woken();
      else if ((this.#picture?.pending ?? 0) > maxPendingFrames) await clock.sleep(1, this.#stop.signal);
      else {
        if (resting) this.#restTicks--;
        const tick = this.#presenter.tick();
        this.#present(tick, false);
        if (tick.events.some((event) => event.kind === "finished")) this.#restTicks = this.#fullRest;
        // Lets inputs, encoders and other sessions run.
        await new Promise((resolve) => setImmediate(resolve));
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

  get #fullRest(): number {
    return Math.round(restMs / this.#tickMs);
  }

  #woken(): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const onAbort = () => woken.reject(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", onAbort, { once: true });
    return woken.promise.finally(() => this.#stop.signal.removeEventListener("abort", onAbort));
  }

  #present(tick: Tick, withoutPicture: boolean): void {
    const { scene, session, settings } = this.#deps;
    const ptsUs = this.#us(tick.sessionSample);
    this.#sound.encode(tick.samples, ptsUs);
    this.#ticks++;
    const pose = scene && this.#face(tick, ptsUs / 1e6, session.state.listening);
    if (pose && this.#picture && !withoutPicture) {
      const startMs = performance.now();
      const frame = scene.draw(pose, tick.caption);
      const nowMs = ptsUs / 1000;
      const keyframe = this.#keyframeWanted || nowMs - this.#lastKeyframeMs >= keyframeIntervalMs;
      if (keyframe) this.#lastKeyframeMs = nowMs;
      this.#keyframeWanted = false;
      this.#picture.encode(frame, ptsUs, keyframe);
      this.#deps.onTick?.(performance.now() - startMs);
    }
    const writer = session.writer("presented");
    for (const event of tick.events) this.#report(writer, event);
    if (this.#ticks % settings.framesPerSecond === 0)
      writer.writeNow(session.epoch, {
        case: "session",
        value: { $typeName: "troupe.presentation.v1.SessionPosition", sessionPtsUs: BigInt(ptsUs) },
      });
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

  #emit(track: Track, unit: EncodedUnit, description: TrackDescription): void {
    const { session, settings } = this.#deps;
    const writer = session.writer("av");
    const first = !this.#described.has(track);
    if (first || (track === Track.VIDEO && unit.keyframe)) {
      this.#described.add(track);
      const header: MessageInitShape<typeof TrackHeaderSchema> = {
        track,
        codec: description.codec,
        description: description.description,
        ...(track === Track.VIDEO
          ? { width: settings.width, height: settings.height, framesPerSecond: settings.framesPerSecond }
          : { sampleRateHz: settings.sampleRateHz }),
      };
      writer.writeNow(session.epoch, { case: "header", value: create(TrackHeaderSchema, header) });
    }
    const { ptsUs, durationUs, keyframe, data } = unit;
    const value = {
      $typeName: "troupe.presentation.v1.AccessUnit",
      track,
      ptsUs: BigInt(Math.round(ptsUs)),
      durationUs: Math.round(durationUs),
      keyframe,
      data,
      response: 0,
      responsePtsUs: 0n,
    } as const;
    writer.writeNow(session.epoch, { case: "unit", value });
  }

  readonly #described = new Set<Track>();

  #us(sample: number): number {
    return Math.round((sample / this.#deps.settings.sampleRateHz) * 1e6);
  }
}
