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
