import { readFile } from "node:fs/promises";
import { ServiceError } from "@troupe/errors";
import { z } from "zod";
import type { MouthShape } from "./mouth-camera.ts";

const range = z.tuple([z.number(), z.number()]);
const schema = z.object({
  version: z.int(),
  about: z.string(),
  sources: z.array(z.string()),
  classes: z.array(
    z.strictObject({
      name: z.string(),
      /** Phones in IPA, separated by blanks. */
      phones: z.string(),
      /** Any mouth that is not closed will do; counted apart. */
      free: z.boolean().default(false),
      aperture: range.optional(),
      spread: range.optional(),
      lowerLip: range.optional(),
    }),
  ),
});

export type VisemeClass = z.infer<typeof schema>["classes"][number];

export interface VisemeClasses {
  readonly classes: readonly VisemeClass[];
  /** The classes of a phone's parts in order: two for a diphthong, none for silence and unknown symbols. */
  of(symbol: string): readonly VisemeClass[];
}

export async function readVisemeClasses(): Promise<VisemeClasses> {
  return visemeClasses(JSON.parse(await readFile(new URL("viseme-classes.json", import.meta.url), "utf8")));
}

/** @throws ServiceError INVALID_REQUEST: a phone in two classes */
export function visemeClasses(json: unknown): VisemeClasses {
  const { classes } = schema.parse(json);
  const byPhone = new Map<string, VisemeClass>();
  for (const one of classes)
    for (const phone of one.phones.split(" ")) {
      if (byPhone.has(phone)) throw new ServiceError("INVALID_REQUEST", `${phone} is in two classes`);
      byPhone.set(phone, one);
    }
  return { classes, of: (symbol) => partsOf(symbol, byPhone) };
}

/** Longest phones first, so that an affricate is one; diacritics and what is unknown are passed over. */
function partsOf(symbol: string, byPhone: ReadonlyMap<string, VisemeClass>): VisemeClass[] {
  const letters = [...symbol.normalize("NFD").replaceAll(/\p{M}/gu, "")];
  const parts: VisemeClass[] = [];
  for (let at = 0; at < letters.length; at++) {
    const pair = byPhone.get(letters.slice(at, at + 2).join(""));
    const found = (letters.length > at + 1 ? pair : undefined) ?? byPhone.get(letters[at] as string);
    if (found === undefined) continue;
    if (found === pair && letters.length > at + 1) at++;
    parts.push(found);
  }
  return parts;
}

/** Whether the mouth lies in the class's region. */
export function fits({ aperture, spread, lowerLip }: VisemeClass, mouth: MouthShape): boolean {
  const within = (bounds: readonly [number, number] | undefined, value: number) =>
    bounds === undefined || (value >= bounds[0] && value <= bounds[1]);
  return within(aperture, mouth.aperture) && within(spread, mouth.spread) && within(lowerLip, mouth.lowerLip);
}
