export interface Fourier {
  readonly size: number;
  /** Transforms in place: both arrays hold `size` numbers. */
  forward(real: Float64Array, imaginary: Float64Array): void;
}

interface Stage {
  readonly radix: number;
  readonly butterflies: number;
  readonly stride: number;
  /** exp(-2πi·jk/radix) at [j·radix + k]. */
  readonly rootReal: Float64Array;
  readonly rootImaginary: Float64Array;
  /** exp(-2πi·pj/length) at [p·radix + j]. */
  readonly twiddleReal: Float64Array;
  readonly twiddleImaginary: Float64Array;
}

/**
 * Discrete Fourier transform of a size with small prime factors, by the self-sorting (Stockham) algorithm:
 * Cochran et al., "What is the fast Fourier transform?", 1967.
 */
export function createFourier(size: number): Fourier {
  const stages = planStages(size);
  const spareReal = new Float64Array(size);
  const spareImaginary = new Float64Array(size);
  return {
    size,
    forward(real, imaginary) {
      let from: Complex = { real, imaginary };
      let to: Complex = { real: spareReal, imaginary: spareImaginary };
      for (const stage of stages) {
        runStage(stage, size, from, to);
        [from, to] = [to, from];
      }
      if (from.real !== real) {
        real.set(from.real);
        imaginary.set(from.imaginary);
      }
    },
  };
}

interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

function runStage(stage: Stage, size: number, from: Complex, to: Complex): void {
  const { radix, butterflies, stride, rootReal, rootImaginary, twiddleReal, twiddleImaginary } = stage;
  const step = size / radix;
  for (let p = 0; p < butterflies; p++) {
    for (let j = 0; j < radix; j++) {
      const turnReal = twiddleReal[p * radix + j] as number;
      const turnImaginary = twiddleImaginary[p * radix + j] as number;
      for (let q = 0; q < stride; q++) {
        let sumReal = 0;
        let sumImaginary = 0;
        for (let k = 0, at = q + stride * p; k < radix; k++, at += step) {
          const a = from.real[at] as number;
          const b = from.imaginary[at] as number;
          const c = rootReal[j * radix + k] as number;
          const d = rootImaginary[j * radix + k] as number;
          sumReal += a * c - b * d;
          sumImaginary += a * d + b * c;
        }
        const index = q + stride * (radix * p + j);
        to.real[index] = sumReal * turnReal - sumImaginary * turnImaginary;
        to.imaginary[index] = sumReal * turnImaginary + sumImaginary * turnReal;
      }
    }
  }
}

function planStages(size: number): readonly Stage[] {
  const stages: Stage[] = [];
  let length = size;
  let stride = 1;
  for (const radix of factorise(size)) {
    const root = roots(radix, radix, radix);
    const twiddle = roots(length, length / radix, radix);
    stages.push({
      radix,
      butterflies: length / radix,
      stride,
      rootReal: root.real,
      rootImaginary: root.imaginary,
      twiddleReal: twiddle.real,
      twiddleImaginary: twiddle.imaginary,
    });
    length /= radix;
    stride *= radix;
  }
  return stages;
}

/** exp(-2πi·row·column/order), row by row. */
function roots(order: number, rows: number, columns: number): Complex {
  const real = new Float64Array(rows * columns);
  const imaginary = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const angle = (-2 * Math.PI * ((row * column) % order)) / order;
      real[row * columns + column] = Math.cos(angle);
      imaginary[row * columns + column] = Math.sin(angle);
    }
  }
  return { real, imaginary };
}

function factorise(size: number): readonly number[] {
  const factors: number[] = [];
  let rest = size;
  for (const radix of [4, 2, 3, 5, 7]) {
    while (rest % radix === 0) {
      factors.push(radix);
      rest /= radix;
    }
  }
  if (rest !== 1) throw new RangeError(`no transform of size ${size}`);
  return factors;
}
