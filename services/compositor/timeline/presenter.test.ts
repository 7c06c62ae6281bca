import { OwnerState } from "@troupe/session";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Piece } from "./pieces.ts";
import { Presenter, type PresenterOptions } from "./presenter.ts";
import type { ResponseTrack } from "./response-track.ts";
import type { PresenterEvent, Tick } from "./tick.ts";

const sampleRateHz = 24_000;
const perTick = 960;
const tickUs = 40_000;
const fadeInSamples = 240;

function setUp(options: Partial<PresenterOptions> = {}) {
  const owner = new OwnerState(() => undefined);
  const presenter = new Presenter({
    framesPerSecond: 25,
    sampleRateHz,
    state: owner.view,
    startSample: 0,
    fromResponse: 1,
    motionWaitMs: 120,
    ...options,
  });
  return { owner, presenter, ticks: (count: number) => Array.from({ length: count }, () => presenter.tick()) };
}

/** Samples that tell by their value where they stand: none is 0, so that silence is not taken for sound. */
const ramp = (length: number, from = 0) => Int16Array.from({ length }, (_, index) => 1 + ((from + index) % 30_000));

const motionOf = (index: number, startUs = index * tickUs) => ({
  startUs,
  weights: Float32Array.of(index),
  head: { yaw: 0, pitch: 0, roll: 0 },
});

/** A response that is there as a whole. */
function fill(track: ResponseTrack, samples: Int16Array, words: readonly { text: string; from: number; to: number }[] = []): void {
  track.append(samples);
  const us = (sample: number) => Math.round((sample / sampleRateHz) * 1e6);
  for (const { text, from, to } of words) track.words.push({ text, startUs: us(from), endUs: us(to) });
  track.clauses.push({ text: words.map((word) => word.text).join(" "), startUs: 0 });
  for (let index = 0; index * perTick < samples.length; index++) track.appendMotion(motionOf(index));
  track.speechEnded = true;
  track.motionEnd = "complete";
}

const eventsOf = (ticks: readonly Tick[]): readonly PresenterEvent[] => ticks.flatMap((tick) => tick.events);
const kinds = (ticks: readonly Tick[]) =>
  eventsOf(ticks).flatMap(({ kind, response }) => (kind === "position" || kind === "caption" ? [] : [`${kind} ${response}`]));
const finishOf = (ticks: readonly Tick[], response: number) =>
  eventsOf(ticks).find((event) => event.kind === "finished" && event.response === response);
const soundOf = (ticks: readonly Tick[]) => ticks.flatMap((tick) => [...tick.samples]);

