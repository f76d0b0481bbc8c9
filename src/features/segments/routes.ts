import { bindRoutes } from '../../platform/http.ts';
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
  listVersions,
  restoreSegment,
  showHistory,
  showSegment,
  startRefresh,
} from './manage-segments.ts';
import { previewSegment } from './preview-segment.ts';

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
  listVersions: (context, { params }) => listVersions(context, params.id),
  explainCustomer: (context, { params, query }) => explainCustomer(context, params.id, Number(params.customer), query.as_of),
  segmentsOfCustomer: (context, { params }) => segmentsOfCustomer(context, Number(params.id)),
  exportSegment: (context, { params, body }) => startExport(context, params.id, body),
  vocabulary: context => describeVocabulary(context),
});
