import { ServiceError } from "@troupe/errors";
import type { ModelManifest } from "@troupe/model-store";
import type { VoiceFormat } from "./voice-format.ts";

/** Formats by the name that manifests give; a format's code is loaded when a model needs it. */
const formats: ReadonlyMap<string, () => Promise<VoiceFormat>> = new Map([
  ["hibari", async () => (await import("./hibari/hibari.ts")).hibariFormat],
  ["piper-vits", async () => (await import("./piper/piper.ts")).piperFormat],
  ["kokoro", async () => (await import("./kokoro/kokoro.ts")).kokoroFormat],
]);

/** @throws ServiceError INVALID_CONFIG */
export async function findVoiceFormat(manifest: ModelManifest): Promise<VoiceFormat> {
  const name = manifest.format;
  const load = formats.get(name);
  if (!load) throw new ServiceError("INVALID_CONFIG", `model ${manifest.id}: tts reads ${[...formats.keys()].join(", ")}, not "${name}"`);
  return await load();
}