describe("a presenter", () => {
  it("presents a response whole, with its motion and its end", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(3 * perTick + 100), [{ text: "Hello.", from: 0, to: 3 * perTick }]);
    const made = ticks(5);
    expect(soundOf(made).slice(0, 3 * perTick + 100)).toEqual([...ramp(3 * perTick + 100)]);
    expect(
      soundOf(made)
        .slice(3 * perTick + 100)
        .every((sample) => sample === 0),
    ).toBe(true);
    expect(made.map((tick) => tick.motion?.weights[0])).toEqual([0, 1, 2, 3, undefined]);
    expect(made.map((tick) => tick.caption)).toEqual(["Hello.", "Hello.", "Hello.", "Hello.", ""]);
    expect(finishOf(made, 1)).toMatchObject({
      complete: true,
      presentedSamples: 3 * perTick + 100,
      presentedText: "Hello.",
      fallbackFrames: 0,
    });
    expect(presenter.pieces.of(1)).toEqual([{ response: 1, responseStart: 0, sessionStart: 0, length: 3 * perTick + 100 }]);
  });

  it("lets responses follow each other by number, whatever came first", () => {
    const { owner, presenter, ticks } = setUp();
    for (let number = 1; number <= 3; number++) owner.nextResponse();
    fill(presenter.track(3), ramp(perTick));
    expect(kinds(ticks(2))).toEqual([]);
    fill(presenter.track(1), ramp(perTick));
    fill(presenter.track(2), ramp(perTick));
    expect(kinds(ticks(4))).toEqual(["started 1", "finished 1", "started 2", "finished 2", "started 3", "finished 3"]);
  });

  it("holds a speculative response back until it is committed, and others pass it", () => {
    const { owner, presenter, ticks } = setUp();
    const speculative = owner.nextResponse({ speculative: true });
    fill(presenter.track(speculative), ramp(perTick));
    expect(soundOf(ticks(3)).every((sample) => sample === 0)).toBe(true);
    fill(presenter.track(owner.nextResponse()), ramp(perTick));
    expect(kinds(ticks(2))).toEqual(["started 2", "finished 2"]);
    owner.commit(speculative);
    expect(kinds(ticks(2))).toEqual(["started 1", "finished 1"]);
  });

  it("opens a new piece after a stall and loses no sample", () => {
    const { owner, presenter, ticks } = setUp();
    const track = presenter.track(owner.nextResponse());
    const whole = ramp(8 * perTick);
    track.motionEnd = "complete";
    track.append(whole.subarray(0, 2 * perTick + 300));
    const made = ticks(4);
    // More than nothing is not enough: it would run dry again at once.
    track.append(whole.subarray(2 * perTick + 300, 4 * perTick));
    made.push(...ticks(2));
    track.append(whole.subarray(4 * perTick));
    track.speechEnded = true;
    made.push(...ticks(7));
    expect(soundOf(made).filter((sample) => sample !== 0)).toEqual([...whole]);
    expect(presenter.pieces.of(1).map(({ responseStart, sessionStart, length }) => [responseStart, sessionStart, length])).toEqual([
      [0, 0, 2 * perTick],
      [2 * perTick, 6 * perTick, 6 * perTick],
    ]);
  });

  it("ends a response with what came when its speech fails", () => {
    const { owner, presenter, ticks } = setUp();
    const track = presenter.track(owner.nextResponse());
    fill(track, ramp(2 * perTick), [
      { text: "Half", from: 0, to: perTick },
      { text: "a", from: perTick, to: 2 * perTick },
      { text: "sentence", from: 2 * perTick, to: 4 * perTick },
    ]);
    const failure = new Error("the voice is gone");
    track.failure = failure;
    expect(finishOf(ticks(3), 1)).toMatchObject({ complete: false, failure, presentedSamples: 2 * perTick, presentedText: "Half a" });
  });

  it("lets a failed response that said nothing go by", () => {
    const { owner, presenter, ticks } = setUp();
    const track = presenter.track(owner.nextResponse());
    track.failure = new Error("refused");
    track.speechEnded = true;
    track.motionEnd = "failed";
    fill(presenter.track(owner.nextResponse()), ramp(perTick));
    expect(kinds(ticks(3))).toEqual(["finished 1", "started 2", "finished 2"]);
  });

  it("keeps exact time where the sample rate is no multiple of the frame rate", () => {
    const { owner, presenter, ticks } = setUp({ sampleRateHz: 16_000, framesPerSecond: 30 });
    fill(presenter.track(owner.nextResponse()), ramp(16_000));
    const made = ticks(30);
    expect(soundOf(made)).toEqual([...ramp(16_000)]);
    for (const [index, tick] of made.entries()) {
      const next = made[index + 1]?.sessionSample ?? 16_000;
      expect(next - tick.sessionSample).toBe(tick.samples.length);
    }
  });
});

