/** Programs that tests need and npm doesn't bring: looked for, and installed where that can be done unasked. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export const isRoot = (): boolean => process.getuid?.() === 0

/** Whether Debian's packages can be installed here without asking anybody. */
export function canInstallPackages(): boolean {
  return isRoot() && isDebian()
}

/** Installs packages of Debian's, and nothing that they merely recommend. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Another installation may be under way, as it often is on a machine that has just started.
  const waiting = ['-o', 'DPkg::Lock::Timeout=300']
  await install('apt-get', [...waiting, 'update'], env)
  await install('apt-get', [...waiting, 'install', '-y', '--no-install-recommends', ...names], env)
}

/** Runs an installer. */
export async function install(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  console.error(`installing: ${[command, ...args].join(' ')}`)
  // Installers talk at length: to stderr with it, so that stdout stays the caller's.
  const child = spawn(command, args, { env, stdio: ['ignore', 2, 2] })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${String(code)}`}`)
}

/** Where a command is, in the folders of PATH and then in these. */
export function findCommand(command: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...path, ...folders].map((folder) => join(folder, command)).find(isExecutable)
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}
