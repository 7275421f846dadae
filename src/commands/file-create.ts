import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { readObject } from '../api/read-object.ts'
import { defineCommand } from '../cli/definition.ts'
import { systemCodeOf, usageError } from '../errors.ts'
import { readJsonText } from './resource/body.ts'

export default defineCommand(
  {
    name: 'file create',
    summary: 'upload a file',
    args: [{ name: 'file', summary: 'the file', required: true }],
    options: {
      purpose: {
        type: 'string',
        placeholder: 'PURPOSE',
        choices: ['assistant', 'composer-attachment', 'knowledge-base-v2'],
        summary: 'what it is for',
      },
      metadata: {
        type: 'string',
        placeholder: 'JSON',
        summary: 'JSON to keep with it (4096 characters at most)',
      },
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi file create handbook.pdf --purpose knowledge-base-v2', does: 'for a knowledge base' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const [name = ''] = args
    if (options.metadata !== undefined) await readJsonText('metadata', options.metadata)
    const form = new FormData()
    form.set('file', await openFile(resolve(context.workingDirectory, name), name), basename(name))
    if (options.purpose !== undefined) form.set('purpose', options.purpose)
    if (options.metadata !== undefined) form.set('metadata', options.metadata)
    const api = await context.api()
    const reply = await api.request({ method: 'POST', path: '/file', form })
    const file = readObject(reply, 'POST /file', 'it may have been stored all the same: vapi file list')
    await context.output.done(file, `uploaded ${basename(name)}: ${file.status ?? 'done'}`)
    return undefined
  },
)

async function openFile(path: string, name: string): Promise<Blob> {
  const found = await stat(path).catch(error => {
    throw usageError(`${name} cannot be read (${systemCodeOf(error) ?? 'no file'})`)
  })
  if (!found.isFile()) throw usageError(`${name} is not a file`)
  return openAsBlob(path)
}
