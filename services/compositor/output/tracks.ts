import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { encodePose, type Pose } from "@troupe/avatar";
import { type AccessUnit, Track, type TrackHeader, TrackHeaderSchema } from "@troupe/contracts";
import type { ServiceError } from "@troupe/errors";
import { createPictureEncoder, type EncodedUnit, type PictureEncoder, type TrackDescription } from "../encode/video-encoder.ts";
import type { LabelledFrame } from "../label/labelled-frame.ts";
import type { ResponsePlace } from "../timeline/pieces.ts";
import { type OutputForm, samePicture } from "./output-form.ts";
import { SoundTrack } from "./sound-track.ts";

export type TrackBody = { readonly case: "header"; readonly value: TrackHeader } | { readonly case: "unit"; readonly value: AccessUnit };

export interface TracksDeps {
  readonly sampleRateHz: number;
  readonly write: (body: TrackBody) => void;
  /** What of a response sounds at a time of the session, in microseconds. */
  readonly sourceAt: (ptsUs: number) => ResponsePlace | undefined;
  readonly onError: (error: ServiceError) => void;
}

/** Codec of the motion track: each unit is a `troupe.presentation.v1.Pose`. */
export const poseCodec = "troupe-pose";
const keyframeIntervalUs = 2_000_000;
const noSource: ResponsePlace = { response: 0, responseSample: 0 };

/** The encoders of one session and the headers and units that they write. The form may change between two frames. */
export class Tracks {
  readonly #deps: TracksDeps;
  readonly #sound: SoundTrack;
  #form: OutputForm;
  #picture: PictureEncoder | undefined;
  /** Codec of each track's header that was written since the last change. */
  readonly #described = new Map<Track, string>();
  #keyframeWanted = true;
  #lastKeyframeUs = 0;
  /** Where the newest units that have left end. */
  #soundEndUs: number | undefined;
  #pictureEndUs: number | undefined;

  constructor(form: OutputForm, deps: TracksDeps) {
    this.#form = form;
    this.#deps = deps;
    const { sampleRateHz, onError } = deps;
    const onUnit = (unit: EncodedUnit, track: TrackDescription) => this.#emitSound(unit, track);
    this.#sound = new SoundTrack({ codec: form.audioCodec, sampleRateHz, onUnit, onError });
    this.#picture = this.#openPicture();
  }

  get form(): OutputForm {
    return this.#form;
  }

  /** Frames given and not yet encoded. */
  get pendingPictures(): number {
    return this.#picture?.pending ?? 0;
  }

  /** How much further the sound has left than the picture; undefined while one of them has not. */
  get offsetUs(): number | undefined {
    return this.#soundEndUs === undefined || this.#pictureEndUs === undefined ? undefined : this.#soundEndUs - this.#pictureEndUs;
  }

  encodeSound(samples: Int16Array, ptsUs: number): void {
    this.#sound.encode(samples, ptsUs);
  }

  encodePicture(frame: LabelledFrame, ptsUs: number): void {
    const keyframe = this.#keyframeWanted || ptsUs - this.#lastKeyframeUs >= keyframeIntervalUs;
    if (keyframe) this.#lastKeyframeUs = ptsUs;
    this.#keyframeWanted = false;
    this.#picture?.encode(frame, ptsUs, keyframe);
  }

  sendMotion(pose: Pose, ptsUs: number): void {
    const durationUs = Math.round(1e6 / this.#form.framesPerSecond);
    this.#describe(Track.MOTION, { codec: poseCodec, description: new Uint8Array() });
    this.#write(Track.MOTION, { ptsUs, durationUs, keyframe: true, data: encodePose(pose) }, noSource);
  }

  requestKeyframe(): void {
    this.#keyframeWanted = true;
  }

  setBitrate(bitrateBps: number): void {
    this.#picture?.setBitrate(bitrateBps);
  }

  /** Takes effect with the next frame, which is a keyframe. Headers are written anew. */
  change(form: OutputForm): void {
    const before = this.#form;
    this.#form = form;
    this.#described.delete(Track.VIDEO);
    this.#described.delete(Track.MOTION);
    // Another codec brings its own header, once what is left of the one before has gone.
    if (form.audioCodec === before.audioCodec) this.#described.delete(Track.AUDIO);
    this.#keyframeWanted = true;
    this.#sound.change(form.audioCodec);
    if (samePicture(before, form)) return this.#picture?.setBitrate(form.videoBitrateBps);
    // What it has not let out belongs to a picture of another form.
    this.#picture?.close();
    this.#pictureEndUs = undefined;
    this.#picture = this.#openPicture();
  }

  async flush(): Promise<void> {
    await Promise.all([this.#sound.flush(), this.#picture?.flush()]);
  }

  close(): void {
    this.#sound.close();
    this.#picture?.close();
  }

  #openPicture(): PictureEncoder | undefined {
    const { width, height, framesPerSecond, videoBitrateBps: bitrateBps, videoCodec: codec } = this.#form;
    if (width === 0) return undefined;
    const onUnit = (unit: EncodedUnit, track: TrackDescription) => {
      if (this.#picture === encoder) this.#emitPicture(unit, track);
    };
    const { onError } = this.#deps;
    const encoder: PictureEncoder = createPictureEncoder({ codec, width, height, framesPerSecond, bitrateBps, onUnit, onError });
    return encoder;
  }

  #emitPicture(unit: EncodedUnit, description: TrackDescription): void {
    // Repeated with each keyframe, for those who begin there.
    if (unit.keyframe) this.#described.delete(Track.VIDEO);
    this.#describe(Track.VIDEO, description);
    this.#pictureEndUs = unit.ptsUs + unit.durationUs;
    this.#write(Track.VIDEO, unit, noSource);
  }

  #emitSound(unit: EncodedUnit, description: TrackDescription): void {
    this.#describe(Track.AUDIO, description);
    this.#soundEndUs = unit.ptsUs + unit.durationUs;
    this.#write(Track.AUDIO, unit, this.#deps.sourceAt(unit.ptsUs) ?? noSource);
  }

  #describe(track: Track, { codec, description }: TrackDescription): void {
    if (this.#described.get(track) === codec) return;
    this.#described.set(track, codec);
    const { revision, width, height, framesPerSecond } = this.#form;
    const { sampleRateHz } = this.#deps;
    const header: MessageInitShape<typeof TrackHeaderSchema> = {
      track,
      codec,
      description,
      revision,
      ...(track === Track.VIDEO ? { width, height, framesPerSecond } : {}),
      ...(track === Track.MOTION ? { framesPerSecond } : {}),
      ...(track === Track.AUDIO ? { sampleRateHz } : {}),
    };
    this.#deps.write({ case: "header", value: create(TrackHeaderSchema, header) });
  }

  #write(track: Track, unit: EncodedUnit, { response, responseSample }: ResponsePlace): void {
    const { ptsUs, durationUs, keyframe, data } = unit;
    const responsePtsUs = BigInt(Math.round((responseSample / this.#deps.sampleRateHz) * 1e6));
    const times = { ptsUs: BigInt(Math.round(ptsUs)), durationUs: Math.round(durationUs), responsePtsUs };
    this.#deps.write({
      case: "unit",
      value: { $typeName: "troupe.presentation.v1.AccessUnit", track, keyframe, data, response, ...times },
    });
  }
}
