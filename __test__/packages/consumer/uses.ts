// What a strict consumer writes. `types.test.js` compiles it against the packed package.

import * as everything from '@ccxray/otel-native';
import otel, { flush, init, inspect, record, shutdown, status } from '@ccxray/otel-native';
import type { DecidedBy, EntryDropReason, ExportDropReason, OtelConfigError, State, Status } from '@ccxray/otel-native';
import host from '@ccxray/otel-native/host';
import type { HostStatus, HostTurn } from '@ccxray/otel-native/host';
import manifest from '@ccxray/otel-native/package.json' with { type: 'json' };

const state: Status = init({ hostVersion: manifest.version });
const isAccepted: boolean = record('{}', { cwd: '/project' });
const words: Record<State, string> = { disabled: '', active: '', degraded: '', circuit_open: '', half_open: '' };
const full: number = state.entries.dropped.queue_full + state.exports.dropped.rejected;
const reasons: readonly EntryDropReason[] = ['queue_full', 'queue_bytes'];
const exportReason: ExportDropReason = 'partial_success';
const side: DecidedBy = status().decidedBy;
const loaded: typeof everything.init = otel.init;

try {
  inspect({ cwd: '/project' });
} catch (error) {
  const { code, file, line, column, field, message } = error as OtelConfigError;
  const place: string = `${file ?? 'options'}:${line ?? 0}:${column ?? 0}`;
  const fixed: 'CCXRAY_OTEL_CONFIG' = code;
  process.stderr.write([fixed, place, field, message].join());
}

const turn: HostTurn = { request: {}, response: '{}', headers: {} };
const counts: HostStatus['host'] = host.status('/project').host;
const isCounted: boolean = host.turn({}, '{}', turn);
export const exitCode: Promise<number> = host.command(['otel', 'status']);

export const delivered: Promise<boolean> = flush(1000).then((all) => shutdown().then(() => all));
process.stdout.write([words[state.state], isAccepted, full, reasons, exportReason, side, loaded, counts.recorded, isCounted].join());
