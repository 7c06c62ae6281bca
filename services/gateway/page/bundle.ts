import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A file of the page as it is served. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

export interface PageBundle {
  readonly html: string;
  /** The embeddable client: connectAvatar and mount. */
  readonly client: PageFile;
  /** By path: content-hashed, never changing. */
  readonly files: ReadonlyMap<string, PageFile>;
}

const here = dirname(fileURLToPath(import.meta.url));
const clientDirectory = dirname(fileURLToPath(import.meta.resolve("@troupe/client")));
const scriptType = "text/javascript; charset=utf-8";

/** What runs outside the page's own script, by its name in the client's assets. */
const parts = {
  playerWorker: "player/player-worker.ts",
  soundWorklet: "player/sound-worklet.ts",
  captureWorklet: "microphone/capture-worklet.ts",
  motionPainter: "player/motion-painter.ts",
  msePlayer: "mse/mse-player.ts",
} as const;

/** Bundles page and client in memory. Takes some hundred milliseconds. */
export async function bundlePage(): Promise<PageBundle> {
  const files = new Map<string, PageFile>();
  const add = (name: string, extension: string, file: PageFile): string => {
    const hash = createHash("sha256").update(file.body).digest("hex").slice(0, 16);
    const path = `/assets/${name}-${hash}.${extension}`;
    files.set(path, file);
    return path;
  };
  const font = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf");
  const scripts = Object.entries(parts).map(async ([name, file]) => {
    const body = await bundle(join(clientDirectory, file), {});
    return [name, add(name, "js", { type: scriptType, body })] as const;
  });
  const labelFont = add("label", "ttf", { type: "font/ttf", body: await readFile(font) });
  const styles = add("page", "css", { type: "text/css; charset=utf-8", body: await bundle(join(here, "styles.css"), {}) });
  const assets = { ...Object.fromEntries(await Promise.all(scripts)), labelFont };
  const define = { TROUPE_ASSETS: JSON.stringify(assets), TROUPE_STYLES: JSON.stringify(styles) };
  const [page, client] = await Promise.all(["page.ts", "client.ts"].map((entry) => bundle(join(here, "browser", entry), define)));
  const script = add("page", "js", { type: scriptType, body: page as Buffer });
  const html = (await readFile(join(here, "index.html"), "utf8")).replace("/page.js", script).replace("/styles.css", styles);
  return { html, client: { type: scriptType, body: client as Buffer }, files };
}

async function bundle(entry: string, define: Record<string, string>): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    define,
    logLevel: "silent",
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
}
