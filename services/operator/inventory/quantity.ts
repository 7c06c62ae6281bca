const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const pattern = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** A Kubernetes quantity (`1500m`, `16Gi`, `2e3`) in base units; what is no quantity, or is missing, is 0. */
export function quantity(text: string | number | undefined): number {
  if (typeof text === "number") return text;
  const match = pattern.exec(text?.trim() ?? "");
  return match ? Number(match[1]) * (suffixes[match[2] ?? ""] ?? 1) : 0;
}

/** CPU as whole millicores, rounded down: nothing may be promised that isn't there. */
export const millicores = (text: string | number | undefined): number => Math.floor(quantity(text) * 1000 + 1e-6);

/** Memory as whole MiB, rounded down. */
export const mebibytes = (text: string | number | undefined): number => Math.floor(quantity(text) / 2 ** 20);
