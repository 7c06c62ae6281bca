import { create } from "@bufbuild/protobuf";
import { type Citation, type ConverseRequest, type ConverseResponse, Pacing, PresentationSettingsSchema } from "@troupe/contracts";
import { ServiceError } from "@troupe/errors";
import { fromStreamError, stageNames } from "@troupe/stage";
import { joinWords } from "@troupe/timeline";
import { Microphone } from "./microphone.ts";
import { type Question, questionRateHz } from "./question.ts";
import { Recording } from "./recording.ts";

export interface AskOptions {
  readonly tenant: string;
  readonly avatar: string;
  readonly language: string;
  /** Sound in and presentation out as fast as possible, not in real time. */
  readonly asap: boolean;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly captions: boolean;
  readonly onEvent?: (event: ConverseResponse["event"]) => void;
  readonly signal?: AbortSignal;
}

/** One question and its answer. Times in milliseconds. */
export interface Turn {
  readonly question: string;
  readonly transcript: string;
  readonly language: string;
  readonly answer: string;
  readonly citations: readonly { readonly document: string; readonly title: string; readonly quote: string }[];
  readonly abstained: boolean;
  readonly fallback: boolean;
  readonly complete: boolean;
  /** From each stage's first input to its first output. */
  readonly stagesMs: Readonly<Record<string, number | null>>;
  /** From the last sample of the person's speech to the first sample of the answer leaving the presenter; null unless in real time. */
  readonly firstSoundMs: number | null;
  /** Likewise for the first picture of the answer. */
  readonly firstFrameMs: number | null;
  /** Time from the question's end to the answer's end, over the answer's length. */
  readonly realTimeFactor: number;
  readonly answerMs: number;
}

export interface AskResult {
  readonly session: string;
  readonly turns: readonly Turn[];
  readonly recording: Recording;
  /** Start of the first answer on the session scale, in microseconds. */
  readonly firstAnswerUs: number;
}

export type Converse = (requests: AsyncIterable<ConverseRequest>, signal: AbortSignal) => AsyncIterable<ConverseResponse>;

/** Holds one conversation: asks each question when the answer before it is over, and records what is presented. */
export async function ask(converse: Converse, questions: readonly Question[], options: AskOptions): Promise<AskResult> {
  const microphone = new Microphone(!options.asap);
  using run = new Run(microphone, questions);
  const pacing = options.asap ? Pacing.UNPACED : Pacing.LIVE;
  const { width, height, framesPerSecond, captions, tenant, avatar, language, asap } = options;
  const presentation = create(PresentationSettingsSchema, { width, height, framesPerSecond, captions, pacing });
  microphone.send({ case: "start", value: { tenant, avatar, language, presentation, asap, sampleRateHz: questionRateHz } });
  try {
    for await (const { event } of converse(microphone.requests, options.signal ?? new AbortController().signal)) {
      options.onEvent?.(event);
      run.take(event);
    }
  } finally {
    microphone.close();
  }
  return run.result();
}

interface Open {
  readonly question: Question;
  readonly askedMs: number;
  speechEndMs: number | undefined;
  speechOver: number;
  transcript: string;
  language: string;
  answer: string[];
  citations: Citation[];
  abstained: boolean;
  fallback: boolean;
  startedUs: number | undefined;
  firstSoundMs: number | null;
  firstFrameMs: number | null;
  response: number;
}

/** A recording in which nobody has begun to speak this long after its end holds no speech. */
const unheardMs = 3000;
/** A response that failed, and that no excuse or other attempt has followed this long after, stays without an answer. */
const unansweredMs = 3000;

class Run implements Disposable {
  readonly recording = new Recording();
  readonly #microphone: Microphone;
  readonly #waiting: Question[];
  readonly #turns: Turn[] = [];
  #session = "";
  #open: Open | undefined;
  #firstAnswerUs = 0;
  #failure: ServiceError | undefined;
  #giveUp: NodeJS.Timeout | undefined;

  constructor(microphone: Microphone, questions: readonly Question[]) {
    this.#microphone = microphone;
    this.#waiting = [...questions];
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#giveUp);
  }

