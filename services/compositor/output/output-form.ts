import { AudioCodec, type OutputSettings, type PresentationSettings, VideoCodec } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";

/** The form of picture and sound, checked and without gaps. */
export interface OutputForm {
  /** Of the output settings that it follows; 0: as the session was opened. */
  readonly revision: number;
  /** 0 for both: no picture. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly videoBitrateBps: number;
  readonly motion: boolean;
  readonly captions: boolean;
  readonly audioCodec: AudioCodec;
  readonly videoCodec: VideoCodec;
}

export const defaultForm = { width: 512, height: 512, framesPerSecond: 25, videoBitrateBps: 1_200_000 } as const;

const frameRates = [15, 25, 30];
const minSide = 64;
const maxSide = 1920;

/**
 * The form that was asked for; what is not set is the default.
 * @throws ServiceError INVALID_REQUEST for a picture of another size or rate than can be made
 */
export function readForm(given: OutputSettings | PresentationSettings): OutputForm {
  const { width, height, motion, captions } = given;
  const framesPerSecond = given.framesPerSecond || defaultForm.framesPerSecond;
  check(frameRates.includes(framesPerSecond), `frames_per_second must be ${frameRates.join(", ")}`);
  if (width !== 0 || height !== 0)
    for (const side of [width, height])
      check(side >= minSide && side <= maxSide && side % 2 === 0, `width and height must be even and ${minSide} to ${maxSide}`);
  return {
    revision: "revision" in given ? given.revision : 0,
    width,
    height,
    framesPerSecond,
    videoBitrateBps: given.videoBitrateBps || defaultForm.videoBitrateBps,
    motion,
    captions,
    audioCodec: given.audioCodec || AudioCodec.AAC,
    videoCodec: given.videoCodec || VideoCodec.H264_HIGH,
  };
}

/** Neither picture nor motion: nothing shows that the voice is generated, so it must be heard. */
export const isVoiceOnly = ({ width, motion }: OutputForm): boolean => width === 0 && !motion;

/** Whether one picture encoder can make both. The bit rate may differ. */
export function samePicture(a: OutputForm, b: OutputForm): boolean {
  return a.width === b.width && a.height === b.height && a.framesPerSecond === b.framesPerSecond && a.videoCodec === b.videoCodec;
}

function check(valid: boolean, message: string): void {
  if (!valid) throw new ServiceError("INVALID_REQUEST", message);
}
