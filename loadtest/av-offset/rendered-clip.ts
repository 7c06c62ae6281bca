import { create } from "@bufbuild/protobuf";
import { BoundedQueue } from "@troupe/bus";
import {
  type AudioCodec,
  type AvPacket,
  type ConverseRequest,
  ConverseRequestSchema,
  Pacing,
  PresentationSettingsSchema,
  Track,
} from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";

import type { Converse } from "@troupe/troupe";
import type { MediaFile, Unit } from "./media-file.ts";

export interface ClipRequest {
  readonly text: string;
  readonly avatar: string;
  /** PCM16 leaves the presenter as it is, so that no encoder's delay is in the clip. */
  readonly audioCodec: AudioCodec;
  readonly signal: AbortSignal;
}

/** Lets the avatar say a text through the real stages, as fast as they are, and gives what was presented. */
export async function renderClip(converse: Converse, { text, avatar, audioCodec, signal }: ClipRequest): Promise<MediaFile> {
  const requests = new BoundedQueue<ConverseRequest>(8, "fail");
  const send = (message: Parameters<typeof create<typeof ConverseRequestSchema>>[1]) =>
    requests.push(create(ConverseRequestSchema, message));
  const presentation = create(PresentationSettingsSchema, {
    width: 512,
    height: 512,
    framesPerSecond: 25,
    captions: true,
    pacing: Pacing.UNPACED,
    audioCodec,
  });
  send({ message: { case: "start", value: { tenant: "demo", avatar, language: "en", asap: true, sampleRateHz: 16_000, presentation } } });
  send({ message: { case: "say", value: { text, language: "en" } } });
  send({ message: { case: "finish", value: {} } });
  const packets: AvPacket[] = [];
  for await (const { event } of converse(requests, signal)) {
    if (event.case === "av") packets.push(event.value);
    if (event.case === "error") throw new ServiceError("BACKEND_FAILED", `the clip could not be rendered: ${event.value.message}`);
  }
  return toMedia(packets);
}

function toMedia(packets: readonly AvPacket[]): MediaFile {
  const header = (track: Track) => {
    for (const { body } of packets) if (body.case === "header" && body.value.track === track) return body.value;
    throw new ServiceError("INTERNAL", "a track was not presented");
  };
  const units = (track: Track): Unit[] =>
    packets.flatMap(({ body }) =>
      body.case === "unit" && body.value.track === track ? [{ ...body.value, ptsUs: Number(body.value.ptsUs), data: body.value.data }] : [],
    );
  const picture = header(Track.VIDEO);
  const sound = header(Track.AUDIO);
  const bytes = (data: Uint8Array) => new Uint8Array(data);
  return {
    video: {
      config: { codec: picture.codec, codedWidth: picture.width, codedHeight: picture.height, description: bytes(picture.description) },
      units: units(Track.VIDEO),
    },
    audio: {
      config: {
        codec: sound.codec,
        sampleRate: sound.sampleRateHz,
        numberOfChannels: 1,
        ...(sound.description.length > 0 ? { description: bytes(sound.description) } : {}),
      },
      units: units(Track.AUDIO),
    },
  };
}
