/**
 * The least of WASI (preview 1) that a command-line program compiled to WebAssembly needs to read its arguments
 * and to write files: one folder `/` that lives in memory. `node:wasi` is not used, because it prints a warning
 * and shows the program the real disk.
 */

/** The parts of the global `WebAssembly` used here; `@types/node` does not declare it. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>
  instantiate(module: WasmModule, imports: Record<string, Record<string, WasiCall>>): Promise<WasmInstance>
}
/** A compiled module, opaque to us. */
export type WasmModule = object
interface WasmInstance {
  exports: { memory: { buffer: ArrayBuffer }; _start(): void }
}
type WasiCall = (...parameters: number[]) => number

/** What a finished program left behind. */
export interface WasiResult {
  exitCode: number
  /** The files it wrote, by name without the leading `/`. */
  files: Map<string, Uint8Array>
  /** Everything it wrote to standard output and standard error. */
  output: string
}

interface OpenFile {
  bytes: Uint8Array
  size: number
  position: number
}

const ERRNO = { success: 0, badDescriptor: 8, noEntry: 44 }
const ROOT_DESCRIPTOR = 3
const FILE_TYPE = { characterDevice: 2, directory: 3, regularFile: 4 }
const OPEN_CREATE = 1
const OPEN_TRUNCATE = 8

/** Thrown out of `_start` by `proc_exit`; never leaves this file. */
class ProgramExit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

function webAssembly(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
}

/** Compiles a program once; it can then be run any number of times. */
export function compileProgram(bytes: Uint8Array): Promise<WasmModule> {
  return webAssembly().compile(bytes)
}

/**
 * Runs a compiled WASI program from start to end in a fresh instance.
 * @param args The arguments, the program's own name first.
 * @throws WebAssembly.RuntimeError when the program crashes.
 */
