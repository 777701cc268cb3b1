/* Made by `npm run build` from `src/binding`; do not edit it here. */
/* eslint-disable */

/** The state of one project's telemetry and of the process, and why. Contains no secret. */
export interface Status {
  /**
   * `disabled`: nothing is collected and nothing is sent. `active`: exports go out. `degraded`: it
   * should export, and cannot, or a part of it has failed. `circuit_open`: five exports in a row
   * failed, and a trial export follows after a pause. `half_open`: the trial export is under way.
   */
  state: State
  /** Why it is not `active`, or why the last export failed. */
  reason?: string
  /** The effective tier: 0 disabled, 1 anonymous, 2 named. */
  tier: 0 | 1 | 2
  /** Which side decided the tier. */
  decidedBy: DecidedBy
  /** Why no further approval is needed. Absent while nothing is exported. */
  trust?: string
  /** What you have approved, if that is recorded. */
  approved?: Approved
  /** What the project asks for. Present while it waits for your approval. */
  asks?: Asks
  /** Where requests go: scheme, host, port and path. */
  endpoint?: string
  /** How requests are encoded. */
  protocol?: 'http/protobuf' | 'http/json' | 'grpc'
  /** Aggregation temporality of sums. */
  temporality?: 'cumulative' | 'delta'
  /** The resource attribute `project.name`. */
  project?: string
  /** The resource attribute `team`. */
  team?: string
  /** Time between exports, in seconds. */
  intervalSeconds?: number
  /** How finely the receiver can tell when something happened. At `minute` a request is sent in each interval. */
  resolution?: 'minute' | 'hour' | 'day'
  /** At the resolution of an hour or a day: between which times the next request may be sent, in Unix milliseconds. */
  nextRequest?: NextRequest
  /** The version of this package. */
  version: string
  /** Every setting that was made, and where it was made. */
  settings: Array<Setting>
  /** What you should know. */
  warnings: Array<string>
  /** What has become of the entries of the whole process since `init`. */
  entries: Entries
  /** How the project's exports have gone. */
  exports: ExportCounts
  /** How much of the cardinality limits is in use. */
  cardinality: Array<ValuesInUse>
  /**
   * How long nothing will be sent, in milliseconds, because too many exports failed or the backend
   * asked for a pause. Absent if there is no pause.
   */
  cooldownRemainingMs?: number
  /** The last changes of the state, the oldest first, 16 at most. */
  transitions: Array<Transition>
  /** What happened in the last hour, to five minutes. */
  lastHour: Recent
  /** What happened in the last 24 hours, to five minutes. */
  lastDay: Recent
  /** What has become of the log and the status file. */
  files: Files
}

/** The state of one project's telemetry. */
export type State = 'disabled' | 'active' | 'degraded' | 'circuit_open' | 'half_open'

/** Which side decided the tier. */
export type DecidedBy = 'default' | 'project file' | 'personal file' | 'CCXRAY_OTEL_TIER' | 'OTEL_SDK_DISABLED or DO_NOT_TRACK'

/**
 * The error of `init`, `initConfig`, `inspect`, `dryRun`, `trust` and `untrust` if a config or an option cannot be used, or a
 * file cannot be written. Its `message` contains all of the other fields, and the cure.
 */
export interface OtelConfigError extends Error {
  code: 'CCXRAY_OTEL_CONFIG'
  /** The config file. Absent if the problem is in a variable or an option. */
  file?: string
  /** The line in the file, from 1. */
  line?: number
  /** The column in the line, from 1. */
  column?: number
  /** The setting, the environment variable or the option. Absent if the problem has none. */
  field?: string
  /** What to do about it. It is also a part of `message`. */
  fix?: string
}

/** What you have approved. */
export interface Approved {
  /** When: RFC 3339, UTC. */
  at: string
  /** What was approved, a line each. */
  terms: string
}

/** How much of a cardinality limit is in use: in the metric in which the attribute has most values. */
export interface ValuesInUse {
  /** The key of the attribute. */
  attribute: string
  /** How many different values it has. */
  values: number
  /** How many it may have in one metric. */
  limit: number
}

