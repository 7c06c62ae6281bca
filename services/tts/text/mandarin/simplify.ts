import { Converter } from "opencc-js/t2cn";
import { type MappedText, mapText } from "./mapped-text.ts";

const convert = Converter({ from: "tw", to: "cn" });

/** Traditional characters to simplified ones (OpenCC's tables), as long as each stays in its place. */
export function simplify(text: string): MappedText {
  const converted = convert(text);
  const mapped = mapText(text);
  return converted.length === text.length ? { ...mapped, text: converted } : mapped;
}
