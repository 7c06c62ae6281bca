import { answerThreshold, type EmbedOptions, type Evidence, type Retriever } from "../knowledge/index.ts";
import type { Readings } from "./follow-up.ts";

/** What was found for the reading of a question that the documents support best. */
export interface Found {
  /** Best first; empty when nothing is alike at all. */
  readonly evidence: readonly Evidence[];
  /** Whether the best of it answers the question. */
  readonly enough: boolean;
}

const retrieved = 8;

/** What a reading that was pieced together needs above the threshold: it shares words with the documents by making. */
const followUpMargin = 0.06;

/**
 * @param language BCP-47, of the question
 * @throws ServiceError DEADLINE, CANCELLED, BACKEND_FAILED, QUEUE_FULL
 */
export async function findEvidence(retriever: Retriever, readings: Readings, language: string, options: EmbedOptions): Promise<Found> {
  let evidence: readonly Evidence[] = [];
  for (const reading of readings) {
    const found = await retriever.retrieve(reading, language, retrieved, options);
    if ((found[0]?.score ?? 0) > (evidence[0]?.score ?? 0)) evidence = found;
  }
  const threshold = readings.length > 1 ? answerThreshold + followUpMargin : answerThreshold;
  return { evidence, enough: (evidence[0]?.score ?? 0) >= threshold };
}