/** What a project asks for. */
export interface Asks {
  /** The directory of the project's config. */
  directory: string
  /** What has to be approved, in one sentence. */
  terms: string
  /** What differs from what was approved before. */
  changes: Array<string>
  /** The hash of these terms, for `trust`. */
  hash: string
}

/** Between which times the next request may be sent, in Unix milliseconds. */
export interface NextRequest {
  /** Not before this. */
  fromMs: number
  /** Not after this. */
  toMs: number
}

/** One setting and where it was made. */
export interface Setting {
  /** The setting's name. */
  name: string
  /** Its value; secrets are masked. */
  value: string
  /** A config file, an environment variable, or `default`. */
  source: string
}

/** What has become of entries since `init`. At every instant `accepted = processed + dropped + queued`. */
export interface Entries {
  /** Entries that were accepted. */
  accepted: number
  /** Entries that are counted in the metrics. */
  processed: number
  /** Entries that wait or are being processed. */
  queued: number
  /** Bytes that wait. */
  queuedBytes: number
  /** `record` calls without a usable entry, or while telemetry was off. */
  rejected: number
  /** Entries that were accepted and not counted, by reason. */
  dropped: Record<EntryDropReason, number>
}

/**
 * Why an entry was not counted. `queue_full` and `queue_bytes`: newer entries took its place in the queue. `too_large`:
 * it is larger than the queue, or than the memory that the process can get. `malformed`: it is not a JSON object.
 * `panic`: a defect of this package. `shutdown`: it was still in the queue when the time for the shutdown was over. `project_limit`: too many projects export. `project_off`: its project does not export.
 * `project_unresolved`: its project's config was not read in time.
 */
export type EntryDropReason = 'queue_full' | 'queue_bytes' | 'too_large' | 'malformed' | 'panic' | 'shutdown' | 'project_limit' | 'project_off' | 'project_unresolved'

/** How exports have gone. */
export interface ExportCounts {
  /** Exports that were delivered or failed. An export that was cancelled for a later one is neither. */
  attempted: number
  /** Exports that the backend accepted. */
  delivered: number
  /** Exports that failed. */
  failed: number
  /** Failures since the last success. */
  consecutiveFailures: number
  /** When the last one was accepted, Unix milliseconds. */
  lastSuccessAtMs?: number
  /** When the last one failed, Unix milliseconds. */
  lastFailureAtMs?: number
  /** Why the last one failed. */
  lastError?: string
  /** Exports that were dropped, by reason. */
  dropped: Record<ExportDropReason, number>
  /**
   * With delta temporality: intervals of an ended process that were sent again, because it is not known whether they had
   * arrived. The backend counts those twice that had.
   */
  repeated: number
  /** Files of ended processes that were deleted unsent: the config does not allow it any more, or they were damaged. */
  deleted: number
  /** What waits for the backend, with delta temporality. */
  backlog: Backlog
}

/**
 * Why the data of an export was dropped. `rejected`: the backend rejected the request for good. `partial_success`: it
 * did not accept all data points. `shutdown`: the last export before the exit failed, and what it had could not be
 * stored. `expired`: it had waited in a file for 30 days. `store_full`: the files had no room for it.
 */
export type ExportDropReason = 'rejected' | 'partial_success' | 'shutdown' | 'expired' | 'store_full'

/** Requests that the backend has not accepted yet. Only delta temporality has any. */
export interface Backlog {
  /** How many requests. */
  requests: number
  /** Their size in bytes. */
  bytes: number
}

/** A change of the state. */
export interface Transition {
  /** When, Unix milliseconds. */
  atMs: number
  /** The state before. */
  from: State
  /** The state since then. */
  to: State
  /** Why. */
  reason: string
}

/** What happened in a time: exports of the project, entries of the whole process. */
export interface Recent {
  /** Exports that the backend accepted. */
  delivered: number
  /** Exports that failed. */
  failed: number
  /** Exports that were dropped. */
  dropped: number
  /** The same by reason, without zeros. */
  droppedByReason: Partial<Record<ExportDropReason, number>>
  /** Entries that were accepted. */
  accepted: number
  /** Entries that were counted in the metrics. */
  processed: number
  /** Entries that were accepted and not counted. */
  lost: number
  /** The same by reason, without zeros. */
  lostByReason: Partial<Record<EntryDropReason, number>>
}

