/**
 * The list of every page: rows come page by page, sorting and selection are the caller's (in the URL), columns are chosen per browser.
 * A real table on wide windows; on a phone each row becomes a card.
 */
import { ActionIcon, Button, Checkbox, Menu, Skeleton, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3 } from '@tabler/icons-react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  Suspense,
  useEffect,
  useRef,
  useState,
} from 'react';
import { formatNumber } from '../format.tsx';
import type { List } from '../queries.ts';
import { Link, useGo } from '../router.tsx';
import { useTexts } from '../texts.ts';
import classes from './data-table.module.css';
import { useShortcuts } from './shortcuts.tsx';
import { ErrorState } from './states.tsx';
import { setHiddenColumns, useHiddenColumns } from './table-columns.ts';
import { allTableTools } from './table-tools.ts';

export type Column<R> = {
  key: string;
  title: string;
  render: (row: R) => ReactNode;
  /** Numbers stand at the end. */
  align?: 'start' | 'end';
  /** Name of the sort; "-name" is descending. */
  sort?: string;
  /** First press sorts from the largest. */
  descendingFirst?: boolean;
  /** May be hidden; `false` from the start when "off". The first column always stays. */
  optional?: 'on' | 'off';
  width?: string;
  /** On a phone: "title" heads the card, "aside" stands beside it (a state), "hidden" is left out. */
  card?: 'title' | 'aside' | 'line' | 'hidden';
};

export type Selection = {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
  labelOf: (key: string) => string;
};

type DataTableProps<R> = {
  /** Remembers the chosen columns under this name. */
  name: string;
  /** What the rows are, for screen readers: "Customers". */
  label: string;
  columns: readonly Column<R>[];
  rowKey: (row: R) => string;
  /** Rows from `useListOf`, or plain rows that are all there. */
  list: List<R> | { rows: readonly R[] };
  /** Where a row leads; its first column becomes the link. */
  rowLink?: (row: R) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  selection?: Selection;
  /** Shown when there is no row at all. */
  empty: ReactNode;
  /** Left of the column chooser: filters, counts. */
  toolbar?: ReactNode;
  /** Menu at the end of a row. */
  rowActions?: (row: R) => ReactNode;
  /** Inside a flush Panel: without a frame of its own. */
  plain?: boolean;
};

/** The roles that the elements have anyway: browsers drop them where CSS turns rows into cards. */
const as = { table: { role: 'table' }, group: { role: 'rowgroup' }, row: { role: 'row' }, cell: { role: 'cell' } } as const;

const asList = <R,>(list: List<R> | { rows: readonly R[] }): List<R> =>
  'isLoading' in list
    ? list
    : {
        rows: [...list.rows],
        total: undefined,
        isLoading: false,
        isStale: false,
        error: null,
        hasMore: false,
        isLoadingMore: false,
        loadMore: () => {},
        reload: () => {},
      };

