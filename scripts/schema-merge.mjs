// The SDK names the same type anew wherever it is used (the voices of an assistant, of overrides, of an update …). Equal
// definitions become one here, which makes the schema a third of its size and its names those of the API's document.

/**
 * Merges definitions that are equal up to the names of what they refer to. Objects that have a name of their own in the
 * API's document stay apart. `memberNames`: the names of those that became members of unions. Returns { roots, definitions } with every reference renamed and everything unreachable left out.
 */
export function mergeEqualDefinitions(definitions, roots, memberNames) {
  const classes = classify(definitions, memberNames)
  const names = chooseNames(classes, definitions, memberNames)
  const rename = node => replaceReferences(node, name => `#/definitions/${names.get(classes.get(name))}`)
  const renamedRoots = rename(roots)
  const all = {}
  for (const [name, definition] of Object.entries(definitions)) {
    all[names.get(classes.get(name))] ??= rename(definition)
  }
  const reached = new Set()
  const queue = [renamedRoots]
  while (queue.length > 0) {
    replaceReferences(queue.pop(), name => {
      if (!reached.has(name)) {
        reached.add(name)
        queue.push(all[name])
      }
      return name
    })
  }
  const kept = Object.entries(all).filter(([name]) => reached.has(name))
  return { roots: renamedRoots, definitions: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** Name → number of its class. Starts with few classes and splits them until nothing changes, so that cycles merge too. */
function classify(definitions, memberNames) {
  const own = ([name, { properties }]) => (properties === undefined ? '' : (memberNames.get(name) ?? name))
  let classes = new Map(Object.entries(definitions).map(entry => [entry[0], own(entry)]))
  for (let count = 0; ; ) {
    const seen = new Map()
    const next = new Map()
    for (const [name, definition] of Object.entries(definitions)) {
      const shape = JSON.stringify(replaceReferences(definition, target => `${classes.get(target)}`))
      const key = `${classes.get(name)} ${shape}`
      if (!seen.has(key)) seen.set(key, seen.size)
      next.set(name, seen.get(key))
    }
    classes = next
    if (seen.size === count) return classes
    count = seen.size
  }
}

function chooseNames(classes, definitions, memberNames) {
  const groups = new Map()
  for (const name of Object.keys(definitions)) {
    const group = classes.get(name)
    groups.set(group, [...(groups.get(group) ?? []), name])
  }
  const names = new Map()
  const taken = new Set()
  const shortest = candidates =>
    candidates.filter(name => !taken.has(name)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0]
  const give = (group, name) => {
    names.set(group, name)
    taken.add(name)
  }
  for (const [group, members] of groups) {
    const plain = members.filter(name => /^\w+$/.test(name))
    if (plain.length > 0) give(group, shortest(plain))
  }
  for (const [group, members] of groups) {
    if (names.has(group)) continue
    const own = members.map(name => name.replace(/[^\w.]+/g, '_'))
    const bases = members.flatMap(name => memberNames.get(name) ?? [])
    give(group, shortest(bases) ?? shortest(own) ?? `Definition${group}`)
  }
  return names
}

/** A copy of a schema with the target of every reference replaced. */
function replaceReferences(node, target) {
  if (Array.isArray(node)) return node.map(item => replaceReferences(item, target))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? target(decodeURIComponent(value.slice('#/definitions/'.length)))
        : replaceReferences(value, target),
    ]),
  )
}
