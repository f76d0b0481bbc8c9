/** Ctrl K: people, orders, segments, settings and actions by typing. Pages and actions answer at once, records as they are found. */
import { Modal, TextInput } from '@mantine/core';
import { IconCornerDownLeft, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useGo } from '../router.tsx';
import { allActions, allSearches, allSettings, type CommandHit } from '../screens.ts';
import { mayDo, useSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import classes from './command-palette.module.css';
import { useNav } from './navigation.tsx';

type Entry = CommandHit & { group: string; run?: (go: (to: string) => void) => void };

/** Every typed word must begin a word of the text. */
const fits = (text: string, query: string) => {
  const words = text.toLowerCase().split(/\s+/);
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every(part => words.some(word => word.startsWith(part)));
};

const useRecords = (query: string): { found: Entry[]; busy: boolean } => {
  const t = useTexts();
  const me = useSession();
  const [found, setFound] = useState<Entry[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const wanted = query.trim();
    if (wanted.length < 2) {
      setFound([]);
      setBusy(false);
      return;
    }
    const stop = new AbortController();
    setBusy(true);
    const timer = setTimeout(async () => {
      const searches = allSearches().filter(search => mayDo(me, search.needs));
      const answers = await Promise.all(
        searches.map(async search => {
          const hits = await search.find(wanted, stop.signal).catch(() => []);
          return hits.map(hit => ({ ...hit, key: `${search.key}.${hit.key}`, group: t(search.title) }));
        }),
      );
      if (stop.signal.aborted) return;
      setFound(answers.flat());
      setBusy(false);
    }, 60);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [query, me, t]);
  return { found, busy };
};

const CommandPalette = ({ opened, onClose }: { opened: boolean; onClose: () => void }) => {
  const t = useTexts();
  const go = useGo();
  const me = useSession();
  const nav = useNav();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const { found, busy } = useRecords(query);
  useEffect(() => {
    if (opened) {
      setQuery('');
      setAt(0);
    }
  }, [opened]);
  const own = useMemo<Entry[]>(() => {
    const pages = nav.map(item => ({
      key: item.to,
      title: t(item.title),
      to: item.to,
      icon: item.icon,
      group: t('ui.search.pages'),
    }));
    const settings = allSettings()
      .filter(item => mayDo(me, item.needs))
      .map(item => ({ key: item.to, title: t(item.title), to: item.to, icon: item.icon, group: t('ui.settings.title') }));
    const actions = allActions()
      .filter(item => mayDo(me, item.needs))
      .map(item => ({
        key: item.key,
        title: t(item.title),
        to: item.to ?? '',
        icon: item.icon,
        group: t('ui.search.actions'),
        run: item.run,
      }));
    return [...pages, ...actions, ...settings];
  }, [nav, me, t]);
  const entries = [...found, ...own.filter(entry => fits(entry.title, query))];
  const current = Math.min(at, entries.length - 1);
  const take = (entry: Entry) => {
    onClose();
    if (entry.run) entry.run(go);
    else go(entry.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = (current + step + entries.length) % Math.max(1, entries.length);
      setAt(next);
      list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && entries[current]) {
      event.preventDefault();
      take(entries[current]);
    }
  };
  return (
    <Modal.Root opened={opened} onClose={onClose} yOffset="12vh" size={600} centered={false} transitionProps={{ duration: 80 }}>
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content aria-label={t('ui.search.open')} className={classes.palette}>
        <TextInput
          value={query}
          onChange={event => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          placeholder={t('ui.search.placeholder')}
          aria-label={t('ui.search.placeholder')}
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={entries.length > 0 ? `${id}-${current}` : undefined}
          leftSection={<IconSearch size={18} aria-hidden />}
          variant="unstyled"
          size="md"
          className={classes.input}
          data-autofocus
        />
        <div ref={list} id={id} role="listbox" aria-label={t('ui.search.results')} className={classes.list} aria-busy={busy}>
          {entries.map((entry, index) => (
            <div key={entry.group + entry.key} role="presentation">
              {entry.group !== entries[index - 1]?.group && (
                <div className={classes.group} role="presentation">
                  {entry.group}
                </div>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard acts through the input above */}
              <div
                role="option"
                tabIndex={-1}
                id={`${id}-${index}`}
                data-index={index}
                aria-selected={index === current}
                className={classes.option}
                onClick={() => take(entry)}
                onMouseMove={() => setAt(index)}
              >
                <entry.icon size={18} stroke={1.7} className={classes.icon} />
                <bdi className={classes.title}>{entry.title}</bdi>
                {entry.detail && <bdi className={classes.detail}>{entry.detail}</bdi>}
                {index === current && <IconCornerDownLeft size={15} className={classes.enter} aria-hidden />}
              </div>
            </div>
          ))}
        </div>
        {entries.length === 0 && (
          <div className={classes.none} role="status">
            {busy ? t('ui.search.busy') : t('ui.search.none', { query })}
          </div>
        )}
      </Modal.Content>
    </Modal.Root>
  );
};
export default CommandPalette;
