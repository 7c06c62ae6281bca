/// <reference lib="dom" />
import type { BenchState } from "./bench.ts";

/** Samples the avatar's picture at each animation frame, as a grid of brightness; a picture that did not change is left out. */
export function watchFrames(bench: BenchState, cells: number): void {
  const grid = new OffscreenCanvas(cells, cells);
  const drawing = grid.getContext("2d", { willReadFrequently: true });
  if (!drawing) return;
  drawing.imageSmoothingQuality = "medium";
  let source: HTMLCanvasElement | HTMLVideoElement | undefined;
  let last: Uint8Array | undefined;
  let count = 0;
  const area = (element: HTMLElement) => element.clientWidth * element.clientHeight;
  const find = () => {
    const found = [...document.querySelectorAll<HTMLCanvasElement | HTMLVideoElement>("canvas, video")].filter((one) => area(one) > 0);
    // Before the call a portrait stands where the avatar will be.
    const named = found.filter(({ id }) => id.startsWith("avatar"));
    return (named.length > 0 ? named : found).sort((a, b) => area(b) - area(a))[0];
  };
  const look = (nowMs: number) => {
    requestAnimationFrame(look);
    if (count++ % 30 === 0 || !source?.isConnected) source = find();
    if (!source) return;
    const { width, height } = source instanceof HTMLVideoElement ? { width: source.videoWidth, height: source.videoHeight } : source;
    if (width === 0 || height === 0) return;
    drawing.drawImage(source, 0, 0, width, height, 0, 0, cells, cells);
    const { data } = drawing.getImageData(0, 0, cells, cells);
    const luma = new Uint8Array(cells * cells);
    let changed = last === undefined;
    for (let n = 0; n < luma.length; n++) {
      const at = n * 4;
      luma[n] = Math.round(0.299 * (data[at] as number) + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number));
      changed ||= luma[n] !== last?.[n];
    }
    if (!changed) return;
    // Nothing was in the canvas just then: no picture of the avatar.
    if (luma.every((value) => value === 0)) {
      bench.blankFrames++;
      return;
    }
    last = luma;
    bench.frames.push({ nowMs, cells: luma });
  };
  requestAnimationFrame(look);
}