describe("motion", () => {
  it("is waited for at the start, but no longer than the limit", () => {
    const { owner, presenter, ticks } = setUp({ motionWaitMs: 120 });
    const track = presenter.track(owner.nextResponse());
    track.append(ramp(6 * perTick));
    track.speechEnded = true;
    const made = ticks(5);
    expect(made.map((tick) => tick.speaking)).toEqual([false, false, false, true, true]);
    for (let index = 0; index < 6; index++) track.appendMotion(motionOf(index));
    track.motionEnd = "complete";
    made.push(...ticks(5));
    expect(made.map((tick) => tick.motion?.weights[0])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      2,
      3,
      4,
      5,
      undefined,
    ]);
    expect(finishOf(made, 1)).toMatchObject({ complete: true, fallbackFrames: 2 });
  });

  it("is not waited for when its first frame is there", () => {
    const { owner, presenter, ticks } = setUp();
    const track = presenter.track(owner.nextResponse());
    track.append(ramp(perTick));
    track.appendMotion(motionOf(0));
    expect(ticks(1)[0]).toMatchObject({ speaking: true });
  });

  it("that failed is counted frame by frame, and nobody waits for it", () => {
    const { owner, presenter, ticks } = setUp();
    const track = presenter.track(owner.nextResponse());
    track.append(ramp(4 * perTick));
    track.speechEnded = true;
    track.appendMotion(motionOf(0));
    track.motionEnd = "failed";
    expect(finishOf(ticks(5), 1)).toMatchObject({ fallbackFrames: 3 });
  });

  it("is moved, with caption and words, by exactly what the sound is moved", () => {
    const run = (delayTicks: number, until: number) => {
      const { owner, presenter, ticks } = setUp();
      const number = owner.nextResponse();
      const track = presenter.track(number);
      const delayUs = delayTicks * tickUs;
      track.append(new Int16Array(delayTicks * perTick));
      track.append(ramp(10 * perTick));
      for (const [text, startUs] of [
        ["one", 0],
        ["two", 130_000],
        ["three", 250_000],
      ] as const) {
        track.words.push({ text, startUs: startUs + delayUs, endUs: startUs + 90_000 + delayUs });
        track.clauses.push({ text, startUs: startUs + delayUs });
      }
      for (let index = 0; index < 10; index++) track.appendMotion(motionOf(index, index * tickUs + delayUs));
      track.speechEnded = true;
      track.motionEnd = "complete";
      const made = ticks(until + delayTicks);
      owner.cancelOnly(number);
      made.push(...ticks(1));
      return { made: made.slice(delayTicks), text: finishOf(made, number) };
    };
    for (const until of [2, 6, 9]) {
      const [plain, delayed] = [run(0, until), run(5, until)];
      const shown = (tick: Tick) => ({ motion: tick.motion?.weights[0], caption: tick.caption, sound: [...tick.samples] });
      expect(delayed.made.map(shown)).toEqual(plain.made.map(shown));
      expect(delayed.text).toMatchObject({ presentedText: (plain.text as { presentedText: string }).presentedText });
    }
  });
});

describe("a cancel", () => {
  it("stops the response within the tick that sees it and reports what was presented, in whole words", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(20 * perTick), [
      { text: "One", from: 0, to: 2 * perTick },
      { text: "two", from: 2 * perTick, to: 5 * perTick },
      { text: "three", from: 5 * perTick, to: 9 * perTick },
    ]);
    ticks(5);
    owner.cancelOnly(1);
    const [last, ...after] = ticks(4);
    expect(last?.samples[0]).toBe(ramp(1, 5 * perTick)[0]);
    expect(Math.abs(last?.samples.at(-1) ?? 1e9)).toBeLessThan(40);
    expect(finishOf([last as Tick], 1)).toMatchObject({ complete: false, presentedSamples: 6 * perTick, presentedText: "One two" });
    expect(soundOf(after).every((sample) => sample === 0)).toBe(true);
  });

  it("leaves its last tick to the response that fades out; the next one begins after it", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(20 * perTick));
    fill(presenter.track(owner.nextResponse()), ramp(2 * perTick));
    ticks(2);
    owner.cancelOnly(1);
    expect(ticks(2).map((tick) => kinds([tick]))).toEqual([["finished 1"], ["started 2"]]);
    expect(presenter.pieces.of(2)[0]).toMatchObject({ sessionStart: 3 * perTick });
  });

  it("of a response that has not begun leaves nothing owed", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(perTick));
    owner.cancelOnly(1);
    expect(presenter.owes).toBe(false);
    expect(soundOf(ticks(2)).every((sample) => sample === 0)).toBe(true);
    expect(presenter.track(1)).not.toBe(presenter.track(1));
  });

  it("of a held response ends it where it stood", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(20 * perTick));
    ticks(3);
    owner.hold(1);
    ticks(4);
    owner.cancelOnly(1);
    const made = ticks(2);
    expect(finishOf(made, 1)).toMatchObject({ complete: false, presentedSamples: 4 * perTick });
    expect(soundOf(made).every((sample) => sample === 0)).toBe(true);
  });

  it("at any moment lets nothing of the response out after the tick that saw it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4000 }), (after, chunk) => {
        const { owner, presenter, ticks } = setUp();
        const track = presenter.track(owner.nextResponse());
        const whole = ramp(10 * perTick);
        track.motionEnd = "complete";
        for (let index = 0; index < after; index++) {
          track.append(whole.subarray(index * chunk, (index + 1) * chunk));
          ticks(1);
        }
        owner.cancelOnly(1);
        const seen = ticks(1);
        expect(kinds(seen)).toEqual(["finished 1"]);
        track.append(whole);
        expect(soundOf(ticks(3)).every((sample) => sample === 0)).toBe(true);
      }),
    );
  });
});

