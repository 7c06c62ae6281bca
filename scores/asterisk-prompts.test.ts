import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadAsteriskPrompts, parseTranscripts } from "./asterisk-prompts.ts";

describe("the prompts' transcripts", () => {
  it("keep what is said and leave out notes and sounds without speech", () => {
    const file = [
      "; Core Asterisk Sounds in English",
      "",
      "agent-pass: Please enter your password  followed by the pound key.",
      "beep: [this is a simple beep tone]",
      "confbridge-join: <beep ascending>",
      "silence/1: (1 second of silence)",
      "letters/at: at [@]",
      'spy-iax2: IAX (note: does not say "2")',
      "dir-multi2: ... for ...",
      "vm-leavemsg:  Press 5 to leave a message",
    ].join("\n");
    expect([...parseTranscripts(file)]).toEqual([
      ["agent-pass", "Please enter your password followed by the pound key."],
      ["letters/at", "at"],
      ["spy-iax2", "IAX"],
      ["dir-multi2", "for"],
      ["vm-leavemsg", "Press 5 to leave a message"],
    ]);
  });

  it("stop to be fetched when they are no longer wanted", async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), "troupe-prompts-"));
    onTestFinished(() => rm(cacheDir, { recursive: true }));
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(loadAsteriskPrompts({ cacheDir, signal })).rejects.toThrow("stop");
  });
});
