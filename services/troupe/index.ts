export { type AskOptions, type AskResult, ask, type Converse, type Turn } from "./ask/ask.ts";
export { Microphone } from "./ask/microphone.ts";
export { type Question, questionRateHz, readQuestion } from "./ask/question.ts";
export { type Embedded, type EmbeddedOptions, startEmbedded } from "./embedded.ts";
export { type Platform, type PlatformOptions, startPlatform } from "./platform/platform.ts";
export { type ServiceProcess, startNatsProcess, startServiceProcess } from "./platform/service-process.ts";
