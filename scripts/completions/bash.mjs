import { notice } from './model.mjs'

/** Also for bash 3.2, which macOS has: no associative arrays. */
export function renderBash({ nodes, options, globals, aliases, topics }) {
  const entry = place => {
    const { names, spec } = options[place]
    return names.map(name => (spec === null ? name : `${name}=${spec}`)).join(' ')
  }
  const lines = nodes.map(node => {
    const parts = [
      ['w', node.words.map(({ word }) => word).join(' ')],
      ['h', node.hidden.join(' ')],
      ['a', node.args.map(spec => spec || '-').join(' ') + (node.variadic ? ' +' : '')],
      ['o', node.options.map(entry).join(' ')],
    ].filter(([, value]) => value !== '')
    return `    ${quote(node.path)}) ${parts.map(([name, value]) => `${name}=${quote(value)}`).join(' ')} ;;`
  })
  const aliasLines = aliases.map(([alias, target]) => `    ${quote(alias)}) path=${quote(target)} ;;`)
  return `# Completions of vapi for bash.
# ${notice}

# What may follow the words in $path: w words, h words that are not offered, a arguments, o options.
_vapi_at() {
  w= h= a= o=
${aliasLines.length === 0 ? '' : `  case $path in\n${aliasLines.join('\n')}\n  esac\n`}  case $path in
${lines.join('\n')}
  esac
}

# Offers what the spec $1 says for the beginning $2; $3 is put before it.
_vapi_offer() {
  local part list line IFS=,
  for part in $1; do
    case $part in
    @f | @d)
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do
        COMPREPLY[\${#COMPREPLY[@]}]=$3$line
      done < <(compgen -\${part#@} -- "$2")
      ;;
    -) ;;
    *) if [[ $part == "$2"* ]]; then COMPREPLY[\${#COMPREPLY[@]}]=$3$part; fi ;;
    esac
  done
}

# The spec of the option $1, into $spec; fails where it takes no value.
_vapi_spec() {
  local entry
  for entry in $o $g; do
    if [[ $entry == "$1="* ]]; then
      spec=\${entry#*=}
      return 0
    fi
  done
  return 1
}

_vapi() {
  local IFS=$' \\t\\n' path= w h a o spec word i n=0 at=0 joined= helping= last= before=
  local g=${quote(globals.map(entry).join(' '))}
  local -a words specs
  COMPREPLY=()
  # Bash takes --name=value apart; here it is one word again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = && $n -gt 0 && \${words[n - 1]} == --* ]]; then
      words[n - 1]+==
      joined=1
    elif [[ $joined ]]; then
      words[n - 1]+=$word
      joined=
    else
      words[n]=$word
      n=$((n + 1))
    fi
  done
  _vapi_at
  for ((i = 0; i < n - 1; i++)); do
    word=\${words[i]}
    last=
    if [[ $word == -- ]]; then
      g= o= w=
    elif [[ $word == -* ]]; then
      if [[ $word != *=* ]] && _vapi_spec "$word"; then
        last=$word
        i=$((i + 1))
      fi
    elif [[ -z $path && $word == help ]]; then
      helping=1
    elif [[ $at == 0 && " $w $h " == *" $word "* ]]; then
      path=\${path:+$path }$word
      _vapi_at
    else
      at=$((at + 1))
    fi
  done
  local cur=\${words[n - 1]}
  if ((i > n - 1)) && _vapi_spec "$last"; then
    _vapi_offer "$spec" "$cur"
  elif [[ $cur == --*=* ]]; then
    if [[ $COMP_WORDBREAKS != *=* ]]; then before=\${cur%%=*}=; fi
    if _vapi_spec "\${cur%%=*}"; then _vapi_offer "$spec" "\${cur#*=}" "$before"; fi
  elif [[ $cur == -* ]]; then
    for word in $o $g; do
      word=\${word%%=*}
      if [[ $word == "$cur"* ]]; then COMPREPLY[\${#COMPREPLY[@]}]=$word; fi
    done
  else
    if [[ $at == 0 ]]; then
      if [[ $helping && -z $path ]]; then w+=' ${topics.map(({ word }) => word).join(' ')}'; fi
      for word in $w; do
        if [[ $word == "$cur"* ]]; then COMPREPLY[\${#COMPREPLY[@]}]=$word; fi
      done
    fi
    if [[ -z $helping ]]; then
      specs=($a)
      n=\${#specs[@]}
      # A + behind the last argument: it takes all that follow.
      if ((n > 0)) && [[ \${specs[n - 1]} == + ]]; then
        n=$((n - 1))
        if ((at >= n)); then at=$((n - 1)); fi
      fi
      if ((at < n)); then _vapi_offer "\${specs[at]}" "$cur"; fi
    fi
  fi
}

complete -F _vapi vapi
`
}

function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
