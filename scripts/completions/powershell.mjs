import { notice } from './model.mjs'

/** For Windows PowerShell 5.1 and PowerShell 7. */
export function renderPowerShell({ nodes, options, globals, aliases, topics }) {
  const described = words => words.map(({ word, summary }) => quote(`${word}|${summary}`)).join(', ')
  const lines = nodes.map(node => {
    const parts = [
      node.words.length > 0 && `w = @(${described(node.words)})`,
      node.hidden.length > 0 && `h = @(${node.hidden.map(quote).join(', ')})`,
      node.args.length > 0 && `a = @(${node.args.map(quote).join(', ')})`,
      node.variadic && 'variadic = $true',
      node.options.length > 0 && `o = @(${node.options.join(', ')})`,
    ].filter(Boolean)
    return `    ${quote(node.path)} = @{ ${parts.join('; ')} }`
  })
  // Names, "=" with a spec where there is a value, and the summary, separated by bars.
  const optionLines = options.map(
    ({ names, spec, summary }) =>
      `    ${quote([names.join(' '), spec === null ? '' : `=${spec}`, summary].join('|'))}`,
  )
  const aliasLines = aliases.map(([alias, target]) => `    ${quote(alias)} = ${quote(target)}`)
  return `# Completions of vapi for PowerShell.
# ${notice}

Register-ArgumentCompleter -Native -CommandName vapi -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)

  # What may follow words: w words, h words that are not offered, a arguments, o options by number.
  $table = @{
${lines.join('\n')}
  }
  $options = @(
${optionLines.join(',\n')}
  )
  $aliases = @{
${aliasLines.join('\n')}
  }
  $g = @(${globals.join(', ')})
  $topics = @(${described(topics)})

  function Get-Spec($name, $numbers) {
    foreach ($number in $numbers) {
      $field = $options[$number] -split '\\|', 3
      if (($field[0] -split ' ') -ccontains $name) {
        if ($field[1]) { return $field[1].Substring(1) }
        return $null
      }
    }
    return $null
  }

  function New-Result($text, $summary) {
    if (-not $summary) { $summary = $text }
    [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $summary)
  }

  function Get-Offer($spec, $start, $before) {
    foreach ($part in ($spec -split ',')) {
      if ($part -eq '@f' -or $part -eq '@d') {
        $only = @{ Directory = ($part -eq '@d') }
        Get-ChildItem -Path "$start*" @only -ErrorAction SilentlyContinue | ForEach-Object {
          $folder = Split-Path -Path $start
          $found = if ($folder) { Join-Path -Path $folder -ChildPath $_.Name } else { $_.Name }
          if ($found -match '\\s') { $found = "'$found'" }
          New-Result "$before$found"
        }
      } elseif ($part -and $part.StartsWith($start)) {
        New-Result "$before$part"
      }
    }
  }

  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or ($_.Extent.EndOffset -eq $cursorPosition -and -not $wordToComplete) } |
    ForEach-Object { $_.Extent.Text })
  $path = ''
  $node = $table['']
  $at = 0
  $helping = $false
  $ended = $false
  $last = $null
  foreach ($word in $words) {
    if ($last) { $last = $null; continue }
    if ($word -ceq '--') { $ended = $true }
    elseif ($word.StartsWith('-')) {
      if (-not $word.Contains('=') -and $null -ne (Get-Spec $word (@($node.o) + $g))) { $last = $word }
    }
    elseif ($path -eq '' -and $word -ceq 'help') { $helping = $true }
    elseif ($at -eq 0 -and -not $ended -and
      ($node.h -ccontains $word -or @($node.w | Where-Object { $_ -and $_.StartsWith("$word|") }).Count -gt 0)) {
      $path = "$path $word".Trim()
      if ($aliases.ContainsKey($path)) { $path = $aliases[$path] }
      $node = $table[$path]
      if ($null -eq $node) { $node = @{} }
    }
    else { $at++ }
  }

  $known = @($node.o | Where-Object { $null -ne $_ }) + $g
  if ($last) { return Get-Offer (Get-Spec $last $known) $wordToComplete '' }
  if ($wordToComplete -match '^(--[^=]+)=(.*)$') {
    return Get-Offer (Get-Spec $Matches[1] $known) $Matches[2] "$($Matches[1])="
  }
  if ($wordToComplete.StartsWith('-')) {
    if ($ended) { return }
    foreach ($number in $known) {
      $field = $options[$number] -split '\\|', 3
      foreach ($name in ($field[0] -split ' ')) {
        if ($name.StartsWith($wordToComplete)) { New-Result $name $field[2] }
      }
    }
    return
  }
  if ($at -eq 0 -and -not $ended) {
    $offered = @($node.w)
    if ($helping -and $path -eq '') { $offered += $topics }
    foreach ($entry in $offered) {
      if ($entry -and $entry.StartsWith($wordToComplete)) {
        $halves = $entry -split '\\|', 2
        New-Result $halves[0] $halves[1]
      }
    }
  }
  if (-not $helping -and $node.a) {
    $specs = @($node.a)
    if ($node.variadic -and $at -ge $specs.Count) { $at = $specs.Count - 1 }
    if ($at -lt $specs.Count) { Get-Offer $specs[$at] $wordToComplete '' }
  }
}
`
}

function quote(text) {
  return `'${text.replaceAll(/['’‘‚‛]/g, quoteMark => quoteMark + quoteMark)}'`
}
