import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, lstat, mkdir, realpath, rm } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { ServiceError } from "@troupe/errors";
import { cacheFolders } from "../cache-folder.ts";
import { checkFile } from "../file-check.ts";
import { blobUrl, registryAuthorization } from "../http/oci-token.ts";
import { downloadFile } from "../http/resumable-download.ts";
import type { ModelFile } from "../manifest.ts";
import type { ConversionSource, FileSource, JoinedSource, ModelSource, PackageSource } from "../model-source.ts";
import type { PullContext } from "../pull-context.ts";
import { describeSource } from "./describe-source.ts";
import { mirrorSource } from "./mirror.ts";
import type { PackageShelf } from "./package-shelf.ts";

export interface Fetcher {
  readonly context: PullContext;
  readonly shelf: PackageShelf;
  /** Runs a recipe (once) and gives the folder of what it wrote. */
  convert(recipe: string): Promise<string>;
}

/**
 * Brings one file by the first of the mirrors and its sources that gives the right bytes, and returns where it lies in the work folder.
 * @throws ServiceError of the only source, or of the first with what all of them said
 */
export async function fetchFile(fetcher: Fetcher, file: ModelFile): Promise<string> {
  const { context } = fetcher;
  const failures: ServiceError[] = [];
  const sources = [...context.mirrors.map((mirror) => mirrorSource(mirror, file)), ...file.sources];
  for (const source of sources) {
    try {
      return await fetchFrom(fetcher, file, source);
    } catch (error) {
      const failure = ServiceError.from(error);
      if (failure.reason === "CANCELLED") throw failure;
      failures.push(failure);
      if (failures.length < sources.length) {
        context.report({ kind: "failed", id: context.manifest.id, from: describeSource(source), reason: failure.message });
      }
    }
  }
  const [first] = failures as [ServiceError];
  const message = `model ${context.manifest.id}: ${file.path}: ${failures.map((failure) => failure.message).join("; then ")}`;
  throw new ServiceError(first.reason, message, { cause: first });
}

async function fetchFrom(fetcher: Fetcher, file: ModelFile, source: ModelSource): Promise<string> {
  const { context } = fetcher;
  if (source.kind === "conversion" && !context.runsRecipes) {
    throw new ServiceError(
      "MODEL_REFUSED",
      `the policy asks for signatures, and none covers ${source.recipe}: give the file another source`,
    );
  }
  if (source.kind === "https") return await download(context, file, source.url, describeSource(source));
  if (source.kind === "oci") {
    const authorize = (challenge: string) => registryAuthorization(source.repository, challenge, context);
    return await download(context, file, blobUrl(source.repository, file.sha256), describeSource(source), authorize);
  }
  const path = join(context.workDir, "files", randomUUID());
  await mkdir(join(context.workDir, "files"), { recursive: true });
  if (source.kind === "joined") await joinParts(fetcher, source, path, file.sizeBytes);
  else await copyFile(await locate(fetcher, file, source), path);
  const check = await checkFile(path, file);
  if (check.state === "intact") return path;
  await rm(path, { force: true });
  throw new ServiceError("MODEL_CORRUPT", `${describeSource(source)} ${check.state === "corrupt" ? check.detail : "is not there"}`);
}

async function download(
  context: PullContext,
  file: ModelFile,
  url: string,
  from: string,
  authorize?: (challenge: string) => Promise<string | undefined>,
): Promise<string> {
  const { id } = context.manifest;
  const partialPath = join(cacheFolders(context.cacheDir).partials, id, file.sha256);
  const resumedBytes = await lstat(partialPath).then(
    (found) => found.size,
    () => 0,
  );
  context.report({ kind: "fetching", id, from, resumedBytes });
  const startMs = performance.now();
  await downloadFile({
    url,
    expected: file,
    partialPath,
    env: context.env,
    signal: context.signal,
    authorize,
    onProgress: (receivedBytes) => context.report({ kind: "received", id, from, receivedBytes, totalBytes: file.sizeBytes }),
    onRetry: (reason) => context.report({ kind: "failed", id, from, reason }),
  });
  context.report({ kind: "fetched", id, from, sizeBytes: file.sizeBytes, fetchMs: performance.now() - startMs });
  return partialPath;
}

async function joinParts(fetcher: Fetcher, source: JoinedSource, path: string, limitBytes: number): Promise<void> {
  let bytes = 0;
  for (const part of source.parts) {
    const from = await locate(fetcher, undefined, part);
    bytes += (await lstat(from)).size;
    if (bytes > limitBytes) throw new ServiceError("MODEL_CORRUPT", `the parts hold more than the ${limitBytes} bytes of the manifest`);
    await pipeline(createReadStream(from), createWriteStream(path, { flags: "a" }));
  }
}

/** The path of what a source names on this machine: a regular file inside its folder. */
async function locate(
  fetcher: Fetcher,
  file: ModelFile | undefined,
  source: PackageSource | FileSource | ConversionSource,
): Promise<string> {
  const { context } = fetcher;
  if (source.kind === "file") {
    const path = isAbsolute(source.path) ? source.path : join(context.sourceDir, source.path);
    const roots = isAbsolute(source.path) ? context.fileRoots : [context.sourceDir];
    return await insideOf(roots, path, describeSource(source));
  }
  const folder = source.kind === "conversion" ? await fetcher.convert(source.recipe) : await fetcher.shelf.take(source);
  const inner = source.kind === "conversion" ? (file?.path ?? "") : source.member;
  return await insideOf([folder], join(folder, inner), describeSource(source));
}

/** @throws ServiceError BACKEND_FAILED when there is no such file, or it lies, or its link leads, outside of the folders */
async function insideOf(roots: readonly string[], path: string, from: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) throw new ServiceError("BACKEND_FAILED", `${from} is not there (${path})`);
  for (const root of roots) {
    const folder = await realpath(root).catch(() => undefined);
    if (folder !== undefined && real.startsWith(folder + sep)) return real;
  }
  throw new ServiceError("BACKEND_FAILED", `${from} lies outside of the folders that may be read (${real})`);
}
