import { ServiceError } from "@troupe/errors";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ClauseRequest, SynthesizedSlice, TtsBackend } from "./backend.ts";
import { createCompositeBackend } from "./composite.ts";
import { describeTtsBackend } from "./conformance.ts";
import { cutLanguageRuns } from "./language-runs.ts";
import { createLazyBackend } from "./lazy-backend.ts";
import { createStubBackend } from "./stub.ts";

const english = () => createStubBackend({ voice: "ann", languages: ["en"] });
const chinese = (voice = "mei") => createStubBackend({ voice, languages: ["zh"] });
const bilingual = () => createCompositeBackend({ members: [english(), chinese()] });

describeTtsBackend("a composite", async () => bilingual());

const request = (text: string, change: Partial<ClauseRequest> = {}): ClauseRequest => ({
  text,
  language: "en",
  voice: "",
  rate: 1,
  ...change,
});
const speak = (backend: TtsBackend, clause: ClauseRequest): Promise<SynthesizedSlice[]> =>
  Array.fromAsync(backend.synthesize(clause, { deadlineMs: performance.now() + 5_000 }));

/** The backend, with the clauses it got. */
function recorded(backend: TtsBackend) {
  const requests: ClauseRequest[] = [];
  const synthesize: TtsBackend["synthesize"] = (clause, options) => {
    requests.push(clause);
    return backend.synthesize(clause, options);
  };
  return { requests, backend: { ...backend, synthesize } };
}

describe("a composite of voices", () => {
  it("asks the member that has the voice, and without a voice the first that speaks the language", async () => {
    const members = [recorded(english()), recorded(createStubBackend({ voice: "bob" })), recorded(chinese())];
    const backend = createCompositeBackend({ members: members.map((member) => member.backend) });
    await speak(backend, request("Hello.", { voice: "bob" }));
    await speak(backend, request("Hello."));
    await speak(backend, request("你好。", { language: "zh-CN" }));
    expect(members.map(({ requests }) => requests.map(({ voice }) => voice))).toEqual([["ann"], ["bob"], ["mei"]]);
  });

  it("has Chinese words of an English clause said by the speaker's Chinese voice, on one time scale", async () => {
    const members = [recorded(english()), recorded(chinese()), recorded(chinese("lan"))] as const;
    const backend = createCompositeBackend({ members: members.map((member) => member.backend) });
    const slices = await speak(backend, request("Please ask 王小明 at the desk.", { voices: { zh: "lan" } }));
    expect(members.map(({ requests }) => requests.map(({ text, language }) => `${language} ${text}`))).toEqual([
      ["en Please ask ", "en at the desk."],
      [],
      ["zh 王小明 "],
    ]);
    const words = slices.flatMap((slice) => slice.words);
    expect(words.map((word) => word.text)).toEqual(["Please", "ask", "王小明", "at", "the", "desk."]);
    for (const [index, word] of words.entries()) expect(word.startUs).toBeGreaterThanOrEqual(words[index - 1]?.endUs ?? 0);
    const phones = slices.flatMap((slice) => slice.phones);
    for (const [index, phone] of phones.entries()) expect(phone.startUs).toBe(phones[index - 1]?.endUs ?? 0);
    const samples = slices.reduce((sum, slice) => sum + slice.samples.length, 0);
    expect(phones.at(-1)?.endUs).toBe(Math.round((samples * 1e6) / backend.sampleRateHz));
  });

  it("holds only the first sound of a mixed clause to its deadline", async () => {
    const ann = recorded(english());
    // Speaks in time, and then the deadline is over.
    const late: TtsBackend = {
      ...ann.backend,
      synthesize: (clause, options) => ann.backend.synthesize(clause, { ...options, deadlineMs: Number.POSITIVE_INFINITY }),
    };
    const mixed = request("Ask 王小明 now.");
    const over = () => ({ deadlineMs: performance.now() - 1 });
    const backend = createCompositeBackend({ members: [late, chinese()] });
    expect((await Array.fromAsync(backend.synthesize(mixed, over()))).flatMap(({ words }) => words.map(({ text }) => text))).toEqual([
      "Ask",
      "王小明",
      "now.",
    ]);
    const strict = createCompositeBackend({ members: [english(), chinese()] });
    await expect(Array.fromAsync(strict.synthesize(mixed, over()))).rejects.toMatchObject({ reason: "DEADLINE" });
  });

  it("has the Chinese words said by the voice that is named for a Chinese tag", async () => {
    const members = [recorded(english()), recorded(chinese()), recorded(chinese("lan"))] as const;
    const backend = createCompositeBackend({ members: members.map((member) => member.backend) });
    await speak(backend, request("Ask 王小明 now.", { voices: { "zh-CN": "lan" } }));
    expect(members[2].requests.map(({ text }) => text)).toEqual(["王小明 "]);
  });

  it("asks a voice of the clause's own tag before others of its language", async () => {
    const members = [recorded(english()), recorded(createStubBackend({ voice: "eve", languages: ["en-GB"] }))];
    const backend = createCompositeBackend({ members: members.map((member) => member.backend) });
    await speak(backend, request("Hello.", { language: "en-GB" }));
    await speak(backend, request("Hello.", { language: "en-GB", voices: { en: "ann" } }));
    expect(members.map(({ requests }) => requests.length)).toEqual([1, 1]);
  });

  it("leaves a Chinese clause whole to the voice that speaks it", async () => {
    const member = recorded(chinese());
    await speak(createCompositeBackend({ members: [english(), member.backend] }), request("请打开 Troupe 的网页。", { language: "zh" }));
    expect(member.requests.map(({ text }) => text)).toEqual(["请打开 Troupe 的网页。"]);
  });

  it("warns of Chinese characters that nobody can say, and says the rest", async () => {
    const warnings: string[] = [];
    const backend = createCompositeBackend({ members: [english()], warn: (message) => warnings.push(message) });
    expect(await speak(backend, request("Ask 王小明 now."))).not.toHaveLength(0);
    expect(warnings).toEqual([expect.stringContaining("no voice speaks Chinese")]);
  });

  it("refuses members of different sample rates", () => {
    expect(() => createCompositeBackend({ members: [english(), { ...chinese(), sampleRateHz: 22_050 }] })).toThrow(
      expect.objectContaining({ reason: "INVALID_CONFIG" }),
    );
  });
});