export const DataTable = <R,>(props: DataTableProps<R>) => {
  const t = useTexts();
  const list = asList(props.list);
  const { columns, hidden, toggle } = useColumns(props.name, props.columns);
  const frame = props.plain ? undefined : classes.frame;
  const optional = props.columns.filter((column, index) => column.optional && index > 0);
  const tools = (props.toolbar || optional.length > 0) && (
    <div className={classes.tools} data-alone={props.toolbar ? undefined : true}>
      <div className={classes.toolbar}>{props.toolbar}</div>
      {props.toolbar && (
        <Suspense>
          {allTableTools().map((Tool, index) => (
            <Tool key={index} table={props.name} />
          ))}
        </Suspense>
      )}
      {optional.length > 0 && (
        <Menu position="bottom-end" closeOnItemClick={false}>
          <Menu.Target>
            <Tooltip label={t('ui.table.columns')}>
              <ActionIcon variant="default" aria-label={t('ui.table.columns')} className={classes.chooser}>
                <IconColumns3 size={18} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {optional.map(column => (
              <Menu.CheckboxItem key={column.key} checked={!hidden.has(column.key)} onChange={() => toggle(column.key)}>
                {column.title}
              </Menu.CheckboxItem>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
  if (list.error) {
    return (
      <div className={frame}>
        {tools}
        <ErrorState error={list.error} onRetry={list.reload} />
      </div>
    );
  }
  if (!list.isLoading && list.rows.length === 0) {
    return (
      <div className={frame}>
        {props.toolbar && tools}
        {props.empty}
      </div>
    );
  }
  return (
    <div className={frame} data-chooser={(!props.toolbar && optional.length > 0) || undefined}>
      {tools}
      <Grid {...props} columns={columns} list={list} />
    </div>
  );
};

const Grid = <R,>({
  label,
  columns,
  rowKey,
  list,
  rowLink,
  sort,
  onSort,
  selection,
  rowActions,
  toolbar,
}: DataTableProps<R> & { list: List<R> }) => {
  const t = useTexts();
  const body = useRef<HTMLTableSectionElement>(null);
  const go = useGo();
  const scroller = useRef<HTMLElement>(null);
  const wide = useTooWide(scroller);
  const open = (row: R) => (event: MouseEvent) => {
    if (!rowLink || (event.target as HTMLElement).closest('a, button, input, label, [role="menuitem"]')) return;
    // Marking text to copy it is not a click on the row.
    if (window.getSelection()?.toString()) return;
    if (event.ctrlKey || event.metaKey) window.open(rowLink(row), '_blank');
    else go(rowLink(row));
  };
  const pageKeys = list.rows.map(rowKey);
  const all = selection !== undefined && pageKeys.length > 0 && pageKeys.every(key => selection.keys.has(key));
  const toggleAll = () => selection?.onChange(all ? new Set() : new Set([...selection.keys, ...pageKeys]));
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      data-wide={wide || undefined}
      tabIndex={wide ? 0 : undefined}
      aria-label={label}
      aria-busy={list.isLoading || list.isStale}
    >
      <table {...as.table} className={classes.table} data-stale={list.isStale || undefined}>
        <caption className={classes.caption}>{label}</caption>
        <thead {...as.group}>
          <tr {...as.row}>
            {selection && (
              <th scope="col" className={classes.check}>
                <Checkbox
                  size="xs"
                  checked={all}
                  indeterminate={!all && pageKeys.some(key => selection.keys.has(key))}
                  onChange={toggleAll}
                  aria-label={t('ui.table.select_all')}
                />
              </th>
            )}
            {columns.map(column => (
              <HeadCell key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
            {rowActions && (
              <th scope="col" className={classes.actions}>
                <VisuallyHidden>{t('ui.table.actions')}</VisuallyHidden>
              </th>
            )}
          </tr>
        </thead>
        <tbody ref={body} {...as.group} onKeyDown={moveBetweenRows}>
          {list.isLoading && <SkeletonRows columns={columns.length + (selection ? 1 : 0) + (rowActions ? 1 : 0)} />}
          {list.rows.map(row => {
            const key = rowKey(row);
            return (
              <tr
                key={key}
                {...as.row}
                data-link={rowLink ? true : undefined}
                data-selected={selection?.keys.has(key) || undefined}
                onClick={open(row)}
              >
                {selection && (
                  <td className={classes.check}>
                    <Checkbox
                      size="xs"
                      checked={selection.keys.has(key)}
                      onChange={() => selection.onChange(toggled(selection.keys, key))}
                      aria-label={t('ui.table.select_one', { name: selection.labelOf(key) })}
                    />
                  </td>
                )}
                {columns.map((column, index) => (
                  <td
                    key={column.key}
                    {...as.cell}
                    data-label={column.title}
                    data-align={column.align}
                    data-card={column.card ?? (index === 0 ? 'title' : 'line')}
                  >
                    {index === 0 && rowLink ? (
                      <Link to={rowLink(row)} className={classes.rowLink} data-row-link>
                        {column.render(row)}
                      </Link>
                    ) : (
                      column.render(row)
                    )}
                  </td>
                ))}
                {rowActions && (
                  <td {...as.cell} className={classes.actions}>
                    {rowActions(row)}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {toolbar && rowLink && (
        <RowShortcuts
          body={body}
          onTick={selection && (index => selection.onChange(toggled(selection.keys, rowKey(list.rows[index]))))}
        />
      )}
      <More list={list} />
    </section>
  );
};

const HeadCell = <R,>({ column, sort, onSort }: { column: Column<R>; sort?: string; onSort?: (sort: string) => void }) => {
  const up = sort === column.sort;
  const down = sort === `-${column.sort}`;
  const next = up ? `-${column.sort}` : down ? column.sort : column.descendingFirst ? `-${column.sort}` : column.sort;
  return (
    <th
      scope="col"
      data-align={column.align}
      style={{ inlineSize: column.width }}
      aria-sort={column.sort && onSort ? (up ? 'ascending' : down ? 'descending' : 'none') : undefined}
    >
      {column.sort && onSort ? (
        <button type="button" className={classes.sort} onClick={() => next && onSort(next)}>
          {column.title}
          <span className={classes.arrow} data-on={up || down || undefined} aria-hidden="true">
            {down ? <IconArrowDown size={14} /> : <IconArrowUp size={14} />}
          </span>
        </button>
      ) : (
        column.title
      )}
    </th>
  );
};

/** Whether the table needs to scroll sideways. Only then does it scroll by itself; else its head sticks to the page's. */
const useTooWide = (scroller: RefObject<HTMLElement | null>): boolean => {
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const element = scroller.current;
    const table = element?.querySelector('table');
    if (!element || !table) return;
    const observer = new ResizeObserver(() => setWide(table.scrollWidth > element.clientWidth + 1));
    observer.observe(element);
    observer.observe(table);
    return () => observer.disconnect();
  }, [scroller]);
  return wide;
};

const toggled = (keys: ReadonlySet<string>, key: string): ReadonlySet<string> => {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
};

/** Arrow keys go from row to row; Enter opens, because the focus is on a real link. */
const moveBetweenRows = (event: KeyboardEvent<HTMLElement>) => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (!(event.target as HTMLElement).matches('[data-row-link]')) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const next = links[links.indexOf(event.target as HTMLElement) + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
};

const SkeletonRows = ({ columns }: { columns: number }) =>
  Array.from({ length: 8 }, (_, row) => (
    <tr key={row} {...as.row} className={classes.skeleton}>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column} {...as.cell}>
          <Skeleton height={12} radius="sm" width={`${45 + ((row * 17 + column * 29) % 45)}%`} />
        </td>
      ))}
    </tr>
  ));

/** Loads the next page when the end comes into sight; the button is there for those who do not scroll. */
const More = <R,>({ list }: { list: List<R> }) => {
  const t = useTexts();
  const end = useRef<HTMLDivElement>(null);
  const load = useRef(list.loadMore);
  load.current = list.loadMore;
  const waiting = list.hasMore && !list.isLoadingMore && !list.isStale;
  useEffect(() => {
    if (!waiting || !end.current) return;
    const observer = new IntersectionObserver(entries => entries.some(entry => entry.isIntersecting) && load.current(), {
      rootMargin: '400px',
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [waiting]);
  // A list that is seen whole at a glance needs no line that counts it.
  if (list.isLoading || (!list.hasMore && list.rows.length < 20)) return null;
  return (
    <div ref={end} className={classes.more}>
      {list.hasMore ? (
        <Button variant="subtle" size="compact-sm" onClick={list.loadMore} loading={list.isLoadingMore}>
          {t('ui.table.more')}
        </Button>
      ) : (
        <span>{t('ui.table.shown', { count: list.rows.length, shown: formatNumber(list.rows.length) })}</span>
      )}
    </div>
  );
};

const useColumns = <R,>(name: string, all: readonly Column<R>[]) => {
  const chosen = useHiddenColumns(name);
  const hidden = new Set(chosen ?? all.filter(column => column.optional === 'off').map(column => column.key));
  return {
    columns: all.filter((column, index) => index === 0 || !column.optional || !hidden.has(column.key)),
    hidden,
    toggle: (column: string) => setHiddenColumns(name, [...toggled(hidden, column)]),
  };
};

/** J and K go from row to row, X ticks the one that is looked at. Only in the list that a page is about: the one with a toolbar. */
const RowShortcuts = ({ body, onTick }: { body: RefObject<HTMLElement | null>; onTick?: (index: number) => void }) => {
  const t = useTexts();
  const links = () => [...(body.current?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
  const at = () => links().findIndex(link => link.closest('tr')?.contains(document.activeElement));
  const move = (step: 1 | -1) => {
    const all = links();
    const next = all[at() + step] ?? (at() < 0 ? all[0] : undefined);
    next?.focus();
    next?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  };
  useShortcuts([
    { keys: 'j', title: t('ui.table.next_row'), run: () => move(1) },
    { keys: 'k', title: t('ui.table.previous_row'), run: () => move(-1) },
    ...(onTick ? [{ keys: 'x', title: t('ui.table.tick_row'), run: () => at() >= 0 && onTick(at()) }] : []),
  ]);
  return null;
};
