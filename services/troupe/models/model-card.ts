import type { ModelManifest } from "@troupe/model-store";
import { describeBytes } from "./amounts.ts";

/** The facts of a manifest, then the card (Markdown) where there is one. */
export function describeCard(manifest: ModelManifest, card: string | undefined): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["stage", `${manifest.stage} (${manifest.roles.join(", ")}), format ${manifest.format}`],
    ["languages", manifest.languages.join(" ") || "independent of the language"],
    ["sample rate", manifest.sampleRateHz === undefined ? undefined : `${manifest.sampleRateHz} Hz`],
    ["licence", manifest.license],
    ["attribution", manifest.attribution],
    ["origin", manifest.origin],
    ["filing number", manifest.filingNumber],
    [
      "variants",
      manifest.variants?.map(({ name, precision, default: chosen }) => `${name} (${precision}${chosen ? ", default" : ""})`).join(", "),
    ],
    ["voices", manifest.voices?.map(({ id }) => id).join(" ")],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`${name.padEnd(14)} ${value}`] : []));
  const files = manifest.files.map((file) => `  ${file.path}  ${describeBytes(file.sizeBytes)}  sha256 ${file.sha256.slice(0, 12)}…`);
  return [manifest.id, manifest.description, "", ...lines, "files", ...files, "", card?.trim() ?? "It has no card.md."].join("\n");
}
