import { parse } from "yaml";
import type { StoredManifest } from "./model-objects.ts";

interface Image {
  readonly repository: string;
  readonly tag: string;
}

/** Models that every Pod of a stage or a gateway loads beside those that it is told. */
const alwaysLoaded = ["silero-vad"];

export interface CarriedIn {
  readonly images: readonly string[];
  readonly models: readonly { readonly id: string; readonly manifestSha256: string; readonly sizeBytes: number; readonly files: number }[];
}

/** All that a cluster without a way out must be given beforehand: images, and models as `troupe models pull` stores them. */
export function carriedIn(chart: string, values: string, profile: string, manifests: readonly StoredManifest[]): CarriedIn {
  const { appVersion } = parse(chart) as { appVersion: string };
  const { image, nats } = parse(values) as { image: Image; nats: { image: Image } };
  const { defaultModels } = parse(profile) as { defaultModels: { only: readonly string[] } };
  const wanted = [...defaultModels.only, ...alwaysLoaded].sort();
  return {
    images: [image, nats.image].map(({ repository, tag }) => `${repository}:${tag || appVersion}`),
    models: wanted.map((id) => {
      const manifest = manifests.find((one) => one.id === id);
      if (!manifest) throw new Error(`values-air-gapped.yaml names the model ${id}, which has no manifest`);
      const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
      return { id, manifestSha256: manifest.sha256, sizeBytes, files: manifest.files.length };
    }),
  };
}
