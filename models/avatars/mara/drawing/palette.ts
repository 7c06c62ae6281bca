/** Colours of the drawing. Light falls from the picture's upper left; a cool rim comes from the right. */
export const palette = {
  skin: "#f2c6a6",
  skinLight: "#fcdcc2",
  skinShade: "#dd9f7f",
  skinDeep: "#b86f54",
  blush: "#e8826f",
  line: "#8f4f3f",
  hair: "#54291f",
  hairDark: "#2e1513",
  hairMid: "#743c28",
  hairLight: "#a5623c",
  hairGlint: "#d69a63",
  lash: "#2a1614",
  brow: "#4e2a20",
  lipUpper: "#b9545a",
  lipLower: "#cf6b6c",
  lipLight: "#efa59c",
  lipDark: "#8f3a42",
  blazer: "#1f4f5a",
  blazerLight: "#34727c",
  blazerDark: "#123039",
  blouse: "#f7f0e6",
  blouseShade: "#d8c8b8",
} as const;

/** A colour with an alpha of 0..1. */
export function alpha(colour: string, value: number): string {
  return `${colour.slice(0, 7)}${Math.round(value * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

/** Stops of a soft spot: the colour in the middle, nothing at the edge, falling off without a visible rim. */
export function softStops(colour: string, strength: number): [number, string][] {
  return [0, 0.2, 0.4, 0.6, 0.8, 1].map((t) => [t, alpha(colour, strength * (1 - t * t) ** 2)]);
}