/** What has become of the lines of `otel.log` and of the status file. */
export interface Files {
  /** Their directory. Absent if your home directory is unknown. */
  directory?: string
  /** Lines and status files that were written. */
  written: number
  /** Lines and status files that still have to be written: more than a few if a disk hangs. */
  waiting: number
  /** Lines and status files that could not be written. */
  lost: number
  /** Why the last one could not be written. */
  lastError?: string
}

/** Whether the backend of a project can be reached. */
export interface Probe {
  /** Whether the backend took all that was sent. */
  ok: boolean
  /** Where it was sent: scheme, host, port and path. */
  endpoint?: string
  /** Why nothing was sent and no connection was opened. */
  reason?: string
  /** Each step, in the order in which it happened. The last one may have failed. */
  steps: Array<ProbeStep>
}

/** One step on the way to a backend. */
export interface ProbeStep {
  /**
   * `certificates`: the files of the config. `name`: the look-up of the host. `connection`: to the backend or the
   * proxy. `proxy`: from there to the backend. `tls`: the handshake, and the certificate of the backend. `answer`: to an
   * empty request. `partial_success`: what the backend says about data that it did not take. `point`: the answer to a
   * request with one data point.
   */
  step: 'certificates' | 'name' | 'connection' | 'proxy' | 'tls' | 'answer' | 'partial_success' | 'point'
  /** Whether it succeeded. */
  ok: boolean
  /** What happened, and for a failure the cure. Contains no secret. */
  detail: string
  /** How long it took, in milliseconds. */
  ms?: number
}

/** The anomalies of some days. The report stays on this machine. */
export interface ParserReport {
  /** How many days it covers. */
  days: number
  /** When they began, Unix milliseconds. */
  sinceMs: number
  /** The drift log; absent if your home directory is unknown. */
  file?: string
  /** How many anomalies there were. */
  count: number
  /** By category, the most frequent first. */
  categories: Array<ParserCategory>
  /** Lines of the drift log that cannot be read. */
  unreadableLines: number
  /** Files that exist and cannot be read: not a file, too large, or of another user. */
  unreadableFiles: Array<string>
  /**
   * The text of an issue to file, in Markdown; empty if there is nothing to report. It contains no name
   * of a tool, a model or anything else unless `samples` was asked for.
   */
  issue: string
}

/** The anomalies of one category. */
export interface ParserCategory {
  /**
   * `tool`, `mcp_format`, `skill_marker`, `wire`, `fallback`, `mismatch`, `unreadable`, or what an
   * unknown value should have been: `model`, `agent_type`, `stop_reason`, `error_type`,
   * `permission_mode`, `provider`, or `tool_input`, the name of a known tool with an input of an
   * unknown shape.
   */
  category: string
  /** How often it happened. */
  count: number
  /** How many different anomalies there were. */
  kinds: number
  /** Unix milliseconds. */
  firstSeenAtMs: number
  /** Unix milliseconds. */
  lastSeenAtMs: number
  /** Only for `mismatch`: the tokens and the cost that differ, and by how much. */
  differences?: Array<ParserDifference>
  /** The newest anomalies, 5 at most. */
  samples: Array<ParserSample>
}

/** A figure that ccxray and the responses report differently. The response's is sent. */
export interface ParserDifference {
  /** `input`, `output`, `cache_read` or `cache_creation` in tokens, or `cost` in US dollars. */
  figure: string
  /** In how many turns it differs. */
  turns: number
  /** The sum of these turns in ccxray's own record. */
  ccxray: number
  /** The sum of these turns in their responses, or for `cost` at the prices of those tokens. */
  response: number
}

/** One anomaly and how often it happened. */
export interface ParserSample {
  /** Who served the call. */
  provider: string
  /** The unknown name, if it looks like a name. It may be private. */
  token?: string
  /** A hash of it, if it does not. */
  hash?: string
  /** The agent's version, if its request contains it. */
  agentVersion?: string
  /** How often it happened. */
  count: number
  /** Unix milliseconds. */
  firstSeenAtMs: number
  /** Unix milliseconds. */
  lastSeenAtMs: number
  /** The part of `differences` of the category that belongs to this sample. */
  differences?: Array<ParserDifference>
}

