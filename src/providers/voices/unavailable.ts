/** Voices of the API that no adapter can speak with, and why. */
export const UNAVAILABLE_VOICES: Readonly<Record<string, string>> = {
  sesame: 'it is hosted by Vapi alone',
  tavus: 'it is a video of a person, made by Vapi with Tavus',
  vapi: 'these voices are hosted by Vapi alone',
  wellsaid: 'its public interface gives MP3 alone, which is not decoded here',
}
