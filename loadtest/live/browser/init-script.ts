import { createBench } from "./in-page/bench.ts";
import { watchFrames } from "./in-page/frames.ts";
import { hookMicrophone, microphoneControls } from "./in-page/microphone.ts";
import { hookAudio, recorderProcessor, watchClocks } from "./in-page/recorder.ts";
import { hookSockets } from "./in-page/sockets.ts";
import { takeRecording } from "./in-page/taking.ts";

/** Cells of the sampled picture along each side. */
export const gridCells = 64;

/** RMS of the room in which the person speaks, in dB of full scale. */
const noiseDb = -66;

const parts = [createBench, watchFrames, hookMicrophone, microphoneControls, hookAudio, watchClocks, hookSockets, takeRecording];

/** The harness as a script that runs before the page's own; it leaves one object, `troupeBench`. */
export function initScript(): string {
  return `(() => {
  if (window !== window.top || window.troupeBench) return;
  ${parts.map(String).join("\n  ")}
  const bench = createBench();
  hookAudio(bench, ${JSON.stringify(recorderProcessor)});
  hookMicrophone(bench, ${noiseDb});
  hookSockets(bench);
  const controls = microphoneControls(bench);
  window.troupeBench = {
    ...controls,
    take: () => takeRecording(bench),
    events: () => bench.events.map(({ event }) => event),
    send: (event) => { for (const socket of bench.sockets) if (socket.readyState === 1) socket.send(JSON.stringify(event)); },
    network: (on) => { bench.offline = !on; if (!on) for (const socket of [...bench.sockets]) socket.close(); },
  };
  watchClocks(bench);
  addEventListener("DOMContentLoaded", () => watchFrames(bench, ${gridCells}));
})();`;
}
