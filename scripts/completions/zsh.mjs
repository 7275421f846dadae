import { notice } from './model.mjs'

export function renderZsh({ nodes, options, globals, aliases, topics }) {
  const described = words => words.map(({ word, summary }) => quote(`${word}:${summary}`)).join(' ')
  const numbers = places => places.map(place => place + 1).join(' ')
  const lines = nodes.map(node => {
    const parts = [
      node.words.length > 0 && `w=(${described(node.words)})`,
      node.hidden.length > 0 && `h=(${node.hidden.join(' ')})`,
      node.args.length > 0 && `a=(${node.args.map(spec => quote(spec)).join(' ')})`,
      node.variadic && 'variadic=1',
      node.options.length > 0 && `o=(${numbers(node.options)})`,
    ].filter(Boolean)
    return `    ${quote(node.path)}) ${parts.join(' ')} ;;`
  })
  // Names, "=" with a spec where there is a value, and the summary, separated by tabs.
  const optionLines = options.map(
    ({ names, spec, summary }) =>
      `  $'${[names.join(' '), spec === null ? '' : `=${spec}`, summary].map(ansi).join('\\t')}'`,
  )
  const aliasLines = aliases.map(([alias, target]) => `    ${quote(alias)}) vapi_path=${quote(target)} ;;`)
  return `#compdef vapi
# Completions of vapi for zsh.
# ${notice}

# What may follow the words in $vapi_path: w words, h words that are not offered, a arguments, o options by number.
_vapi_at() {
  w=() h=() a=() o=() variadic=
${aliasLines.length === 0 ? '' : `  case $vapi_path in\n${aliasLines.join('\n')}\n  esac\n`}  case $vapi_path in
${lines.join('\n')}
  esac
}

typeset -ga _vapi_options
_vapi_options=(
${optionLines.join('\n')}
)

# The spec of the option $1, into $spec; fails where it takes no value.
_vapi_spec() {
  local number
  local -a field
  for number in $o $g; do
    field=("\${(@ps:\\t:)_vapi_options[number]}")
    if [[ " $field[1] " == *" $1 "* ]]; then
      spec=\${field[2]#=}
      [[ -n $field[2] ]]
      return
    fi
  done
  return 1
}

# Offers what the spec $1 says.
_vapi_offer() {
  local part
  local -a choices
  for part in \${(s:,:)1}; do
    case $part in
      @f) _files ;;
      @d) _files -/ ;;
      *) choices+=($part) ;;
    esac
  done
  (( $#choices )) && compadd -- $choices
}

_vapi() {
  local vapi_path= spec word variadic helping last number
  local -i i at=0
  local -a w h a o g field offered
  g=(${numbers(globals)})
  _vapi_at
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    last=
    if [[ $word == -- ]]; then
      g=() o=() w=()
    elif [[ $word == -* ]]; then
      if [[ $word != *=* ]] && _vapi_spec $word; then
        last=$word
        i+=1
      fi
    elif [[ -z $vapi_path && $word == help ]]; then
      helping=1
    elif ((at == 0)) && (( $h[(Ie)$word] || $w[(I)\${(b)word}:*] )); then
      vapi_path+="\${vapi_path:+ }$word"
      _vapi_at
    else
      at+=1
    fi
  done
  if ((i > CURRENT)) && _vapi_spec $last; then
    _vapi_offer $spec
  elif [[ $PREFIX == --*=* ]]; then
    _vapi_spec \${PREFIX%%=*} || return
    compset -P '*='
    _vapi_offer $spec
  elif [[ $PREFIX == -* ]]; then
    for number in $o $g; do
      field=("\${(@ps:\\t:)_vapi_options[number]}")
      for word in \${=field[1]}; do offered+=("\${word}:\${field[3]}"); done
    done
    _describe -o option offered
  else
    if ((at == 0)); then
      [[ -n $helping && -z $vapi_path ]] && w+=(${described(topics)})
      (( $#w )) && _describe command w
    fi
    if [[ -z $helping ]]; then
      [[ -n $variadic ]] && ((at >= $#a)) && at=$(($#a - 1))
      ((at < $#a)) && _vapi_offer $a[at+1]
    fi
  fi
}

if [[ $funcstack[1] == _vapi ]]; then
  _vapi "$@"
else
  compdef _vapi vapi
fi
`
}

function quote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function ansi(text) {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