describe("a lazy backend", () => {
  const open = (loads: (() => Promise<TtsBackend>)[]) => {
    let count = 0;
    const load = () => (loads[count++] as () => Promise<TtsBackend>)();
    const backend = createLazyBackend({ name: "late", voices: [{ id: "hum", languages: ["en"] }], load });
    onTestFinished(() => backend[Symbol.asyncDispose]());
    return { backend, count: () => count };
  };

  it("loads once, with the first clause", async () => {
    const { backend, count } = open([async () => createStubBackend()]);
    expect(count()).toBe(0);
    await Promise.all([speak(backend, request("One.")), speak(backend, request("Two."))]);
    expect(count()).toBe(1);
  });

  it("tries a load that failed again", async () => {
    const { backend } = open([() => Promise.reject(new Error("disk")), async () => createStubBackend()]);
    await expect(speak(backend, request("One."))).rejects.toThrow("disk");
    expect(await speak(backend, request("Two."))).toHaveLength(1);
  });

  it("answers who cancels or is out of time while it loads, and goes on loading for the others", async () => {
    const gate = Promise.withResolvers<TtsBackend>();
    const { backend } = open([() => gate.promise]);
    const caller = new AbortController();
    const soon = performance.now() + 20;
    const cancelled = Array.fromAsync(backend.synthesize(request("One."), { deadlineMs: Number.POSITIVE_INFINITY, signal: caller.signal }));
    const late = Array.fromAsync(backend.synthesize(request("Two."), { deadlineMs: soon }));
    const patient = speak(backend, request("Three."));
    caller.abort(new ServiceError("CANCELLED", "never mind"));
    await expect(cancelled).rejects.toMatchObject({ reason: "CANCELLED" });
    await expect(late).rejects.toMatchObject({ reason: "DEADLINE" });
    gate.resolve(createStubBackend());
    expect(await patient).toHaveLength(1);
  });
});

describe("language runs", () => {
  it.each<[string, string[]]>([
    ["Hello there.", ["Hello there."]],
    ["你好，世界。", ["你好，世界。"]],
    ["Say 你好, then go.", ["Say ", "你好, ", "then go."]],
    ["王小明 said: 再见！", ["王小明 ", "said: ", "再见！"]],
    ["The year 2024年5月 was warm.", ["The year ", "2024年5月 ", "was warm."]],
    ["a好".repeat(20), ["a好".repeat(20)]],
    ["", [""]],
  ])("of %j", (text, runs) => expect(cutLanguageRuns(text).map((run) => run.text)).toEqual(runs));
});
