import { createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isServiceError, ServiceError } from "@troupe/errors";
import { checkFile, type FileIdentity } from "../file-check.ts";
import { asHttpError, type HttpOptions, httpGet } from "./http-request.ts";

export interface Download extends HttpOptions {
  readonly url: string;
  readonly expected: FileIdentity;
  /** Where the bytes gather. Goes on where an earlier download stopped; left there when this one fails. */
  readonly partialPath: string;
  readonly onProgress: (receivedBytes: number) => void;
  readonly onRetry: (reason: string) => void;
}

/** In a row, without a byte gained. */
const MAX_FRUITLESS = 3;
/** In all: a server that breaks off after each few bytes is not worth the time. */
const MAX_ATTEMPTS = 50;
const FIRST_PAUSE_MS = 500;

/**
 * Downloads a file to `partialPath` and verifies it. A broken connection is taken up again with a Range request.
 * Never stores more than the expected bytes.
 * @throws ServiceError MODEL_CORRUPT (other bytes than expected; nothing is kept), BACKEND_FAILED, CANCELLED
 */
export async function downloadFile(download: Download): Promise<void> {
  await mkdir(dirname(download.partialPath), { recursive: true });
  const resumed = (await sizeOf(download.partialPath)) > 0;
  await receiveAll(download).catch(async (error: unknown) => {
    // Wrong bytes are nothing that this source, or the next, should go on after.
    if (isServiceError(error, "MODEL_CORRUPT")) await rm(download.partialPath, { force: true });
    throw error;
  });
  const check = await checkFile(download.partialPath, download.expected);
  if (check.state === "intact") return;
  await rm(download.partialPath, { force: true });
  // What an earlier run left may have been damaged: once more, from the start.
  if (resumed) return await downloadFile(download);
  const detail = check.state === "corrupt" ? check.detail : "is not there";
  throw new ServiceError("MODEL_CORRUPT", `${download.url} ${detail}`);
}

async function receiveAll(download: Download): Promise<void> {
  const { expected, partialPath } = download;
  let fruitless = 0;
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(partialPath);
    if (before === expected.sizeBytes) return;
    try {
      await receive(download, before > expected.sizeBytes ? 0 : before);
      return;
    } catch (error) {
      const failure = asHttpError(error, download.url);
      fruitless = (await sizeOf(partialPath)) > before ? 0 : fruitless + 1;
      if (!isTemporary(failure) || fruitless >= MAX_FRUITLESS || attempt >= MAX_ATTEMPTS) throw failure;
      download.onRetry(failure.message);
      if (fruitless > 0) await pause(FIRST_PAUSE_MS * 2 ** fruitless, download.signal);
    }
  }
}

/** One request's worth. */
async function receive(download: Download, haveBytes: number): Promise<void> {
  const { url, expected, partialPath } = download;
  const response = await httpGet(url, haveBytes > 0 ? { range: `bytes=${haveBytes}-` } : {}, download);
  try {
    const startBytes = acceptedStart(response, haveBytes, url);
    const announced = Number(response.headers["content-length"] ?? Number.NaN);
    if (startBytes + announced > expected.sizeBytes) throw tooMuch(download);
    const file = createWriteStream(partialPath, { flags: startBytes > 0 ? "a" : "w" });
    await pipeline(response, (body: AsyncIterable<Buffer>) => capped(body, startBytes, download), file);
  } finally {
    response.destroy();
  }
  if ((await sizeOf(partialPath)) < expected.sizeBytes) {
    throw new ServiceError("BACKEND_FAILED", `${url} ended early`, { metadata: { retry: "yes" } });
  }
}

async function* capped(body: AsyncIterable<Buffer>, startBytes: number, download: Download): AsyncGenerator<Buffer> {
  let receivedBytes = startBytes;
  for await (const chunk of body) {
    receivedBytes += chunk.length;
    if (receivedBytes > download.expected.sizeBytes) throw tooMuch(download);
    download.onProgress(receivedBytes);
    yield chunk;
  }
}

/** Where in the file the body begins: servers may ignore a Range. @throws ServiceError */
function acceptedStart(response: IncomingMessage, haveBytes: number, url: string): number {
  const { statusCode = 0, statusMessage } = response;
  if (statusCode === 200) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "");
  if (statusCode === 206 && Number(range?.[1]) === haveBytes) return haveBytes;
  const retry = statusCode >= 500 || statusCode === 429 || statusCode === 408 ? { retry: "yes" } : undefined;
  throw new ServiceError("BACKEND_FAILED", `${url} answers ${statusCode} ${statusMessage ?? ""}`.trim(), retry ? { metadata: retry } : {});
}

function tooMuch(download: Download): ServiceError {
  return new ServiceError("MODEL_CORRUPT", `${download.url} sends more than the ${download.expected.sizeBytes} bytes of the manifest`);
}

/** Connections that broke, and answers that say so. */
function isTemporary(failure: ServiceError): boolean {
  return isServiceError(failure, "BACKEND_FAILED") && (failure.cause !== undefined || failure.metadata.retry === "yes");
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    throw ServiceError.from(error);
  });
}