/**
 * Opens a dry run: what the next export of a project would send after the entries that you add, as if you had
 * approved its config and turned telemetry on. Nothing is sent, written or started. While the project does not
 * export, no environment variable that its config names is read: `***` stands for it.
 *
 * Each assumption is a variant of the project. Default: one, without anything that differs from the config.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config or an assumption cannot be used.
 */
export declare function dryRun(options?: InitOptions | undefined | null, assumptions?: Array<Assumption> | undefined | null): DryRun

/** What a dry run assumes instead of what is set. */
export interface Assumption {
  /** The tier, whatever you and the project set. Default: the tier that applies, or 1 while telemetry is off. */
  tier?: 1 | 2
  /** Which names are sent at tier 1. Default: what the project sets. */
  names?: 'known' | 'all'
}

/** A dry run. Its entries are counted as those of one process that has sent nothing yet. */
export interface DryRun {
  /** Adds an entry with its parts, as for `record`. Returns whether it is counted: whether it is a JSON object. */
  add(entry: string | Uint8Array, parts?: { request?: string | Uint8Array; response?: string | Uint8Array } | undefined | null): boolean
  /** What the next export would send. */
  summary(): DryRunSummary
}

/** What the next export would send. */
export interface DryRunSummary {
  /** Entries that were counted. */
  recorded: number
  /** Entries that are not a JSON object. */
  malformed: number
  /** Entries at which this package has failed. */
  failed: number
  /** One for each assumption, in their order. */
  variants: Array<DryRunVariant>
}

/** What the next export would send under one assumption. */
export interface DryRunVariant {
  /** Why nothing is sent now; absent if the project exports. */
  off?: string
  /** The tier that is assumed. */
  tier: 1 | 2
  /** Which names are sent at tier 1. */
  names: 'known' | 'all'
  /** Where it would be sent; absent if no endpoint is set. */
  endpoint?: string
  /** `http/protobuf`, `http/json` or `grpc`. */
  protocol: string
  /** `gzip` or `none`. */
  compression: string
  /** `cumulative` or `delta`. */
  temporality: string
  /** Time between exports, in seconds. It counts only at the resolution of a minute. */
  intervalSeconds: number
  /** How finely the receiver can tell when something happened. */
  resolution: 'minute' | 'hour' | 'day'
  /**
   * The bodies of the next export as OTLP/JSON: more than one only if it is larger than a request may be. The values of
   * environment variables are masked, and `service.instance.id` is a constant. As in `preview`, the zeros are left out
   * that are sent before the first values of new series.
   */
  requests: Array<string>
  /** The size of all bodies before compression. */
  bytes: number
  /** The size of all bodies as they are sent. */
  sentBytes: number
  /** What is sent for each name. */
  decisions: Array<NameDecision>
  /** How many decisions about further names were made, beyond 2000 names of each kind. */
  decisionsNotKept: number
}

/** What is sent for one name, unless its attribute has more values than its limit. */
export interface NameDecision {
  /** `model`, `tool`, `mcp_server`, `mcp_tool`, `skill`, `agent_type`, `error_type`, `stop_reason` or `permission_mode`. */
  kind: string
  /** The name. Absent if it looks like a secret, a path or an address, or is too long. */
  name?: string
  /** What is sent. */
  sent: string
  /**
   * Why. The name is sent: `catalog` (it is published), `known_name` (of the project) or `all_names`. Something else
   * is sent: `not_in_catalog`, `private` (it looks like a secret, a path or an address) or `too_long`.
   */
  reason: string
  /** How often this was decided. One turn can ask more than once. */
  times: number
}

/** What waits to be delivered, in one file. It has passed the privacy gate, and contains no header of the connection. */
export interface PendingFile {
  /** The directory of the project's config file. Absent if only your own settings count. */
  directory?: string
  /** `project.name`. */
  project?: string
  /** Where it is sent. */
  endpoint: string
  /** The tier at which it was recorded. */
  tier: 1 | 2
  /** Since when something waits, in Unix milliseconds. */
  sinceMs: number
  /** When the hour or day ends to which the sums belong, in Unix milliseconds. They are not sent before. */
  periodEndMs?: number
  /** How finely the receiver can tell when they were recorded. */
  resolution: 'minute' | 'hour' | 'day'
  /** When the file was written, in Unix milliseconds. */
  storedAtMs: number
  /** The size of the file. */
  bytes: number
  /** Whether a running process has it. Another one delivers it only after that has ended. */
  isRunning: boolean
}

