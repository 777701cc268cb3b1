/** A stream that takes text, such as `process.stdout`. */
export interface CommandOutput {
  /** Whether it is a terminal. */
  isTTY?: boolean | undefined
  write(text: string): unknown
  /** A closed reader, such as `head`, is not an error. */
  on?(event: 'error', listener: (error: Error) => void): unknown
}

/** Where a command reads and writes. `process` is one. */
export interface CommandIo {
  /** A stream of Node. Questions are asked if this and `stderr` are terminals. Default: that of this process */
  stdin?: { isTTY?: boolean | undefined }
  /** Gets data. Default: that of this process */
  stdout?: CommandOutput
  /** Gets everything else. Default: that of this process */
  stderr?: CommandOutput
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
