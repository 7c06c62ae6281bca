import { describe, expect, it } from "vitest";
import { fragment, initSegment } from "./fragments.ts";
import { HeardSpans } from "./heard-spans.ts";

interface Box {
  readonly type: string;
  readonly content: DataView;
  readonly children: readonly Box[];
}
const containers = new Set(["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf"]);

/** Boxes of ISO/IEC 14496-12; throws where sizes do not add up. */
function boxes(bytes: Uint8Array): readonly Box[] {
  const found: Box[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (size < 8 || at + size > bytes.length) throw new RangeError(`${type} does not fit`);
    const content = bytes.subarray(at + 8, at + size);
    const children = containers.has(type) ? boxes(content) : [];
    found.push({ type, content: new DataView(content.buffer, content.byteOffset, content.byteLength), children });
    at += size;
  }
  return found;
}
const find = (list: readonly Box[], ...path: readonly string[]): Box => {
  const box = list.find(({ type }) => type === path[0]);
  if (!box) throw new Error(`no ${path[0]}`);
  return path.length === 1 ? box : find(box.children, ...path.slice(1));
};

const unit = { track: 2, ptsUs: 0, durationUs: 40_000, keyframe: true, data: Uint8Array.of(9, 8, 7), response: 0, responsePtsUs: 0 };
const header = { track: 2, codec: "avc1.640028", width: 512, height: 640, framesPerSecond: 25, sampleRateHz: 0, revision: 0 };

describe("fragments", () => {
  it("hold one access unit, its time and where its bytes are", () => {
    const bytes = fragment(unit, 7, 5_000_000_000);
    const list = boxes(bytes);
    expect(find(list, "moof", "mfhd").content.getUint32(4)).toBe(7);
    expect(find(list, "moof", "traf", "tfdt").content.getBigUint64(4)).toBe(5_000_000_000n);
    const run = find(list, "moof", "traf", "trun").content;
    expect([run.getUint32(12), run.getUint32(16)]).toEqual([40_000, 3]);
    expect([...bytes.subarray(run.getUint32(8))]).toEqual([9, 8, 7]);
  });

  it("begin with a description of the decoder", () => {
    const list = boxes(initSegment({ ...header, description: Uint8Array.of(1, 100, 0, 40) }));
    const entry = new Uint8Array(find(list, "moov", "trak", "mdia", "minf", "stbl", "stsd").content.buffer).join();
    expect(entry).toContain([97, 118, 99, 67, 1, 100, 0, 40].join());
    expect(find(list, "moov", "trak", "tkhd").content.getUint16(76)).toBe(512);
    expect(find(list, "moov", "trak", "mdia", "mdhd").content.getUint32(12)).toBe(1_000_000);
  });
});

describe("spans of sound", () => {
  const spans = () => {
    const made = new HeardSpans();
    for (let n = 0; n < 10; n++) made.add(n * 20_000, 20_000, n < 3 ? 0 : 5);
    return made;
  };
  it("tell which response sounds", () => {
    expect(spans().at(30_000)).toMatchObject({ response: 0, muted: false });
    expect(spans().at(70_000)).toMatchObject({ response: 5, muted: false, toUs: 200_000 });
  });
  it("of a silenced response are muted, those to come too, until it is released", () => {
    const made = spans();
    made.silence(5);
    made.add(200_000, 20_000, 5);
    made.release(5);
    made.add(220_000, 20_000, 5);
    expect([made.at(70_000)?.muted, made.at(210_000)?.muted, made.at(230_000)?.muted, made.at(10_000)?.muted]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
