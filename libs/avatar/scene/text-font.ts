/** Family of labels and captions; each host registers DejaVu Sans under it. */
export const textFont = "Troupe Sans";

/** Family of characters that DejaVu Sans lacks (Mandarin); registered where a host has a font for them. */
export const wideTextFont = "Troupe Sans SC";

/** A CSS font value. */
export const fontOf = (weight: 400 | 700, sizePx: number): string => `${weight} ${sizePx}px "${textFont}", "${wideTextFont}", sans-serif`;
