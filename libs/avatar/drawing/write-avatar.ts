import { writeFile } from "node:fs/promises";
import { type AvatarAsset, parseAvatar } from "../renderers/avatar-asset.ts";

/** Writes a checked asset so that a change in the drawing is a readable change in the file: long lists are broken into lines. */
export async function writeAvatar(file: string, asset: AvatarAsset): Promise<void> {
  const text = `${formatted(asset)}\n`;
  parseAvatar(text);
  await writeFile(file, text);
}

function formatted(asset: AvatarAsset): string {
  const fields = Object.entries(asset).map(([key, value]) => `${JSON.stringify(key)}: ${formatField(key, value)}`);
  return `{\n${fields.join(",\n")}\n}`;
}

function formatField(key: string, value: unknown): string {
  if (key === "points" || key === "order") return `[\n${rows(value as number[], 16)}\n]`;
  if (key === "offsets") return block(value as Record<string, number[]>, (list) => `[\n${rows(list, 24)}\n]`);
  if (key === "paints" || key === "clips") return block(value as Record<string, unknown>, (item) => JSON.stringify(item));
  if (key !== "layers") return JSON.stringify(value);
  const layers = (value as AvatarAsset["layers"]).map(
    ({ shapes, ...rest }) =>
      `{${JSON.stringify(rest).slice(1, -1)},"shapes":[\n${shapes.map((shape) => JSON.stringify(shape)).join(",\n")}\n]}`,
  );
  return `[\n${layers.join(",\n")}\n]`;
}

function rows(list: readonly number[], perRow: number): string {
  const lines: string[] = [];
  for (let at = 0; at < list.length; at += perRow) lines.push(list.slice(at, at + perRow).join(","));
  return lines.join(",\n");
}

function block<T>(record: Readonly<Record<string, T>>, format: (value: T) => string): string {
  return `{\n${Object.entries(record)
    .map(([key, value]) => `${JSON.stringify(key)}: ${format(value)}`)
    .join(",\n")}\n}`;
}
