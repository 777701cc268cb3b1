/*
 * `@ccxray/otel-native/host`: what ccxray, or another proxy with its records, needs to send metrics about finished turns.
 * Nothing here throws or rejects. Nothing waits for the network.
 */

import type { Status } from '..'
import type { CommandIo } from './command'

/** What a host says about itself. */
export interface HostOptions {
  /**
   * This process serves clients that were started elsewhere, each with its own project and its own choice. Default: `false`.
   * The process itself then uses your own settings in your home directory only, and not what the launch that started it has
   * chosen.
   */
  hub?: boolean
  /** The project's directory. Default: the current directory; with `hub`, your home directory. */
  cwd?: string
  /** The version of the host, for the resource attribute `service.version`. */
  hostVersion?: string
  /**
   * What to do if the config cannot be used. `true`: the error is printed, and the process exits with 78. `false`: the error is
   * printed, and nothing is sent. Default: `true`.
   */
  failFast?: boolean
  /** The host runs `command` for its own commands. Messages then name these. Default: `false`. */
  hasCommands?: boolean
}

/** A turn, as the host has it at its end. All of it is copied before `turn` returns. */
export interface HostTurn {
  /** This is a second copy of a response that was counted already. It is not counted again. */
  merged?: boolean
  /** The parsed request. Only a small excerpt of it is used. */
  request?: unknown
  /**
   * The response: the text of `_res.json`, or the value that will be serialised for it. A body that is not readable is passed
   * as it is, and counts as an error of the parser.
   */
  response?: unknown
  /** The headers of the upstream's response, as Node has them. */
  headers?: object
}

/** The status of the addon, and what has become of the turns in this module. */
export type HostStatus = Partial<Status> & {
  /** Counts since the process was started. */
  host: {
    /** Turns that the addon has accepted. */
    recorded: number
    /** Turns that it has not accepted: telemetry is off for their project. */
    refused: number
    /** Second copies of responses. */
    merged: number
    /**
     * Only in a hub: turns of a client that has left no settings or has ended before its request arrived, and turns that
     * name no client while a running client allows less than your own settings do. They are not counted.
     */
    unknownClient: number
    /** Errors in this module or in the addon. */
    errors: number
    /** The last one. */
    lastError?: string
  }
}

/**
 * Starts the metrics. Call it before the port opens. Prints one line on standard error: what is sent where, or why nothing is
 * sent; none while nobody asks for telemetry. Also sends what is left at the exit of the process, in at most two seconds.
 */
export function init(options?: HostOptions | null): HostStatus

/**
 * To be called in a client of a hub, before it registers there. Leaves the choice of this launch for the hub in
 * `~/.ccxray/otel/clients/`: its directory, its home directory and its settings, but no secret. Prints the one line on the
 * client's own terminal. A config that cannot be used is such a line; the client goes on, and the hub counts nothing of it.
 */
export function client(options?: { cwd?: string, hasCommands?: boolean } | null): void

/**
 * To be called where a request, or the upgrade of a WebSocket, gets its context object. Remembers whose turn it will be, so
 * that the turn is counted even if the client has ended by then.
 *
 * @param request of Node. In a hub, `ccxrayClientPid` names its client
 * @param context any object that `turn` gets, too. It is not changed
 */
export function arrived(request: unknown, context: object): void

/**
 * To be called where a turn ends, after its index line was built.
 *
 * @param context what `arrived` got
 * @param line the index line
 * @returns whether the addon has accepted the turn
 */
export function turn(context: object, line: string, turn?: HostTurn | null): boolean

/** The status of the project in `cwd`. Default: the project given to `init`. */
export function status(cwd?: string): HostStatus

/**
 * Sends what is left, in at most two seconds, and never rejects. A host need not call it: `init` does the same at the exit.
 * Turns that end later are still counted.
 */
export function shutdown(): Promise<void>

/**
 * Runs one of the host's commands, such as `otel trust`. Never rejects. `command.d.ts` lists them.
 *
 * @param argv arguments after the host's name
 * @param io where it reads and writes. Default: `process`
 * @returns the exit code
 */
export function command(argv: readonly string[], io?: CommandIo): Promise<number>
