/** Models for engines on this machine that `vapi voice models pull` knows. Facts as their repositories state them. */

/** A file of a model. Sizes and digests that are absent are asked of the source, at the pinned revision. */
export interface ModelFile {
  /** In the repository. */
  path: string
  /** In the model's folder. */
  name: string
  bytes?: number
  /** Hexadecimal, in small letters. */
  sha256?: string
}

export interface LocalModel {
  engine: 'sherpa-onnx'
  /** What the user types after the engine's name. */
  name: string
  kind: 'transcriber' | 'voice'
  /** ISO 639-1. */
  languages: readonly string[]
  /** All of it; where the source is asked for sizes, about. */
  bytes: number
  licence: string
  /** On Hugging Face. */
  repository: string
  /** The commit: what it holds never changes. */
  revision: string
  files: readonly ModelFile[]
  /** Folders of the repository that are taken whole, with the source's own sizes and digests. */
  folders?: readonly string[]
  /** Names of a voice's speakers, in the model's order. */
  speakers?: readonly string[]
}

type Part = readonly [path: string, bytes: number, sha256: string]

/** A streaming transducer: encoder, decoder, joiner and tokens, under plain names in its folder. */
function transducer(
  about: Pick<LocalModel, 'name' | 'languages' | 'licence' | 'repository' | 'revision'>,
  parts: { encoder: Part; decoder: Part; joiner: Part; tokens: Part },
): LocalModel {
  const files = Object.entries(parts).map(([part, [path, bytes, sha256]]) => {
    const name = part === 'tokens' ? 'tokens.txt' : `${part}${path.includes('.int8.') ? '.int8' : ''}.onnx`
    return { path, name, bytes, sha256 }
  })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { engine: 'sherpa-onnx', kind: 'transcriber', bytes, files, ...about }
}

