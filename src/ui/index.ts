/** The front door of the admin ground floor: what a feature's screens may use. See README.md. */
export { type AnswerOf, ApiError, type ApiRoutes, addressOf, api, type InputOf, saveFile, upload } from './api.ts';
export { useAsOf, useSetAsOf } from './as-of.tsx';
export { BarList, type Bin, Calibration, type CalibrationPoint, Histogram, ShareBar } from './charts/charts.tsx';
export { Sparkline } from './charts/sparkline.tsx';
export { Avatar } from './components/avatar.tsx';
export { ConfirmDanger } from './components/confirm.tsx';
export { CopyField, CopyIcon } from './components/copy-field.tsx';
export { type Column, DataTable, type Selection } from './components/data-table.tsx';
export { DownloadButton } from './components/download-button.tsx';
export { KeyFigure, type Trend, TrendBadge } from './components/figures.tsx';
export { FileDrop } from './components/file-drop.tsx';
export { Facet, type FacetOption, FilterBar, Labelled, SearchField } from './components/filters.tsx';
export { DraftSaved, Form, FormError, faultAt, useDraft } from './components/form.tsx';
export { Illustration, type Picture } from './components/illustration.tsx';
export { isOver, JobProgress, type JobState, useJob } from './components/job-progress.tsx';
export { notifyDone, notifyError, notifyUndo } from './components/notices.tsx';
export { Cards, Facts, PageHeader, Panel, Rows, Split } from './components/page.tsx';
export { RelativeTime } from './components/relative-time.tsx';
export { Keys, type Shortcut, useShortcuts } from './components/shortcuts.tsx';
export { EmptyState, ErrorState, Loaded, SkeletonLines, SkeletonPage, SkeletonPanel, sentenceOf } from './components/states.tsx';
export { StatusBadge, type Tone } from './components/status-badge.tsx';
export { Steps } from './components/steps.tsx';
export { hiddenColumns, setHiddenColumns, useHiddenColumns } from './components/table-columns.ts';
export { type TableTool, tableTools } from './components/table-tools.ts';
export { Timeline, type TimelineItem } from './components/timeline.tsx';
export {
  formatBytes,
  formatCompact,
  formatDuration,
  formatMoney,
  formatNumber,
  formatPercent,
  formatRelative,
  formatTime,
  MoneyText,
  Name,
  NumberText,
  PercentText,
  TimeText,
} from './format.tsx';
export { useLive } from './live.ts';
export { Bare } from './pages/bare.tsx';
export { type Method, SecondStep } from './pages/second-step.tsx';
export { canUsePasskeys, isDeclined, makePasskey } from './passkey.ts';
export { type List, useListOf, useMutationOf, useQueryOf, useRefresh } from './queries.ts';
export { Link, useGo, usePath, usePathParam, useSearchText } from './router.tsx';
export {
  type CommandAction,
  type CommandHit,
  type CommandSearch,
  defineScreens,
  defineWebSlot,
  fillWeb,
  type NavItem,
  type Screen,
  type Screens,
  type SettingsItem,
  slotValues,
  type WebSlot,
} from './screens.ts';
export { type Me, useMay, useMaySee, useRefreshSession, useSession } from './session.ts';
export { hasText, type Say, say, useTexts } from './texts.ts';
export { flag, many, number, oneOf, text, useUrl } from './url.ts';
