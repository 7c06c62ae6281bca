import { describe, expect, it } from "vitest";
import { readingsOf } from "./follow-up.ts";

const readings = (...questions: readonly string[]) =>
  readingsOf(
    questions.map((text) => ({ role: "user" as const, text })),
    /\p{Script=Han}/u.test(questions.at(-1) ?? "") ? "zh" : "en",
  );

describe("follow-up questions", () => {
  it.each([
    [["How much does a ticket cost for children?", "And for students?"], "How much does a ticket cost for students?"],
    [["When are you open on Saturdays?", "And on Sunday?"], "When are you open on Sunday?"],
    [["are you open on monday", "what about tuesday"], "are you open on tuesday"],
    [["is there a library", "where is it"], "where is the library"],
    [["how much for adults", "and for students", "and for seniors"], "how much for seniors"],
  ])("reads %j as one question", (questions, expected) => {
    expect(readings(...questions)[0]?.replace(/\?$/u, "")).toBe(expected.replace(/\?$/u, ""));
  });

  it.each([
    [["When are you open?", "Where is the café?"], "Where is the café"],
    [["When are you open?", "and how many people live in the city?"], "how many people live in the city"],
    [["When are you open?", "is there a shop"], "is there a shop"],
    [["And for students?"], "for students"],
  ])("leaves %j alone", (questions, expected) => {
    expect(readings(...questions)).toEqual([expected]);
  });

  it.each([
    [["儿童票多少钱？", "学生呢？"], "学生票多少钱"],
    [["周六几点开门？", "那周日呢？"], "周日几点开门"],
    [["有咖啡馆吗？", "它在几楼？"], "咖啡馆在几楼"],
    [["灯塔养老是什么？", "有哪些基金可以选"], "有哪些基金可以选"],
  ])("reads %j as one Chinese question", (questions, expected) => {
    expect(readings(...questions).some((reading) => reading.includes(expected))).toBe(true);
  });

  it.each([
    [["周六几点开门？", "门票可以退吗？"], "门票可以退吗?"],
    [["学生呢？"], "学生呢?"],
  ])("leaves the Chinese %j alone", (questions, expected) => {
    expect(readings(...questions)).toEqual([expected]);
  });

  it("does not mix languages", () => {
    expect(readings("How much is a ticket?", "学生呢？")).toEqual(["学生呢?"]);
  });

  it("offers several readings where the place of the new words is open", () => {
    const all = readings("where can i park my car", "and my bike");
    expect(all).toContain("where can i park my bike".replace("my bike", "my my bike"));
    expect(all.length).toBeLessThanOrEqual(7);
  });

  it("reads at most the last sixty words, and no hesitation", () => {
    const [reading] = readings(`${"well ".repeat(500)} um when are you open`);
    expect(reading?.split(" ").length).toBeLessThanOrEqual(60);
    expect(reading).toMatch(/when are you open$/u);
    expect(reading).not.toContain("um");
  });
});
