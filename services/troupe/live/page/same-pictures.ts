import type { Page } from "playwright-core";

export interface PictureComparison {
  /** What the server calls the visible label. */
  readonly label: string;
  /** Mean and 99th percentile, over blocks of 2x2 points, of the largest difference of red, green or blue, 0..255. */
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
      if (event.type === "troupe.session.started") header.label = event.label;
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
  // The video has one colour for 2x2 points: what is compared is the mean of such a block.
  const block = (of: Uint8ClampedArray, x: number, y: number, channel: number) => {
    const at = (dx: number, dy: number) => of[((y + dy) * side + x + dx) * 4 + channel] ?? 0;
    return (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
  };
  const differences: number[] = [];
  for (let y = 0; y < side; y += 2)
    for (let x = 0; x < side; x += 2)
      differences.push(Math.max(...[0, 1, 2].map((channel) => Math.abs(block(left, x, y, channel) - block(right, x, y, channel)))));
  differences.sort((one, other) => one - other);
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  return {
    label: header.label,
    mean,
    p99: differences[Math.floor(differences.length * 0.99)] as number,
    png: canvas.toDataURL("image/png").split(",")[1] ?? "",
  };
}
