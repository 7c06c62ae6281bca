import type { Player, PlayerEvents, PlayerReadout } from "../player/player.ts";
import { sharedNowMs } from "../player/player-messages.ts";
import { type AccessUnit, readAvPacket, type TrackHeader, trackNumber } from "../wire/av-packet.ts";
import { paceOf, targetS } from "./element-pace.ts";
import { fragment, initSegment } from "./fragments.ts";
import { HeardSpans } from "./heard-spans.ts";
import { SourceTrack } from "./source-track.ts";
import { StillPicture } from "./still-picture.ts";

export interface MsePlayerOptions {
  readonly context: AudioContext;
  readonly video: HTMLVideoElement;
  readonly events: PlayerEvents;
}

const pollMs = 10;
const fadeS = 0.015;
/** Below this gain nothing is heard. */
const silentGain = 0.01;
const keptS = 20;
/** Units, about ten seconds of them; what comes after that is left out. */
const maxEarly = 800;

/**
 * Plays through Media Source Extensions, where WebCodecs is missing: the element keeps sound and picture together, and a silenced
 * response is muted and jumped over.
 */
export function createMsePlayer({ context, video, events }: MsePlayerOptions): Player {
  const source = new MediaSource();
  const opened = new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  video.src = URL.createObjectURL(source);
  const gain = context.createGain();
  context.createMediaElementSource(video).connect(gain).connect(context.destination);
  const playing = new MsePlaying(source, video, gain, events);
  let queue: Promise<unknown> = opened;
  const poll = setInterval(() => playing.poll(), pollMs);
  return {
    output: gain,
    packet(frame) {
      queue = queue.then(() => playing.packet(new Uint8Array(frame))).catch((thrown) => events.failed("mse", String(thrown)));
    },
    hold: (response) => playing.silence(response),
    release: (response) => playing.spans.release(response),
    cancel: (response) => playing.silence(response),
    restart: () => undefined,
    drawMotion: () => events.failed("mse", "motion is drawn with WebCodecs only"),
    readout: () => playing.readout(),
    close() {
      clearInterval(poll);
      gain.disconnect();
      video.pause();
      URL.revokeObjectURL(video.src);
    },
  };
}

class MsePlaying {
  readonly spans = new HeardSpans();
  readonly #source: MediaSource;
  readonly #video: HTMLVideoElement;
  readonly #gain: GainNode;
  readonly #events: PlayerEvents;
  readonly #tracks = new Map<number, { readonly track: SourceTrack; readonly key: string }>();
  readonly #headers = new Map<number, { readonly header: TrackHeader; readonly key: string; readonly type: string }>();
  /** Units that came before both tracks were known. */
  readonly #early: AccessUnit[] = [];
  readonly #still = new StillPicture();
  #originUs: number | undefined;
  #sequence = 0;
  #underruns = 0;
  #sounding = 0;
  #trimmedS = 0;

