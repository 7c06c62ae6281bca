import { describe, expect, it } from "vitest";
import { type CallSignal, type CallState, nextState } from "./call-state.ts";
import { CaptionTrack } from "./caption-track.ts";
import { VoiceWatch } from "./voice-watch.ts";

const after = (...signals: readonly CallSignal[]): CallState => signals.reduce<CallState>(nextState, "connecting");

describe("the state of a call", () => {
  it.each<[string, readonly CallSignal[], CallState]>([
    ["connects until the session stands", ["asked", "sounds"], "connecting"],
    ["listens then", ["started"], "listening"],
    ["thinks once it was asked", ["started", "asked"], "thinking"],
    ["speaks once that is heard", ["started", "asked", "sounds"], "speaking"],
    ["goes on speaking while it is asked more", ["started", "sounds", "asked"], "speaking"],
    ["listens when the sound is over", ["started", "asked", "sounds", "silent"], "listening"],
    ["listens when there is no answer", ["started", "asked", "answered"], "listening"],
    ["listens to who goes on speaking", ["started", "asked", "heard-voice"], "listening"],
    ["comes back after a loss", ["started", "sounds", "lost", "sounds", "started"], "listening"],
    ["says that it comes back", ["started", "lost", "asked"], "reconnecting"],
    ["stays ended", ["started", "ended", "started", "sounds"], "ended"],
  ])("%s", (_what, signals, state) => expect(after(...signals)).toBe(state));
});

describe("captions", () => {
  it("wait for their sound and are shown once", () => {
    const track = new CaptionTrack();
    track.add(1_000_000, "Hello.");
    track.add(2_000_000, "");
    expect([track.due(900_000), track.due(1_000_000), track.due(1_500_000), track.due(2_100_000)]).toEqual([
      undefined,
      "Hello.",
      undefined,
      "",
    ]);
  });
  it("of a cut response go at once, those to come too", () => {
    const track = new CaptionTrack();
    track.add(1_000_000, "Hello.");
    track.due(1_000_000);
    track.add(2_000_000, "More.");
    track.clear();
    expect([track.due(1_100_000), track.due(3_000_000)]).toEqual(["", undefined]);
  });
});

describe("the voice watch", () => {
  const sound = (db: number) => new Float32Array(480).fill(10 ** (db / 20));
  it("knows when the voice ended, over the noise of the room", () => {
    const watch = new VoiceWatch();
    const levels = [...new Array(50).fill(-48), ...new Array(20).fill(-20), ...new Array(30).fill(-47)];
    levels.forEach((db, n) => {
      watch.heard(sound(db), n * 20);
    });
    expect(watch.lastVoiceMs).toBe(69 * 20);
  });
  it("hears no voice in a quiet room", () => {
    const watch = new VoiceWatch();
    for (let n = 0; n < 100; n++) watch.heard(sound(-62 + (n % 3)), n);
    expect(watch.lastVoiceMs).toBeUndefined();
  });
});
