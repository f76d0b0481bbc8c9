/**
 * Live updates: `useLive('job', payload => ...)`. One server-sent event stream per browser: the tab that holds the lock listens for
 * all and tells the others through a BroadcastChannel. Where locks are missing (plain http on a network), each tab listens itself.
 */
import { useEffect, useRef } from 'react';

type Payload = Record<string, unknown>;
type Handler = (payload: Payload) => void;
/** Between tabs: news to deliver, a topic somebody needs, or the new listener asking who needs what. */
type Note = { news: string; payload: Payload } | { need: string } | { ask: true };

const handlers = new Map<string, Set<Handler>>();
let channel: BroadcastChannel | null = null;
let stream: EventSource | null = null;
const heard = new Set<string>();
let started = false;

const deliver = (topic: string, payload: Payload) => {
  for (const handler of handlers.get(topic) ?? []) handler(payload);
};

/** Named events reach an EventSource only where somebody listens for the name. */
const hear = (topic: string) => {
  if (!stream || heard.has(topic)) return;
  heard.add(topic);
  stream.addEventListener(topic, event => {
    const payload = JSON.parse((event as MessageEvent<string>).data) as Payload;
    deliver(topic, payload);
    channel?.postMessage({ news: topic, payload } satisfies Note);
  });
};

const listen = () => {
  stream = new EventSource('/api/live');
  for (const topic of handlers.keys()) hear(topic);
  channel?.postMessage({ ask: true } satisfies Note);
};

const onNote = (note: Note) => {
  if ('news' in note) deliver(note.news, note.payload);
  else if ('need' in note) hear(note.need);
  else for (const topic of handlers.keys()) channel?.postMessage({ need: topic } satisfies Note);
};

const start = () => {
  if (started) return;
  started = true;
  if (!navigator.locks || typeof BroadcastChannel === 'undefined') return listen();
  channel = new BroadcastChannel('regulars-live');
  channel.onmessage = event => onNote(event.data as Note);
  // The lock is never given back: when this tab closes, the browser hands it to the next one.
  void navigator.locks.request('regulars-live', () => {
    listen();
    return new Promise<never>(() => {});
  });
};

/** Calls `handler` for every message of a topic while the component is shown. */
export const useLive = (topic: string, handler: Handler): void => {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    start();
    const own: Handler = payload => latest.current(payload);
    const set = handlers.get(topic) ?? new Set<Handler>();
    handlers.set(topic, set.add(own));
    if (stream) hear(topic);
    else channel?.postMessage({ need: topic } satisfies Note);
    return () => {
      set.delete(own);
    };
  }, [topic]);
};
