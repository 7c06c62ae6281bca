import { describe, expect, it } from "vitest";
import { type StressLevel, withStress } from "./stress.ts";

describe("stress", () => {
  it.each<[string, StressLevel | null, string]>([
    ["nˈAʃən", null, "nˈAʃən"],
    ["ɹˌɛkəɡnˈIz", -2, "ɹɛkəɡnIz"],
    ["ɹˌɛkəɡnˈIz", -1, "ɹɛkəɡnˌIz"],
    ["nˈAʃən", -0.5, "nˌAʃən"],
    ["ðɛm", 0.5, "ðˌɛm"],
    ["ðˌɛm", 1, "ðˈɛm"],
    ["ðɛm", 2, "ðˈɛm"],
    ["ðˈɛm", 2, "ðˈɛm"],
    ["mhm", 2, "mhm"],
  ])("turns %s at level %s into %s", (phones, level, result) => expect(withStress(phones, level)).toBe(result));
});
