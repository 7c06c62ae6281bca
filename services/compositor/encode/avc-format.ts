const nalType = { sei: 6, sps: 7, pps: 8, delimiter: 9 } as const;
/** Profiles whose avcC tells the sampling of colour besides (ISO/IEC 14496-15, 5.3.3.1.2). */
const highProfiles = [100, 110, 122, 144];

export interface AvcDescription {
  /** As in WebCodecs, e.g. "avc1.42c01e". */
  readonly codec: string;
  /** AVCDecoderConfigurationRecord: 4-byte lengths, one SPS, one PPS, 8 bits, 4:2:0. */
  readonly description: Uint8Array;
}

/** What a decoder needs to know, from parameter sets in Annex B form; undefined where one is missing. */
export function describeAvc(parameterSets: Uint8Array): AvcDescription | undefined {
  const nals = [...splitAnnexB(parameterSets)];
  const sps = nals.find((nal) => typeOf(nal) === nalType.sps);
  const pps = nals.find((nal) => typeOf(nal) === nalType.pps);
  if (sps === undefined || pps === undefined) return undefined;
  const [, profile = 0, constraints = 0, level = 0] = sps;
  const sized = (nal: Uint8Array) => [nal.length >> 8, nal.length & 0xff, ...nal];
  const colour = highProfiles.includes(profile) ? [0xfd, 0xf8, 0xf8, 0] : [];
  const description = [1, profile, constraints, level, 0xff, 0xe1, ...sized(sps), 1, ...sized(pps), ...colour];
  const codec = `avc1.${Buffer.from([profile, constraints, level]).toString("hex")}`;
  return { codec, description: Uint8Array.from(description) };
}

/** A picture in Annex B form as AVC: a 4-byte length before each NAL unit; parameter sets, notes and delimiters are left out. */
export function toAvc(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  const left: readonly number[] = Object.values(nalType);
  const nals = [...splitAnnexB(picture)].filter((nal) => !left.includes(typeOf(nal)));
  const avc = new Uint8Array(nals.reduce((sum, nal) => sum + 4 + nal.length, 0));
  const view = new DataView(avc.buffer);
  let at = 0;
  for (const nal of nals) {
    view.setUint32(at, nal.length);
    avc.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return avc;
}

function typeOf(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 0x1f;
}

/** The NAL units between start codes (ITU-T H.264, annex B); they never contain one themselves. */
export function* splitAnnexB(bytes: Uint8Array): Generator<Uint8Array> {
  let start = nextStart(bytes, 0);
  while (start !== undefined) {
    const next = nextStart(bytes, start);
    let end = next === undefined ? bytes.length : next - 3;
    // Zeros before a start code belong to nobody.
    while (end > start && bytes[end - 1] === 0) end--;
    if (end > start) yield bytes.subarray(start, end);
    start = next;
  }
}

/** Position after the next start code. */
function nextStart(bytes: Uint8Array, from: number): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.indexOf("\x00\x00\x01", from, "latin1");
  return at < 0 ? undefined : at + 3;
}
