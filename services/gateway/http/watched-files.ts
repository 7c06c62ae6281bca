import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@troupe/timeline";

/** The system's notices are lost on network file systems and where a folder is replaced as a whole. */
const lookAgainMs = 5000;

/**
 * Reads again whenever one of the files may have changed: it was written, or another one was put in its place.
 * @param read called once at a time, and once more after a change that came meanwhile; must not throw
 * @returns stops watching
 */
export function watchFiles(paths: readonly string[], clock: Clock, read: () => Promise<void>): () => void {
  let state: "idle" | "reading" | "changed" | "stopped" = "idle";
  const changed = async () => {
    if (state !== "idle") {
      if (state === "reading") state = "changed";
      return;
    }
    state = "changed";
    while (state === "changed") {
      state = "reading";
      await read();
    }
    if (state === "reading") state = "idle";
  };
  const watchers = [...new Set(paths.map(dirname))].map((folder) => watchFolder(folder, () => void changed()));
  const stopLooking = lookAgain(paths, clock, () => void changed());
  return () => {
    state = "stopped";
    stopLooking();
    for (const watcher of watchers) watcher?.close();
  };
}

function watchFolder(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function lookAgain(paths: readonly string[], clock: Clock, onChange: () => void): () => void {
  let stopped = false;
  let seen: string | undefined;
  let cancel: () => void = () => undefined;
  const look = async () => {
    const now = (await Promise.all(paths.map(stampOf))).join();
    if (stopped) return;
    if (seen !== undefined && now !== seen) onChange();
    seen = now;
    cancel = clock.setTimer(lookAgainMs, () => void look());
  };
  void look();
  return () => {
    stopped = true;
    cancel();
  };
}

const stampOf = (path: string) =>
  stat(path, { bigint: true }).then(
    ({ mtimeNs, ino, size }) => `${mtimeNs} ${ino} ${size}`,
    () => "missing",
  );