/**
 * Deletes what waits to be delivered, of all projects of this user. Returns how many files there were.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option cannot be used, or a file cannot be
 * deleted.
 */
export declare function clearPending(options?: InitOptions | undefined | null): number

/**
 * Dates the data points of the exports from now on: for a process that sends the history of a project, in
 * parts, and nothing else. The times are Unix milliseconds: when the history began, when this part of it
 * began, and when this part ended. An export is then made by `flush` only, and contains no metric about the
 * exporter itself. Record the turns of a part, `flush`, and go on with the next part only if that has
 * returned `true`. `shutdown` exports nothing.
 *
 * Returns `false`, and changes nothing, if the project given to `init` does not export, or if the times are
 * not in order.
 */
export declare function dateExports(historyStartMs: number, startMs: number, endMs: number): boolean

/**
 * Sends what waits for the projects of this process: what ended processes have left and, at the resolution of an
 * hour or a day, what was recorded in periods that have ended. Only for a person who asks for it: the request tells
 * when that was. Resolves to `true` if all of it was delivered within `timeoutMs`, and never rejects. Default:
 * 10000 ms; at most 60000 ms.
 */
export declare function deliverPending(timeoutMs?: number): Promise<boolean>

/**
 * Exports everything that was recorded so far. Resolves to `true` if all of it was delivered
 * within `timeoutMs`, and never rejects. Default: 10000 ms; at most 60000 ms. Node stays alive
 * until the promise resolves.
 *
 * At the resolution of an hour or a day nothing is sent now, because that would tell when you work. It resolves
 * to `true` if everything is in a file, from which it is sent later.
 */
export declare function flush(timeoutMs?: number): Promise<boolean>

/**
 * Starts the telemetry of a project, if its config turns it on. While telemetry is off, no thread
 * is started and no socket is opened.
 *
 * There is one telemetry per process. While it runs, another call changes nothing and returns its
 * status. After `shutdown` it starts anew.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used. The message
 * contains file, line, column, field and the cure. Nothing is started then.
 */
export declare function init(options?: InitOptions | undefined | null): Status

/**
 * Writes config files, and approves what they ask for. Some steps have to be granted first, such
 * as a new line in `.gitignore`: then the result lists them, and nothing is written until you pass
 * `yes`.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the settings are not a usable config, or a
 * file cannot be written.
 */
export declare function initConfig(options?: InitConfigOptions | undefined | null): InitConfigResult

/** What to write. */
export interface InitConfigOptions {
  /** The project's directory. Default: the current directory. */
  cwd?: string
  /** Your home directory. Default: `HOME` or `USERPROFILE`. */
  home?: string
  /** The environment variables. Default: `process.env`. */
  env?: Record<string, string | undefined>
  /** Settings for the project's `.ccxray.json`. */
  project?: InitProject
  /** Settings for your own `.ccxray.user.json`. */
  personal?: InitPersonal
  /** Grants everything that `asks` would list. Default: `false`. */
  yes?: boolean
}

/** What was written, or what you have to grant first. */
export interface InitConfigResult {
  /** Files that were written. */
  written: Array<string>
  /** Files that have these settings already. */
  unchanged: Array<string>
  /** What you have to grant with `yes`. If there is anything, nothing was written. */
  asks: Array<string>
  /** What was approved. Absent as long as `asks` lists something. */
  trust?: TrustResult
}

/** Where to look for the config of a project. */
export interface InitOptions {
  /** The project's directory. Default: the current directory. */
  cwd?: string
  /** Your home directory. Default: `HOME` or `USERPROFILE`. */
  home?: string
  /** The environment variables. Default: `process.env`. */
  env?: Record<string, string | undefined>
  /** The version of your server, for the resource attribute `service.version`. */
  hostVersion?: string
}

