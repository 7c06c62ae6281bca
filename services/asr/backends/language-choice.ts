import { ServiceError } from "@troupe/errors";
import type { AsrBackend, DetectedLanguage, TranscribeOptions } from "./backend.ts";
import { checkRequest, primarySubtag } from "./transcribe-request.ts";

/**
 * One backend made of several, each for the languages that none before it has. A language that is asked for decides; else it is
 * detected, by the first backend that can tell all languages apart.
 * @param backends at least one, in order of preference; closed with the whole
 */
export function createLanguageChoice(backends: readonly AsrBackend[]): AsrBackend {
  const languages = [...new Set(backends.flatMap((backend) => backend.languages))];
  const detector = backends.find(
    (backend) => backend.detectLanguage && languages.every((language) => backend.languages.includes(language)),
  );
  const [first] = backends;
  if (!first) throw new ServiceError("INVALID_CONFIG", "recognition needs at least one model");
  if (languages.length > 1 && !detector) {
    throw new ServiceError(
      "INVALID_CONFIG",
      `none of the models ${backends.map(({ name }) => name).join(", ")} tells their languages apart`,
    );
  }
  const description = {
    name: backends.map((backend) => backend.name).join("+"),
    languages,
    maxAudioMs: Math.min(...backends.map((backend) => backend.maxAudioMs)),
  };
  const forLanguage = (language: string) => backends.find((backend) => backend.languages.includes(language)) as AsrBackend;
  async function detect(samples: Float32Array, request: TranscribeOptions): Promise<DetectedLanguage> {
    return (await detector?.detectLanguage?.(samples, request)) ?? { language: languages[0] as string, probability: 1 };
  }
  return {
    ...description,
    async transcribe(samples, request) {
      checkRequest(description, samples, request);
      const language = primarySubtag(request.language) ?? (await detect(samples, request)).language;
      return await forLanguage(language).transcribe(samples, { ...request, language });
    },
    detectLanguage: detect,
    async [Symbol.asyncDispose]() {
      await Promise.all(backends.map((backend) => backend[Symbol.asyncDispose]()));
    },
  };
}
