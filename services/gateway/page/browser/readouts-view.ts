import type { AvatarCall, CallReadout } from "@troupe/client";
import { element } from "./elements.ts";
import type { Texts } from "./texts.ts";

const everyMs = 250;

/** Latency and A/V figures, for those who open them. @returns what ends it */
export function showReadouts(call: AvatarCall, list: HTMLElement, panel: HTMLElement, texts: Texts): () => void {
  const values = new Map<string, HTMLElement>();
  list.replaceChildren(
    ...Object.entries(texts.readouts).map(([key, label]) => {
      const value = element("dd", { "data-readout": key }, "–");
      values.set(key, value);
      return element("div", {}, element("dt", {}, label), value);
    }),
  );
  const timer = setInterval(() => {
    if (panel.hidden) return;
    for (const [key, text] of Object.entries(figures(call.readout()))) {
      const value = values.get(key);
      if (value) value.textContent = text;
    }
  }, everyMs);
  return () => clearInterval(timer);
}

function figures(readout: CallReadout): Record<keyof Texts["readouts"], string> {
  const { picture, voiceToSoundMs } = readout;
  const sorted = voiceToSoundMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return {
    voiceToSound: median === undefined ? "–" : `${voiceToSoundMs.at(-1)} ms (median ${median})`,
    sound: `${Math.round(readout.bufferedUs / 1000)} of ${Math.round(readout.targetUs / 1000)} ms`,
    underruns: String(readout.underruns),
    frames: picture.framesPerSecond.toFixed(1),
    dropped: String(picture.dropped),
    avOffset: `${Math.round(picture.avOffsetUs / 1000)} ms`,
    step: String(readout.step),
    picture: picture.width > 0 ? `${picture.width} × ${picture.height}` : "–",
    microphone: `${Math.round(readout.microphoneDb)} dB${readout.echoCancelled === "no" ? "" : `, echo cancelled (${readout.echoCancelled})`}`,
    session: readout.sessionId.slice(0, 8) || "–",
  };
}