/** What is known without the user's own rows (`knownModels`), in the order in which `--transcriber local` prefers them. */
export const LOCAL_MODELS: readonly LocalModel[] = [
  transducer(
    {
      name: 'zipformer-en',
      languages: ['en'],
      licence: 'Apache-2.0',
      repository: 'csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26',
      revision: '672fbf1b30579d6585301139bb363f42a0ad4a24',
    },
    {
      encoder: [
        'encoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx',
        71_083_163,
        '563fde436d16cf7607cf408cd6b30909819d03162652ef389c2450ced3f45ac1',
      ],
      decoder: [
        'decoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx',
        1_307_236,
        '98da299f471e38bb4e1a8df579b8cc9122d6039576a77e357b3c60f17dd83b02',
      ],
      joiner: [
        'joiner-epoch-99-avg-1-chunk-16-left-128.int8.onnx',
        259_335,
        'd944208d660d67c8d72cd2acaeac971fa5ceb8c80e76c1968148846fedd6e297',
      ],
      tokens: ['tokens.txt', 5_048, '49e3c2646595fd907228b3c6787069658f67b17377c60aeb8619c4551b2316fb'],
    },
  ),
  transducer(
    {
      name: 'zipformer-en-20m',
      languages: ['en'],
      licence: 'Apache-2.0',
      repository: 'csukuangfj/sherpa-onnx-streaming-zipformer-en-20M-2023-02-17',
      revision: 'd42f2d9f7ca24806fb667456a18a9f1b60f70d16',
    },
    {
      encoder: [
        'encoder-epoch-99-avg-1.int8.onnx',
        42_845_182,
        '3810755ce7c3ab26b42a8bcf39d191308fa27fb0f53358823ba46141d03b7eb3',
      ],
      decoder: [
        'decoder-epoch-99-avg-1.onnx',
        2_092_272,
        '45a7f940ecfb53d89fa270ad11b88b961e53a317203eb24b1c8e95ed208b0f30',
      ],
      joiner: [
        'joiner-epoch-99-avg-1.int8.onnx',
        259_572,
        'e085d73b593cf9b0707f370dbd656d58327d3fe36d80d849202ef81df02cb01e',
      ],
      tokens: ['tokens.txt', 5_048, '49e3c2646595fd907228b3c6787069658f67b17377c60aeb8619c4551b2316fb'],
    },
  ),
  transducer(
    {
      name: 'zipformer-de',
      languages: ['de'],
      licence: 'Apache-2.0',
      repository: 'daniel-dona/icefall-asr-commonvoice-zipformer-streaming-de',
      revision: '322557b0f88fc5a9823bc71027d4160f0c7612cc',
    },
    {
      encoder: [
        'exp/epoch-30/encoder-epoch-30-avg-5-chunk-16,32,64,-1-left-64,128,256,-1.int8.onnx',
        70_133_342,
        'e0163b48f89a81fafc4eb1804a77cdd33646970160f5d954a82774dc86e93fa5',
      ],
      decoder: [
        'exp/epoch-30/decoder-epoch-30-avg-5-chunk-16,32,64,-1-left-64,128,256,-1.int8.onnx',
        540_689,
        '8e787f64f765d2d4d1e17315879bc3cc1c2f517532799d78be034a03a9bcacda',
      ],
      joiner: [
        'exp/epoch-30/joiner-epoch-30-avg-5-chunk-16,32,64,-1-left-64,128,256,-1.int8.onnx',
        259_417,
        'd58379fa169af64034c127558230af63d0c08cda97a4a310b04af4b6ceb68956',
      ],
      tokens: [
        'lang_bpe_500/tokens.txt',
        5_086,
        'ad2da0c993128b66cead1d78adddc359bef69c50fca890bb5ca0500c97b6d23d',
      ],
    },
  ),
  transducer(
    {
      name: 'zipformer-fr',
      languages: ['fr'],
      licence: 'Apache-2.0',
      repository: 'shaojieli/sherpa-onnx-streaming-zipformer-fr-2023-04-14',
      revision: '3db9565d9633758d6b87b9a7b3dc09ebfb6b2c73',
    },
    {
      encoder: [
        'encoder-epoch-29-avg-9-with-averaged-model.int8.onnx',
        126_655_903,
        '47a94a7fdc8dff63d708be4ea0535747640224467f91e238311f1ddbdd09327e',
      ],
      decoder: [
        'decoder-epoch-29-avg-9-with-averaged-model.int8.onnx',
        1_307_157,
        'e72b2b9ed36355bd0dd43433f7dd258e7226ab54c9ef42b28c73ebb785805623',
      ],
      joiner: [
        'joiner-epoch-29-avg-9-with-averaged-model.int8.onnx',
        259_572,
        'fc2f3bb851a15a532c6f2422d53eecd1ca949f12b0897e07a852021c30481711',
      ],
      tokens: ['tokens.txt', 4_819, '37fb3f2a7bcb85e5fff3f1f66be04e6fbb05077a22f56d177fe85704e945fb31'],
    },
  ),
  transducer(
    {
      name: 'zipformer-ru',
      languages: ['ru'],
      licence: 'Apache-2.0 (of alphacep/vosk-model-small-streaming-ru, whose files these are)',
      repository: 'csukuangfj/sherpa-onnx-streaming-zipformer-small-ru-vosk-int8-2025-08-16',
      revision: '31fa603e4f31279c6e1f7600fed13dc4312663ab',
    },
    {
      encoder: [
        'encoder.int8.onnx',
        26_214_060,
        'e0db705e94ec35d803b1df4f40cda23d064e1142977c80ab288430b109777a9d',
      ],
      decoder: [
        'decoder.onnx',
        2_093_080,
        '89b3088a9e20e1ef7f2e85ce1a3478afe6a9c4ac57369cabcc4beb8e95328ea0',
      ],
      joiner: [
        'joiner.int8.onnx',
        259_417,
        'b55784b071ab7512eab4c7c44e4f5478284ef33c83562cc6a249b972515a31e5',
      ],
      tokens: ['tokens.txt', 6_388, '93bbbc0bae6b78c0bbb743d4aa9fded3bb5ff3aac5f0200e3a769a5a05e0fdf6'],
    },
  ),
  transducer(
    {
      name: 'zipformer-ko',
      languages: ['ko'],
      licence: 'Apache-2.0; trained on KsponSpeech (AI-Hub), whose terms ask for attribution',
      repository: 'kangkyu/icefall-asr-ko-streaming-zipformer-72m',
      revision: 'db24b58d22736349eaeb34cc181ad0f3debf9903',
    },
    {
      encoder: [
        'encoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx',
        70_133_869,
        '5f2b6e5e92834849cfdbda3aaa355e6f39ff993f067794e4ab9d5cb993b15311',
      ],
      decoder: [
        'decoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx',
        1_544_210,
        '40c3c57ad27b45b59e27bec8bfc02f04d27c060aeb8e964ae2f87bd9f356bf7d',
      ],
      joiner: [
        'joiner-epoch-99-avg-1-chunk-16-left-128.int8.onnx',
        1_270_777,
        '7d3bd9c1e9cf60efa5d5fed728fbd52d0f08139775f9e9002fd088b4d78f3e73',
      ],
      tokens: ['tokens.txt', 20_844, '435dfb9e0a2b6a79124f1a4d8f0f33a951b25384726e2e0d854f081533e6ec9d'],
    },
  ),
  transducer(
    {
      name: 'zipformer-zh-en',
      languages: ['zh', 'en'],
      licence: 'Apache-2.0; trained on WenetSpeech among others, which is for non-commercial use',
      repository: 'csukuangfj/k2fsa-zipformer-bilingual-zh-en-t',
      revision: 'e2382758de9a0219b4efe682b95af30b399db3b8',
    },
    {
      encoder: [
        'exp/32/encoder-epoch-99-avg-1.int8.onnx',
        42_980_793,
        'db6f51551762e40e549166fe041ea3e45464370b595e9ad23f06478ec3794fbb',
      ],
      decoder: [
        'exp/32/decoder-epoch-99-avg-1.int8.onnx',
        3_486_740,
        '4b618d383af304cfae281dbf0a53e8bf442c2f0502256cd5694bd6567ebdd834',
      ],
      joiner: [
        'exp/32/joiner-epoch-99-avg-1.int8.onnx',
        3_228_485,
        'bdda356d6f9b8c2d7cee9ee0e26075fa537490f7fd06520be408d287073667b9',
      ],
      tokens: [
        'data/lang_char_bpe/tokens.txt',
        56_317,
        'a8e0e4ec53810e433789b54a5c0134a7eaa2ffca595a6334d54c00da858841d3',
      ],
    },
  ),
  {
    engine: 'sherpa-onnx',
    name: 'vits-ljs',
    kind: 'voice',
    languages: ['en'],
    bytes: 117_840_000,
    licence: 'Apache-2.0; one speaker, LJ Speech (public domain)',
    repository: 'csukuangfj/vits-ljs',
    revision: '7ac337c834f318e45a34037cb3371cc3929187ff',
    files: [
      {
        path: 'vits-ljs.onnx',
        name: 'model.onnx',
        bytes: 114_124_456,
        sha256: '5bbd273797a9ecf8d94bd6ec02ad16cb41cbb85f055ad98d528ced3e44c9b31a',
      },
      { path: 'lexicon.txt', name: 'lexicon.txt' },
      { path: 'tokens.txt', name: 'tokens.txt' },
    ],
  },
  {
    engine: 'sherpa-onnx',
    name: 'vits-piper-en-amy',
    kind: 'voice',
    languages: ['en'],
    bytes: 81_000_000,
    licence: 'none stated; MODEL_CARD names the data (mimic3-voices). Its espeak-ng-data: GPL-3.0-or-later',
    repository: 'csukuangfj/vits-piper-en_US-amy-medium',
    revision: '79936839cc9409b1a752a45c629fe21639e1c1b2',
    files: [
      {
        path: 'en_US-amy-medium.onnx',
        name: 'model.onnx',
        sha256: 'fbaa8e36d8f26fe6f3ebb65cab461e629d8b37a5b7c5fb78fb64317db73e1c25',
      },
      { path: 'tokens.txt', name: 'tokens.txt' },
      { path: 'MODEL_CARD', name: 'MODEL_CARD' },
    ],
    folders: ['espeak-ng-data'],
  },
  {
    engine: 'sherpa-onnx',
    name: 'kokoro-en-v0_19',
    kind: 'voice',
    languages: ['en'],
    bytes: 369_000_000,
    licence: 'Apache-2.0 (Kokoro-82M). Its espeak-ng-data: GPL-3.0-or-later',
    repository: 'csukuangfj/kokoro-en-v0_19',
    revision: '92805c485745946a0d945562d3aba19e7cbb2104',
    files: [
      {
        path: 'model.onnx',
        name: 'model.onnx',
        bytes: 345_555_491,
        sha256: '10ff414106a038ce7e9e0126c6461e4dc8a86efaa89dc91d2009d69fe635e339',
      },
      {
        path: 'voices.bin',
        name: 'voices.bin',
        bytes: 5_755_904,
        sha256: 'a372c67b056ef0b695c375d39b99630d23fb07ad4c8d87aa32a19a62fca523ad',
      },
      {
        path: 'tokens.txt',
        name: 'tokens.txt',
        bytes: 1_078,
        sha256: '4f31c71282d14af4e926cd12462078fe9d20d00c589e63fe2750a8f56d6d7f7b',
      },
    ],
    folders: ['espeak-ng-data'],
    speakers: [
      'af',
      'af_bella',
      'af_nicole',
      'af_sarah',
      'af_sky',
      'am_adam',
      'am_michael',
      'bf_emma',
      'bf_isabella',
      'bm_george',
      'bm_lewis',
    ],
  },
]
