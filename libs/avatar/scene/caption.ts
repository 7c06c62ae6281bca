import type { Canvas2d } from "../renderers/canvas-2d.ts";
import { fontOf } from "./text-font.ts";

const maxLines = 3;

/** Draws a clause over the lower edge, broken into at most three lines. */
export function drawCaption(context: Canvas2d, text: string, width: number, height: number): void {
  const size = Math.max(12, Math.round(Math.min(width, height) * 0.044));
  const pad = Math.round(size * 0.5);
  const lineHeight = Math.round(size * 1.3);
  context.font = fontOf(400, size);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const lines = breakLines(text, (line) => context.measureText(line).width, width - 6 * pad).slice(-maxLines);
  if (lines.length === 0) return;
  const boxWidth = Math.max(...lines.map((line) => context.measureText(line).width)) + 2 * pad;
  const boxHeight = lines.length * lineHeight + pad;
  const top = height - boxHeight - pad;
  context.globalAlpha = 1;
  context.fillStyle = "rgba(12, 16, 24, 0.62)";
  context.fillRect((width - boxWidth) / 2, top, boxWidth, boxHeight);
  context.fillStyle = "#ffffff";
  for (const [index, line] of lines.entries()) context.fillText(line, width / 2, top + pad / 2 + (index + 0.5) * lineHeight);
}

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Between words, and after each character of a script without spaces, but neither before closing marks nor after opening ones. */
const breaks = /(?<=\s)(?=\S)|(?<=[\u3000-\u9fff\uff00-\uffef])(?<![（「『【《〈“])(?![，。！？；：、…）」』】》〉”％])/u;

/** Breaks at spaces, and within a word only where it alone is too wide; text without spaces breaks between its characters. */
export function breakLines(text: string, measure: (line: string) => number, maxWidth: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(breaks)) {
    if (line !== "" && measure((line + word).trimEnd()) > maxWidth) {
      lines.push(line.trimEnd());
      line = "";
    }
    line = (line + word).trimStart();
    while (measure(line.trimEnd()) > maxWidth) {
      const head = widestHead(line, measure, maxWidth);
      if (head.length >= line.trimEnd().length) break;
      lines.push(head.trimEnd());
      line = line.slice(head.length).trimStart();
    }
  }
  if (line.trim() !== "") lines.push(line.trimEnd());
  return lines;
}

/** As many whole characters as fit, at least one. */
function widestHead(line: string, measure: (line: string) => number, maxWidth: number): string {
  let head = "";
  for (const { segment } of characters.segment(line)) {
    if (head !== "" && measure(head + segment) > maxWidth) break;
    head += segment;
  }
  return head;
}
