/** One pass of a Stockham transform from x to y; x and y differ. */
export type FftStage = (xRe: Float64Array, xIm: Float64Array, yRe: Float64Array, yIm: Float64Array) => void;

/** The pass of a radix for a transform of `length` with `stride` transforms side by side. */
export function createStage(radix: number, length: number, stride: number): FftStage {
  const groups = length / radix;
  const angle = (p: number, j: number) => (-2 * Math.PI * ((p * j) % length)) / length;
  const twist = {
    cos: Float64Array.from({ length: groups * radix }, (_, i) => Math.cos(angle(Math.floor(i / radix), i % radix))),
    sin: Float64Array.from({ length: groups * radix }, (_, i) => Math.sin(angle(Math.floor(i / radix), i % radix))),
  };
  switch (radix) {
    case 4:
      return createRadix4(groups, stride, twist);
    case 5:
      return createRadix5(groups, stride, twist);
    default:
      return createSmallRadix(radix, groups, stride, twist);
  }
}

interface Twist {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function createRadix4(groups: number, stride: number, twist: Twist): FftStage {
  const quarter = groups * stride;
  return (xRe, xIm, yRe, yIm) => {
    for (let p = 0; p < groups; p++) {
      const t = 4 * p;
      const [c1, c2, c3] = [twist.cos[t + 1] as number, twist.cos[t + 2] as number, twist.cos[t + 3] as number];
      const [s1, s2, s3] = [twist.sin[t + 1] as number, twist.sin[t + 2] as number, twist.sin[t + 3] as number];
      for (let q = 0; q < stride; q++) {
        const a = q + stride * p;
        const b = a + quarter;
        const c = b + quarter;
        const d = c + quarter;
        const sumRe = (xRe[a] as number) + (xRe[c] as number);
        const sumIm = (xIm[a] as number) + (xIm[c] as number);
        const differenceRe = (xRe[a] as number) - (xRe[c] as number);
        const differenceIm = (xIm[a] as number) - (xIm[c] as number);
        const oddSumRe = (xRe[b] as number) + (xRe[d] as number);
        const oddSumIm = (xIm[b] as number) + (xIm[d] as number);
        const oddDifferenceRe = (xIm[b] as number) - (xIm[d] as number);
        const oddDifferenceIm = (xRe[d] as number) - (xRe[b] as number);
        const to = q + stride * t;
        yRe[to] = sumRe + oddSumRe;
        yIm[to] = sumIm + oddSumIm;
        const re1 = differenceRe + oddDifferenceRe;
        const im1 = differenceIm + oddDifferenceIm;
        yRe[to + stride] = re1 * c1 - im1 * s1;
        yIm[to + stride] = re1 * s1 + im1 * c1;
        const re2 = sumRe - oddSumRe;
        const im2 = sumIm - oddSumIm;
        yRe[to + 2 * stride] = re2 * c2 - im2 * s2;
        yIm[to + 2 * stride] = re2 * s2 + im2 * c2;
        const re3 = differenceRe - oddDifferenceRe;
        const im3 = differenceIm - oddDifferenceIm;
        yRe[to + 3 * stride] = re3 * c3 - im3 * s3;
        yIm[to + 3 * stride] = re3 * s3 + im3 * c3;
      }
    }
  };
}

const [cos72, cos144] = [Math.cos((2 * Math.PI) / 5), Math.cos((4 * Math.PI) / 5)] as const;
const [sin72, sin144] = [Math.sin((2 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)] as const;

function createRadix5(groups: number, stride: number, twist: Twist): FftStage {
  const fifth = groups * stride;
  return (xRe, xIm, yRe, yIm) => {
    for (let p = 0; p < groups; p++) {
      const t = 5 * p;
      const [c1, c2, c3, c4] = [
        twist.cos[t + 1] as number,
        twist.cos[t + 2] as number,
        twist.cos[t + 3] as number,
        twist.cos[t + 4] as number,
      ];
      const [s1, s2, s3, s4] = [
        twist.sin[t + 1] as number,
        twist.sin[t + 2] as number,
        twist.sin[t + 3] as number,
        twist.sin[t + 4] as number,
      ];
      for (let q = 0; q < stride; q++) {
        const at = q + stride * p;
        const re0 = xRe[at] as number;
        const im0 = xIm[at] as number;
        const outerRe = (xRe[at + fifth] as number) + (xRe[at + 4 * fifth] as number);
        const outerIm = (xIm[at + fifth] as number) + (xIm[at + 4 * fifth] as number);
        const innerRe = (xRe[at + 2 * fifth] as number) + (xRe[at + 3 * fifth] as number);
        const innerIm = (xIm[at + 2 * fifth] as number) + (xIm[at + 3 * fifth] as number);
        const outerGapRe = (xRe[at + fifth] as number) - (xRe[at + 4 * fifth] as number);
        const outerGapIm = (xIm[at + fifth] as number) - (xIm[at + 4 * fifth] as number);
        const innerGapRe = (xRe[at + 2 * fifth] as number) - (xRe[at + 3 * fifth] as number);
        const innerGapIm = (xIm[at + 2 * fifth] as number) - (xIm[at + 3 * fifth] as number);
        const evenRe1 = re0 + outerRe * cos72 + innerRe * cos144;
        const evenIm1 = im0 + outerIm * cos72 + innerIm * cos144;
        const evenRe2 = re0 + outerRe * cos144 + innerRe * cos72;
        const evenIm2 = im0 + outerIm * cos144 + innerIm * cos72;
        const oddRe1 = outerGapIm * sin72 + innerGapIm * sin144;
        const oddIm1 = -(outerGapRe * sin72 + innerGapRe * sin144);
        const oddRe2 = outerGapIm * sin144 - innerGapIm * sin72;
        const oddIm2 = -(outerGapRe * sin144 - innerGapRe * sin72);
        const to = q + stride * t;
        yRe[to] = re0 + outerRe + innerRe;
        yIm[to] = im0 + outerIm + innerIm;
        yRe[to + stride] = (evenRe1 + oddRe1) * c1 - (evenIm1 + oddIm1) * s1;
        yIm[to + stride] = (evenRe1 + oddRe1) * s1 + (evenIm1 + oddIm1) * c1;
        yRe[to + 2 * stride] = (evenRe2 + oddRe2) * c2 - (evenIm2 + oddIm2) * s2;
        yIm[to + 2 * stride] = (evenRe2 + oddRe2) * s2 + (evenIm2 + oddIm2) * c2;
        yRe[to + 3 * stride] = (evenRe2 - oddRe2) * c3 - (evenIm2 - oddIm2) * s3;
        yIm[to + 3 * stride] = (evenRe2 - oddRe2) * s3 + (evenIm2 - oddIm2) * c3;
        yRe[to + 4 * stride] = (evenRe1 - oddRe1) * c4 - (evenIm1 - oddIm1) * s4;
        yIm[to + 4 * stride] = (evenRe1 - oddRe1) * s4 + (evenIm1 - oddIm1) * c4;
      }
    }
  };
}

/** The defining sum; fast enough for 2 and 3. */
function createSmallRadix(radix: number, groups: number, stride: number, twist: Twist): FftStage {
  const turnCos = Float64Array.from({ length: radix }, (_, k) => Math.cos((2 * Math.PI * k) / radix));
  const turnSin = Float64Array.from({ length: radix }, (_, k) => -Math.sin((2 * Math.PI * k) / radix));
  return (xRe, xIm, yRe, yIm) => {
    for (let p = 0; p < groups; p++) {
      for (let j = 0; j < radix; j++) {
        const twistCos = twist.cos[p * radix + j] as number;
        const twistSin = twist.sin[p * radix + j] as number;
        for (let q = 0; q < stride; q++) {
          let re = 0;
          let im = 0;
          for (let k = 0; k < radix; k++) {
            const at = q + stride * (p + groups * k);
            const c = turnCos[(j * k) % radix] as number;
            const s = turnSin[(j * k) % radix] as number;
            re += (xRe[at] as number) * c - (xIm[at] as number) * s;
            im += (xRe[at] as number) * s + (xIm[at] as number) * c;
          }
          const to = q + stride * (radix * p + j);
          yRe[to] = re * twistCos - im * twistSin;
          yIm[to] = re * twistSin + im * twistCos;
        }
      }
    }
  };
}
