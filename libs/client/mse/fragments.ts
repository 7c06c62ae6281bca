import { type AccessUnit, type TrackHeader, trackNumber } from "../wire/av-packet.ts";
import { box, fullBox, u16, u32, u64, zeros } from "./mp4-boxes.ts";

/** Ticks a second, so that times are microseconds. */
const timescale = 1_000_000;
const unityMatrix = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].flatMap(u32);

/**
 * The initialisation segment of a track (ISO/IEC 14496-12 and -15): H.264 or AAC. Written here, as the muxers there are begin a
 * fragment only at a keyframe, which would add a whole group of pictures to the delay.
 */
export function initSegment(header: TrackHeader): Uint8Array {
  const video = header.track === trackNumber.video;
  const media = box(
    "mdia",
    fullBox("mdhd", 0, 0, u32(0), u32(0), u32(timescale), u32(0), u16(0x55c4), u16(0)),
    fullBox("hdlr", 0, 0, u32(0), [...(video ? "vide" : "soun")].map(codeOf), zeros(13)),
    box(
      "minf",
      video ? fullBox("vmhd", 0, 1, zeros(8)) : fullBox("smhd", 0, 0, zeros(4)),
      box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))),
      box(
        "stbl",
        fullBox("stsd", 0, 0, u32(1), video ? videoEntry(header) : audioEntry(header)),
        ...["stts", "stsc", "stco"].map((type) => fullBox(type, 0, 0, u32(0))),
        fullBox("stsz", 0, 0, u32(0), u32(0)),
      ),
    ),
  );
  const size = [...u32(header.width * 0x10000), ...u32(header.height * 0x10000)];
  const track = fullBox(
    "tkhd",
    0,
    7,
    u32(0),
    u32(0),
    u32(1),
    zeros(8),
    zeros(8),
    u16(0),
    u16(0),
    u16(video ? 0 : 0x100),
    u16(0),
    unityMatrix,
    size,
  );
  const movie = fullBox(
    "mvhd",
    0,
    0,
    u32(0),
    u32(0),
    u32(timescale),
    u32(0),
    u32(0x10000),
    u16(0x100),
    zeros(10),
    unityMatrix,
    zeros(24),
    u32(2),
  );
  const extends_ = box("mvex", fullBox("trex", 0, 0, u32(1), u32(1), u32(0), u32(0), u32(0)));
  const brands = [..."iso6"].map(codeOf);
  return joined(box("ftyp", brands, u32(0), brands), box("moov", movie, box("trak", track, media), extends_));
}

/** One access unit as a fragment of its own. @param atUs on the time of the media source */
export function fragment(unit: AccessUnit, sequence: number, atUs: number): Uint8Array {
  // Of the sample: depends on others, is no sync sample (14496-12, 8.8.3.1).
  const flags = unit.keyframe || unit.track === trackNumber.audio ? 0x02000000 : 0x01010000;
  const moof = (dataOffset: number) =>
    box(
      "moof",
      fullBox("mfhd", 0, 0, u32(sequence)),
      box(
        "traf",
        fullBox("tfhd", 0, 0x020000, u32(1)),
        fullBox("tfdt", 1, 0, u64(Math.round(atUs))),
        fullBox("trun", 0, 0x000701, u32(1), u32(dataOffset), u32(unit.durationUs), u32(unit.data.length), u32(flags)),
      ),
    );
  return joined(moof(moof(0).length + 8), box("mdat", unit.data));
}

function videoEntry({ width, height, description }: TrackHeader): Uint8Array {
  const resolution = u32(72 * 0x10000);
  return box(
    "avc1",
    zeros(6),
    u16(1),
    zeros(16),
    u16(width),
    u16(height),
    resolution,
    resolution,
    u32(0),
    u16(1),
    zeros(32),
    u16(24),
    u16(0xffff),
    box("avcC", description),
  );
}

/** AAC as in 14496-14: the decoder's configuration within nested descriptors of 14496-1. */
function audioEntry({ sampleRateHz, description }: TrackHeader): Uint8Array {
  const specific = descriptor(5, [...description]);
  const config = descriptor(4, [0x40, 0x15, 0, 0, 0, ...u32(0), ...u32(0), ...specific]);
  const stream = descriptor(3, [...u16(1), 0, ...config, ...descriptor(6, [2])]);
  const esds = fullBox("esds", 0, 0, stream);
  return box("mp4a", zeros(6), u16(1), zeros(8), u16(1), u16(16), zeros(4), u32(sampleRateHz * 0x10000), esds);
}

const descriptor = (tag: number, content: readonly number[]): number[] => [tag, content.length, ...content];
const codeOf = (character: string): number => character.charCodeAt(0);

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
