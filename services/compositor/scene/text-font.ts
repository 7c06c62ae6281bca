/** Family of labels and captions; each host registers DejaVu Sans under it. */
export const textFont = "Troupe Sans";

/** A CSS font value. */
export const fontOf = (weight: 400 | 700, sizePx: number): string => `${weight} ${sizePx}px "${textFont}", sans-serif`;