  take(event: ConverseResponse["event"]): void {
    const open = this.#open;
    switch (event.case) {
      case "started":
        this.#session = event.value.session;
        this.#microphone.open();
        return this.#next();
      case "utteranceStarted":
        return clearTimeout(this.#giveUp);
      case "utteranceEnded":
        if (open) open.speechEndMs = this.#microphone.sentAtMs(Number(event.value.speechEndUs));
        if (open) open.speechOver = performance.now();
        return;
      case "utteranceTranscribed":
        if (!event.value.interim && open && event.value.transcript) {
          open.transcript = joinWords([open.transcript, event.value.transcript.text]);
          open.language = event.value.transcript.language;
        }
        return;
      case "responseCreated":
        clearTimeout(this.#giveUp);
        if (open) Object.assign(open, { response: event.value.response, answer: [], citations: [], abstained: false, fallback: false });
        return;
      case "responseText":
        return this.#words(event.value);
      case "responseStarted":
        return this.#started(Number(event.value.sessionPtsUs));
      case "av":
        this.recording.add(event.value);
        if (
          open &&
          open.startedUs !== undefined &&
          open.firstFrameMs === null &&
          open.speechEndMs !== undefined &&
          this.recording.firstPictureFrom(open.startedUs)
        )
          open.firstFrameMs = performance.now() - open.speechEndMs;
        return;
      case "responseDone":
        return this.#done(event.value);
      case "error":
        this.#failure = fromStreamError(event.value);
        if (event.value.reason === "NO_SPEECH" && open) this.#finish();
        return;
      default:
        return;
    }
  }

  result(): AskResult {
    if (this.#turns.length === 0) throw this.#failure ?? new ServiceError("NO_SPEECH", "nothing was understood, so nothing was answered");
    return { session: this.#session, turns: this.#turns, recording: this.recording, firstAnswerUs: this.#firstAnswerUs };
  }

  #next(): void {
    const question = this.#waiting.shift();
    if (!question) return this.#finish();
    const now = performance.now();
    const text = question.kind === "text" ? question.text : "";
    this.#open = {
      question,
      askedMs: now,
      speechEndMs: question.kind === "text" && this.#microphone.realTime ? now : undefined,
      speechOver: now,
      transcript: text,
      language: "en",
      answer: [],
      citations: [],
      abstained: false,
      fallback: false,
      startedUs: undefined,
      firstSoundMs: null,
      firstFrameMs: null,
      response: 0,
    };
    if (question.kind === "text") this.#microphone.send({ case: "text", value: { text, language: "" } });
    else {
      const soundMs = this.#microphone.speak(question.samples);
      this.#giveUp = setTimeout(() => this.#skip(question.name), soundMs + unheardMs);
    }
  }

  /** Nobody spoke in the recording: the next question is asked. */
  #skip(name: string): void {
    this.#failure = new ServiceError("NO_SPEECH", `nothing was said in ${name}`);
    this.#open = undefined;
    this.#next();
  }

  #words(value: Extract<ConverseResponse["event"], { case: "responseText" }>["value"]): void {
    const open = this.#open;
    if (!open || value.response !== open.response || !value.clause) return;
    open.answer.push(value.clause.text);
    open.citations.push(...value.clause.citations);
    open.abstained ||= value.clause.abstained;
    open.fallback ||= value.clause.fallback;
  }

  #started(sessionPtsUs: number): void {
    const open = this.#open;
    if (!open) return;
    open.startedUs = sessionPtsUs;
    if (this.#turns.length === 0) this.#firstAnswerUs = sessionPtsUs;
    if (open.speechEndMs !== undefined) open.firstSoundMs = performance.now() - open.speechEndMs;
  }

  #done(done: Extract<ConverseResponse["event"], { case: "responseDone" }>["value"]): void {
    const open = this.#open;
    if (!open || done.response !== open.response) return;
    if (done.error) {
      // An excuse or another attempt may follow; without one the conversation ends with this error.
      this.#failure = fromStreamError(done.error);
      this.#giveUp = setTimeout(() => this.#finish(), unansweredMs);
      return;
    }
    const answerMs = Number(done.presentedUs) / 1000;
    this.#turns.push({
      question: open.question.kind === "text" ? open.question.text : open.question.name,
      transcript: open.transcript,
      language: open.language,
      answer: joinWords(open.answer),
      citations: unique(open.citations),
      abstained: open.abstained,
      fallback: open.fallback,
      complete: done.complete,
      stagesMs: Object.fromEntries(stageNames.map((stage) => [stage, round(done.stageFirstMs[stage])])),
      firstSoundMs: round(open.firstSoundMs),
      firstFrameMs: round(open.firstFrameMs),
      realTimeFactor: Math.round(((performance.now() - open.speechOver) / Math.max(1, answerMs)) * 1000) / 1000,
      answerMs: Math.round(answerMs),
    });
    this.#open = undefined;
    this.#next();
  }

  #finish(): void {
    clearTimeout(this.#giveUp);
    this.#open = undefined;
    this.#microphone.send({ case: "finish", value: {} });
  }
}

const round = (ms: number | null | undefined): number | null => (ms === undefined || ms === null ? null : Math.round(ms * 10) / 10);

function unique(citations: readonly Citation[]): Turn["citations"] {
  const seen = new Map(citations.map((citation) => [`${citation.document}\n${citation.quote}`, citation]));
  return [...seen.values()].map(({ document, title, quote }) => ({ document, title, quote }));
}