/** Your own settings. Missing ones stay as they are in the file. */
export interface InitPersonal {
  /** The most that you allow to be sent. */
  tier?: 0 | 1 | 2
  /** A name that you choose, sent as `enduser.id` at tier 2. */
  identity?: string
  /**
   * `home`: the file in your home directory, for all projects. `project`: a file in the project,
   * for this project only. Default: `home`.
   */
  place?: 'home' | 'project'
}

/** Settings of a project. Missing ones stay as they are in the file. */
export interface InitProject {
  /** The most that may be sent. */
  tier?: 0 | 1 | 2
  /** Base URL of the OTLP receiver. */
  endpoint?: string
  /** The resource attribute `project.name`. */
  project?: string
  /** The resource attribute `team`. */
  team?: string
  /** Headers for the endpoint, with `${NAME}` for what a variable contains. */
  headers?: Record<string, string>
  /** Aggregation temporality of sums. */
  temporality?: 'cumulative' | 'delta'
}

/**
 * The status that a project would have after `init`, and what it asks for. Nothing is started,
 * printed or sent. If telemetry is on, the environment variables that the config names must be
 * set.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used.
 */
export declare function inspect(options?: InitOptions | undefined | null): Status

/**
 * Registers the launch of a client, if your process serves several clients. The entries that name it
 * in `parts.launch` are counted by its variables and by the files in its home directory; the
 * variables of your own process do not count for them. Launches with the same options have the same
 * number. 256 are remembered. Nothing is counted for a launch that is forgotten.
 *
 * Returns `undefined` if telemetry has not been started with `init`.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option has the wrong type.
 */
export declare function launch(options?: LaunchOptions | undefined | null): number | undefined

/** The environment in which a client was started. */
export interface LaunchOptions {
  /** The user's home directory. Default: `HOME` or `USERPROFILE` in `env`. */
  home?: string
  /** The environment variables whose values are known. Default: none. */
  env?: Record<string, string | undefined>
  /**
   * The names of variables that are set to values that this process does not know. A config that
   * needs one of them cannot be used.
   */
  withheld?: Array<string>
}

/**
 * The line that `init` would print for a project: what is sent where, or why nothing is sent. Nothing
 * is started, printed or sent. Returns `undefined` if `init` would print nothing, because telemetry is
 * off.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used.
 */
export declare function notice(options?: InitOptions | undefined | null): string | undefined

/**
 * What waits to be delivered, in files of this user: what ended processes and processes with failing
 * exports have left. The oldest is first.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option cannot be used.
 */
export declare function pending(options?: InitOptions | undefined | null): Array<PendingFile>

/**
 * The next request body of the project in `cwd` as OTLP/JSON, with everything that was recorded so
 * far. The values of environment variables are masked. Nothing is sent. Default: the project given
 * to `init`. Waits for the worker thread, at most 2 seconds.
 */
export declare function preview(cwd?: string | undefined | null): string

/**
 * Sends one empty request to the backend of a project, on the way of an export, and reports each step. With
 * `withPoint` also one data point of the metric `ccxray.otel.check`. If the project does not export, because it
 * is off or you have not approved it, no connection is opened. Waits for each request as long as for an
 * export: 10 seconds unless the config says otherwise. Never rejects. Node stays alive until the promise
 * resolves.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if an option cannot be used.
 */
export declare function probe(options?: InitOptions | undefined | null, withPoint?: boolean | undefined | null): Promise<Probe>

/**
 * Hands over one finished turn: ccxray's index line or its whole entry, as JSON. Everything is
 * copied before it returns. It never throws and never waits.
 *
 * Entries wait in a queue of at most 2048 entries or 64 MiB, in which a character of a string
 * counts two bytes. When the queue is full, the oldest entry is dropped, and
 * `status().entries.dropped` counts it.
 *
 * Returns `false` if the entry is not recorded: telemetry is off for its project, it is neither a
 * string nor bytes, it is larger than the queue with all its parts, or `parts.cwd` cannot be a
 * directory. Without a usable `cwd` the entry could be counted for the wrong project. An entry with a
 * `cwd` of more than 4096 bytes or 256 directories is counted in `dropped.project_off`, one whose
 * `cwd` is not a string, or whose `launch` is not a number or has no `cwd`, in `rejected`.
 */
