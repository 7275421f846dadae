/** Sets and removes values of a YAML document, with comments, order and quotes kept. */
import type { Pair, YAMLMap } from 'yaml'
import { usageError } from '../errors.ts'
import { type ConfigDocument, findPair, keyText } from './document.ts'

/** A top-level key, or an entry of the map under it. */
export type Path = readonly [key: string] | readonly [key: string, entry: string]

export interface Editor {
  /** Top-level keys that were changed, as the file spells them. */
  readonly touched: ReadonlySet<string>
  /** Grows with every change. */
  readonly version: number
  /** The text of a top-level key; null where it has none. */
  text(key: string): string | null
  set(path: Path, value: string | number | boolean): void
  /** Sets a key inside an entry, under each of the spellings that are there; else under the first. */
  setIn(path: readonly [key: string, entry: string], spellings: readonly string[], value: string): void
  /** True where there was something to remove. A map that becomes empty goes, too. */
  remove(path: Path): boolean
}

/**
 * Top-level keys and the keys of an account are found without regard to case, as older tools do; names of entries
 * (accounts, aliases) exactly. Throws a usage error where a value is shared by a YAML anchor.
 */
export function editorOf(file: ConfigDocument): Editor {
  const { yaml, document } = file
  const touched = new Set<string>()
  let version = 0

  const root = (): YAMLMap => {
    if (file.root === null) {
      file.root = new yaml.YAMLMap()
      document.contents = file.root
    }
    return file.root
  }
  const topPair = (key: string) => findPair(yaml, root(), key)
  const entryOf = (map: YAMLMap, name: string) => map.items.find(pair => keyText(yaml, pair) === name)
  const touch = (key: string) => {
    const pair = topPair(key)
    version++
    touched.add(pair === undefined ? key : keyText(yaml, pair))
  }
  const anchored = (key: string) =>
    usageError(
      `${file.path}: ${key} is shared by a YAML anchor, which cannot be changed here`,
      'edit it by hand',
    )

  const insert = (map: YAMLMap, key: string, value: unknown) => {
    const pair = new yaml.Pair(new yaml.Scalar(key), value)
    const names = map.items.map(item => keyText(yaml, item))
    const sorted = names.length > 1 && names.every((name, i) => i === 0 || (names[i - 1] ?? '') <= name)
    // A file that another tool keeps sorted stays so.
    const place = map === root() && sorted ? names.findIndex(name => name > key) : -1
    map.items.splice(place > 0 ? place : names.length, 0, pair)
  }
  const assign = (pair: Pair, value: string | number | boolean) => {
    const old = pair.value
    if (yaml.isNode(old) && 'anchor' in old && old.anchor) throw anchored(keyText(yaml, pair))
    const scalar = new yaml.Scalar<unknown>(value)
    if (yaml.isScalar(old)) {
      if (old.value === value) return
      const bothText = typeof value === 'string' && typeof old.value === 'string'
      if (bothText && old.type?.startsWith('QUOTE')) scalar.type = old.type
      scalar.comment = old.comment
      scalar.commentBefore = old.commentBefore
      scalar.spaceBefore = old.spaceBefore
    }
    pair.value = scalar
  }
  const mapOf = (parent: YAMLMap, pair: Pair | undefined, key: string): YAMLMap => {
    if (yaml.isMap(pair?.value)) return pair.value
    if (yaml.isAlias(pair?.value)) throw anchored(key)
    const made = new yaml.YAMLMap()
    if (pair === undefined) insert(parent, key, made)
    else pair.value = made
    return made
  }
  const put = (map: YAMLMap, pair: Pair | undefined, key: string, value: string | number | boolean) => {
    if (pair === undefined) insert(map, key, new yaml.Scalar(value))
    else assign(pair, value)
  }

  return {
    touched,
    get version() {
      return version
    },
    text(key) {
      const value = topPair(key)?.value
      return yaml.isScalar(value) && typeof value.value === 'string' ? value.value : null
    },
    set([key, name], value) {
      if (name === undefined) {
        put(root(), topPair(key), key, value)
      } else {
        const map = mapOf(root(), topPair(key), key)
        put(map, entryOf(map, name), name, value)
      }
      touch(key)
    },
    setIn([key, name], spellings, value) {
      const map = mapOf(root(), topPair(key), key)
      const fields = mapOf(map, entryOf(map, name), name)
      const there = fields.items.filter(pair => spellings.includes(keyText(yaml, pair).toLowerCase()))
      for (const pair of there) assign(pair, value)
      if (there.length === 0) insert(fields, spellings[0] ?? '', new yaml.Scalar(value))
      touch(key)
    },
    remove([key, name]) {
      const pair = topPair(key)
      if (pair === undefined) return false
      const { items } = root()
      if (name !== undefined) {
        const entries = yaml.isMap(pair.value) ? pair.value.items : []
        const index = entries.findIndex(entry => keyText(yaml, entry) === name)
        if (index < 0) return false
        entries.splice(index, 1)
        touch(key)
        if (entries.length > 0) return true
      }
      touch(key)
      items.splice(items.indexOf(pair), 1)
      return true
    },
  }
}
