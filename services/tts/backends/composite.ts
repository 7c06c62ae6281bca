import { isServiceError, ServiceError } from "@troupe/errors";
import type { ClauseRequest, SynthesizedSlice, SynthesizeOptions, TimedText, TtsBackend, Voice } from "./backend.ts";
import { checkClause, nothingToSay, speaks } from "./clause-check.ts";
import { cutLanguageRuns } from "./language-runs.ts";

export interface CompositeOptions {
  /** Of two with the same voice or language the first is taken. All speak at one sample rate. The composite disposes of them. */
  readonly members: readonly TtsBackend[];
  /** Told what cannot be said: Chinese characters where no voice speaks Chinese. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Several backends as one: the clause's voice decides, then its language. Chinese words in a clause of another language are said by a
 * voice that speaks Chinese, the avatar's own if it names one; a voice that speaks Chinese gets its clauses whole.
 * @throws ServiceError INVALID_CONFIG when the members' sample rates differ
 */
export function createCompositeBackend({ members, warn }: CompositeOptions): TtsBackend {
  const voices = members.flatMap((member) => member.voices);
  const sampleRateHz = members[0]?.sampleRateHz ?? 0;
  if (members.some((member) => member.sampleRateHz !== sampleRateHz) || sampleRateHz === 0)
    throw new ServiceError(
      "INVALID_CONFIG",
      `voices of one replica share one sample rate: ${members.map((one) => one.sampleRateHz).join(", ")} Hz`,
    );

  const partsOf = (clause: ClauseRequest): readonly ClauseRequest[] => {
    const voice = voices.find(({ id }) => id === clause.voice);
    const runs = cutLanguageRuns(clause.text);
    if (!runs.some(({ isHan }) => isHan) || (voice && speaks(voice, "zh"))) return [clause];
    const chinese = voiceFor(voices, clause.voices, "zh");
    if (!chinese) {
      warn?.(`no voice speaks Chinese; its characters in a clause in ${clause.language} are left out`);
      return [clause];
    }
    return runs.map(({ text, isHan }) => (isHan ? { ...clause, text, language: "zh", voice: chinese.id } : { ...clause, text }));
  };

  return {
    name: members.map(({ name }) => name).join("+"),
    sampleRateHz,
    voices,
    async *synthesize(request, options) {
      const memberOf = (id: string) => members.find((member) => member.voices.some((voice) => voice.id === id)) as TtsBackend;
      const parts = partsOf(checkClause(request, voices));
      let samples = 0;
      for (const part of parts) {
        const start = samples;
        for await (const slice of spoken(memberOf(part.voice), part, options, parts.length > 1)) {
          yield shifted(slice, start, sampleRateHz);
          samples += slice.samples.length;
        }
      }
      if (samples === 0) throw nothingToSay();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member[Symbol.asyncDispose]()));
    },
  };
}

/** The wanted voice of a language if it is there, else the first that speaks it. */
function voiceFor(voices: readonly Voice[], wanted: ClauseRequest["voices"], language: string): Voice | undefined {
  const fitting = voices.filter((voice) => speaks(voice, language));
  return fitting.find(({ id }) => id === wanted?.[language]) ?? fitting[0];
}

/** One part of a clause; beside others it may hold nothing that can be said. */
async function* spoken(
  member: TtsBackend,
  part: ClauseRequest,
  options: SynthesizeOptions,
  hasOthers: boolean,
): AsyncIterable<SynthesizedSlice> {
  try {
    yield* member.synthesize(part, options);
  } catch (thrown) {
    if (!hasOthers || !isServiceError(thrown, "TEXT_EMPTY")) throw thrown;
  }
}

/** A slice of a part that starts at the sample `start` of the clause; times stay on sample bounds. */
function shifted(slice: SynthesizedSlice, start: number, sampleRateHz: number): SynthesizedSlice {
  if (start === 0) return slice;
  const toClause = (us: number) => Math.round(((Math.round((us * sampleRateHz) / 1e6) + start) * 1e6) / sampleRateHz);
  const move = ({ text, startUs, endUs }: TimedText) => ({ text, startUs: toClause(startUs), endUs: toClause(endUs) });
  return { samples: slice.samples, words: slice.words.map(move), phones: slice.phones.map(move) };
}
