import { VideoCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_ERROR,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_YUV420P,
  SWS_POINT,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, Frame, Log, Packet, Rational, SoftwareScaleContext } from "node-av/lib";
import { type AvcDescription, describeAvc, toAvc } from "./avc-format.ts";

export interface H264Options {
  readonly codec: VideoCodec;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
}

export interface H264Picture {
  readonly ptsUs: number;
  readonly keyframe: boolean;
  /** AVC format. */
  readonly data: Uint8Array;
}

Log.setLevel(AV_LOG_ERROR);

const microseconds = { num: 1, den: 1_000_000 };
/** Baseline costs half of High; at talking heads' bit rates the difference in quality is small. */
const profiles: Partial<Record<VideoCodec, { readonly preset: string; readonly profile: string }>> = {
  [VideoCodec.H264_BASELINE]: { preset: "ultrafast", profile: "baseline" },
};
const high = { preset: "superfast", profile: "high" } as const;

/**
 * libx264 through FFmpeg: a frame in, its picture out, no reordering and no look-ahead. One call at a time; the work is done off the
 * event loop, by one thread per encoder.
 */
export class H264Encoder {
  readonly description: AvcDescription;
  readonly #context: CodecContext;
  readonly #scaler = new SoftwareScaleContext();
  readonly #converted = new Frame();
  readonly #packet = new Packet();

  private constructor(context: CodecContext, options: H264Options) {
    const description = describeAvc(context.extraData ?? new Uint8Array());
    if (!description) throw new ServiceError("BACKEND_FAILED", "the video encoder gave no parameter sets");
    this.description = description;
    this.#context = context;
    const { width, height } = options;
    this.#scaler.getContext(width, height, AV_PIX_FMT_RGBA, width, height, AV_PIX_FMT_YUV420P, SWS_POINT);
    this.#packet.alloc();
    this.#converted.alloc();
    Object.assign(this.#converted, { width, height, format: AV_PIX_FMT_YUV420P });
    check(this.#converted.getBuffer(0), "allocate");
  }

  /** @throws ServiceError BACKEND_FAILED */
  static async open(options: H264Options): Promise<H264Encoder> {
    const codec = Codec.findEncoderByName("libx264" as Parameters<typeof Codec.findEncoderByName>[0]);
    if (!codec) throw new ServiceError("BACKEND_FAILED", "there is no libx264");
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = options.width;
    context.height = options.height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.timeBase = new Rational(microseconds.num, microseconds.den);
    context.framerate = new Rational(options.framesPerSecond, 1);
    // Keyframes come when they are asked for.
    context.gopSize = 3600;
    context.maxBFrames = 0;
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    setRate(context, options.bitrateBps);
    const colours = { colorspace: "smpte170m", color_primaries: "bt709", color_trc: "bt709", color_range: "tv" };
    const settings = { ...(profiles[options.codec] ?? high), tune: "zerolatency", ...colours };
    check(await context.open2(codec, Dictionary.fromObject(settings)), "open");
    return new H264Encoder(context, options);
  }

  /** Takes effect with the next frame. */
  setBitrate(bitrateBps: number): void {
    setRate(this.#context, bitrateBps);
  }

  /** @param frame RGBA of the encoder's size; @throws ServiceError BACKEND_FAILED */
  async encode(frame: Frame, ptsUs: number, keyframe: boolean): Promise<H264Picture | undefined> {
    // A copy only where something still refers to the frame before.
    check(this.#converted.makeWritable(), "allocate");
    check(await this.#scaler.scaleFrame(this.#converted, frame), "convert");
    this.#converted.pts = BigInt(ptsUs);
    this.#converted.pictType = keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    check(await this.#context.sendFrame(this.#converted), "encode");
    if (this.#context.receivePacketSync(this.#packet) < 0) return undefined;
    const { data, pts, isKeyframe } = this.#packet;
    const picture = { ptsUs: Number(pts), keyframe: isKeyframe, data: toAvc(data ?? new Uint8Array()) };
    this.#packet.unref();
    return picture;
  }

  close(): void {
    this.#packet.free();
    this.#converted.free();
    this.#scaler.freeContext();
    this.#context.freeContext();
  }
}

/** Up to twice the rate for as long as a second makes up for it. */
function setRate(context: CodecContext, bitrateBps: number): void {
  context.bitRate = BigInt(bitrateBps);
  context.rcMaxRate = BigInt(2 * bitrateBps);
  context.rcBufferSize = 2 * bitrateBps;
}

function check(result: number, what: string): void {
  if (result < 0) throw new ServiceError("BACKEND_FAILED", `the video encoder failed (${what}: ${result})`);
}