describe("what was said", () => {
  const words = [
    { text: "One", from: 0, to: 2 * perTick },
    { text: "two", from: 2 * perTick, to: 5 * perTick },
    { text: "three.", from: 5 * perTick, to: 8 * perTick },
  ];
  const wordsOf = (ticks: readonly Tick[]) => {
    const finish = finishOf(ticks, 1);
    return finish?.kind === "finished" ? finish.words : undefined;
  };

  it("is told with the times at which its words ended, on both scales", () => {
    const { owner, presenter, ticks } = setUp({ startSample: 1000 });
    ticks(2);
    fill(presenter.track(owner.nextResponse()), ramp(8 * perTick), words);
    expect(wordsOf(ticks(9))).toEqual(words.map(({ text, to }) => ({ text, sessionEnd: 1000 + 2 * perTick + to, responseEnd: to })));
  });

  it("is told as far as it had left when it is cancelled", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(8 * perTick), words);
    ticks(4);
    owner.cancelOnly(1);
    expect(wordsOf(ticks(1))?.map(({ text }) => text)).toEqual(["One", "two"]);
  });

  it("counts where a word that was said again ended the last time", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(8 * perTick), words);
    ticks(4);
    owner.hold(1);
    ticks(3);
    owner.release(1);
    // Held within "two", which is said again from tick 7 on.
    expect(wordsOf(ticks(8))).toEqual([
      { text: "One", sessionEnd: 2 * perTick, responseEnd: 2 * perTick },
      { text: "two", sessionEnd: 10 * perTick, responseEnd: 5 * perTick },
      { text: "three.", sessionEnd: 13 * perTick, responseEnd: 8 * perTick },
    ]);
  });

  it("is told clause by clause while it is said, and that nothing is said any more", () => {
    const { owner, presenter, ticks } = setUp();
    const track = presenter.track(owner.nextResponse());
    track.clauses.push({ text: "One.", startUs: 0 }, { text: "Two.", startUs: 2 * tickUs });
    track.append(ramp(4 * perTick));
    track.motionEnd = "complete";
    track.speechEnded = true;
    const captions = eventsOf(ticks(7)).flatMap((event) => (event.kind === "caption" ? [event] : []));
    expect(captions.map(({ response, text, sessionSample }) => [response, text, sessionSample])).toEqual([
      [1, "One.", 0],
      [1, "Two.", 2 * perTick],
      [0, "", 4 * perTick],
    ]);
  });

  it("is found by the session's time as long as it is being said", () => {
    const { owner, presenter, ticks } = setUp();
    ticks(2);
    fill(presenter.track(owner.nextResponse()), ramp(3 * perTick + 10));
    ticks(6);
    expect([2 * perTick - 1, 2 * perTick, 5 * perTick + 9, 5 * perTick + 10].map((at) => presenter.pieces.at(at))).toEqual([
      undefined,
      { response: 1, responseSample: 0 },
      { response: 1, responseSample: 3 * perTick + 9 },
      undefined,
    ]);
  });
});

