import type { AvatarCall } from "@troupe/client";
import type { CallScreen } from "./call-screen.ts";

const kept = 500;

/** `window.troupe`: what the page's call is doing, for those who look into it from outside (console, measurements). */
export function keepRecord(screen: CallScreen): void {
  const events: object[] = [];
  const silenced: object[] = [];
  const marks: Record<string, number> = {};
  const record = {
    events,
    silenced,
    marks,
    get call(): AvatarCall | undefined {
      return screen.call;
    },
    readout: () => ({ ...screen.call?.readout(), silenced, marks }),
  };
  Object.assign(window, { troupe: record });
  screen.onCall((call) => {
    marks.startMs = performance.now();
    call.on("server", (event) => {
      events.push({ atMs: performance.now(), ...event });
      if (events.length > kept) events.shift();
      window.dispatchEvent(new CustomEvent("troupe-event", { detail: event }));
    });
    call.on("started", () => (marks.sessionMs = performance.now()));
    call.on("first-picture", ({ atMs }) => (marks.firstPictureMs = atMs - performance.timeOrigin));
    call.on("silenced", (event) => silenced.push({ ...event, atMs: performance.now() }));
    call.on("error", (error) => events.push({ atMs: performance.now(), type: "client.error", ...error }));
  });
}
