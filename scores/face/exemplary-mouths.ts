import type { SheetPicture } from "./contact-sheet.ts";
import { framesPerSecond, type Performance } from "./performance.ts";

const shown = ["p", "b", "m", "f", "u", "w", "y", "ɔ", "o", "ɑ", "a", "i", "s", "ʃ", "ɕ", "ʂ"];
const picturesEach = 4;
const contextPhones = 2;

/** A few frames at the centres of telling phones, as they come. */
export function exemplaryMouths(performances: readonly Performance[]): SheetPicture[] {
  return shown.flatMap((symbol) => {
    const found = performances.flatMap(({ phones, frames, mouths }) =>
      phones.flatMap((phone, at): SheetPicture[] => {
        const index = Math.floor(((phone.startUs + phone.endUs) / 2e6) * framesPerSecond);
        const [frame, mouth] = [frames[index], mouths[index]];
        if (phone.text !== symbol || frame === undefined || mouth === undefined) return [];
        const around = phones.slice(Math.max(0, at - contextPhones), at + contextPhones + 1);
        const spelled = around.map(({ text }, n) => (n === Math.min(at, contextPhones) ? `[${text}]` : text)).join(" ");
        return [{ pose: frame, caption: `${spelled}\nopen ${mouth.aperture.toFixed(2)} spread ${mouth.spread.toFixed(2)}` }];
      }),
    );
    return found.slice(0, picturesEach);
  });
}
