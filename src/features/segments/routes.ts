import { bindRoutes } from '../../platform/http.ts';
import { findOwner } from '../customers/index.ts';
import { contract } from './contract.ts';
import { describeVocabulary } from './describe-vocabulary.ts';
import { exportFile, startExport } from './export-segment.ts';
import { explainCustomer, listMembers, segmentsOfCustomer } from './list-members.ts';
import { listPresets } from './list-presets.ts';
import {
  changeSegment,
  createSegment,
  deleteSegment,
  duplicateSegment,
  listSegments,
  restoreSegment,
  showHistory,
  showSegment,
  startRefresh,
} from './manage-segments.ts';
import { previewSegment } from './preview-segment.ts';
import { countPast, historyCsv, historyOfCustomer, listMoves, listVersions, movesCsv, restoreVersion } from './show-history.ts';

export const routes = bindRoutes(contract, {
  listSegments: (context, { query }) => listSegments(context, query),
  createSegment: (context, { body }) => createSegment(context, body as typeof body & { definition: unknown }),
  previewSegment: (context, { body }) => previewSegment(context, body as typeof body & { definition: unknown }),
  listPresets: context => listPresets(context),
  exportFile: (context, { params }) => exportFile(context, params.id),
  showSegment: (context, { params, query }) => showSegment(context, params.id, query.as_of),
  changeSegment: (context, { params, body }) => changeSegment(context, params.id, body),
  deleteSegment: (context, { params }) => deleteSegment(context, params.id),
  restoreSegment: (context, { params }) => restoreSegment(context, params.id),
  duplicateSegment: (context, { params }) => duplicateSegment(context, params.id),
  refreshSegment: (context, { params }) => startRefresh(context, params.id),
  listMembers: (context, { params, query }) => listMembers(context, params.id, query),
  showHistory: (context, { params, query }) => showHistory(context, params.id, query),
  exportHistory: async (context, { params, query }) => ({
    file: await historyCsv(context, params.id, query),
    filename: `segment-history-${context.clock.now().toISOString().slice(0, 10)}.csv`,
  }),
  countPast: (context, { params, query }) => countPast(context, params.id, query.months),
  listMoves: (context, { params, query }) => listMoves(context, params.id, query),
  exportMoves: async (context, { params, query }) => ({
    file: await movesCsv(context, params.id, query),
    filename: `segment-${query.direction}-${query.day}.csv`,
  }),
  listVersions: (context, { params }) => listVersions(context, params.id),
  restoreVersion: (context, { params, body }) => restoreVersion(context, params.id, params.version, body.version),
  historyOfCustomer: async (context, { params, query }) =>
    historyOfCustomer(context, await findOwner(context, params.id), query.as_of),
  explainCustomer: (context, { params, query }) => explainCustomer(context, params.id, Number(params.customer), query.as_of),
  segmentsOfCustomer: (context, { params }) => segmentsOfCustomer(context, Number(params.id)),
  exportSegment: (context, { params, body }) => startExport(context, params.id, body),
  vocabulary: context => describeVocabulary(context),
});
