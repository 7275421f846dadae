<#
.SYNOPSIS
  Installs the vapi command on Windows without administrator rights, from this checkout or from a packed release.
.DESCRIPTION
  The twin of install.sh: the same steps in the same order.
    .\install.ps1 [-Prefix DIR]                          installs this checkout
    .\install.ps1 -Url URL -Sha256 HEX [-Prefix DIR]     installs a packed release (npm pack)
    .\install.ps1 -Uninstall [-Prefix DIR]               removes what was installed, and nothing else
  The prefix is ~\.local by default: DIR\bin\vapi.cmd and DIR\lib\vapi-toolchain.
  Needs Node 20.19 or newer, with npm. A failed installation leaves the one before as it was.
#>
param(
  [string]$Prefix = (Join-Path -Path $HOME -ChildPath '.local'),
  [string]$Url,
  [string]$Sha256,
  [switch]$Uninstall,
  [switch]$Help
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

function Stop-Install([string]$message, [string]$hint, [int]$code = 1) {
  [Console]::Error.WriteLine("error: $message")
  if ($hint) { [Console]::Error.WriteLine("hint: $hint") }
  exit $code
}

if ($Help) {
  Get-Help -Full $PSCommandPath
  exit 0
}

$Prefix = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix).TrimEnd('\', '/')
$bin = Join-Path -Path $Prefix -ChildPath 'bin'
$library = Join-Path -Path (Join-Path -Path $Prefix -ChildPath 'lib') -ChildPath 'vapi-toolchain'
$launcher = Join-Path -Path $bin -ChildPath 'vapi.cmd'
# Marks the library folder as ours, and keeps the folders that were made for it, one a line.
$marker = Join-Path -Path $library -ChildPath '.installed'
$program = 'node_modules\vapi-toolchain\bin\vapi.js'

# The launcher is ours if it calls a program in our library.
function Test-OwnLauncher {
  (Test-Path -LiteralPath $launcher -PathType Leaf) -and
    (Get-Content -LiteralPath $launcher -Raw).Contains($library + '\')
}

# Removes the library, and those folders that were made for it while nobody else has put something there.
function Remove-Library {
  $made = @(Get-Content -LiteralPath $marker)
  Remove-Item -LiteralPath $library -Recurse -Force
  foreach ($folder in $made) {
    if ($folder -and (Test-Path -LiteralPath $folder) -and -not (Get-ChildItem -LiteralPath $folder -Force)) {
      Remove-Item -LiteralPath $folder -Force
    }
  }
}

if ($Uninstall) {
  if (-not (Test-Path -LiteralPath $marker)) {
    Stop-Install "nothing of this script is installed under $Prefix" 'give the -Prefix that it was installed with' 5
  }
  if (Test-OwnLauncher) { Remove-Item -LiteralPath $launcher -Force }
  Remove-Library
  Write-Output "removed vapi from $Prefix"
  exit 0
}

function Assert-Node {
  $page = 'https://nodejs.org'
  if (-not (Get-Command -Name node -ErrorAction SilentlyContinue)) {
    Stop-Install 'Node is not installed' "install Node 20.19 or newer: $page"
  }
  $found = "$(& node --version)"
  if ($found -notmatch '^v(\d+)\.(\d+)\.') {
    Stop-Install "node --version says ""$found""" "install Node 20.19 or newer: $page"
  }
  $major = [int]$Matches[1]
  $minor = [int]$Matches[2]
  if ($major -lt 20 -or ($major -eq 20 -and $minor -lt 19)) {
    Stop-Install "vapi needs Node 20.19 or newer; this is $found" "install a newer one: $page"
  }
  if (-not (Get-Command -Name npm -ErrorAction SilentlyContinue)) {
    Stop-Install 'npm is not installed' "it comes with Node: $page"
  }
}

# The release, as one file.
function Get-Release([string]$file) {
  if ($Sha256 -notmatch '^[0-9A-Fa-f]{64}$') {
    Stop-Install 'a release from a URL needs -Sha256 with 64 hexadecimal digits' 'the page that gives the URL gives it too' 2
  }
  Write-Output "downloading $Url"
  try {
    # Windows PowerShell does not offer TLS 1.2 by itself.
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    (New-Object -TypeName Net.WebClient).DownloadFile($Url, $file)
  } catch {
    Stop-Install "$Url could not be downloaded" "$($_.Exception.Message)"
  }
  $found = (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash.ToLowerInvariant()
  if ($found -ne $Sha256.ToLowerInvariant()) {
    Stop-Install "the SHA-256 of $Url is $found, not $($Sha256.ToLowerInvariant())" 'nothing was installed; get the release again from a source that you trust'
  }
}

function Build-Checkout([string]$file, [string]$work) {
  $manifest = Join-Path -Path $PSScriptRoot -ChildPath 'package.json'
  if (-not (Test-Path -LiteralPath $manifest) -or
    (Get-Content -LiteralPath $manifest -Raw) -notmatch '"name": "vapi-toolchain"') {
    Stop-Install 'this script is not in a checkout of vapi' 'give -Url URL -Sha256 HEX to install a release' 2
  }
  Write-Output "building $PSScriptRoot"
  Push-Location -LiteralPath $PSScriptRoot
  try {
    & npm ci --no-audit --no-fund --no-update-notifier --loglevel error | Out-Null
    if ($LASTEXITCODE -eq 0) { & npm run --silent build }
    if ($LASTEXITCODE -eq 0) { & npm pack --silent --no-update-notifier --pack-destination $work | Out-Null }
    if ($LASTEXITCODE -ne 0) { Stop-Install 'the checkout could not be built' }
  } finally {
    Pop-Location
  }
  $packed = @(Get-ChildItem -Path (Join-Path -Path $work -ChildPath 'vapi-toolchain-*.tgz'))
  if ($packed.Count -eq 0) { Stop-Install 'npm pack left no release' }
  Move-Item -LiteralPath $packed[0].FullName -Destination $file
}

# The folders that are missing for a folder, itself first.
function Get-MissingFolders([string]$folder) {
  while ($folder -and -not (Test-Path -LiteralPath $folder)) {
    $folder
    $folder = Split-Path -Path $folder -Parent
  }
}

Assert-Node
if (-not $Url -and $Sha256) { Stop-Install '-Sha256 is for -Url' '.\install.ps1 -Help' 2 }
if ((Test-Path -LiteralPath $launcher) -and -not (Test-OwnLauncher)) {
  Stop-Install "$launcher is there already and is not of this script" 'move it away, or choose another folder with -Prefix'
}
if ((Test-Path -LiteralPath $library) -and -not (Test-Path -LiteralPath $marker)) {
  Stop-Install "$library is there already and is not of this script" 'move it away, or choose another folder with -Prefix'
}

$work = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath "vapi-install-$([Guid]::NewGuid().ToString('N'))"
$stage = $null
$installed = $false
New-Item -ItemType Directory -Path $work | Out-Null
try {
  $file = Join-Path -Path $work -ChildPath 'release.tgz'
  if ($Url) { Get-Release $file } else { Build-Checkout $file $work }

  $made = @(Get-MissingFolders $library) + @(Get-MissingFolders $bin)
  New-Item -ItemType Directory -Force -Path $library, $bin | Out-Null
  if (-not (Test-Path -LiteralPath $marker)) { Set-Content -LiteralPath $marker -Value $made }
  $stage = Join-Path -Path $library -ChildPath ".stage.$([Guid]::NewGuid().ToString('N'))"
  New-Item -ItemType Directory -Path $stage | Out-Null
  Set-Content -LiteralPath (Join-Path -Path $stage -ChildPath 'package.json') -Value '{ "private": true }'
  Write-Output "installing into $Prefix"
  & npm install --prefix $stage --omit dev --ignore-scripts --no-audit --no-fund --no-package-lock --no-update-notifier --loglevel error $file | Out-Null
  if ($LASTEXITCODE -ne 0) { Stop-Install 'its dependencies could not be installed' }
  $version = "$(& node (Join-Path -Path $stage -ChildPath $program) --version)"
  if ($LASTEXITCODE -ne 0) { Stop-Install 'the installed program does not start' }

  # From here on nothing takes long: the new release beside the old one, then the launcher by one rename.
  $before = ''
  if ((Test-OwnLauncher) -and (Get-Content -LiteralPath $launcher -Raw) -match 'vapi-toolchain\\([^\\]+)\\') {
    $before = $Matches[1]
  }
  $release = "$version-$(Get-Date -Format 'yyyyMMddHHmmss')-$PID"
  $target = Join-Path -Path $library -ChildPath $release
  Move-Item -LiteralPath $stage -Destination $target
  $stage = $target
  $next = Join-Path -Path $bin -ChildPath ".vapi.$PID.cmd"
  Set-Content -LiteralPath $next -Encoding Default -Value @('@echo off', "node ""$(Join-Path -Path $target -ChildPath $program)"" %*")
  Move-Item -LiteralPath $next -Destination $launcher -Force
  $installed = $true

  # The release before stays: a program that runs may still load parts of it.
  foreach ($old in @(Get-ChildItem -LiteralPath $library -Directory | Where-Object { $_.Name -match '^\d' })) {
    if ($old.Name -ne $release -and $old.Name -ne $before) {
      Remove-Item -LiteralPath $old.FullName -Recurse -Force -ErrorAction SilentlyContinue
    }
  }
  Write-Output "vapi $version is installed: $launcher"
  if (($env:Path -split ';') -notcontains $bin) {
    Write-Output ''
    Write-Output "$bin is not in PATH. This adds it for programs that are started from now on:"
    Write-Output "  [Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';$bin', 'User')"
  }
} finally {
  if (-not $installed -and $stage -and (Test-Path -LiteralPath $stage)) {
    Remove-Item -LiteralPath $stage -Recurse -Force -ErrorAction SilentlyContinue
  }
  Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
  # Nothing was there before and nothing was installed.
  if (-not $installed -and (Test-Path -LiteralPath $marker) -and -not (Test-OwnLauncher)) { Remove-Library }
}
