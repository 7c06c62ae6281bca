import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { ServiceError } from "@troupe/errors";
import { cacheFolders } from "./cache-folder.ts";

const POLL_MS = 100;
/** SQLITE_BUSY, https://www.sqlite.org/rescode.html */
const BUSY = 5;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when somebody else has it. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Only one process at a time pulls a model into a cache. The lock is a file that SQLite holds for us (fcntl on POSIX, LockFileEx on
 * Windows), so that the kernel frees it with the process, however that ends: there are no stale locks and nothing to guess from
 * process ids or times.
 * @throws ServiceError CANCELLED, BACKEND_FAILED when the folder cannot be written
 */
export async function withModelLock<T>(cacheDir: string, id: string, options: LockOptions, body: () => Promise<T>): Promise<T> {
  const { locks } = cacheFolders(cacheDir);
  await mkdir(locks, { recursive: true });
  const file = openLock(join(locks, `${id}.lock`));
  try {
    let waiting = false;
    while (!tryLock(file)) {
      if (!waiting) options.onWait?.();
      waiting = true;
      await delay(POLL_MS, undefined, options.signal ? { signal: options.signal } : {}).catch((error: unknown) => {
        throw ServiceError.from(error);
      });
    }
    return await body();
  } finally {
    file.close();
  }
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw new ServiceError("BACKEND_FAILED", `cannot lock ${path}: ${String(error)}`, { cause: error });
  }
}

function tryLock(file: DatabaseSync): boolean {
  try {
    // No journal beside the file: there is nothing to roll back.
    file.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === BUSY) return false;
    throw new ServiceError("BACKEND_FAILED", `cannot lock ${file.location() ?? "the model"}: ${String(error)}`, { cause: error });
  }
}
