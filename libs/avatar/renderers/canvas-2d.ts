/**
 * The Canvas2D subset that Node (@napi-rs/canvas) and browsers share and that renderers may use.
 * Structural, so that both contexts fit without a cast; nothing here touches a DOM.
 */
export type Canvas2d = Pick<
  CanvasRenderingContext2DLike,
  | "save"
  | "restore"
  | "translate"
  | "rotate"
  | "scale"
  | "transform"
  | "setTransform"
  | "beginPath"
  | "closePath"
  | "moveTo"
  | "lineTo"
  | "quadraticCurveTo"
  | "bezierCurveTo"
  | "arc"
  | "ellipse"
  | "rect"
  | "fill"
  | "stroke"
  | "clip"
  | "fillRect"
  | "clearRect"
  | "fillText"
  | "measureText"
  | "drawImage"
  | "createLinearGradient"
  | "createRadialGradient"
  | "createPattern"
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "lineCap"
  | "lineJoin"
  | "globalAlpha"
  | "globalCompositeOperation"
  | "font"
  | "textAlign"
  | "textBaseline"
>;

export interface CanvasGradientLike {
  addColorStop(offset: number, color: string): void;
}

interface CanvasRenderingContext2DLike {
  save(): void;
  restore(): void;
  translate(x: number, y: number): void;
  rotate(angle: number): void;
  scale(x: number, y: number): void;
  transform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  beginPath(): void;
  closePath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(cpx: number, cpy: number, x: number, y: number): void;
  bezierCurveTo(cp1x: number, cp1y: number, cp2x: number, cp2y: number, x: number, y: number): void;
  arc(x: number, y: number, radius: number, startAngle: number, endAngle: number, counterclockwise?: boolean): void;
  ellipse(x: number, y: number, radiusX: number, radiusY: number, rotation: number, startAngle: number, endAngle: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  fill(): void;
  stroke(): void;
  clip(): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number, maxWidth?: number): void;
  measureText(text: string): { readonly width: number };
  // biome-ignore lint/suspicious/noExplicitAny: each runtime has its own image type; the caller makes it, the renderer only passes it on
  drawImage(image: any, dx: number, dy: number, dWidth: number, dHeight: number): void;
  createLinearGradient(x0: number, y0: number, x1: number, y1: number): CanvasGradientLike;
  createRadialGradient(x0: number, y0: number, r0: number, x1: number, y1: number, r1: number): CanvasGradientLike;
  // biome-ignore lint/suspicious/noExplicitAny: each runtime has its own canvas and its own pattern; the renderer only passes them on
  createPattern(image: any, repetition: "no-repeat"): any;
  // biome-ignore lint/suspicious/noExplicitAny: string or the runtime's own gradient or pattern
  fillStyle: any;
  // biome-ignore lint/suspicious/noExplicitAny: string or the runtime's own gradient
  strokeStyle: any;
  lineWidth: number;
  lineCap: "butt" | "round" | "square";
  lineJoin: "bevel" | "miter" | "round";
  globalAlpha: number;
  // biome-ignore lint/suspicious/noExplicitAny: a string union that differs between runtimes
  globalCompositeOperation: any;
  font: string;
  textAlign: "center" | "end" | "left" | "right" | "start";
  textBaseline: "alphabetic" | "bottom" | "hanging" | "ideographic" | "middle" | "top";
}
