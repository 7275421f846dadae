import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, resolve } from 'node:path'
import { systemCodeOf, VapiError } from '../../errors.ts'

/** The files of a streaming transducer model, as absolute paths. */
export interface SherpaModelFiles {
  encoder: string
  decoder: string
  joiner: string
  tokens: string
}

/**
 * Finds the parts of a streaming transducer in a folder: `encoder*.onnx`, `decoder*.onnx`, `joiner*.onnx` (the int8
 * one of several) and `tokens.txt`.
 * @throws VapiError `recogniser-model-incomplete` that lists what is missing, `recogniser-model-not-found`.
 */
export async function findSherpaModel(folder: string): Promise<SherpaModelFiles> {
  const root = resolve(folder)
  const names = await readdir(root).catch(cause => {
    const reason = systemCodeOf(cause) === 'ENOTDIR' ? 'is not a folder' : 'does not exist or cannot be read'
    throw modelError('recogniser-model-not-found', `the folder of the speech model ${reason}: ${root}`)
  })
  const part = (name: string) => {
    const candidates = names.filter(file => file.startsWith(name) && file.endsWith('.onnx')).sort()
    return candidates.find(file => file.includes('int8')) ?? candidates[0]
  }
  const found = {
    encoder: part('encoder'),
    decoder: part('decoder'),
    joiner: part('joiner'),
    tokens: names.find(file => file === 'tokens.txt'),
  }
  const wanted = {
    encoder: 'encoder*.onnx',
    decoder: 'decoder*.onnx',
    joiner: 'joiner*.onnx',
    tokens: 'tokens.txt',
  }
  const { encoder, decoder, joiner, tokens } = found
  if (encoder && decoder && joiner && tokens) {
    const at = (file: string) => join(root, file)
    return { encoder: at(encoder), decoder: at(decoder), joiner: at(joiner), tokens: at(tokens) }
  }
  const missing = Object.entries(wanted).flatMap(([name, file]) =>
    found[name as keyof typeof found] ? [] : [file],
  )
  throw modelError('recogniser-model-incomplete', `the speech model in ${root} lacks ${missing.join(', ')}`)
}

/**
 * The main file of the package `sherpa-onnx-node`: in a folder of NODE_PATH, beside this program, in the current folder or
 * in a folder of global packages.
 * @throws VapiError `recogniser-not-installed`.
 */
export function findSherpaPackage(env: NodeJS.ProcessEnv, cwd: string): string {
  const globalFolders = [
    join(dirname(process.execPath), '..', 'lib', 'node_modules'),
    join(dirname(process.execPath), 'node_modules'),
    // Where npm's global folder is not beside Node: Debian's Node, Homebrew's.
    ...(process.platform === 'win32'
      ? []
      : ['/usr/local/lib/node_modules', '/opt/homebrew/lib/node_modules']),
    ...(env.APPDATA ? [join(env.APPDATA, 'npm', 'node_modules')] : []),
  ]
  const requireIn = (folder: string) => createRequire(join(folder, 'any.js'))
  const requires = [
    // What the user names goes first.
    ...(env.NODE_PATH ?? '').split(delimiter).filter(Boolean).map(requireIn),
    createRequire(import.meta.url),
    requireIn(cwd),
    ...globalFolders.map(requireIn),
  ]
  for (const require of requires) {
    try {
      return require.resolve('sherpa-onnx-node')
    } catch {
      // The next place may have it.
    }
  }
  throw new VapiError({
    code: 'recogniser-not-installed',
    message: 'sherpa-onnx, the engine for speech on this machine, is not installed',
    endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
    hint: 'npm install -g sherpa-onnx-node',
  })
}

function modelError(code: string, message: string): VapiError {
  return new VapiError({
    code,
    message,
    endedReason: 'call.in-progress.error-vapifault-vapi-transcriber-failed',
    hint: 'vapi voice models pull NAME brings one; VAPI_SHERPA_MODEL names the folder of another streaming transducer',
  })
}