export async function runProgram(module: WasmModule, args: readonly string[]): Promise<WasiResult> {
  const files = new Map<string, OpenFile>()
  const opened = new Map<number, OpenFile>()
  const output: OpenFile = { bytes: new Uint8Array(256), size: 0, position: 0 }
  const argumentBytes = args.map(argument => new TextEncoder().encode(`${argument}\0`))

  const instance = await webAssembly().instantiate(module, { wasi_snapshot_preview1: calls() })
  const memory = instance.exports.memory
  let exitCode = 0
  try {
    instance.exports._start()
  } catch (thrown) {
    if (!(thrown instanceof ProgramExit)) throw thrown
    exitCode = thrown.code
  }
  return {
    exitCode,
    files: new Map([...files].map(([name, file]) => [name, contentOf(file)])),
    output: new TextDecoder().decode(contentOf(output)),
  }

  // The buffer is replaced whenever the program's memory grows, so views are made anew for every call.
  function view(): DataView {
    return new DataView(memory.buffer)
  }

  function calls(): Record<string, WasiCall> {
    return {
      args_sizes_get(countAt, sizeAt) {
        view().setUint32(countAt, argumentBytes.length, true)
        const size = argumentBytes.reduce((total, bytes) => total + bytes.length, 0)
        view().setUint32(sizeAt, size, true)
        return ERRNO.success
      },
      args_get(pointersAt, textAt) {
        let next = textAt
        argumentBytes.forEach((bytes, index) => {
          view().setUint32(pointersAt + 4 * index, next, true)
          new Uint8Array(memory.buffer, next, bytes.length).set(bytes)
          next += bytes.length
        })
        return ERRNO.success
      },
      clock_time_get(_clock, _precision, timeAt) {
        view().setBigUint64(timeAt, BigInt(Date.now()) * 1_000_000n, true)
        return ERRNO.success
      },
      fd_prestat_get(descriptor, resultAt) {
        if (descriptor !== ROOT_DESCRIPTOR) return ERRNO.badDescriptor
        view().setUint32(resultAt, 0, true)
        view().setUint32(resultAt + 4, 1, true)
        return ERRNO.success
      },
      fd_prestat_dir_name(_descriptor, nameAt) {
        view().setUint8(nameAt, '/'.charCodeAt(0))
        return ERRNO.success
      },
      fd_fdstat_get(descriptor, resultAt) {
        const type = opened.has(descriptor)
          ? FILE_TYPE.regularFile
          : descriptor === ROOT_DESCRIPTOR
            ? FILE_TYPE.directory
            : FILE_TYPE.characterDevice
        view().setUint8(resultAt, type)
        view().setUint8(resultAt + 1, 0)
        view().setUint16(resultAt + 2, 0, true)
        const everyRight = 0xffff_ffff_ffff_ffffn
        view().setBigUint64(resultAt + 8, everyRight, true)
        view().setBigUint64(resultAt + 16, everyRight, true)
        return ERRNO.success
      },
      fd_fdstat_set_flags: () => ERRNO.success,
      path_open(_folder, _lookup, nameAt, nameLength, openFlags, _rights, _inherited, _flags, descriptorAt) {
        const name = new TextDecoder().decode(new Uint8Array(memory.buffer, nameAt, nameLength))
        let file = files.get(name)
        if (!file && !(openFlags & OPEN_CREATE)) return ERRNO.noEntry
        file ??= { bytes: new Uint8Array(64 * 1024), size: 0, position: 0 }
        if (openFlags & OPEN_TRUNCATE) file.size = 0
        file.position = 0
        files.set(name, file)
        const descriptor = ROOT_DESCRIPTOR + 1 + opened.size
        opened.set(descriptor, file)
        view().setUint32(descriptorAt, descriptor, true)
        return ERRNO.success
      },
      fd_write(descriptor, vectorsAt, vectorCount, writtenAt) {
        const file = descriptor === 1 || descriptor === 2 ? output : opened.get(descriptor)
        if (!file) return ERRNO.badDescriptor
        let written = 0
        for (const part of vectors(vectorsAt, vectorCount)) {
          append(file, part)
          written += part.length
        }
        view().setUint32(writtenAt, written, true)
        return ERRNO.success
      },
      fd_read(descriptor, vectorsAt, vectorCount, readAt) {
        const file = opened.get(descriptor)
        let read = 0
        for (const part of file ? vectors(vectorsAt, vectorCount) : []) {
          const source = file!.bytes.subarray(
            file!.position,
            Math.min(file!.size, file!.position + part.length),
          )
          part.set(source)
          file!.position += source.length
          read += source.length
        }
        view().setUint32(readAt, read, true)
        return file || descriptor === 0 ? ERRNO.success : ERRNO.badDescriptor
      },
      fd_seek(descriptor, offset, whence, positionAt) {
        const file = opened.get(descriptor)
        if (!file) return ERRNO.badDescriptor
        const origin = [0, file.position, file.size][whence] ?? 0
        // A 64-bit parameter: a bigint at run time.
        file.position = origin + Number(offset)
        view().setBigUint64(positionAt, BigInt(file.position), true)
        return ERRNO.success
      },
      fd_close: () => ERRNO.success,
      proc_exit(code) {
        throw new ProgramExit(code)
      },
    }
  }

  function vectors(at: number, count: number): Uint8Array[] {
    const memoryView = view()
    return Array.from({ length: count }, (_, index) => {
      const start = memoryView.getUint32(at + 8 * index, true)
      return new Uint8Array(memory.buffer, start, memoryView.getUint32(at + 8 * index + 4, true))
    })
  }
}

function append(file: OpenFile, part: Uint8Array): void {
  const end = file.position + part.length
  if (end > file.bytes.length) {
    const larger = new Uint8Array(Math.max(end, 2 * file.bytes.length))
    larger.set(file.bytes.subarray(0, file.size))
    file.bytes = larger
  }
  file.bytes.set(part, file.position)
  file.position = end
  file.size = Math.max(file.size, end)
}

function contentOf(file: OpenFile): Uint8Array {
  return file.bytes.subarray(0, file.size)
}
