/** Classes of the phone alphabet of the English lexicons (one character a phone, see docs of Kokoro's phonemizer misaki). */
export const vowels: ReadonlySet<string> = new Set("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ");
export const consonants: ReadonlySet<string> = new Set("bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ");
/** Phones that count twice in the weight of a syllable run. */
export const longPhones: ReadonlySet<string> = new Set("AIOQWYʤʧ");
/** Phones after which an American t becomes a tap. */
export const tapContexts: ReadonlySet<string> = new Set("AIOWYiuæɑəɛɪɹʊʌ");
/** Punctuation the model has a symbol for. */
export const pausePunctuation: ReadonlySet<string> = new Set(";:,.!?—…");
export const spokenPunctuation: ReadonlySet<string> = new Set(';:,.!?—…"“”');
