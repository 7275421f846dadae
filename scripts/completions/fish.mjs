import { notice } from './model.mjs'

export function renderFish({ nodes, options, globals, aliases, topics }) {
  const described = words => words.map(({ word, summary }) => quote(`${word}\t${summary}`)).join(' ')
  const numbers = places => places.map(place => place + 1).join(' ')
  const lines = nodes.map(node => {
    const parts = [
      node.words.length > 0 && `set w ${described(node.words)}`,
      node.hidden.length > 0 && `set h ${node.hidden.join(' ')}`,
      node.args.length > 0 && `set a ${node.args.map(quote).join(' ')}`,
      node.variadic && 'set variadic 1',
      node.options.length > 0 && `set o ${numbers(node.options)}`,
    ].filter(Boolean)
    return `        case ${quote(node.path)}\n            ${parts.join('; ')}`
  })
  const optionLines = options.map(
    ({ names, spec, summary }) =>
      `    ${quote([names.join(' '), spec === null ? '' : `=${spec}`, summary].join('\t'))}`,
  )
  const aliasLines = aliases.map(
    ([alias, target]) => `        case ${quote(alias)}\n            set path ${quote(target)}`,
  )
  return `# Completions of vapi for fish.
# ${notice}

# Names, "=" with a spec where there is a value, and the summary, separated by tabs.
set -g __vapi_options \\
${optionLines.join(' \\\n')}

# What may follow the words in $path: w words, h words that are not offered, a arguments, o options by number.
function __vapi_at --no-scope-shadowing
    set w
    set h
    set a
    set o
    set variadic
${aliasLines.length === 0 ? '' : `    switch "$path"\n${aliasLines.join('\n')}\n    end\n`}    switch "$path"
${lines.join('\n')}
    end
end

# The spec of the option $argv[1] among those of the numbers behind it; fails where it takes no value.
function __vapi_spec
    for number in $argv[2..]
        set -l field (string split \\t -- $__vapi_options[$number])
        if contains -- $argv[1] (string split ' ' -- $field[1])
            test -n "$field[2]"; or return 1
            string sub -s 2 -- $field[2]
            return 0
        end
    end
    return 1
end

# Offers what the spec $argv[1] says for the beginning $argv[2]; $argv[3] is put before it.
function __vapi_offer
    for part in (string split , -- $argv[1])
        switch $part
            case ''
            case @f
                printf '%s\\n' $argv[3](__fish_complete_path $argv[2])
            case @d
                printf '%s\\n' $argv[3](__fish_complete_directories $argv[2])
            case '*'
                printf '%s\\n' $argv[3]$part
        end
    end
end

function __vapi_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l g ${numbers(globals)}
    set -l path ''
    set -l w
    set -l h
    set -l a
    set -l o
    set -l variadic
    set -l at 1
    set -l helping
    set -l last
    __vapi_at
    for word in $words[2..]
        if test -n "$last"
            set last
            continue
        end
        switch $word
            case --
                set g
                set o
                set w
            case '-*=*'
            case '-*'
                __vapi_spec $word $o $g >/dev/null; and set last $word
            case '*'
                if test -z "$path" -a "$word" = help
                    set helping 1
                else if test $at -eq 1; and begin
                        contains -- $word $h; or contains -- $word (string split -f 1 \\t -- $w)
                    end
                    set path (string trim -- "$path $word")
                    __vapi_at
                else
                    set at (math $at + 1)
                end
        end
    end
    if test -n "$last"
        __vapi_offer (__vapi_spec $last $o $g) $current ''
        return
    end
    switch $current
        case '--*=*'
            set -l halves (string split -m 1 = -- $current)
            __vapi_offer (__vapi_spec $halves[1] $o $g; or echo) $halves[2] $halves[1]=
        case '-*'
            for number in $o $g
                set -l field (string split \\t -- $__vapi_options[$number])
                for name in (string split ' ' -- $field[1])
                    printf '%s\\t%s\\n' $name $field[3]
                end
            end
        case '*'
            if test $at -eq 1
                printf '%s\\n' $w
                if test -n "$helping" -a -z "$path"
                    printf '%s\\n' ${described(topics)}
                end
            end
            if test -z "$helping" -a -n "$a"
                if test -n "$variadic" -a $at -gt (count $a)
                    set at (count $a)
                end
                test $at -le (count $a); and __vapi_offer $a[$at] $current ''
            end
    end
end

complete -c vapi -e
complete -c vapi -f -a '(__vapi_complete)'
`
}

/** Tabs stand as they are: fish reads no escapes within single quotes but those of the quote and the backslash. */
function quote(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
