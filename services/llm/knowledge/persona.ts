import { z } from "zod";
import { primaryLanguage } from "./language.ts";

const line = z.string().min(1).max(300);
const languageTag = z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/u);

const linesShape = {
  greeting: line,
  /** Said when the documents hold no answer. */
  abstention: line,
  /** Said after the abstention: what can be asked. */
  offer: line,
  smallTalk: z
    .array(
      z.strictObject({
        said: z.array(line).min(1).max(50),
        answer: line,
        /** How the answer is said; by default as the session says everything. */
        delivery: z.enum(["neutral", "gentle", "excited"]).optional(),
      }),
    )
    .max(100),
};

/** What persona.json holds: how a tenant's avatar speaks where no document is asked for. */
export const personaSchema = z.strictObject({
  name: z.string().min(1).max(60),
  /** BCP-47, of the lines outside of the translations. */
  language: languageTag,
  /** How it sees itself, as told to a language model. */
  description: z.string().max(2_000),
  ...linesShape,
  /** The lines in other languages, by BCP-47. */
  translations: z.record(languageTag, z.strictObject(linesShape)).default({}),
});

export type Persona = z.infer<typeof personaSchema>;

/** The lines of a persona in one language. */
export interface PersonaLines extends Pick<Persona, "greeting" | "abstention" | "offer" | "smallTalk"> {
  readonly language: string;
}

/** For tenants without a persona.json, and for the languages that it lacks. */
export const defaultPersona: Persona = {
  name: "Troupe",
  language: "en",
  description: "",
  greeting: "Hello! How can I help you?",
  abstention: "I'm sorry, I don't have information about that.",
  offer: "Is there anything else you'd like to know?",
  smallTalk: [
    {
      said: ["hello", "hi", "good morning", "good afternoon", "good evening"],
      answer: "Hello! How can I help you?",
      delivery: "excited",
    },
    { said: ["thanks", "thank you", "thank you very much"], answer: "You're welcome!" },
    { said: ["goodbye", "bye", "see you"], answer: "Goodbye!" },
  ],
  translations: {
    zh: {
      greeting: "您好！有什么可以帮您？",
      abstention: "很抱歉，这个问题我没有相关信息。",
      offer: "您还想了解别的吗？",
      smallTalk: [
        { said: ["你好", "您好", "早上好", "下午好", "晚上好", "嗨", "哈喽"], answer: "您好！有什么可以帮您？", delivery: "excited" },
        { said: ["谢谢", "谢谢你", "谢谢您", "多谢", "非常感谢"], answer: "不客气！" },
        { said: ["再见", "拜拜", "回头见"], answer: "再见！" },
      ],
    },
  },
};

/** The persona's lines in a language; where it has none, the neutral ones; where there are none either, its own. */
export function linesIn(persona: Persona, language: string): PersonaLines {
  const wanted = primaryLanguage(language);
  return linesOf(persona, wanted) ?? linesOf(defaultPersona, wanted) ?? persona;
}

function linesOf(persona: Persona, wanted: string): PersonaLines | undefined {
  if (primaryLanguage(persona.language) === wanted) return persona;
  const translation = Object.entries(persona.translations).find(([language]) => primaryLanguage(language) === wanted);
  return translation && { language: translation[0], ...translation[1] };
}
