import type { Field, Variant, Variants } from './types.ts'

const apiKey: Field = {
  flag: 'key',
  path: 'apiKey',
  kind: 'secret',
  required: true,
  summary: 'its API key (- reads it from stdin)',
}

function secret(flag: string, path: string, summary: string): Field {
  return { flag, path, kind: 'secret', required: true, summary: `${summary} (- reads it from stdin)` }
}

function text(flag: string, path: string, summary: string): Field {
  return { flag, path, required: true, summary }
}

function json(flag: string, path: string, summary: string): Field {
  return { flag, path, kind: 'json', required: true, summary: `${summary}, as JSON or a file` }
}

function variant(summary: string, ...fields: Field[]): Variant {
  return { summary, fields }
}

const bucketName = text('bucket', 'bucketPlan.name', 'name of the bucket')
const bucketPath: Field = {
  flag: 'path',
  path: 'bucketPlan.path',
  ask: true,
  summary: 'folder in the bucket',
}
const accessKey = text('access-key-id', 'bucketPlan.accessKeyId', 'id of the access key')
const secretKey = secret('secret-access-key', 'bucketPlan.secretAccessKey', 'secret of the access key')
const authentication = json(
  'authentication',
  'authenticationPlan',
  'authentication plan (type bearer, hmac or oauth2)',
)
const authorization = text('authorization', 'authorizationId', 'id of the authorisation')
const apiUrl: Field = {
  flag: 'url',
  path: 'apiUrl',
  summary: 'address of its API, where it is not the usual one',
}

/** Providers whose credential is an API key and nothing else. */
const keyOnly = [
  'anthropic',
  'anyscale',
  'assembly-ai',
  'cerebras',
  'deep-seek',
  'deepinfra',
  'gladia',
  'gohighlevel',
  'google',
  'groq',
  'hume',
  'inflection-ai',
  'inworld',
  'lmnt',
  'mistral',
  'neuphonic',
  'openai',
  'openrouter',
  'perplexity-ai',
  'rime-ai',
  'runpod',
  'smallest-ai',
  'speechmatics',
  'tavus',
  'together-ai',
  'wellsaid',
  'xai',
] as const

/** Credentials by provider: keys of providers, storage for recordings, carriers and webhooks. */
export const credentialVariants: Variants = {
  field: 'provider',
  of: {
    ...Object.fromEntries(keyOnly.map(provider => [provider, variant(`API key of ${provider}`, apiKey)])),
    ...Object.fromEntries(
      ['11labs', 'cartesia', 'deepgram', 'soniox'].map(provider => [
        provider,
        variant(`API key of ${provider}`, apiKey, apiUrl),
      ]),
    ),
    'anthropic-bedrock': variant(
      'Anthropic through Amazon Bedrock',
      text('region', 'region', 'region'),
      authentication,
    ),
    'azure-openai': variant(
      'OpenAI at Azure',
      text('region', 'region', 'region'),
      json('models', 'models', 'names of the models'),
      secret('key', 'openAIKey', 'its key'),
      text('url', 'openAIEndpoint', 'address of the endpoint'),
    ),
    azure: variant(
      'speech or storage at Azure',
      {
        flag: 'service',
        path: 'service',
        choices: ['speech', 'blob_storage'],
        required: true,
        summary: 'service',
      },
      { flag: 'region', path: 'region', ask: true, summary: 'region' },
      { ...apiKey, required: false, ask: true },
      {
        flag: 'bucket-plan',
        path: 'bucketPlan',
        kind: 'json',
        summary: 'storage container, as JSON or a file',
      },
    ),
    'byo-sip-trunk': variant('your own SIP trunk', json('gateways', 'gateways', 'gateways')),
    'custom-llm': variant('your own model server', apiKey, { ...authentication, required: false }),
    langfuse: variant('traces at Langfuse', text('public-key', 'publicKey', 'public key'), apiKey, {
      ...apiUrl,
      required: true,
    }),
    make: variant(
      'Make',
      text('team', 'teamId', 'id of the team'),
      text('region', 'region', 'region'),
      apiKey,
    ),
    microsoft: variant('Microsoft', apiKey, { flag: 'region', path: 'region', ask: true, summary: 'region' }),
    minimax: variant('Minimax', apiKey, text('group', 'groupId', 'id of the group')),
    playht: variant('PlayHT', apiKey, text('user', 'userId', 'id of the user')),
    s3: variant(
      'recordings in Amazon S3',
      text('access-key-id', 'awsAccessKeyId', 'id of the access key'),
      secret('secret-access-key', 'awsSecretAccessKey', 'secret of the access key'),
      text('region', 'region', 'region'),
      text('bucket', 's3BucketName', 'name of the bucket'),
      text('path', 's3PathPrefix', 'folder in the bucket'),
    ),
    's3-compatible': variant(
      'recordings in storage that speaks S3',
      text('url', 'bucketPlan.url', 'address of the storage'),
      text('region', 'bucketPlan.region', 'region'),
      accessKey,
      secretKey,
      bucketName,
      bucketPath,
    ),
    gcp: variant(
      'recordings in Google Cloud Storage',
      json('service-account', 'gcpKey', 'key of the service account as Google gives it'),
      bucketName,
      bucketPath,
      { flag: 'region', path: 'bucketPlan.region', summary: 'region' },
      { flag: 'hmac-access-key', path: 'bucketPlan.hmacAccessKey', summary: 'HMAC access key' },
      { flag: 'hmac-secret', path: 'bucketPlan.hmacSecret', kind: 'secret', summary: 'HMAC secret' },
    ),
    cloudflare: variant(
      'recordings in Cloudflare R2',
      text('account-id', 'accountId', 'id of the account'),
      text('url', 'bucketPlan.url', 'address of the bucket'),
      accessKey,
      secretKey,
      bucketName,
      bucketPath,
      { flag: 'email', path: 'accountEmail', summary: 'e-mail address of the account' },
      { ...apiKey, required: false },
    ),
    supabase: variant(
      'recordings in Supabase storage',
      text('url', 'bucketPlan.url', 'address of the storage'),
      text('region', 'bucketPlan.region', 'region'),
      accessKey,
      secretKey,
      bucketName,
      bucketPath,
    ),
    twilio: variant(
      'Twilio',
      text('account-sid', 'accountSid', 'account SID'),
      { ...secret('token', 'authToken', 'auth token'), required: false, ask: true },
      { ...apiKey, required: false },
      { ...secret('api-secret', 'apiSecret', 'secret of the API key'), required: false },
    ),
    vonage: variant('Vonage', apiKey, secret('api-secret', 'apiSecret', 'its secret')),
    webhook: variant('authentication of your own servers', authentication),
    'custom-credential': variant('authentication of your own servers', authentication),
    email: variant('an e-mail address', text('email', 'email', 'address')),
    'slack-webhook': variant(
      'a Slack channel',
      secret('webhook-url', 'webhookUrl', 'address of the webhook'),
    ),
    'google.calendar.oauth2-client': variant('Google Calendar'),
    ...Object.fromEntries(
      [
        'google.calendar.oauth2-authorization',
        'google.sheets.oauth2-authorization',
        'slack.oauth2-authorization',
      ].map(provider => [provider, variant(`authorisation of ${provider.split('.')[0]}`, authorization)]),
    ),
    'ghl.oauth2-authorization': variant(
      'GoHighLevel through its MCP server',
      json('session', 'authenticationSession', 'session of the authorisation'),
    ),
  },
}
