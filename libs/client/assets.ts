/** Addresses of what runs outside the page's own script. */
export interface ClientAssets {
  readonly playerWorker: string;
  readonly soundWorklet: string;
  readonly captureWorklet: string;
  readonly motionPainter: string;
  readonly msePlayer: string;
  /** Of the label's typeface, for pictures drawn by the client. */
  readonly labelFont: string;
}

/** Filled in by whoever bundles the client. */
declare const TROUPE_ASSETS: ClientAssets | undefined;

/** The addresses of the bundle, against the address of the bundle itself. */
export function bundledAssets(base: string): ClientAssets {
  if (typeof TROUPE_ASSETS === "undefined") throw new TypeError("the client was not bundled with its assets: pass `assets`");
  const entries = Object.entries(TROUPE_ASSETS).map(([name, path]) => [name, new URL(path, base).href]);
  return Object.fromEntries(entries) as unknown as ClientAssets;
}

/** A worker may only be made from the page's own origin; one from elsewhere is imported by a script of our own. */
export function startWorker(url: string): Worker {
  if (new URL(url).origin === location.origin) return new Worker(url, { type: "module" });
  const script = URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: "text/javascript" }));
  const worker = new Worker(script, { type: "module" });
  URL.revokeObjectURL(script);
  return worker;
}