export declare function record(entry: string | Uint8Array, parts?: RecordParts | undefined | null): boolean

/**
 * What you can pass with an entry. Everything is optional; a part of a wrong type is ignored,
 * except `cwd`.
 */
export interface RecordParts {
  /** The request as JSON: the whole request, or an excerpt of the same shape. */
  request?: string | Uint8Array
  /** The response, as ccxray stores it in `<id>_res.json`. */
  response?: string | Uint8Array
  /**
   * The headers of the upstream's response, with names in lower case. Only the rate-limit
   * headers are read.
   */
  headers?: Record<string, string | string[] | undefined>
  /**
   * The headers of the client's request. Only six of them are read: `x-claude-code-agent-id`,
   * `x-claude-code-session-id`, `x-codex-turn-metadata`, `x-openai-subagent`, `session-id` and
   * `thread-id`. They say who makes the request; their values are never sent or logged.
   */
  requestHeaders?: Record<string, string | string[] | undefined>
  /**
   * The project directory of the turn, if your process serves several projects. Default: the
   * project given to `init`.
   */
  cwd?: string
  /**
   * What `launch` has returned for the client of the turn. It needs a `cwd`. Default: the launch of
   * your own process.
   */
  launch?: number
}

/**
 * The anomalies of the last days: what agents have sent that no catalog or rule explains. It reads
 * `parser-drift.log`, and adds what this process has not written there yet. Never throws; an
 * option of a wrong type is ignored.
 */
export declare function report(options?: ReportOptions | undefined | null): ParserReport

/** What to report. */
export interface ReportOptions {
  /** How many days, 1 to 30. Default: 7. */
  days?: number
  /**
   * Whether the issue's text contains the unknown names. Some of them may be private. Default:
   * `false`.
   */
  samples?: boolean
  /**
   * Your home directory. Default: the one given to `init`. Before `init`, and if you pass `env`:
   * `HOME` or `USERPROFILE`.
   */
  home?: string
  /** The environment variables. Default: `process.env`. */
  env?: Record<string, string | undefined>
}

/**
 * Exports for the last time, and stops. Entries are rejected from now on. Resolves within
 * `timeoutMs`, whatever the backend does, and never rejects. Default and maximum: 2000 ms.
 */
export declare function shutdown(timeoutMs?: number): Promise<void>

/**
 * The same for `process.on('exit')`, where no promise can resolve. Blocks for at most `timeoutMs`.
 * Returns `true` if everything was delivered.
 */
export declare function shutdownSync(timeoutMs?: number): boolean

/**
 * The state of the telemetry of the project in `cwd`, and why. Default: the project given to
 * `init`. With a `launch`: as for the client of that launch. Never throws.
 */
export declare function status(cwd?: string | undefined | null, launch?: number | undefined | null): Status

/**
 * Approves what the config of the project in `cwd` asks for: where metrics are sent, and with
 * which headers, environment variables, certificates and private names. If the config changes one
 * of these, it needs a new approval. The approval takes effect at the next `init`.
 *
 * Pass the `hash` of the terms that you have shown to the user (`inspect().asks.hash`) to approve
 * these terms and no others.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the config cannot be used, if its terms do
 * not have the `hash`, or if the approval cannot be written.
 */
export declare function trust(cwd?: string | undefined | null, options?: InitOptions | undefined | null, hash?: string | undefined | null): TrustResult

/** What was approved. */
export interface TrustResult {
  /** The directory of the project's config. */
  directory: string
  /**
   * What the config asks for, in one sentence. Absent if there is nothing to approve: telemetry
   * is off, or it only uses settings of your own.
   */
  terms?: string
  /** What differs from what was approved before. */
  changes: Array<string>
  /** The file that contains the approval. Absent if there is nothing to approve. */
  file?: string
}

/**
 * Revokes the approval of the project in `cwd`. Takes effect at the next `init`; what waits to be
 * delivered is deleted at once. Returns whether there was an approval.
 *
 * Throws an error with `code: 'CCXRAY_OTEL_CONFIG'` if the file with the approvals cannot be
 * changed.
 */
export declare function untrust(cwd?: string | undefined | null, options?: InitOptions | undefined | null): boolean
