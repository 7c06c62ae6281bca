import { z } from "zod";

const line = z.string().min(1).max(300);

/** What persona.json holds: how a tenant's avatar speaks where no document is asked for. */
export const personaSchema = z.strictObject({
  name: z.string().min(1).max(60),
  /** BCP-47, of all lines. */
  language: z.string().min(2).max(35),
  /** How it sees itself, as told to a language model. */
  description: z.string().max(2_000),
  greeting: line,
  /** Said when the documents hold no answer. */
  abstention: line,
  /** Said after the abstention: what can be asked. */
  offer: line,
  smallTalk: z.array(z.strictObject({ said: z.array(line).min(1).max(50), answer: line })).max(100),
});

export type Persona = z.infer<typeof personaSchema>;

/** For tenants without a persona.json. */
export const defaultPersona: Persona = {
  name: "Troupe",
  language: "en",
  description: "",
  greeting: "Hello! How can I help you?",
  abstention: "I'm sorry, I don't have information about that.",
  offer: "Is there anything else you'd like to know?",
  smallTalk: [
    { said: ["hello", "hi", "good morning", "good afternoon", "good evening"], answer: "Hello! How can I help you?" },
    { said: ["thanks", "thank you", "thank you very much"], answer: "You're welcome!" },
    { said: ["goodbye", "bye", "see you"], answer: "Goodbye!" },
  ],
};
