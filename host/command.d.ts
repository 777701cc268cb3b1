/** Where a command reads and writes. `process` is one. */
export interface CommandIo {
  /** Questions are asked if this and `stderr` are terminals. Default: that of this process */
  stdin?: NodeJS.ReadableStream & { isTTY?: boolean }
  /** Gets data. A closed reader, such as `head`, is not an error. Default: that of this process */
  stdout?: NodeJS.WritableStream & { isTTY?: boolean }
  /** Gets everything else. Default: that of this process */
  stderr?: NodeJS.WritableStream & { isTTY?: boolean }
  /** Default: `process.env` */
  env?: Record<string, string | undefined>
  /** The directory that a relative `DIR` starts from. Default: `process.cwd` */
  cwd?: string | (() => string)
}

/**
 * Runs one of the host's commands. Never rejects.
 *
 * The commands are `status --otel`, `otel check`, `otel init`, `otel trust`, `otel untrust`, `otel status`,
 * `otel report` and `parser report`, each with `[DIR]` and its options; `otel --help` lists them. `status` shows the
 * state of running processes, such as a hub, from the files in `~/.ccxray/otel`.
 *
 * Exit codes: 0 success, 1 the config cannot be used, or there is no binary for this platform, 2 wrong usage or a
 * missing confirmation, 3 `otel check` only: the config waits for your approval, 64 another version has this command,
 * 70 a defect of this package, whose stack is printed.
 *
 * @param argv arguments after the host's name, such as `['otel', 'trust']`
 * @param io default: `process`
 * @returns the exit code, for `process.exitCode`
 */
export function command(argv: readonly string[], io?: CommandIo): Promise<number>
