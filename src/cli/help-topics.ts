/**
 * Texts of `vapi help TOPIC`. They say what the program does, so a change there is a change here; a test holds that every
 * variable and exit code that is named is read or given somewhere.
 */
export const topics: Readonly<Record<string, { summary: string; text: string }>> = {
  environment: {
    summary: 'environment variables',
    text: `
Environment variables

A flag of the command line wins over a variable, a variable over the configuration file.

Account and server:
  VAPI_API_KEY         private key for this run. Never written to disk
  VAPI_ACCOUNT         account of the configuration file, by name, alias or email
  VAPI_ENV             production, staging or development (VAPI_ENVIRONMENT is read too)
  VAPI_API_BASE_URL    address of the API (VAPI_BASE_URL is read too)
  VAPI_DASHBOARD_URL   address of the dashboard: browser login, links
  VAPI_CONFIG          configuration file in place of ~/.vapi-cli.yaml
  VAPI_TIMEOUT         limit of one request in seconds; 0 is none
  VAPI_KEYRING         off: keys are not looked for in the system's keyring
  VAPI_PUBLIC_KEY      public key, for the sound of running calls (vapi call listen)

  The key is the first of: --api-key, VAPI_API_KEY, the account of --account or VAPI_ACCOUNT, that of the
  project's .vapi-cli.yaml, the active account, the api_key of older tools.

Network:
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY   proxies (http, https, socks4, socks4a, socks5, socks5h)
  NO_PROXY             names, addresses and ranges that are reached without one; * is all
  NODE_EXTRA_CA_CERTS  further certificate authorities (read by Node)
  The lower-case forms are read too, and win.

Terminal:
  NO_COLOR             no colour, if not empty
  FORCE_COLOR          colour also where nobody looks; 0 is none
  CI                   if set, nothing is asked
  BROWSER              programs that open addresses, in the order of their trial; none opens nothing

Privacy:
  VAPI_DISABLE_ANALYTICS, VAPI_NO_TELEMETRY, DISABLE_TELEMETRY, DO_NOT_TRACK
                       any of them, if not empty, keeps usage from being reported

Calls on this machine:
  OPENAI_API_KEY, DEEPGRAM_API_KEY, GROQ_API_KEY …
                       keys of providers (vapi provider-key list has all); they go before those of vapi provider-key
                       set, and credentials inside an assistant before both
  OPENAI_BASE_URL, DEEPGRAM_BASE_URL …   another address of a provider
  OLLAMA_HOST          where the local model server is
  VAPI_SHERPA_MODEL    folder of a sherpa-onnx model that recognises speech, in place of a pulled one
  VAPI_MODELS_DIR      folder for vapi voice models, in place of ~/.vapi/models
  HF_ENDPOINT          where models are pulled from, in place of https://huggingface.co

Documentation and coding assistants:
  VAPI_CACHE_DIR       folder for what vapi docs update fetches and the indexes made of it, in place of ~/.vapi/cache
  VAPI_MCP_TOKEN       token that vapi mcp serve --http demands, in place of --token
`,
  },
  'exit-codes': {
    summary: 'what the exit code of a command tells',
    text: `
Exit codes

    0  done
    1  failed: the API, the network, a provider or the target of a test
    2  wrong usage or invalid input; nothing was done
    3  a check found something: differences, expectations that do not hold
    4  not logged in, or the key was refused
    5  not found
  130  interrupted: Ctrl-C, also at a question

Errors go to stderr: what happened, then a hint at the next thing to type. With --json or --jq they are one
JSON object there: {"error": {"code", "message", "status", "hint"}}. The code is a stable name, the status that
of the server's answer; status and hint may be absent. --debug adds the stack trace and every request.
`,
  },
  output: {
    summary: 'forms of output, for people, scripts and pipes',
    text: `
Output

Results go to stdout. Everything else (notes, progress, questions, warnings, errors) goes to stderr.

  --output table   columns under headings, as many and as wide as the terminal has room for. Usual for lists there
  --output tsv     tab-separated values without headings. Usual for lists in a pipe
  --output json    everything as the API sent it, also fields that this program does not know; --json is short for it.
                   Commands that stream events print one object a line
  --output jsonl   one object a line
  --output yaml    the same as YAML
  --output id      ids alone, one a line
  --jq EXPRESSION  the JSON, filtered by jq: vapi call list --jq '.[].id'

Not every command has every form; its help lists those that it has.

Colour, spinners and bars are for terminals and never go into a pipe. --quiet leaves results, warnings and errors;
--no-color leaves out colour. Questions are asked only at a terminal: without one, with --no-input or with CI set, a
missing value is an error (exit 2) that names the flag, and what deletes something needs --yes.
`,
  },
}