describe("a release that tells what the person heard", () => {
  const words = [
    { text: "One", from: 0, to: 2 * perTick },
    { text: "two", from: 2 * perTick, to: 5 * perTick },
    { text: "three.", from: 5 * perTick, to: 10 * perTick },
  ];
  const heardUs = (sample: number) => (sample / sampleRateHz) * 1e6;
  /** Said from tick 2 on, held in tick 9 (within "three."), released with what was heard. */
  const goesOnAt = (heard: number) => {
    const { owner, presenter, ticks } = setUp();
    ticks(2);
    fill(presenter.track(owner.nextResponse()), ramp(12 * perTick), words);
    ticks(7);
    owner.hold(1);
    ticks(4);
    owner.release(1, heardUs(heard));
    ticks(1);
    return presenter.pieces.of(1).at(-1);
  };

  it.each([
    ["within an earlier word, at its start", 5 * perTick, 2 * perTick],
    ["in the first word, at the beginning", 3 * perTick, 0],
    ["before it began, at the beginning", perTick, 0],
    ["within the word it stopped in, at its start", 8 * perTick, 5 * perTick],
    ["later than it stopped, where it stopped", 30 * perTick, 5 * perTick],
    ["nowhere that is known, where it stopped", 0, 5 * perTick],
  ])("goes on %s", (_, heard, responseStart) => {
    expect(goesOnAt(heard)).toMatchObject({ responseStart, sessionStart: 13 * perTick });
  });

  it("goes back also when hold and release came within one tick, and only once", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(12 * perTick), words);
    ticks(7);
    owner.hold(1);
    owner.release(1, heardUs(3 * perTick));
    ticks(3);
    expect(presenter.pieces.of(1).map(({ responseStart, length }) => [responseStart, length])).toEqual([
      [0, 7 * perTick],
      [2 * perTick, 3 * perTick],
    ]);
  });

  it("goes on no later than where it stopped, though the person had heard more of it before", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(12 * perTick), words);
    ticks(9);
    owner.hold(1);
    ticks(1);
    owner.release(1, heardUs(perTick));
    ticks(3);
    owner.hold(1);
    ticks(1);
    // Within "three.", which it had reached the first time, but has not the second.
    owner.release(1, heardUs(8 * perTick));
    ticks(1);
    expect(presenter.pieces.of(1).at(-1)).toMatchObject({ responseStart: 2 * perTick });
  });

  it("goes on from the word said again, where the person heard it the second time", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(12 * perTick), words);
    ticks(7);
    owner.hold(1);
    ticks(1);
    owner.release(1, heardUs(3 * perTick));
    // "two" again from tick 8 to 10, "three." from tick 11 on.
    ticks(6);
    owner.hold(1);
    ticks(1);
    owner.release(1, heardUs(12 * perTick));
    ticks(1);
    expect(presenter.pieces.of(1).at(-1)).toMatchObject({ responseStart: 5 * perTick });
  });
});

describe("another frame rate", () => {
  it.each([15, 25, 30])("(%i) begins at a frame's border and leaves the sound whole", (framesPerSecond) => {
    const { owner, presenter, ticks } = setUp({ framesPerSecond: 30, sampleRateHz: 16_000 });
    fill(presenter.track(owner.nextResponse()), ramp(16_000));
    const made = ticks(7);
    const border = presenter.sample;
    presenter.setFrameRate(framesPerSecond);
    made.push(...ticks(framesPerSecond));
    expect(soundOf(made).slice(0, 16_000)).toEqual([...ramp(16_000)]);
    expect(presenter.sample - border).toBe(16_000);
    expect(presenter.pieces.of(1)).toHaveLength(1);
  });

  it("stops a held sound within 40 ms, however long the frames are", () => {
    const { owner, presenter, ticks } = setUp({ framesPerSecond: 15 });
    fill(presenter.track(owner.nextResponse()), ramp(20 * perTick));
    ticks(2);
    owner.hold(1);
    const sound = soundOf(ticks(1));
    expect(sound).toHaveLength(1600);
    expect(sound.slice(0, 100).every((sample) => sample > 0)).toBe(true);
    expect(sound.slice(perTick).every((sample) => sample === 0)).toBe(true);
  });
});

