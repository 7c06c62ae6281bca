/// <reference lib="dom" />
import type { BenchState } from "./bench.ts";

/** Notes when the events of the conversation reach the page; pictures and sound are only counted. */
export function hookSockets(bench: BenchState): void {
  const Native = window.WebSocket;
  const note = (event: { readonly type?: unknown; delta?: unknown }) => {
    if (typeof event.type !== "string") return;
    const { delta: _, ...rest } = event;
    bench.events.push({ nowMs: performance.now(), event: { ...rest, type: event.type } });
  };
  const onMessage = ({ data }: MessageEvent) => {
    if (typeof data !== "string") bench.binaryMessages++;
    // Media as JSON would be large; it is counted like the other.
    else if (data.length > 100_000 || data.startsWith('{"type":"troupe.av"')) bench.binaryMessages++;
    else note(JSON.parse(data));
  };
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(bench.offline ? "ws://127.0.0.1:9/offline" : url, protocols);
      bench.sockets.add(this);
      this.addEventListener("message", onMessage);
      this.addEventListener("close", () => {
        bench.sockets.delete(this);
        note({ type: "bench.closed" });
      });
    }
  };
}
