import { isServiceError, ServiceError } from "@troupe/errors";
import type { ClauseRequest, SynthesizedSlice, SynthesizeOptions, TimedText, TtsBackend } from "./backend.ts";
import { checkClause, nothingToSay } from "./clause-check.ts";
import { cutLanguageRuns } from "./language-runs.ts";
import { sliceDeadlineMs } from "./slice-deadline.ts";
import { chooseVoice, speaks } from "./voice-choice.ts";

export interface CompositeOptions {
  /** Of two with the same voice the first is taken. All speak at one sample rate. The composite disposes of them. */
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
    const chinese = chooseVoice(voices, { language: "zh", voices: clause.voices });
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
        const deadlineMs = sliceDeadlineMs(options.deadlineMs, start === 0);
        for await (const slice of spoken(memberOf(part.voice), part, { ...options, deadlineMs }, parts.length > 1)) {
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
