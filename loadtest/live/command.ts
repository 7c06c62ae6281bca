import { ServiceError } from "@troupe/errors";
import { documentReport, printReport, saveReport, step } from "@troupe/report";
import { type Command, InvalidArgumentError } from "commander";
import type { Browser } from "playwright-core";
import { launchChromium } from "./browser/index.ts";
import { mergeFigures } from "./figures-file.ts";
import type { Figures, Part, PartContext } from "./part.ts";
import { type LivePlatform, startLivePlatform } from "./platform/live-platform.ts";

interface Options {
  readonly limit?: number;
  readonly minutes: number;
  readonly document: boolean;
  readonly out: string;
}

/** `loadtest live [part…]`. Without parts all run, but for those of `optional`. */
export function addLive(program: Command, parts: readonly Part[], optional: readonly string[]): void {
  program
    .command("live")
    .argument("[parts...]", `some of: ${parts.map(({ name }) => name).join(", ")}; default: all but ${optional.join(", ")}`)
    .description("measure a conversation in Chromium, on the page itself; figures go to out/live.json")
    .option("--limit <n>", "take only so many items of each kind", positive)
    .option("--minutes <n>", "of the part long", positive, 10)
    .option("--document", "also write docs/results/live-<part>.md", false)
    .option("--out <file>", "figures", "out/live.json")
    .action(async (names: readonly string[], options: Options) => {
      const unknown = names.find((name) => !parts.some((part) => part.name === name));
      if (unknown !== undefined) throw new ServiceError("INVALID_REQUEST", `there is no part "${unknown}"; see --help`);
      const wanted = parts.filter(({ name }) => (names.length === 0 ? !optional.includes(name) : names.includes(name)));
      await runParts(wanted, options);
    });
}

/** One after the other; a part that fails is told and does not keep the others from running. */
async function runParts(parts: readonly Part[], options: Options): Promise<void> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort(new ServiceError("CANCELLED", "interrupted"));
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, onInterrupt);
  let browser: Browser | undefined;
  const shared = {
    browser: async () => {
      browser ??= await launchChromium();
      return browser;
    },
    signal: stop.signal,
  };
  try {
    for (const part of parts) {
      if (stop.signal.aborted) break;
      await runPart(part, options, shared).catch((thrown: unknown) => {
        step(`${part.name} FAILED: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        process.exitCode = 1;
      });
    }
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, onInterrupt);
    await browser?.close();
  }
}

async function runPart(part: Part, options: Options, shared: Pick<PartContext, "browser" | "signal">): Promise<void> {
  const { name } = part;
  const limitS = part.limitS(options.minutes);
  step(`live ${name}: ${part.description}; at most ${limitS} s`);
  const signal = AbortSignal.any([shared.signal, AbortSignal.timeout(limitS * 1000)]);
  const keep = async (figures: Figures) => await mergeFigures(options.out, name, figures);
  const startMs = performance.now();
  // A platform of its own: what one part breaks or warms up is not met by the next.
  await using platform = await startLivePlatform(part.env);
  step(`${name}: platform at ${platform.url}`);
  try {
    const { figures, report } = await part.run({
      platform,
      browser: shared.browser,
      limit: options.limit,
      minutes: options.minutes,
      step: (text) => step(`${name}: ${text}`),
      signal,
      timeIsUp: (share) => performance.now() - startMs > share * limitS * 1000,
      keep,
    });
    await keep(figures);
    printReport(report);
    step(`wrote ${options.out} and ${await saveReport(`live-${name}`, report, "out/bench")}`);
    if (options.document)
      step(`wrote ${await documentReport(`live-${name}`, report, "docs/results", `node loadtest/main.ts live ${name} --document`)}`);
  } catch (thrown) {
    tellLogs(platform);
    throw thrown;
  }
}

function tellLogs(platform: LivePlatform): void {
  for (const name of platform.processes.keys()) {
    const log = platform.log(name).trim();
    if (log !== "" && name !== "nats") step(`${name}:\n${log}`);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a positive whole number, please");
  return value;
}