  constructor(source: MediaSource, video: HTMLVideoElement, gain: GainNode, events: PlayerEvents) {
    this.#source = source;
    this.#video = video;
    this.#gain = gain;
    this.#events = events;
    video.addEventListener("waiting", () => this.#waits());
    video.addEventListener("loadeddata", () => events.firstPicture(sharedNowMs()), { once: true });
  }

  packet(frame: Uint8Array): void {
    const body = readAvPacket(frame);
    if (body?.case === "header") this.#header(body.value);
    else if (body?.case === "unit") this.#unit(body.value);
  }

  silence(response: number): void {
    const current = this.spans.at(this.#positionUs);
    const sounds = current?.response === response && !current.muted;
    this.spans.silence(response);
    if (sounds) {
      this.#events.silenced(response, Math.round(this.#positionUs + fadeS * 1e6));
      // What is jumped to next need not be decoded from a keyframe of long ago.
      this.#events.keyframeNeeded();
    }
    this.poll();
  }

  /** Mutes what may not be heard, jumps over it, and stays near the live edge. */
  poll(): void {
    const video = this.#video;
    if (video.paused && this.#endS - video.currentTime > targetS) void video.play().catch(() => undefined);
    const span = this.spans.at(this.#positionUs);
    const { gain, context } = this.#gain;
    gain.setTargetAtTime(span?.muted ? 0 : 1, context.currentTime, fadeS / 5);
    const fading = span?.muted === true && gain.value > silentGain;
    const sounding = span && !span.muted && !video.paused ? span.response : 0;
    if (sounding !== 0 && sounding !== this.#sounding) this.#events.started(sounding, sharedNowMs() + this.#latencyMs);
    this.#sounding = sounding;
    this.#keepPictures();
    if (!fading) this.#goOn(span);
    this.#leaveGap();
    this.#forgetPlayed();
  }

  readout(): PlayerReadout {
    const video = this.#video;
    const quality = video.getVideoPlaybackQuality();
    return {
      positionUs: Math.max(0, Math.round(this.#positionUs - this.#latencyMs * 1000)),
      bufferedUs: Math.max(0, Math.round((this.#endS - video.currentTime) * 1e6)),
      targetUs: targetS * 1e6,
      underruns: this.#underruns,
      sounding: this.#sounding,
      picture: {
        shown: quality.totalVideoFrames - quality.droppedVideoFrames,
        dropped: quality.droppedVideoFrames,
        avOffsetUs: 0,
        ptsUs: Math.round(this.#positionUs),
        framesPerSecond: 0,
        width: video.videoWidth,
        height: video.videoHeight,
      },
    };
  }

  get #positionUs(): number {
    return (this.#originUs ?? 0) + this.#video.currentTime * 1e6;
  }

  /** On the element's own time. */
  #secondsOf(sessionUs: number): number {
    return (sessionUs - (this.#originUs ?? 0)) / 1e6;
  }

  get #latencyMs(): number {
    const context = this.#gain.context as AudioContext;
    return (context.outputLatency || context.baseLatency || 0) * 1000;
  }

  /** Up to where there are both sound and picture. */
  get #endS(): number {
    return this.#tracks.size === 0 ? 0 : Math.min(...[...this.#tracks.values()].map(({ track }) => track.endS));
  }

  #header(header: TrackHeader): void {
    const key = `${header.codec} ${header.width} ${header.height} ${header.description.join()}`;
    const known = this.#tracks.get(header.track);
    if (known?.key === key || header.track === trackNumber.motion) return;
    const kind = header.track === trackNumber.video ? "video" : "audio";
    if (!known) return this.#first(header, key, `${kind}/mp4; codecs="${header.codec}"`);
    known.track.append(initSegment(header));
    if (kind === "video") this.#still.forget();
    this.#tracks.set(header.track, { track: known.track, key });
  }

  /** An element takes no further track once one has data: sound and picture begin together. */
  #first(header: TrackHeader, key: string, type: string): void {
    this.#headers.set(header.track, { header, key, type });
    if (this.#headers.size < 2) return;
    for (const { header: one, key: known, type: of } of this.#headers.values())
      this.#tracks.set(one.track, { track: new SourceTrack(this.#source, of), key: known });
    for (const { header: one } of this.#headers.values()) this.#tracks.get(one.track)?.track.append(initSegment(one));
    for (const unit of this.#early.splice(0)) this.#unit(unit);
  }

  #unit(unit: AccessUnit): void {
    if (this.#tracks.size === 0) return this.#keepEarly(unit);
    this.#originUs ??= unit.ptsUs;
    const atUs = unit.ptsUs - this.#originUs;
    if (unit.track === trackNumber.audio) this.spans.add(unit.ptsUs, unit.durationUs, unit.response);
    else if (!this.#still.take(unit)) return;
    if (atUs >= 0) this.#tracks.get(unit.track)?.track.append(fragment(unit, this.#sequence++, atUs));
  }

  /** The first keyframe may be among them. */
  #keepEarly(unit: AccessUnit): void {
    if (this.#early.length < maxEarly) this.#early.push(unit);
  }

  #goOn(span: ReturnType<HeardSpans["at"]>): void {
    const video = this.#video;
    const sound = span && { ...span, toS: this.#secondsOf(span.toUs) };
    const { rate, seekToS } = paceOf({ positionS: video.currentTime, endS: this.#endS, sound });
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (seekToS !== undefined) this.#seek(seekToS);
  }

  /** The sound does not wait for pictures that do not come. */
  #keepPictures(): void {
    const [pictures, sound] = [this.#tracks.get(trackNumber.video)?.track, this.#tracks.get(trackNumber.audio)?.track];
    if (!pictures?.settled || !sound) return;
    const { endS } = pictures;
    const still = this.#still.over(endS, sound.endS);
    if (!still) return;
    pictures.append(fragment(still, this.#sequence++, endS * 1e6));
    this.#events.keyframeNeeded();
  }

  /** Where nothing is to be heard just then, nobody misses it. */
  #waits(): void {
    const span = this.spans.at(this.#positionUs);
    if (span && span.response !== 0 && !span.muted && !this.#video.seeking) this.#underruns++;
  }

  #forgetPlayed(): void {
    const { currentTime } = this.#video;
    if (currentTime - this.#trimmedS < 2 * keptS) return;
    this.#trimmedS = currentTime - keptS;
    for (const { track } of this.#tracks.values()) track.trim(this.#trimmedS);
  }

  /** Where the session's time made a jump, the element would wait for what never comes. */
  #leaveGap(): void {
    const { buffered, currentTime } = this.#video;
    for (let n = 0; n < buffered.length; n++) {
      if (currentTime < buffered.start(n)) return this.#seek(buffered.start(n) + 0.001);
      if (currentTime < buffered.end(n) - 0.03) return;
    }
  }

  #seek(toS: number): void {
    if (toS > this.#video.currentTime + 0.02) this.#video.currentTime = toS;
  }
}
