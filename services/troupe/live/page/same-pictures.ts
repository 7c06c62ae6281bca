import type { Page } from "playwright-core";

export interface PictureComparison {
  /** Mean and 99th percentile of the difference of colour values, 0..255. */
  readonly mean: number;
  readonly p99: number;
  /** Both pictures side by side: server left, client right; a PNG as base64. */
  readonly png: string;
}

/**
 * One session that sends pictures and motion: the picture at a time, decoded, and the motion of that time, drawn by the client's
 * own module in the browser.
 */
export async function comparePictures(page: Page): Promise<PictureComparison> {
  // As text: what runs in the page may not be rewritten by the test's own loader.
  const modules = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  const painter = modules.find((name) => name.includes("motionPainter"));
  await page.evaluate(`import(${JSON.stringify(painter)}).then((module) => { window.painterModule = module; })`);
  return await page.evaluate(compareInPage);
}

/** The client's module, as the page serves it. */
interface PainterModule {
  createMotionPainter(setup: object): Promise<{ frame(unit: object): { draw(context: unknown): void } }>;
}

interface Unit {
  readonly track: string;
  readonly pts_us: number;
  readonly keyframe: boolean;
  readonly data: string;
}

async function compareInPage(): Promise<PictureComparison> {
  const side = 512;
  const bytesOf = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/realtime?media=json`);
  const output = { width: side, height: side, frames_per_second: 25, motion: true, audio_codec: "opus" };
  socket.onopen = () =>
    socket.send(
      JSON.stringify({ type: "session.update", session: { type: "realtime", troupe: { media: "json", output, avatar: "mara" } } }),
    );
  const pictures: Unit[] = [];
  const poses = new Map<number, Unit>();
  const header = { codec: "", description: "", label: "" };
  await new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "troupe.session.started") header.label = event.label || "AI-generated";
      if (event.type === "troupe.track" && event.track === "video") Object.assign(header, event, { label: header.label });
      if (event.type === "troupe.av" && event.track === "video") pictures.push(event);
      if (event.type === "troupe.av" && event.track === "motion") poses.set(event.pts_us, event);
      if (pictures.length >= 12 && poses.size >= 14) resolve();
    };
  });
  socket.send(JSON.stringify({ type: "troupe.end" }));
  const frames: VideoFrame[] = [];
  const decoder = new VideoDecoder({ output: (frame) => frames.push(frame), error: () => undefined });
  decoder.configure({ codec: header.codec, description: bytesOf(header.description) });
  const first = pictures.findIndex(({ keyframe }) => keyframe);
  for (const { pts_us: timestamp, keyframe, data } of pictures.slice(first))
    decoder.decode(new EncodedVideoChunk({ type: keyframe ? "key" : "delta", timestamp, data: bytesOf(data) }));
  await decoder.flush();
  const frame = frames.findLast(({ timestamp }) => poses.has(timestamp));
  if (!frame) throw new Error("no picture and motion of the same time");
  const fontUrl = performance.getEntriesByType("resource").find(({ name }) => name.includes("/label-"))?.name ?? "";
  const { painterModule } = window as unknown as { painterModule: PainterModule };
  const setup = { avatarUrl: `${location.origin}/v1/avatars/mara/avatar.json`, fontUrl, label: header.label, width: side, height: side };
  const painter = await painterModule.createMotionPainter(setup);
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * side, height: side });
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const own = new OffscreenCanvas(side, side);
  painter.frame({ ptsUs: frame.timestamp, data: bytesOf(poses.get(frame.timestamp)?.data ?? "") }).draw(own.getContext("2d"));
  context.drawImage(frame, 0, 0, side, side);
  context.drawImage(own, side, 0);
  const [left, right] = [context.getImageData(0, 0, side, side).data, context.getImageData(side, 0, side, side).data];
  const dbg = {} as Record<string, unknown>;
  for (const block of [1, 2, 4]) {
    const diffs: number[][] = [[], []];
    const worst: [number, number, number][] = [];
    for (let y = 0; y < side; y += block) for (let x = 0; x < side; x += block) {
      const means = [left, right].map((of) => [0, 1, 2].map((channel) => {
        let sum = 0;
        for (let dy = 0; dy < block; dy++) for (let dx = 0; dx < block; dx++) sum += of[((y + dy) * side + x + dx) * 4 + channel] as number;
        return sum / block / block;
      }));
      const [a, b] = means as [[number, number, number], [number, number, number]];
      const rgb = Math.max(...[0, 1, 2].map((n) => Math.abs((a[n] as number) - (b[n] as number))));
      const luma = (p: [number, number, number]) => 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
      diffs[0]?.push(rgb);
      diffs[1]?.push(Math.abs(luma(a) - luma(b)));
      worst.push([rgb, x, y]);
    }
    worst.sort((a, b) => b[0] - a[0]);
    dbg[block] = diffs.map((list) => { list.sort((a, b) => a - b); return { mean: list.reduce((a, b) => a + b, 0) / list.length, p50: list[list.length >> 1], p90: list[Math.floor(list.length * 0.9)], p99: list[Math.floor(list.length * 0.99)], p999: list[Math.floor(list.length * 0.999)], max: list.at(-1) }; });
    dbg[`worst${block}`] = worst.slice(0, 400).filter((_, n) => n % 40 === 0);
  }
  dbg.label = header.label;
  dbg.frame = [frame.timestamp, frame.codedWidth, frame.displayWidth, frame.format, frame.colorSpace.toJSON(), frames.map(({ timestamp }) => timestamp), [...poses.keys()]];
  const aa = (make: () => any) => { const c = make(); const x = c.getContext("2d"); x.save(); x.beginPath(); x.moveTo(0, 0); x.lineTo(97, 31); x.lineTo(20, 90); x.closePath(); x.clip(); x.fillRect(0, 0, 100, 100); x.restore(); const d = x.getImageData(0, 0, 100, 100).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 0 && d[i] < 255) n++; return n; };
  dbg.aa = [aa(() => Object.assign(document.createElement("canvas"), { width: 100, height: 100 })), aa(() => new OffscreenCanvas(100, 100)), aa(() => document.createElement("canvas").transferControlToOffscreen())];
  console.log("DBG " + JSON.stringify(dbg));
  const differences = left
    .map((value, at) => Math.abs(value - (right[at] as number)))
    .filter((_, at) => at % 4 !== 3)
    .sort();
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  return {
    mean,
    p99: differences[Math.floor(differences.length * 0.99)] as number,
    png: canvas.toDataURL("image/png").split(",")[1] ?? "",
  };
}
