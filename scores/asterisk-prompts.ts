import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { pcm16ToFloat } from "@troupe/audio";
import { ServiceError } from "@troupe/errors";
import { decodeG722 } from "./g722.ts";

/** A recorded sentence and its words. */
export interface Prompt {
  /** Path within the collection, e.g. "digits/7". */
  readonly id: string;
  /** As written by the collection, without its notes in brackets. */
  readonly text: string;
  /** 16 kHz mono, -1..1. */
  readonly samples: Float32Array;
}

export interface PromptOptions {
  /** See defaultCacheDir; the packages are kept in its folder datasets. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}

const packages = ["asterisk-core-sounds-en-g722", "asterisk-core-sounds-en"];
const transcripts = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz";
const sounds = "usr/share/asterisk/sounds/en_US_f_Allison";

/**
 * The prompts of the Asterisk telephone exchange (Debian, CC-BY-SA-3.0): one professional speaker of American English in a studio,
 * G.722. Sounds without speech (tones, silence, monkeys) are left out. Sorted by id.
 * @throws ServiceError TOOL_MISSING without apt-get and dpkg-deb, BACKEND_FAILED when a package cannot be had
 */
export async function loadAsteriskPrompts(options: PromptOptions): Promise<readonly Prompt[]> {
  const folder = await fetchPackages(options);
  const texts = parseTranscripts(gunzipSync(await readFile(join(folder, transcripts))).toString("utf8"));
  const prompts: Prompt[] = [];
  for (const [id, text] of [...texts].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const bytes = await readFile(join(folder, sounds, `${id}.g722`)).catch(() => undefined);
    if (bytes) prompts.push({ id, text, samples: pcm16ToFloat(decodeG722(bytes)) });
  }
  return prompts;
}

/** Lines of `id: text`; a semicolon begins a comment. What is no speech is left out. */
export function parseTranscripts(file: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const line of file.split("\n")) {
    const [, id, written] = /^([^;:\s][^:\s]*):\s*(.+)$/.exec(line) ?? [];
    if (id === undefined || written === undefined) continue;
    const text = written
      .replaceAll(/\[.*?\]|\(.*?\)|<.*?>/g, " ")
      .replaceAll("...", " ")
      .replaceAll(/\s+/g, " ")
      .trim();
    if (/[a-z]/i.test(text)) texts.set(id, text);
  }
  return texts;
}

/** Unpacks Debian packages without installing them. Appears by rename, so that a second run never sees a part. */
async function fetchPackages({ cacheDir, signal }: PromptOptions): Promise<string> {
  const parent = join(cacheDir, "datasets");
  const folder = join(parent, "asterisk-core-sounds-en");
  if (await exists(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const workDir = await mkdtemp(join(parent, "fetch-"));
  try {
    await run("apt-get", ["download", "-q", ...packages], workDir, signal);
    for (const file of await readdir(workDir)) {
      if (file.endsWith(".deb")) await run("dpkg-deb", ["-x", file, "unpacked"], workDir, signal);
    }
    await rename(join(workDir, "unpacked"), folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  return folder;
}

async function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      const message = `${program} is missing: the recorded prompts are Debian packages (${packages.join(", ")}); run the scores on Debian or Ubuntu`;
      throw new ServiceError("TOOL_MISSING", message, { cause: error });
    }
    const message = `${program} ${args.join(" ")} failed; try \`apt-get update\`: ${error instanceof Error ? error.message : String(error)}`;
    throw new ServiceError("BACKEND_FAILED", message, { cause: error });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