describe("a hold", () => {
  it("and a cancel stop what is said, from their first tick on; its end does not", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(10 * perTick));
    const stopped = (count: number) => ticks(count).map((tick) => tick.stopped);
    expect(stopped(2)).toEqual([false, false]);
    owner.hold(1);
    expect(stopped(2)).toEqual([true, true]);
    owner.release(1);
    expect(stopped(1)).toEqual([false]);
    owner.cancelOnly(1);
    expect(stopped(3)).toEqual([true, true, true]);
    fill(presenter.track(owner.nextResponse()), ramp(2 * perTick));
    expect(stopped(5)).toEqual([false, false, false, false, false]);
  });

  it("fades out within a tick, keeps silent, and goes on from the start of the word", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(10 * perTick), [{ text: "word", from: 2 * perTick + 100, to: 7 * perTick }]);
    ticks(4);
    owner.hold(1);
    const [fading, ...silent] = ticks(4);
    expect(fading?.samples[0]).toBe(ramp(1, 4 * perTick)[0]);
    expect(fading?.samples.at(-1)).toBeLessThan(40);
    expect(soundOf(silent).every((sample) => sample === 0)).toBe(true);
    owner.release(1);
    const resumed = soundOf(ticks(3));
    expect(resumed.slice(fadeInSamples)).toEqual([...ramp(3 * perTick, 2 * perTick + 100).subarray(fadeInSamples)]);
    expect(presenter.pieces.of(1).at(-1)).toMatchObject({ responseStart: 2 * perTick + 100, sessionStart: 8 * perTick });
  });

  it("in a pause ends the pause: what is said next follows the release", () => {
    const { owner, presenter, ticks } = setUp();
    const said = new Int16Array(12 * perTick);
    said.set(ramp(2 * perTick));
    said.set(ramp(3 * perTick, 9 * perTick), 9 * perTick);
    fill(presenter.track(owner.nextResponse()), said, [
      { text: "one", from: 0, to: 2 * perTick },
      { text: "two", from: 9 * perTick, to: 12 * perTick },
    ]);
    ticks(4);
    owner.hold(1);
    ticks(2);
    owner.release(1);
    ticks(2);
    const before = Math.round(0.03 * sampleRateHz);
    expect(presenter.pieces.of(1).at(-1)).toMatchObject({ responseStart: 9 * perTick - before, sessionStart: 6 * perTick });
  });

  it("stops an unbegun response from beginning", () => {
    const { owner, presenter, ticks } = setUp();
    fill(presenter.track(owner.nextResponse()), ramp(perTick));
    owner.hold(1);
    expect(kinds(ticks(3))).toEqual([]);
    owner.release(1);
    expect(kinds(ticks(1))).toEqual(["started 1", "finished 1"]);
  });

  it("and release at any moment lose no sample and repeat no more than the word", () => {
    const words = fc.array(fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 200, max: 9000 })), { maxLength: 8 });
    const chunks = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 12 });
    const pauses = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 });
    fc.assert(
      fc.property(words, chunks, pauses, (spans, sizes, toggles) => {
        const { whole, sound, pieces, wordStarts } = playWithHolds(spans, sizes, toggles);
        // A piece goes on where the one before ended, or goes back: to the start of a word, or of the tick that faded.
        const steps = pieces.slice(1).map((piece, index) => {
          const before = pieces[index] as Piece;
          return { to: piece.responseStart, back: before.responseStart + before.length - piece.responseStart };
        });
        for (const { to, back } of steps) expect(back >= 0 && (back <= perTick || wordStarts.has(to))).toBe(true);
        // What had faded was said again at full strength, but for the first milliseconds of a repetition.
        const heard = loudest(pieces, sound, whole.length);
        const repeated = steps.filter(({ back }) => back > 0).map(({ to }) => to);
        const fadedIn = (at: number) => repeated.some((start) => at >= start && at < start + fadeInSamples);
        expect([...whole.keys()].filter((at) => heard[at] !== whole[at] && !fadedIn(at))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Presents sound that comes in chunks, one a tick, held and released at the toggles' distances, with words of (gap, length). */
function playWithHolds(spans: readonly (readonly [number, number])[], sizes: readonly number[], toggles: readonly number[]) {
  const { owner, presenter } = setUp();
  const whole = ramp(sum(sizes));
  const track = presenter.track(owner.nextResponse());
  track.motionEnd = "complete";
  const wordStarts = new Set<number>();
  for (const [index, [gap, size]] of spans.entries()) {
    const start = sum(spans.slice(0, index).flat()) + gap;
    wordStarts.add(start);
    const us = (sample: number) => Math.round((sample / sampleRateHz) * 1e6);
    track.words.push({ text: "w", startUs: us(start), endUs: us(start + size) });
  }
  const flips = toggles.map((_, index) => sum(toggles.slice(0, index + 1)));
  const sound: number[] = [];
  for (let tick = 0; presenter.owes && tick < 500; tick++) {
    const from = sum(sizes.slice(0, tick));
    track.append(whole.subarray(from, from + (sizes[tick] ?? 0)));
    track.speechEnded = tick >= sizes.length;
    const held = flips.filter((flip) => flip <= tick).length % 2 === 1 && tick < 90;
    if (held !== owner.view.isHeld(1)) held ? owner.hold(1) : owner.release(1);
    sound.push(...presenter.tick().samples);
  }
  expect(presenter.owes).toBe(false);
  return { whole, sound, pieces: presenter.pieces.of(1), wordStarts };
}

/** Each sample of the response as it was presented at its loudest. */
function loudest(pieces: readonly Piece[], sound: readonly number[], length: number): Int16Array {
  const heard = new Int16Array(length);
  for (const { responseStart, sessionStart, length: count } of pieces)
    for (let index = 0; index < count; index++) {
      const at = responseStart + index;
      heard[at] = Math.max(heard[at] as number, sound[sessionStart + index] as number);
    }
  return heard;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
