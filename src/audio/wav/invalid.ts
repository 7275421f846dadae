import { Exit, VapiError } from '../../errors.ts'

/** A file that cannot be read as WAV: code `invalid-wav`, exit 2. */
export function invalidWav(message: string, hint?: string): VapiError {
  return new VapiError({ code: 'invalid-wav', message, exit: Exit.usage, hint })
}

/** The same for sound of another kind, with the command that makes a WAV file of it. */
export function otherKind(message: string): VapiError {
  return invalidWav(message, 'convert it: ffmpeg -i IN -ar 16000 -ac 1 OUT.wav')
}

/** What the first bytes of a file that is no WAV say it is, or null. */
export function otherFormatOf(bytes: Uint8Array): string | null {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))
  const start = text(0, 4)
  if (start.startsWith('ID3') || isMpegAudio(bytes)) return 'MP3'
  if (isAdts(bytes)) return 'AAC'
  if (start === 'OggS') return 'Ogg (Vorbis or Opus)'
  if (start === 'fLaC') return 'FLAC'
  if (text(4, 8) === 'ftyp') return 'MP4 (M4A)'
  if (start === 'FORM' && text(8, 11) === 'AIF') return 'AIFF'
  if (start === 'RIFX') return 'a big-endian WAV (RIFX)'
  if (start === 'RIFF') return `RIFF with ${JSON.stringify(text(8, 12))} in it`
  if (start === 'caff') return 'Core Audio (CAF)'
  if (start === '.snd') return 'Sun audio (AU)'
  if (start === '#!AM') return 'AMR'
  if (start === '\x1a\x45\xdf\xa3') return 'WebM or Matroska'
  return null
}

/** An MPEG audio frame of layer I to III: eleven set bits, a version, a layer. */
function isMpegAudio([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0
}

/** AAC in ADTS frames: twelve set bits and layer 0. */
function isAdts([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0xff && (second & 0xf6) === 0xf0
}
