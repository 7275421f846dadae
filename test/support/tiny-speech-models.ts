/**
 * Models that sherpa-onnx 1.13.8 really runs, small enough to stand here. They were made with the Python package onnx:
 *
 * - a streaming transducer of the LSTM kind: the encoder gives the mean of a chunk of 12 frames, the joiner the token after
 *   the last one while that is above -9 (sound), so that loud sound of any kind is heard as ONE TWO THREE FOUR;
 * - a VITS voice with a lexicon of two words, `hello` and `world`: 1000 samples of the constant 0.25 for every token, at 22.05 kHz.
 */
const ENCODER =
  'CAg6swIKMgoBeBIBZSIKUmVkdWNlTWVhbioNCgRheGVzQAFAAqABByoPCghrZWVwZGltcxgBoAECChoKAWUSC2VuY29kZXJf' +
  'b3V0IghJZGVudGl0eQoVCgFoEgZuZXh0X2giCElkZW50aXR5ChUKAWMSBm5leHRfYyIISWRlbnRpdHkSA2VuY1oYCgF4EhMK' +
  'EQgBEg0KAxIBTgoCCBAKAghQWhgKAWgSEwoRCAESDQoCCAEKAxIBTgoCCARaGAoBYxITChEIARINCgIIAQoDEgFOCgIIBGIi' +
  'CgtlbmNvZGVyX291dBITChEIARINCgMSAU4KAggBCgIIAWIdCgZuZXh0X2gSEwoRCAESDQoCCAEKAxIBTgoCCARiHQoGbmV4' +
  'dF9jEhMKEQgBEg0KAggBCgMSAU4KAggEQgQKABANchIKCm1vZGVsX3R5cGUSBGxzdG1yFwoSbnVtX2VuY29kZXJfbGF5ZXJz' +
  'EgExcgcKAVQSAjE2chYKEGRlY29kZV9jaHVua19sZW4SAjEychQKD3Jubl9oaWRkZW5fc2l6ZRIBNHIMCgdkX21vZGVsEgE0'

const DECODER =
  'CAg6twEKGgoBeQoBcwoBdAoCYXgSBGxhc3QiBVNsaWNlCiQKBGxhc3QSC2RlY29kZXJfb3V0IgRDYXN0KgkKAnRvGAGgAQIS' +
  'A2RlYyoRCAEQB0IBc0oIAQAAAAAAAAAqEQgBEAdCAXRKCAIAAAAAAAAAKhIIARAHQgJheEoIAQAAAAAAAABaFAoBeRIPCg0I' +
  'BxIJCgMSAU4KAggCYh4KC2RlY29kZXJfb3V0Eg8KDQgBEgkKAxIBTgoCCAFCBAoAEA1yDwoKdm9jYWJfc2l6ZRIBNXIRCgxj' +
  'b250ZXh0X3NpemUSATI='

const JOINER =
  'CAg6hAMKGgoLZGVjb2Rlcl9vdXQKA29uZRIBbiIDQWRkCh8KAW4KBGZpdmUSAm5tIgNNb2QqCwoEZm1vZBgBoAECCiEKC2Vu' +
  'Y29kZXJfb3V0CgN0aHISBGxvdWQiB0dyZWF0ZXIKHwoEbG91ZAoCbm0KBHplcm8SBnRhcmdldCIFV2hlcmUKFQoDaWRzCgZ0' +
  'YXJnZXQSAWQiA1N1YgoPCgFkCgFkEgJkZCIDTXVsChAKAmRkEgVsb2dpdCIDTmVnEgRqb2luKg8IARABQgNvbmVKBAAAgD8q' +
  'EAgBEAFCBGZpdmVKBAAAoEAqEAgBEAFCBHplcm9KBAAAAAAqDwgBEAFCA3RockoEAAAQwSohCAEIBRABQgNpZHNKFAAAAAAA' +
  'AIA/AAAAQAAAQEAAAIBAWh4KC2VuY29kZXJfb3V0Eg8KDQgBEgkKAxIBTgoCCAFaHgoLZGVjb2Rlcl9vdXQSDwoNCAESCQoD' +
  'EgFOCgIIAWIYCgVsb2dpdBIPCg0IARIJCgMSAU4KAggFQgQKABANcg8KCmpvaW5lcl9kaW0SATE='

const VOICE =
  'CAg64QIKFQoIeF9sZW5ndGgKAWsSAW4iA011bAojCgJvMQoBbhIFc2hhcGUiBkNvbmNhdCoLCgRheGlzGACgAQIKNgoFc2hh' +
  'cGUSAXMiD0NvbnN0YW50T2ZTaGFwZSoZCgV2YWx1ZSoNCAEQASIEAACAPkIBdqABBAoZCgFzCgxsZW5ndGhfc2NhbGUSAXki' +
  'A0RpdhIDdHRzKhEIARAHQgFrSgjoAwAAAAAAACoaCAIQB0ICbzFKEAEAAAAAAAAAAQAAAAAAAABaFQoBeBIQCg4IBxIKCgMS' +
  'AU4KAxIBTFoXCgh4X2xlbmd0aBILCgkIBxIFCgMSAU5aGQoLbm9pc2Vfc2NhbGUSCgoICAESBAoCCAFaGgoMbGVuZ3RoX3Nj' +
  'YWxlEgoKCAgBEgQKAggBWhsKDW5vaXNlX3NjYWxlX3cSCgoICAESBAoCCAFiGAoBeRITChEIARINCgIIAQoCCAEKAxIBU0IE' +
  'CgAQDXISCgptb2RlbF90eXBlEgR2aXRzchQKC3NhbXBsZV9yYXRlEgUyMjA1MHIPCgpuX3NwZWFrZXJzEgEwcg4KCWFkZF9i' +
  'bGFuaxIBMHITCghsYW5ndWFnZRIHRW5nbGlzaHIPCgdjb21tZW50EgR0aW55chYKC3B1bmN0dWF0aW9uEgcsIC4gISA/chYK' +
  'CGZyb250ZW5kEgpjaGFyYWN0ZXJz'

/** The files of the transducer. */
export const TINY_TRANSDUCER: Readonly<Record<string, Uint8Array>> = {
  'encoder.onnx': Buffer.from(ENCODER, 'base64'),
  'decoder.onnx': Buffer.from(DECODER, 'base64'),
  'joiner.onnx': Buffer.from(JOINER, 'base64'),
  'tokens.txt': Buffer.from('<blk> 0\n▁ONE 1\n▁TWO 2\n▁THREE 3\n▁FOUR 4\n'),
}

/** The files of the voice. */
export const TINY_VOICE: Readonly<Record<string, Uint8Array>> = {
  'model.onnx': Buffer.from(VOICE, 'base64'),
  'tokens.txt': Buffer.from(
    '_,.!?helowrd'
      .split('')
      .map((letter, id) => `${letter} ${id}\n`)
      .join(''),
  ),
  'lexicon.txt': Buffer.from('hello h e l l o\nworld w o r l d\n'),
}
