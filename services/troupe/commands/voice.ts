import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createResampler, writeWav } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import { createModelStore, defaultCacheDir } from "@troupe/model-store";
import { printTable } from "@troupe/report";
import { type Delivery, loadVoices, type TtsBackend } from "@troupe/tts/backends";
import { type Command, InvalidArgumentError, Option } from "commander";
import { root } from "../places.ts";

interface SayOptions {
  readonly models: string;
  readonly language: string;
  readonly voice?: string;
  readonly rate: number;
  readonly pitch: number;
  readonly delivery: Delivery;
  readonly sampleRate: number;
  readonly out: string;
}

const patienceMs = 120_000;

export function addVoice(program: Command): void {
  const voice = program.command("voice").description("list and try voices");
  const models = () => new Option("--models <ids>", "models or aliases, comma-separated").default("default-tts-en,default-tts-zh");
  voice.command("list").description("voices of the models that are there").addOption(models()).action(list);
  voice
    .command("say")
    .argument("<text>", "one clause, at most 1,000 characters")
    .description("say a text into a WAV file")
    .addOption(models())
    .option("--language <tag>", "BCP-47", "en")
    .option("--voice <id>", "default: the first that speaks the language")
    .option("--rate <factor>", "0.5 to 2", number, 1)
    .option("--pitch <semitones>", "-12 to 12", number, 0)
    .addOption(new Option("--delivery <how>").choices(["neutral", "gentle", "excited"]).default("neutral"))
    .option("--sample-rate <hz>", "of the file", number, 24_000)
    .option("--out <file>", "where the sound goes", "out/say.wav")
    .action(say);
}

async function open(models: string): Promise<TtsBackend> {
  const cacheDir = defaultCacheDir(process.env, homedir());
  const { backend } = await loadVoices({
    store: createModelStore({ manifestDir: join(root, "models"), cacheDir }),
    models: models.split(","),
    allowMissing: true,
    preload: false,
    threads: 1,
    warn: (message) => console.error(message),
  });
  return backend;
}

async function list(options: { readonly models: string }): Promise<void> {
  await using backend = await open(options.models);
  printTable(
    ["voice", "languages"],
    backend.voices.map(({ id, languages }) => [id, languages.join(", ")]),
  );
}

async function say(text: string, options: SayOptions): Promise<void> {
  await using backend = await open(options.models);
  const { language, rate, delivery, pitch: pitchSemitones } = options;
  const primary = language.split("-")[0];
  const speaks = (languages: readonly string[]) => languages.some((tag) => tag.split("-")[0] === primary);
  const voice = options.voice ?? backend.voices.find(({ languages }) => speaks(languages))?.id;
  if (voice === undefined) throw new ServiceError("LANGUAGE_UNSUPPORTED", `no voice speaks ${language}; see \`troupe voice list\``);
  const startMs = performance.now();
  const request = { text, language, voice, rate, delivery, pitchSemitones };
  using resampler = await createResampler({ fromHz: backend.sampleRateHz, toHz: options.sampleRate });
  const parts: Float32Array[] = [];
  for await (const slice of backend.synthesize(request, { deadlineMs: startMs + patienceMs })) parts.push(resampler.push(slice.samples));
  parts.push(resampler.flush());
  const samples = Float32Array.from(parts.flatMap((part) => [...part]));
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, writeWav(samples, options.sampleRate));
  const seconds = samples.length / options.sampleRate;
  console.log(`wrote ${options.out}: ${seconds.toFixed(1)} s by ${voice} in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("a number, please");
  return value;
}
