import { defineCommand } from '../cli/definition.ts'
import { asVapiError } from '../errors.ts'
import { formatBytes } from '../output/rate.ts'
import { modelsFolder } from '../providers/local-models/folder.ts'
import { knownModels } from '../providers/local-models/known.ts'
import { type KeptModel, keptModels, partBytes } from '../providers/local-models/store.ts'
import { findLocalRecogniser, recogniserAdvice } from '../providers/recognisers/local-recognisers.ts'

interface Row {
  name: string
  engine: string
  kind: 'transcriber' | 'voice' | null
  languages: readonly string[]
  /** What is on the disk, or would be; 0 where only the source knows. */
  bytes: number
  /** `own`: put there by hand. */
  here: 'yes' | 'partly' | 'no' | 'own'
  bytesHere: number
  /** `--transcriber local` takes it. */
  takenByLocal: boolean
  licence: string | null
  repository: string | null
  revision: string | null
  folder: string | null
}

export default defineCommand(
  {
    name: 'voice models list',
    summary: 'list models for speech on this machine: what is here, and what can be had',
    description:
      'Recognisers are for --transcriber sherpa-onnx/NAME, voices for --voice sherpa-onnx/NAME of vapi call local. Models are kept in ~/.vapi/models, or where VAPI_MODELS_DIR says.',
    args: [],
    options: { here: { type: 'boolean', summary: 'only what is on this machine' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi voice models list', does: 'everything that is known' },
      { command: 'vapi voice models list --here --output id', does: 'names of what is here' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, { output, env }) => {
    const local = await findLocalRecogniser(env).then(
      found => ({ name: found?.name ?? null, fault: null }),
      thrown => ({ name: null, fault: asVapiError(thrown) }),
    )
    const kept = keptModels(env)
    const rows = [
      ...knownModels(env).map((model): Row => {
        const here = kept.find(({ name }) => name === model.name)
        const bytesHere = here?.bytes ?? partBytes(env, model)
        const { name, engine, kind, languages, licence, repository, revision } = model
        return {
          ...{ name, engine, kind, languages, bytes: here?.bytes ?? model.bytes },
          here: here === undefined ? (bytesHere > 0 ? 'partly' : 'no') : here.files === null ? 'own' : 'yes',
          bytesHere,
          takenByLocal: isTaken(here, local.name),
          ...{ licence, repository, revision: here?.revision ?? revision, folder: here?.folder ?? null },
        }
      }),
      ...kept.filter(({ known }) => known === null).map(model => rowOfOwn(model, local.name)),
    ].filter(({ here }) => !options.here || here === 'yes' || here === 'own')
    await output.list(
      rows,
      [
        { heading: 'NAME', value: row => row.name },
        { heading: 'FOR', value: row => row.kind ?? '' },
        { heading: 'LANGUAGES', value: row => row.languages.join(', ') },
        { heading: 'SIZE', value: row => (row.bytes === 0 ? '' : formatBytes(row.bytes)) },
        { heading: 'HERE', value: describeState },
        { heading: 'LICENCE', value: row => row.licence ?? '', wraps: true },
      ],
      row => row.name,
    )
    if (local.fault !== null)
      output.warning(`--transcriber local: ${local.fault.message}; ${local.fault.hint ?? ''}`)
    else if (local.name !== null) output.note(`--transcriber local takes ${local.name}`)
    else output.note(`--transcriber local finds nothing: ${recogniserAdvice(process.platform, env)}`)
    if (kept.length > 0) output.note(`models are in ${modelsFolder(env)}`)
    return undefined
  },
)

function rowOfOwn(model: KeptModel, local: string | null): Row {
  const { name, engine, bytes, folder, revision } = model
  return {
    ...{ name, engine, kind: null, languages: [], bytes, here: model.files === null ? 'own' : 'yes' },
    ...{ bytesHere: bytes, takenByLocal: isTaken(model, local) },
    ...{ licence: null, repository: null, revision, folder },
  }
}

function isTaken(model: KeptModel | undefined, local: string | null): boolean {
  return model !== undefined && local === `${model.engine}/${model.name}`
}

function describeState({ here, bytesHere, takenByLocal }: Row): string {
  if (takenByLocal) return `${here}, for local`
  return here === 'partly' ? `${formatBytes(bytesHere)} of it` : here
}
