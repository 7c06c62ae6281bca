import { saysOwnWords } from "../turn-taking/index.ts";

/** Characters of what the avatar said that may come back as an echo. */
const maxCharacters = 800;

/** What the avatar has said of late, to know it again in the microphone. */
export class SpokenWords {
  #text = "";

  add(clause: string): void {
    this.#text = `${this.#text} ${clause}`.slice(-maxCharacters);
  }

  echoes(heard: string): boolean {
    return saysOwnWords(heard, this.#text);
  }
}
